//! A log session is replaced before it expires, and the new stream is open before the old one is closed.

use serverless_on_heroku::domain::api::Answer;
use serverless_on_heroku::domain::app::Event;
use serverless_on_heroku::domain::error::ApiError;
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, RunEvent};
use serverless_on_heroku::domain::tail::TailEvent;

use crate::page::{CREATE, NOTHING, Page, SESSION, TAIL, answer, shown, up};

const SECOND: TailId = TailId(2);

/// Lets the time pass while the function prints, so that nothing else is asked.
fn talk(page: &mut Page, seconds: u64) -> Vec<String> {
    let mut effects = Vec::new();
    for _ in 0..seconds / 10 {
        page.facts(&[Fact::Lines]);
        effects.extend(page.pass(10));
    }
    effects.retain(|effect| !effect.starts_with("GET "));
    effects
}

/// A page whose stream is 14 minutes old: its next session has been asked for.
fn rotating() -> Page {
    let mut page = Page::streaming();
    page.facts(&[up()]);
    assert_eq!(talk(&mut page, 830), NOTHING);
    assert_eq!(talk(&mut page, 10), ["session 1/2"]);
    page
}

#[test]
fn the_new_stream_is_open_before_the_old_one_is_closed() {
    let mut page = rotating();
    assert_eq!(page.session(201, SESSION), ["open 1/2"]);
    assert_eq!(page.opened(), NOTHING);
    // Nothing is missing, so nothing is told.
    assert_eq!((page.state_name(), page.reading(TAIL)), ("up", 1));
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass_milliseconds(1_999), NOTHING);
    assert_eq!(page.pass_milliseconds(1), ["close 1/1", "read 1/2 handover"]);
    assert_eq!(page.state_name(), "up");
    // The age counts from the request for the session.
    assert_eq!(talk(&mut page, 830), NOTHING);
    assert_eq!(talk(&mut page, 10), ["session 1/3"]);
}

#[test]
fn an_old_stream_that_shows_no_life_may_have_been_dead_before() {
    let mut page = rotating();
    page.pass_milliseconds(1);
    page.session(201, SESSION);
    page.opened();
    assert_eq!(page.pass(2), ["close 1/1", "read 1/2 again"]);

    // With heartbeats it will show some.
    for (comes, read) in [(true, "read 1/2 handover"), (false, "read 1/2 again")] {
        let mut page = rotating();
        page.heartbeat();
        page.pass_milliseconds(1);
        page.session(201, SESSION);
        page.opened();
        assert!(!page.pass(20).iter().any(|effect| effect.starts_with("read")));
        if comes {
            page.heartbeat();
            assert_eq!(page.pass(0), ["close 1/1", read]);
        } else {
            assert_eq!(page.pass(25)[..2], ["close 1/1", read]);
        }
    }
}

#[test]
fn an_old_stream_that_ends_by_itself_is_complete_and_one_that_breaks_is_not() {
    for (event, read) in [
        (TailEvent::Ended(1), "read 1/2 handover"),
        (TailEvent::Broke(1), "read 1/2 again"),
        (TailEvent::Suspected(ApiError::NetworkBack), "session 1/3"),
    ] {
        let mut page = rotating();
        page.session(201, SESSION);
        page.opened();
        let effects = page.tail_event(TAIL, event);
        assert_eq!(effects.last().map(String::as_str), Some(read));
        assert!(effects.contains(&"close 1/1".to_owned()), "{effects:?}");
    }
}

#[test]
fn an_old_stream_that_falls_silent_is_not_waited_for() {
    let mut page = Page::streaming();
    talk(&mut page, 790);
    page.heartbeat();
    page.facts(&[Fact::Lines]);
    // 44 s before the session is too old, so that the silence is found while both streams are open.
    page.pass(6);
    page.heartbeat();
    page.pass(30);
    page.pass(14);
    assert_eq!(page.newest(TAIL), 2);
    page.session(201, SESSION);
    page.opened();
    assert_eq!(page.pass(1), ["close 1/1", "read 1/2 again"]);
}

