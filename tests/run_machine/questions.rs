//! When Heroku is asked whether the dyno is still there.

use std::time::Duration;

use serverless_on_heroku::domain::api::Answer;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, Phase, RunEvent};

use crate::page::{ASK_DYNO, ASK_LIMITS, DYNO, NOTHING, Page, up};

#[test]
fn without_a_log_heroku_is_asked_until_the_dyno_is_gone() {
    for (status, body, code) in [
        (201, "{}", "no_logplex_url"),
        (201, r#"{"logplex_url":"https://example.org/stream"}"#, "bad_logplex_url"),
        (404, r#"{"id":"not_found"}"#, "not_found"),
    ] {
        let mut page = Page::starting();
        assert_eq!(page.session(status, body), NOTHING, "{code}");
        assert_eq!((page.phase(), page.problem()), (Phase::Starting, Some(code)));
        assert!(page.run().can_stop());
        for pause in [1, 2, 4, 8, 10, 10] {
            assert_eq!(page.pass(pause - 1), NOTHING, "{pause}");
            assert_eq!(page.pass(1), [ASK_DYNO]);
            assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), NOTHING);
        }
        page.pass(10);
        assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), ["log 1 ends"]);
        assert_eq!((page.phase(), page.run().exit_status), (Phase::Ended, None));
    }
}

#[test]
fn a_dyno_that_was_never_seen_is_gone_after_a_while() {
    let mut page = Page::without_log();
    for pause in [1, 2, 4, 8] {
        page.pass(pause);
        assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), NOTHING);
        assert_eq!(page.phase(), Phase::Starting);
    }
    page.pass(10);
    assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), ["log 1 ends"]);
    assert_eq!(page.phase(), Phase::Ended);
}

#[test]
fn a_silent_dyno_is_asked_for_and_its_end_found_without_a_line() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    assert_eq!(page.pass(29), NOTHING);
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass(29), NOTHING);
    assert_eq!(page.pass(1), [ASK_DYNO]);
    assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), NOTHING);
    assert_eq!(page.pass(30), [ASK_DYNO, ASK_LIMITS]);
    // An answer that says nothing changes nothing.
    assert_eq!(page.answer(Call::DynoInfo, 503, ""), NOTHING);
    assert_eq!(page.pass(30), [ASK_DYNO]);
    assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), NOTHING);
    assert_eq!(page.phase(), Phase::Up);
    assert_eq!(page.pass(5), ["log 1 ends", "close 1/1"]);
    assert_eq!((page.phase(), page.run().exit_status), (Phase::Ended, None));
}

#[test]
fn while_the_log_is_being_opened_again_heroku_is_asked_soon() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.broke();
    assert_eq!(page.pass(1), [ASK_DYNO]);
    assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), NOTHING);
    page.reopen();
    // The stream tells the same.
    assert_eq!(page.pass(29), NOTHING);
    assert_eq!(page.pass(1), [ASK_DYNO]);
}

#[test]
fn a_dyno_that_cannot_be_asked_for_does_not_hold_the_page() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.broke();
    assert!(page.state.can_submit());
    assert_eq!(page.pass(1), [ASK_DYNO]);
    assert_eq!(page.answer(Call::DynoInfo, 401, r#"{"id":"unauthorized","message":"x"}"#), NOTHING);
    assert_eq!(page.phase(), Phase::Up);
    let problem = |page: &Page| page.run().question_problem.as_ref().map(|notice| notice.code.clone());
    assert_eq!(problem(&page).as_deref(), Some("unauthorized"));
    page.pass(2);
    page.answer(Call::DynoInfo, 200, DYNO);
    assert_eq!(problem(&page), None);
    assert!(page.run().can_stop());
}

#[test]
fn after_a_used_up_limit_the_next_question_waits() {
    for (retry_after, wait) in [(Some(Duration::from_secs(20)), 20), (None, 60)] {
        let mut page = Page::without_log();
        page.pass(1);
        let limit = Answer { status: 429, retry_after, ..Answer::default() };
        page.run_event(RunEvent::Answered(Call::DynoInfo, Ok(limit)));
        for _ in 1..wait {
            let effects = page.pass(1);
            assert!(!effects.contains(&ASK_DYNO.to_owned()), "{effects:?}");
        }
        assert!(page.pass(1).contains(&ASK_DYNO.to_owned()));
    }
}
