//! A computer that was asleep: its streams are opened again once, however late the timer is.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, reason = "helpers of tests")]

use std::time::Duration;

use serverless_on_heroku::domain::api::Answer;
use serverless_on_heroku::domain::app::{Effect, Event, State, update};
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, RunEvent};
use serverless_on_heroku::domain::secret::TypedKey;
use serverless_on_heroku::domain::tail::{self, TailEvent};
use serverless_on_heroku::domain::time::Time;

const RUN: RunId = RunId(1);
const TAIL: TailId = TailId(1);

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, body: body.to_owned(), ..Answer::default() }
}

fn session(number: u32) -> Event {
    let body = r#"{"logplex_url":"https://virginia.sessions.logs.heroku.com/stream"}"#;
    Event::Tail(TAIL, TailEvent::SessionAnswered(number, Ok(answer(201, body))))
}

fn line(session: u32) -> Event {
    Event::LogRead { tail: TAIL, session, heartbeat: false, facts: vec![(RUN, vec![Fact::Lines])] }
}

fn sessions_asked_for(effects: &[Effect]) -> usize {
    let asks = |effect: &&Effect| matches!(effect, Effect::Tail(_, tail::Effect::CreateSession { .. }));
    effects.iter().filter(asks).count()
}

/// A run whose log is read, an hour later than its last event.
fn after_an_hour_of_sleep() -> (State, Time) {
    let mut state = State::default();
    let before = Time(10_000);
    let dyno = r#"{"name":"run.8361","created_at":"1970-01-01T00:00:10Z"}"#;
    for event in [
        Event::Edited(Field::App, "my-app".to_owned()),
        Event::ApiKeyEdited(TypedKey("HRKU-1".to_owned())),
        Event::Submitted,
        Event::AppAnswered(0, Ok(answer(200, "{}"))),
        Event::Run(RUN, RunEvent::Answered(Call::CreateDyno, Ok(answer(201, dyno)))),
        session(1),
        Event::Tail(TAIL, TailEvent::Opened(1)),
        line(1),
    ] {
        update(&mut state, event, before);
    }
    (state, before.after(Duration::from_secs(3600)))
}

#[test]
fn events_before_the_late_timer_do_not_tell_of_the_same_sleep_again() {
    let (mut state, now) = after_an_hour_of_sleep();
    assert_eq!(sessions_asked_for(&update(&mut state, line(1), now)), 1);
    // The timer has not fired yet.
    for event in [session(2), Event::Tail(TAIL, TailEvent::Opened(2)), line(2), line(2), Event::Ticked] {
        let effects = update(&mut state, event, now);
        assert_eq!(sessions_asked_for(&effects), 0, "{effects:?}");
    }
}

#[test]
fn a_network_that_is_back_after_a_sleep_is_one_reason_to_ask_not_two() {
    let (mut state, now) = after_an_hour_of_sleep();
    assert_eq!(sessions_asked_for(&update(&mut state, Event::NetworkBack, now)), 1);
    for event in [session(2), Event::Tail(TAIL, TailEvent::Opened(2))] {
        update(&mut state, event, now);
    }
    let effects = update(&mut state, Event::Tail(TAIL, TailEvent::Broke(2)), now);
    assert_eq!(sessions_asked_for(&effects), 0, "the next one waits for its pause: {effects:?}");
}
