//! Several runs at once: three streams of their own, a fourth that all further runs of one app share.

use serverless_on_heroku::domain::app::{Effect, Event, LogEffect};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::log::{Fact, Selection};
use serverless_on_heroku::domain::run::{Call, Phase, Run, RunEvent};
use serverless_on_heroku::domain::tail::{self, TailEvent};

use crate::page::{ASK_APP, CEDAR, CREATE, NOTHING, Page, SESSION, answer, code, exited, shown, up};

const SHARED: TailId = TailId(4);

fn dyno(run: u32) -> String {
    format!(r#"{{"name":"run.{run}","created_at":"1970-01-01T00:00:10Z"}}"#)
}

fn created(page: &mut Page, run: u32) -> Vec<String> {
    let event = RunEvent::Answered(Call::CreateDyno, answer(201, &dyno(run)));
    shown(&page.event(Event::Run(RunId(run), event)))
}

fn live(page: &mut Page, run: u32) {
    let tail = TailId(run);
    page.session_of(tail, 201, SESSION);
    page.opened_of(tail);
}

/// Three runs with live streams of their own.
fn three() -> Page {
    let mut page = Page::new();
    assert_eq!(page.submit(), [ASK_APP]);
    page.app(200, CEDAR);
    for run in 1..=3 {
        if run > 1 {
            assert_eq!(page.submit(), [CREATE]);
        }
        let log = [format!("log {run} from tail {run}"), format!("session {run}/1")];
        assert_eq!(created(&mut page, run), [&log[..], &[format!("log {run} of run.{run}")]].concat());
        live(&mut page, run);
    }
    page
}

/// A fourth run, whose stream others can share.
fn four() -> Page {
    let mut page = three();
    assert_eq!(page.submit(), ["log 4 from tail 4", "session 4/1"]);
    live(&mut page, 4);
    assert_eq!(created(&mut page, 4), ["log 4 of run.4"]);
    page
}

fn phase(page: &Page, run: u32) -> Phase {
    page.state.run(RunId(run)).expect("a run").phase
}

fn state_name(page: &Page, run: u32) -> &'static str {
    page.state.run(RunId(run)).expect("a run").state_name()
}

fn facts(page: &mut Page, tail: TailId, facts: &[(u32, &[Fact])]) -> Vec<String> {
    let session = page.reading(tail);
    let facts = facts.iter().map(|(run, facts)| (RunId(*run), facts.to_vec())).collect();
    shown(&page.event(Event::LogRead { tail, session, heartbeat: false, facts }))
}