#[test]
fn a_rotation_that_fails_is_repeated_while_the_old_stream_is_read() {
    let mut page = rotating();
    for (session, status) in [(3, 503), (4, 401)] {
        assert_eq!(page.session(status, "{}"), NOTHING);
        assert_eq!((page.state_name(), page.problem()), ("up", None));
        page.facts(&[Fact::Lines]);
        page.pass_milliseconds(9_999);
        assert_eq!(page.newest(TAIL), session - 1);
        assert_eq!(page.pass_milliseconds(1), [format!("session 1/{session}")]);
    }
    page.session(201, SESSION);
    assert_eq!(page.refused(410), ["close 1/4"]);
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass(10), ["session 1/5"]);
    page.session(201, SESSION);
    page.opened();
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass(2), ["close 1/1", "read 1/5 handover"]);
}

#[test]
fn a_stream_that_breaks_while_its_successor_is_asked_for_waits_for_that() {
    let mut page = rotating();
    assert_eq!(page.broke(), ["close 1/1"]);
    assert_eq!(page.state_name(), "reconnecting");
    page.session(201, SESSION);
    assert_eq!(page.opened(), ["read 1/2 again"]);

    let mut page = rotating();
    page.session(201, SESSION);
    assert_eq!(page.broke(), ["close 1/1"]);
    assert_eq!(page.opened(), ["read 1/2 again"]);
}

#[test]
fn a_used_up_limit_is_waited_for_even_if_the_stream_breaks() {
    let mut page = rotating();
    let limit = Answer { status: 429, ..Answer::default() };
    page.tail_event(TAIL, TailEvent::SessionAnswered(2, Ok(limit)));
    talk(&mut page, 20);
    assert_eq!(page.broke(), ["close 1/1"]);
    assert_eq!(page.state_name(), "reconnecting");
    for _ in 0..39 {
        page.pass(1);
    }
    assert_eq!(page.newest(TAIL), 2);
    page.pass(1);
    assert_eq!(page.newest(TAIL), 3);
}

#[test]
fn after_sleep_all_that_was_open_is_left() {
    let mut page = rotating();
    page.session(201, SESSION);
    let back = shown(&page.event(Event::NetworkBack));
    assert_eq!(back, ["close 1/2", "close 1/1", "session 1/3"]);
    assert_eq!(page.tail_event(TAIL, TailEvent::Opened(2)), NOTHING);
}

/// A second run, whose stream is as old as the first one's.
fn two_of_an_age() -> Page {
    let mut page = Page::streaming();
    assert_eq!(page.submit(), [CREATE]);
    let dyno = r#"{"name":"run.2","created_at":"1970-01-01T00:00:10Z"}"#;
    page.event(Event::Run(RunId(2), RunEvent::Answered(Call::CreateDyno, answer(201, dyno))));
    page.session_of(SECOND, 201, SESSION);
    page.opened_of(SECOND);
    page.facts(&[up()]);
    page
}

#[test]
fn one_stream_at_a_time_is_replaced() {
    let mut page = two_of_an_age();
    assert_eq!(talk(&mut page, 840), ["session 1/2"]);
    page.session(201, SESSION);
    page.opened();
    page.facts(&[Fact::Lines]);
    assert_eq!(page.pass(2), ["close 1/1", "read 1/2 handover", "session 2/2"]);
    page.session_of(SECOND, 201, SESSION);
    page.opened_of(SECOND);
    assert_eq!(page.pass(2), ["close 2/1", "read 2/2 again"]);
}

#[test]
fn a_rotation_that_fails_does_not_hold_up_the_others() {
    let mut page = two_of_an_age();
    talk(&mut page, 840);
    page.session(503, "");
    assert_eq!(page.pass(0), ["session 2/2"]);
    // Nor are there two at once when the pause is over.
    page.facts(&[Fact::Lines]);
    page.pass(10);
    assert_eq!(page.newest(TAIL), 2);
    page.session_of(SECOND, 201, SESSION);
    page.opened_of(SECOND);
    assert_eq!(page.pass(2), ["close 2/1", "read 2/2 again"]);
    assert_eq!(page.pass(0), ["session 1/3"]);
}
