//! Stop.

use serverless_on_heroku::domain::api::Method;
use serverless_on_heroku::domain::app::{Effect, Event};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::notice::Action;
use serverless_on_heroku::domain::run::{Call, Phase, RunEvent, Stop};
use serverless_on_heroku::domain::tail;

use crate::page::{ASK_DYNO, CREATE, DYNO, NOTHING, Page, RUN, SESSION, STOP, code, exited, up};

#[test]
fn stop_works_from_the_dyno_to_its_end() {
    let mut page = Page::creating();
    assert_eq!(page.run_event(RunEvent::StopClicked), NOTHING);
    page.answer(Call::CreateDyno, 201, DYNO);
    let effects = page.event(Event::Run(RUN, RunEvent::StopClicked));
    let [Effect::Call { run: RUN, call: Call::StopDyno, request, .. }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(request.path, "/apps/my-app/dynos/run.8361/actions/stop");
    assert_eq!((request.method, request.body.as_deref()), (Method::Post, None));
    assert_eq!(page.state_name(), "stopping");
    // Once is enough.
    assert_eq!(page.run_event(RunEvent::StopClicked), NOTHING);
    page.answer(Call::StopDyno, 202, "{}");
    assert_eq!((page.run().stop, page.state_name()), (Stop::Accepted, "stopping"));
    page.session(201, SESSION);
    page.opened();
    assert_eq!(page.phase(), Phase::Starting);
    page.facts(&[exited(143)]);
    assert!(!page.run().can_stop());
    assert_eq!(page.pass(1), ["log 1 ends", "close 1/1"]);
    assert_eq!((page.run().exit_status, page.state_name()), (Some(143), "ended"));
    assert_eq!(page.run_event(RunEvent::StopClicked), NOTHING);
}

#[test]
fn a_stop_that_fails_is_told_and_can_be_repeated() {
    let mut page = Page::streaming();
    page.run_event(RunEvent::StopClicked);
    page.run_event(RunEvent::Answered(Call::StopDyno, Err(TransportError::Unreachable)));
    assert_eq!(code(&page.run().stop_problem), Some("unreachable"));
    assert_eq!(page.run_event(RunEvent::StopClicked), [STOP]);
    assert_eq!(page.run().stop_problem, None);
    // Perhaps it ended by itself: Heroku is asked at once.
    page.facts(&[up()]);
    assert_eq!(page.answer(Call::StopDyno, 404, "{}"), NOTHING);
    assert_eq!(page.run().stop, Stop::Doubtful);
    assert_eq!(page.pass(0), [ASK_DYNO]);
    // It did not, so it can be stopped.
    assert_eq!(page.answer(Call::DynoInfo, 200, DYNO), NOTHING);
    assert!(page.run().can_stop());
    assert_eq!(code(&page.run().stop_problem), Some("stop_too_early"));
}

#[test]
fn lines_do_not_put_off_the_question_whether_there_is_a_dyno_to_stop() {
    let mut page = Page::streaming();
    page.run_event(RunEvent::StopClicked);
    page.answer(Call::StopDyno, 404, "{}");
    assert_eq!(page.pass(0), [ASK_DYNO]);
    page.answer(Call::DynoInfo, 503, "");
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass(1), NOTHING);
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass(1), [ASK_DYNO]);
    page.answer(Call::DynoInfo, 200, DYNO);
    assert!(page.run().can_stop());
}

#[test]
fn stop_works_while_the_log_is_being_opened_again() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.broke();
    assert_eq!(page.state_name(), "reconnecting");
    assert_eq!(page.run_event(RunEvent::StopClicked), [STOP]);
    assert_eq!((page.state_name(), page.reopening()), ("stopping", Some("stream_broke")));
}

#[test]
fn a_click_uses_the_key_that_stands_in_the_form() {
    fn key_of(effects: &[Effect]) -> String {
        match effects {
            [Effect::Call { run: RUN, api_key, .. }]
            | [Effect::Tail(_, tail::Effect::CreateSession { api_key, .. })] => api_key.authorization(),
            other => panic!("{other:?}"),
        }
    }
    let click = |page: &mut Page, event| key_of(&page.event(Event::Run(RUN, event)));
    let mut page = Page::starting();
    page.session(401, "{}");
    page.type_key("HRKU-2");
    assert_eq!(click(&mut page, RunEvent::OpenLogClicked), "Bearer HRKU-2");
    // One that cannot be used changes nothing, and neither does one for another app.
    page.type_key("");
    assert_eq!(click(&mut page, RunEvent::StopClicked), "Bearer HRKU-2");
    page.answer(Call::StopDyno, 503, "");
    page.type_key("HRKU-3");
    page.event(Event::Edited(Field::App, "other-app".to_owned()));
    assert_eq!(click(&mut page, RunEvent::StopClicked), "Bearer HRKU-2");
}

/// A key that was revoked after Stop was accepted: no other button is left that takes a new one.
#[test]
fn heroku_is_asked_with_the_key_that_stands_in_the_form() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.run_event(RunEvent::StopClicked);
    page.answer(Call::StopDyno, 202, "{}");
    page.broke();
    page.session(401, "{}");
    page.pass(1);
    page.answer(Call::DynoInfo, 401, r#"{"id":"unauthorized"}"#);
    let problem = page.run().question_problem.as_ref().expect("a problem");
    assert_eq!(problem.action, Some(Action::AskAgain));

    page.type_key("HRKU-2");
    page.event(Event::Run(RUN, RunEvent::AskClicked));
    let effects = page.event(Event::Run(RUN, RunEvent::Ticked));
    let [Effect::Call { call: Call::DynoInfo, api_key, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(api_key.authorization(), "Bearer HRKU-2");
    page.answer(Call::DynoInfo, 200, "{}");
    assert_eq!(page.run().question_problem, None);
}

#[test]
fn a_run_that_ended_no_longer_tells_what_was_unclear() {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    page.broke();
    page.session(404, r#"{"id":"not_found"}"#);
    page.pass(1);
    page.answer(Call::DynoInfo, 503, "");
    page.run_event(RunEvent::StopClicked);
    page.answer(Call::StopDyno, 503, "");
    assert!(page.run().question_problem.is_some() && page.run().stop_problem.is_some());
    page.pass(2);
    assert_eq!(page.answer(Call::DynoInfo, 404, "{}"), ["log 1 ends"]);
    assert_eq!((&page.run().question_problem, &page.run().stop_problem), (&None, &None));
    // Lines are still missing.
    assert_eq!(page.problem(), Some("not_found"));
    assert_eq!(page.submit(), [CREATE]);
}