#[test]
fn the_fourth_run_opens_the_shared_stream_before_its_dyno() {
    let mut page = three();
    let effects = page.event(Event::Submitted);
    let [Effect::Log(_, LogEffect::Begin { selection, .. }), session] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(*selection, Selection::OwnLines);
    let Effect::Tail(SHARED, tail::Effect::CreateSession { request, .. }) = session else {
        panic!("{session:?}");
    };
    assert_eq!(request.body.as_deref(), Some(r#"{"dyno":"run","tail":true,"lines":1500}"#));
    assert_eq!(page.session_of(SHARED, 201, SESSION), ["open 4/1"]);
    assert_eq!(phase(&page, 4), Phase::Creating);
    assert_eq!(page.opened_of(SHARED), ["read 4/1 again", CREATE]);
    assert_eq!(created(&mut page, 4), ["log 4 of run.4"]);
    assert!(page.state.run(RunId(4)).is_some_and(|run| run.shares_stream));
}

#[test]
fn eight_runs_end_each_for_itself() {
    let mut page = four();
    for run in 5..=8 {
        assert_eq!(page.submit(), [format!("log {run} from tail 4"), CREATE.to_owned()]);
        assert_eq!(created(&mut page, run), [format!("log {run} of run.{run}")]);
    }
    let all: Vec<u32> = (1..=8).collect();
    for run in 1..=3 {
        facts(&mut page, TailId(run), &[(run, &[up(), Fact::Lines])]);
    }
    let is_up = [up()];
    facts(&mut page, SHARED, &[4, 5, 6, 7, 8].map(|run| (run, is_up.as_slice())));
    assert!(all.iter().all(|run| phase(&page, *run) == Phase::Up));
    for run in [6, 2, 8, 4, 1, 5, 3, 7] {
        let tail = TailId(run.min(4));
        facts(&mut page, tail, &[(run, &[exited(run.cast_signed())])]);
        let ended = page.pass(1);
        let last = run <= 3 || run == 7;
        let close = last.then(|| format!("close {}/1", tail.0));
        let expected: Vec<String> = [format!("log {run} ends")].into_iter().chain(close).collect();
        assert_eq!(ended, expected, "{run}");
        assert_eq!(phase(&page, run), Phase::Ended);
    }
    for run in all {
        let run = page.state.run(RunId(run)).expect("a run");
        assert_eq!(run.exit_status, Some(run.id.0.cast_signed()));
    }
    assert!(!page.state.has_live_run());
}

#[test]
fn a_run_that_would_need_a_fifth_stream_is_refused_before_anything_is_sent() {
    let mut page = four();
    page.event(Event::Edited(Field::App, "other-app".to_owned()));
    assert_eq!(page.submit(), NOTHING);
    let refused = page.state.selected_run().expect("a run");
    assert_eq!((refused.phase, code(&refused.problem)), (Phase::Failed, Some("too_many_streams")));
    assert_eq!(refused.unclear, None);
    // Of the same app, but with other lines.
    page.event(Event::Edited(Field::App, "my-app".to_owned()));
    page.event(Event::OutputOnly(true));
    assert_eq!(page.submit(), NOTHING);
    page.event(Event::OutputOnly(false));
    assert_eq!(page.submit(), ["log 7 from tail 4", CREATE]);
}

#[test]
fn an_ended_run_leaves_its_stream_to_the_next() {
    let mut page = four();
    facts(&mut page, TailId(2), &[(2, &[exited(0)])]);
    assert_eq!(page.pass(1), ["log 2 ends", "close 2/1"]);
    assert_eq!(page.submit(), [CREATE]);
    assert_eq!(created(&mut page, 5)[..2], ["log 5 from tail 5", "session 5/1"]);
    // And the shared one can be of another app once nobody reads it.
    facts(&mut page, SHARED, &[(4, &[exited(0)])]);
    assert_eq!(page.pass(1), ["log 4 ends", "close 4/1"]);
    page.event(Event::Edited(Field::App, "other-app".to_owned()));
    assert_eq!(page.submit(), ["GET /apps/other-app"]);
    assert_eq!(page.app(200, CEDAR), ["log 6 from tail 6", "session 6/1"]);
}

#[test]
fn all_readers_hear_what_happens_to_the_shared_stream() {
    let mut page = four();
    page.submit();
    created(&mut page, 5);
    assert_eq!(page.tail_event(SHARED, TailEvent::Broke(1)), ["close 4/1", "session 4/2"]);
    let names = [1, 4, 5].map(|run| state_name(&page, run));
    assert_eq!(names, ["starting", "reconnecting", "reconnecting"]);
    // A run that joins waits for the stream.
    assert_eq!(page.submit(), ["log 6 from tail 4"]);
    page.session_of(SHARED, 201, SESSION);
    assert_eq!(page.opened_of(SHARED), ["read 4/2 again", CREATE]);
    created(&mut page, 6);
    assert_eq!([4, 5, 6].map(|run| state_name(&page, run)), ["starting"; 3]);
}

#[test]
fn a_run_that_joins_a_log_that_was_given_up_tries_it_again() {
    let mut page = four();
    page.tail_event(SHARED, TailEvent::Broke(1));
    page.session_of(SHARED, 404, "{}");
    assert!(page.state.run(RunId(4)).is_some_and(|run| run.can_open_log()));
    assert_eq!(page.submit(), ["log 5 from tail 4", "session 4/3"]);
    page.session_of(SHARED, 201, SESSION);
    assert_eq!(page.opened_of(SHARED), ["read 4/3 again", CREATE]);
    let run = page.state.run(RunId(4)).expect("a run");
    assert_eq!((run.can_open_log(), code(&run.problem)), (false, None));
}

#[test]
fn a_shared_log_that_cannot_be_opened_starts_nothing() {
    let mut page = three();
    page.submit();
    assert_eq!(page.session_of(SHARED, 404, r#"{"id":"not_found"}"#), ["log 4 ends"]);
    assert_eq!(phase(&page, 4), Phase::Failed);
    assert_eq!(page.submit(), ["log 5 from tail 5", "session 5/1"]);
}

#[test]
fn try_again_serves_all_readers() {
    let mut page = four();
    page.submit();
    created(&mut page, 5);
    page.tail_event(SHARED, TailEvent::Broke(1));
    page.session_of(SHARED, 404, "{}");
    let click = |run| Event::Run(RunId(run), RunEvent::OpenLogClicked);
    assert_eq!(shown(&page.event(click(5))), ["session 4/3"]);
    assert_eq!(page.event(click(4)), []);
    page.session_of(SHARED, 201, SESSION);
    assert_eq!(page.opened_of(SHARED), ["read 4/3 again"]);
    for run in [4, 5] {
        let run = page.state.run(RunId(run)).expect("a run");
        assert_eq!((run.can_open_log(), code(&run.problem)), (false, None));
    }
}

#[test]
fn a_closed_run_closes_its_tail_with_the_last_reader() {
    let mut page = four();
    page.submit();
    created(&mut page, 5);
    let close = |page: &mut Page, run| {
        let mut effects = shown(&page.event(Event::Closed(RunId(run))));
        effects.retain(|effect| !effect.starts_with("focus "));
        effects
    };
    assert_eq!(close(&mut page, 2), ["close 2/1", "log 2 forgotten"]);
    assert_eq!(close(&mut page, 4), ["log 4 forgotten"]);
    page.tail_event(SHARED, TailEvent::Broke(1));
    assert_eq!(close(&mut page, 5), ["log 5 forgotten"]);
    assert_eq!(page.session_of(SHARED, 201, SESSION), NOTHING);
    // A stream that is being opened is closed as well.
    page.tail_event(TailId(1), TailEvent::Broke(1));
    page.session(201, SESSION);
    assert_eq!(close(&mut page, 1), ["close 1/2", "log 1 forgotten"]);
    assert_eq!(close(&mut page, 5), NOTHING);
    // What comes for a run that was closed changes nothing.
    assert_eq!(page.event(Event::Run(RunId(4), RunEvent::StopClicked)), []);
}

#[test]
fn the_selection_moves_to_a_neighbour() {
    let mut page = three();
    let selected = |page: &Page| page.state.selected.map(|run| run.0);
    assert_eq!(selected(&page), Some(3));
    page.event(Event::Selected(RunId(2)));
    page.event(Event::Selected(RunId(9)));
    assert_eq!(selected(&page), Some(2));
    for (closed, neighbour) in [(2, Some(3)), (3, Some(1)), (9, Some(1)), (1, None)] {
        page.event(Event::Closed(RunId(closed)));
        assert_eq!(selected(&page), neighbour, "{closed}");
    }
    // Numbers are not used again.
    page.submit();
    assert_eq!(selected(&page), Some(4));
}

/// A run whose dyno was looked for and found, while three others got streams of their own.
fn found_beside_three() -> Page {
    let mut page = Page::creating();
    page.run_event(RunEvent::Answered(Call::CreateDyno, Err(TransportError::Unreachable)));
    let dynos =
        r#"[{"name":"run.1","type":"run","command":"serverless","created_at":"1970-01-01T00:00:11Z"}]"#;
    page.answer(Call::ListDynos, 200, dynos);
    for run in 2..=4 {
        page.submit();
        created(&mut page, run);
        live(&mut page, run - 1);
    }
    page
}

fn follow(page: &mut Page) -> Vec<String> {
    shown(&page.event(Event::Run(RunId(1), RunEvent::FollowClicked("run.1".to_owned()))))
}

#[test]
fn a_found_dyno_has_no_fourth_stream_of_its_own() {
    let mut page = found_beside_three();
    assert_eq!(follow(&mut page), ["log 1 from tail 4", "session 4/1", "log 1 of run.1"]);
    assert!(page.state.run(RunId(1)).is_some_and(|run| run.shares_stream));
    assert_eq!(page.submit(), ["log 5 from tail 4"]);
}

#[test]
fn a_found_dyno_without_a_place_for_its_log_can_have_it_later() {
    let mut page = found_beside_three();
    page.event(Event::Edited(Field::App, "other-app".to_owned()));
    page.submit();
    page.app(200, CEDAR);
    assert_eq!(phase(&page, 5), Phase::Creating);
    assert_eq!(follow(&mut page), ["log 1 of run.1"], "what came before the answer got lost");
    let run = page.state.run(RunId(1)).expect("a run");
    assert_eq!((run.phase, code(&run.problem)), (Phase::Starting, Some("too_many_streams")));
    let click = Event::Run(RunId(1), RunEvent::OpenLogClicked);
    assert_eq!(page.event(click.clone()), []);
    assert!(page.state.run(RunId(1)).is_some_and(Run::can_open_log));

    page.event(Event::Closed(RunId(3)));
    assert_eq!(shown(&page.event(click)), ["log 1 from tail 5", "session 5/1", "log 1 of run.1"]);
    let run = page.state.run(RunId(1)).expect("a run");
    assert_eq!((run.shares_stream, code(&run.problem)), (false, None));
}
