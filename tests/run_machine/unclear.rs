//! A start without a readable answer: nothing is sent again, the dynos are listed, and a person says which is the run's.

use serverless_on_heroku::domain::api::{Answer, Method};
use serverless_on_heroku::domain::app::{Effect, Event};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::run::{self, Call, Phase, RunEvent, Search};

use crate::page::{DYNO, Page, RUN, SESSION, answer, called};

const LIST: &str = r#"[{"name":"run.1","type":"run","command":"serverless","created_at":"1970-01-01T00:00:11Z"},
    {"name":"run.2","type":"run","command":"other","created_at":"1970-01-01T00:00:12Z"}]"#;

/// A page whose request for a dyno got no answer.
fn unclear() -> Page {
    let mut page = Page::new();
    page.event(Event::Submitted);
    let lost = RunEvent::Answered(Call::CreateDyno, Err(TransportError::Unreachable));
    let effects = page.run_event(lost);
    let [Effect::Run(RUN, run::Effect::Call { call: Call::ListDynos, request, .. })] = effects.as_slice()
    else {
        panic!("{effects:?}");
    };
    assert_eq!((request.method, request.path.as_str()), (Method::Get, "/apps/my-app/dynos"));
    page
}

fn found(page: &Page) -> Vec<&str> {
    let unclear = page.run().unclear.as_ref().expect("an unclear run");
    unclear.found.iter().map(|dyno| dyno.name.as_str()).collect()
}

fn search(page: &Page) -> &Search {
    &page.run().unclear.as_ref().expect("an unclear run").search
}

#[test]
fn dynos_are_looked_for_only_when_there_may_be_one() {
    #[track_caller]
    fn check(answer: Result<Answer, TransportError>, expected: bool) {
        let mut page = Page::new();
        page.event(Event::Submitted);
        let effects = page.run_event(RunEvent::Answered(Call::CreateDyno, answer));
        assert_eq!(page.run().unclear.is_some(), expected);
        assert_eq!(effects.len(), usize::from(expected));
        assert_eq!(page.phase(), Phase::Failed);
        assert!(page.state.can_submit());
    }
    check(Err(TransportError::Unreachable), true);
    check(Err(TransportError::Offline), true);
    check(answer(201, "<html>"), true);
    check(answer(201, ""), true);
    check(answer(201, "{}"), true);
    check(answer(503, "{}"), true);
    check(answer(401, "{}"), false);
    check(answer(404, "<html>"), false);
    check(Err(TransportError::BlockedByPolicy), false);
}

#[test]
fn a_found_dyno_can_be_followed() {
    let mut page = unclear();
    assert_eq!(page.answer(Call::ListDynos, 200, LIST), []);
    assert_eq!((found(&page), search(&page)), (vec!["run.1"], &Search::Done));
    assert_eq!(page.run_event(RunEvent::FollowClicked("run.2".to_owned())), []);
    assert_eq!(called(&page.run_event(RunEvent::FollowClicked("run.1".to_owned()))), Call::CreateLogSession);
    assert_eq!((page.phase(), page.problem()), (Phase::Starting, None));
    assert_eq!(page.run().unclear, None);
    assert_eq!(page.run().times.ended, None);
    page.answer(Call::CreateLogSession, 201, SESSION);
    page.run_event(RunEvent::StreamOpened);
    // The lost answer comes after all.
    assert_eq!(page.answer(Call::CreateDyno, 201, DYNO), []);
    assert_eq!(page.run().dyno.as_ref().map(|dyno| dyno.name.as_str()), Some("run.1"));
}

#[test]
fn a_found_dyno_can_be_stopped() {
    let mut page = unclear();
    page.answer(Call::ListDynos, 200, LIST);
    let effects = page.run_event(RunEvent::StopFoundClicked("run.1".to_owned()));
    let calls: Vec<Call> = effects.chunks(1).map(called).collect();
    assert_eq!(calls, [Call::CreateLogSession, Call::StopDyno]);
}

#[test]
fn a_search_that_failed_is_told_and_can_be_repeated() {
    let mut page = unclear();
    assert_eq!(page.run_event(RunEvent::SearchClicked), []);
    page.run_event(RunEvent::Answered(Call::ListDynos, Err(TransportError::Offline)));
    let Search::Failed(notice) = search(&page) else { panic!("{:?}", search(&page)) };
    assert_eq!(notice.code, "offline");
    assert_eq!(called(&page.run_event(RunEvent::SearchClicked)), Call::ListDynos);
    page.answer(Call::ListDynos, 200, "[]");
    assert_eq!((found(&page), search(&page)), (vec![], &Search::Done));
    // It may appear later.
    assert_eq!(called(&page.run_event(RunEvent::SearchClicked)), Call::ListDynos);
    page.answer(Call::ListDynos, 200, LIST);
    assert_eq!(found(&page), ["run.1"]);
    // What was found stays when a later search fails.
    page.run_event(RunEvent::SearchClicked);
    page.answer(Call::ListDynos, 503, "");
    assert_eq!(found(&page), ["run.1"]);
}

#[test]
fn the_dyno_of_another_run_is_not_offered() {
    let mut page = Page::new();
    page.event(Event::Submitted);
    page.answer(Call::CreateDyno, 201, r#"{"name":"run.1","created_at":"1970-01-01T00:00:11Z"}"#);
    page.answer(Call::CreateLogSession, 503, "");
    page.event(Event::Submitted);
    let second = page.state.selected.expect("a second run");
    assert_ne!(second, RUN);
    let answered = |call, answer| Event::Run(second, RunEvent::Answered(call, answer));
    page.event(answered(Call::CreateDyno, Err(TransportError::Unreachable)));
    page.event(answered(Call::ListDynos, answer(200, LIST)));
    let unclear = page.state.run(second).and_then(|run| run.unclear.clone()).expect("an unclear run");
    let names: Vec<_> = unclear.found.iter().map(|dyno| dyno.name.as_str()).collect();
    assert_eq!(names, ["run.2"]);

    // Of another app it is another dyno.
    page.event(Event::Edited(Field::App, "other-app".to_owned()));
    page.event(Event::Submitted);
    let third = page.state.selected.expect("a third run");
    let answered = |call, answer| Event::Run(third, RunEvent::Answered(call, answer));
    page.event(answered(Call::CreateDyno, Err(TransportError::Unreachable)));
    page.event(answered(Call::ListDynos, answer(200, LIST)));
    let unclear = page.state.run(third).and_then(|run| run.unclear.clone()).expect("an unclear run");
    assert_eq!(unclear.found[0].name, "run.1");
}
