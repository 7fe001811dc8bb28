//! A log that cannot be opened: pauses between attempts, and when a person is asked.

use std::time::Duration;

use serverless_on_heroku::domain::api::Answer;
use serverless_on_heroku::domain::error::{ApiError, TransportError};
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, Phase, RunEvent};
use serverless_on_heroku::domain::tail::TailEvent;

use crate::page::{DYNO, NOTHING, Page, SESSION, TAIL, answer, up};

/// Milliseconds until the next session is asked for.
fn pause(page: &mut Page) -> u128 {
    let mut pause = 0;
    let newest = page.newest(TAIL);
    while page.newest(TAIL) == newest {
        let (milliseconds, _) = page.wait();
        pause += milliseconds;
        page.answer(Call::DynoInfo, 200, DYNO);
        assert!(pause < 100_000, "no session is asked for");
    }
    pause
}

#[track_caller]
fn check_pauses(page: &mut Page, mut fail: impl FnMut(&mut Page)) {
    for (least, most) in [(500, 625), (750, 1250), (1500, 2500), (3000, 5000)] {
        fail(page);
        assert_eq!(page.state_name(), "reconnecting");
        assert!(!page.run().can_open_log());
        let pause = pause(page);
        assert!((least..=most).contains(&pause), "{least} to {most}: {pause}");
    }
    fail(page);
    assert!(page.run().can_open_log());
    assert_eq!(page.state_name(), if page.phase() == Phase::Up { "up" } else { "starting" });
}

#[test]
fn after_five_failures_in_a_row_a_person_is_asked() {
    let mut page = Page::starting();
    check_pauses(&mut page, |page| assert_eq!(page.session(503, ""), NOTHING));
    assert_eq!(page.problem(), Some("http_503"));

    // A log that was read, and one whose streams are refused.
    let mut page = Page::streaming();
    page.facts(&[up(), Fact::Lines]);
    page.broke();
    check_pauses(&mut page, |page| {
        let newest = page.newest(TAIL);
        page.session(201, SESSION);
        assert_eq!(page.refused(404), [format!("close 1/{newest}")]);
    });
    assert_eq!(page.problem(), Some("stream_404"));

    // One whose streams end before they have brought anything.
    let mut page = Page::streaming();
    page.broke();
    check_pauses(&mut page, |page| {
        let newest = page.newest(TAIL);
        page.reopen();
        assert_eq!(page.ended(), [format!("close 1/{newest}")]);
    });
    assert_eq!(page.problem(), Some("stream_ended"));
}

#[test]
fn try_again_begins_anew_with_everything_kept() {
    let mut page = Page::streaming();
    page.facts(&[up(), Fact::Lines]);
    page.broke();
    check_pauses(&mut page, |page| assert_eq!(page.session(503, ""), NOTHING));
    assert_eq!(page.run_event(RunEvent::OpenLogClicked), ["session 1/7"]);
    assert_eq!((page.problem(), page.run().can_open_log()), (None, false));
    assert_eq!(page.run_event(RunEvent::OpenLogClicked), NOTHING);
    check_pauses(&mut page, |page| assert_eq!(page.session(503, ""), NOTHING));
    page.run_event(RunEvent::OpenLogClicked);
    assert_eq!(page.session(201, SESSION), ["open 1/12"]);
    // What is there is not shown twice.
    assert_eq!(page.opened(), ["read 1/12 again"]);
    assert_eq!((page.state_name(), page.problem()), ("up", None));
}

#[test]
fn a_person_is_asked_at_once_where_waiting_does_not_help() {
    for (answer, code) in [
        (answer(401, r#"{"id":"unauthorized"}"#), "unauthorized"),
        (answer(403, r#"{"id":"forbidden"}"#), "forbidden"),
        (answer(404, r#"{"id":"not_found"}"#), "not_found"),
        (answer(201, "{}"), "no_logplex_url"),
        (answer(201, r#"{"logplex_url":"https://example.org/"}"#), "bad_logplex_url"),
        (Err(TransportError::BlockedByPolicy), "blocked_by_policy"),
    ] {
        for mut page in [Page::starting(), Page::streaming()] {
            if page.phase() == Phase::Starting && page.run().reopening().is_none() {
                page.tail_event(TAIL, TailEvent::Broke(1));
            }
            let session = page.newest(TAIL);
            let event = TailEvent::SessionAnswered(session, answer.clone());
            assert_eq!(page.tail_event(TAIL, event), NOTHING, "{code}");
            assert_eq!(page.problem(), Some(code));
            assert!(page.run().can_open_log() && page.run().can_stop(), "{code}");
        }
    }
}

#[test]
fn what_may_pass_is_tried_again() {
    for answer in [
        answer(503, "<html>"),
        answer(500, "{}"),
        Err(TransportError::Offline),
        Err(TransportError::Unreachable),
    ] {
        let mut page = Page::starting();
        page.tail_event(TAIL, TailEvent::SessionAnswered(1, answer));
        assert_eq!(page.state_name(), "reconnecting");
        assert!((500..=625).contains(&pause(&mut page)));
        page.reopen();
        assert_eq!(page.state_name(), "starting");
    }
}

#[test]
fn a_used_up_limit_is_waited_for() {
    for (retry_after, expected) in [(Some(Duration::from_secs(20)), 20_000), (None, 60_000)] {
        let limit = Answer { status: 429, retry_after, ..Answer::default() };
        let mut page = Page::starting();
        page.tail_event(TAIL, TailEvent::SessionAnswered(1, Ok(limit)));
        assert_eq!(pause(&mut page), expected);
    }
}

#[test]
fn a_stream_that_does_not_open_is_given_up() {
    let mut page = Page::starting();
    page.session(201, SESSION);
    page.pass(30);
    page.pass_milliseconds(4_999);
    assert_eq!(page.newest(TAIL), 1);
    assert_eq!(page.pass_milliseconds(1), ["close 1/1"]);
    assert_eq!(page.reopening(), Some("unreachable"));
    // It opens after all.
    assert_eq!(page.tail_event(TAIL, TailEvent::Opened(1)), NOTHING);
    let late = TailEvent::Failed(1, ApiError::Transport(TransportError::Unreachable));
    assert_eq!(page.tail_event(TAIL, late), NOTHING);
    pause(&mut page);
    page.reopen();
}

#[test]
fn only_failures_in_a_row_count() {
    // New lines show that it works, and so does a stream that lasts, although nobody prints.
    for lines in [true, false] {
        let mut page = Page::streaming();
        page.broke();
        for _ in 0..4 {
            page.session(503, "");
            pause(&mut page);
        }
        page.reopen();
        if lines {
            page.facts(&[Fact::Lines]);
        } else {
            page.pass(6);
        }
        page.broke();
        while page.state.deadline().is_some() && page.newest(TAIL) == page.reading(TAIL) {
            page.wait();
        }
        assert_eq!(page.session(503, ""), NOTHING);
        assert_eq!((page.state_name(), page.run().can_open_log()), ("reconnecting", false), "{lines}");
    }
}
