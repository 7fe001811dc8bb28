//! A start without a readable answer: nothing is sent again, the dynos are listed, and a person says which is the run's.

use serverless_on_heroku::domain::api::Answer;
use serverless_on_heroku::domain::app::Event;
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::RunId;
use serverless_on_heroku::domain::run::{Call, Phase, RunEvent, Search};

use crate::page::{CEDAR, DYNO, LIST, NOTHING, Page, RUN, SESSION, answer};

const DYNOS: &str = r#"[{"name":"run.1","type":"run","command":"serverless","created_at":"1970-01-01T00:00:11Z"},
    {"name":"run.2","type":"run","command":"other","created_at":"1970-01-01T00:00:12Z"}]"#;

/// A page whose request for a dyno got no answer.
fn unclear() -> Page {
    let mut page = Page::creating();
    let lost = RunEvent::Answered(Call::CreateDyno, Err(TransportError::Unreachable));
    assert_eq!(page.run_event(lost), [LIST]);
    page
}

fn found(page: &Page, run: RunId) -> Vec<String> {
    let unclear = page.state.run(run).and_then(|run| run.unclear.as_ref()).expect("an unclear run");
    unclear.found.iter().map(|dyno| dyno.name.clone()).collect()
}

fn search(page: &Page) -> &Search {
    &page.run().unclear.as_ref().expect("an unclear run").search
}

#[test]
fn dynos_are_looked_for_only_when_there_may_be_one() {
    #[track_caller]
    fn check(answer: Result<Answer, TransportError>, expected: bool) {
        let mut page = Page::creating();
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
    assert_eq!(page.answer(Call::ListDynos, 200, DYNOS), NOTHING);
    assert_eq!((found(&page, RUN), search(&page)), (vec!["run.1".to_owned()], &Search::Done));
    assert_eq!(page.run_event(RunEvent::FollowClicked("run.2".to_owned())), NOTHING);
    let effects = page.run_event(RunEvent::FollowClicked("run.1".to_owned()));
    assert_eq!(effects, ["log 1 from tail 1", "session 1/1", "log 1 of run.1"]);
    assert_eq!((page.phase(), page.problem()), (Phase::Starting, None));
    assert_eq!(page.run().unclear, None);
    assert_eq!(page.run().times.ended, None);
    page.session(201, SESSION);
    page.opened();
    // The lost answer comes after all.
    assert_eq!(page.answer(Call::CreateDyno, 201, DYNO), NOTHING);
    assert_eq!(page.run().dyno.as_ref().map(|dyno| dyno.name.as_str()), Some("run.1"));
}

#[test]
fn a_found_dyno_can_be_stopped() {
    let mut page = unclear();
    page.answer(Call::ListDynos, 200, DYNOS);
    let effects = page.run_event(RunEvent::StopFoundClicked("run.1".to_owned()));
    let stop = "POST /apps/my-app/dynos/run.1/actions/stop";
    assert_eq!(effects, ["log 1 from tail 1", "session 1/1", "log 1 of run.1", stop]);
}

#[test]
fn a_search_that_failed_is_told_and_can_be_repeated() {
    let mut page = unclear();
    assert_eq!(page.run_event(RunEvent::SearchClicked), NOTHING);
    page.run_event(RunEvent::Answered(Call::ListDynos, Err(TransportError::Offline)));
    let Search::Failed(notice) = search(&page) else { panic!("{:?}", search(&page)) };
    assert_eq!(notice.code, "offline");
    assert_eq!(page.run_event(RunEvent::SearchClicked), [LIST]);
    page.answer(Call::ListDynos, 200, "[]");
    assert_eq!((found(&page, RUN), search(&page)), (vec![], &Search::Done));
    // It may appear later.
    assert_eq!(page.run_event(RunEvent::SearchClicked), [LIST]);
    page.answer(Call::ListDynos, 200, DYNOS);
    assert_eq!(found(&page, RUN), ["run.1"]);
    // What was found stays when a later search fails.
    page.run_event(RunEvent::SearchClicked);
    page.answer(Call::ListDynos, 503, "");
    assert_eq!(found(&page, RUN), ["run.1"]);
}

/// A further run whose start is unclear, and what Heroku lists.
fn another(page: &mut Page) -> RunId {
    let effects = page.submit();
    if effects.first().is_some_and(|effect| effect == "GET /apps/other-app") {
        page.app(200, CEDAR);
    }
    let run = page.state.selected.expect("a run");
    let answered = |call, answer| Event::Run(run, RunEvent::Answered(call, answer));
    page.event(answered(Call::CreateDyno, Err(TransportError::Unreachable)));
    page.event(answered(Call::ListDynos, answer(200, DYNOS)));
    run
}

#[test]
fn the_dyno_of_another_run_is_not_offered() {
    let mut page = Page::creating();
    page.answer(Call::CreateDyno, 201, r#"{"name":"run.1","created_at":"1970-01-01T00:00:11Z"}"#);
    let second = another(&mut page);
    assert_ne!(second, RUN);
    assert_eq!(found(&page, second), ["run.2"]);
    // Of another app it is another dyno.
    page.event(Event::Edited(Field::App, "other-app".to_owned()));
    let third = another(&mut page);
    assert_eq!(found(&page, third), ["run.1"]);
}

#[test]
fn a_dyno_that_another_run_follows_by_now_is_not_followed_twice() {
    let mut page = unclear();
    page.answer(Call::ListDynos, 200, DYNOS);
    let second = another(&mut page);
    assert_eq!(found(&page, second), ["run.1"]);
    page.run_event(RunEvent::FollowClicked("run.1".to_owned()));
    let follow = Event::Run(second, RunEvent::FollowClicked("run.1".to_owned()));
    assert_eq!(page.event(follow), []);
}
