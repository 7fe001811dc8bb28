//! Whatever comes in whatever order keeps the promises.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use serverless_on_heroku::domain::api::Answer;
use serverless_on_heroku::domain::app::{Effect, Event, LogEffect};
use serverless_on_heroku::domain::error::{ApiError, TransportError};
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, Phase, Run, RunEvent};
use serverless_on_heroku::domain::tail::{self, TailEvent};
use serverless_on_heroku::domain::time::Time;

use crate::page::{CEDAR, DYNO, FIR, Page, SESSION, answer, exited, finished, up};

const RUNS: u32 = 6;

fn any_answer() -> impl Strategy<Value = Result<Answer, TransportError>> {
    let body = prop_oneof![
        Just(DYNO.to_owned()),
        Just(SESSION.to_owned()),
        Just(format!("[{DYNO}]")),
        Just(CEDAR.to_owned()),
        Just(FIR.to_owned()),
        Just("{}".to_owned()),
        Just("<html>".to_owned())
    ];
    let status =
        prop_oneof![3 => Just(201_u16), 1 => Just(404), 1 => Just(409), 1 => Just(429), 1 => Just(503)];
    prop_oneof![
        4 => (status, body).prop_map(|(status, body)| answer(status, &body)),
        1 => Just(Err(TransportError::Unreachable)),
    ]
}

fn any_call() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => Just(Call::CreateDyno),
        1 => Just(Call::ListDynos),
        1 => Just(Call::DynoInfo),
        1 => Just(Call::StopDyno)
    ]
}

fn any_facts() -> impl Strategy<Value = Vec<Fact>> {
    let fact = prop_oneof![
        3 => Just(Fact::Lines),
        2 => Just(up()),
        1 => Just(Fact::Starting),
        1 => Just(Fact::Gap),
        1 => Just(Fact::FirstOutput { at: Time(11_100) }),
        1 => (0..2).prop_map(exited),
        1 => Just(Fact::Exited { status: None, at: Time(12_000) }),
        1 => Just(finished()),
        1 => Just(Fact::Final { at: Time(12_100), crashed: true }),
    ];
    prop::collection::vec(fact, 0..3)
}

fn any_run_event() -> impl Strategy<Value = RunEvent> {
    prop_oneof![
        4 => (any_call(), any_answer()).prop_map(|(call, answer)| RunEvent::Answered(call, answer)),
        2 => any_facts().prop_map(RunEvent::Facts),
        1 => Just(RunEvent::StopClicked),
        1 => Just(RunEvent::OpenLogClicked),
        1 => Just(RunEvent::AskClicked),
        1 => Just(RunEvent::SearchClicked),
        1 => Just(RunEvent::FollowClicked("run.8361".to_owned())),
        1 => Just(RunEvent::StopFoundClicked("run.8361".to_owned())),
        1 => Just(RunEvent::Ticked),
    ]
}

fn any_tail_event() -> impl Strategy<Value = TailEvent> {
    let session = 1_u32..5;
    prop_oneof![
        3 => (session.clone(), any_answer()).prop_map(|(session, answer)| TailEvent::SessionAnswered(session, answer)),
        3 => session.clone().prop_map(TailEvent::Opened),
        1 => session.clone().prop_map(|session| TailEvent::Failed(session, ApiError::Stream { status: 404 })),
        1 => session.clone().prop_map(TailEvent::Ended),
        1 => session.prop_map(TailEvent::Broke),
        1 => Just(TailEvent::DynoIsThere),
        1 => Just(TailEvent::RetryClicked),
        1 => Just(TailEvent::Suspected(ApiError::Slept)),
    ]
}

/// What a page may meet, with numbers of runs, tails and sessions that may be of any age.
fn any_event() -> impl Strategy<Value = Event> {
    let run = (1..=RUNS).prop_map(RunId);
    let tail = (1..=RUNS).prop_map(TailId);
    let log_read = (tail.clone(), 1_u32..5, any::<bool>(), run.clone(), any_facts()).prop_map(
        |(tail, session, heartbeat, run, facts)| Event::LogRead {
            tail,
            session,
            heartbeat,
            facts: vec![(run, facts)],
        },
    );
    let tail_event = (tail, any_tail_event()).prop_map(|(tail, event)| Event::Tail(tail, event));
    prop_oneof![
        4 => Just(Event::Submitted),
        6 => (run.clone(), any_run_event()).prop_map(|(run, event)| Event::Run(run, event)),
        8 => tail_event,
        3 => log_read,
        2 => (0_u32..2, any_answer()).prop_map(|(question, answer)| Event::AppAnswered(question, answer)),
        1 => any_answer().prop_map(Event::RateLimitsAnswered),
        1 => Just(Event::NetworkBack),
        1 => run.prop_map(Event::Closed),
        4 => Just(Event::Ticked),
    ]
}

proptest! {
    #[test]
    fn an_event_of_another_run_changes_nothing(event in any_run_event()) {
        let mut page = Page::streaming();
        let before = page.state.clone();
        prop_assert_eq!(page.event(Event::Run(RunId(2), event)), []);
        prop_assert_eq!(page.state, before);
    }

    #[test]
    fn an_event_of_another_tail_changes_nothing(event in any_tail_event()) {
        let mut page = Page::streaming();
        let before = page.state.clone();
        prop_assert_eq!(page.event(Event::Tail(TailId(2), event)), []);
        prop_assert_eq!(page.state, before);
    }

    #[test]
    fn a_run_that_is_over_stays_as_it_is(event in any_run_event()) {
        let mut page = Page::streaming();
        page.facts(&[up(), exited(0)]);
        page.pass(1);
        let before = page.state.clone();
        let effects = page.run_event(event);
        prop_assert!(effects.is_empty());
        prop_assert_eq!(page.state, before);
    }

    /// Whatever comes in whatever order: a dyno is asked for at most three times for each click, phases only go
    /// forward, at most five streams are open or being opened, a stream is read once and closed, a log ends exactly
    /// when its run does, and a live run waits for an answer, a deadline or a click that is offered.
    #[test]
    fn any_order_of_events_keeps_the_promises(events in prop::collection::vec((any_event(), 0_u64..40), 0..80)) {
        let mut page = Page::new();
        let mut watch = Watch::default();
        let effects = page.event(Event::Submitted);
        watch.see(&page, &Event::Submitted, &effects)?;
        for (event, seconds) in events {
            page.now = page.now.after(Duration::from_secs(seconds));
            let effects = page.event(event.clone());
            watch.see(&page, &event, &effects)?;
        }
    }
}

/// What has to be remembered of the past to judge the next step.
#[derive(Default)]
struct Watch {
    posts: BTreeMap<RunId, u32>,
    phases: BTreeMap<RunId, u32>,
    ended_logs: BTreeSet<RunId>,
    open: BTreeSet<(TailId, u32)>,
    read: BTreeSet<(TailId, u32)>,
    /// Calls that were not answered yet: of runs, and sessions.
    unanswered: Vec<String>,
}

impl Watch {
    fn see(&mut self, page: &Page, event: &Event, effects: &[Effect]) -> Result<(), TestCaseError> {
        match event {
            Event::Run(run, RunEvent::Answered(call, _)) => self.answered(&format!("{run:?} {call:?}")),
            Event::Tail(tail, TailEvent::SessionAnswered(session, _)) => {
                self.answered(&format!("{tail:?} {session}"));
            }
            Event::AppAnswered(question, _) => self.answered(&format!("app {question}")),
            _ => {}
        }
        for effect in effects {
            self.see_effect(effect)?;
        }
        prop_assert!(self.open.len() <= 5, "{:?}", self.open);
        for run in &page.state.runs {
            self.see_run(page, run)?;
        }
        Ok(())
    }

    fn answered(&mut self, call: &str) {
        self.unanswered.retain(|it| it != call);
    }

    fn see_effect(&mut self, effect: &Effect) -> Result<(), TestCaseError> {
        match effect {
            Effect::Call { run, call, .. } => {
                self.unanswered.push(format!("{run:?} {call:?}"));
                if *call == Call::CreateDyno {
                    let posts = self.posts.entry(*run).or_default();
                    *posts += 1;
                    prop_assert!(*posts <= 3);
                }
            }
            Effect::AskAboutApp { question, .. } => self.unanswered.push(format!("app {question}")),
            Effect::Tail(tail, tail::Effect::CreateSession { session, .. }) => {
                self.unanswered.push(format!("{tail:?} {session}"));
            }
            Effect::Tail(tail, tail::Effect::Open { session, .. }) => {
                prop_assert!(self.open.insert((*tail, *session)));
            }
            Effect::Tail(tail, tail::Effect::Read { session, .. }) => {
                prop_assert!(self.open.contains(&(*tail, *session)));
                prop_assert!(self.read.insert((*tail, *session)));
            }
            Effect::Tail(tail, tail::Effect::Close { session }) => {
                self.open.remove(&(*tail, *session));
            }
            Effect::Log(run, LogEffect::Begin { .. }) => {
                self.ended_logs.remove(run);
            }
            Effect::Log(run, LogEffect::End) => {
                prop_assert!(self.ended_logs.insert(*run));
            }
            _ => {}
        }
        Ok(())
    }

    fn see_run(&mut self, page: &Page, run: &Run) -> Result<(), TestCaseError> {
        let order = match run.phase {
            Phase::Creating => 0,
            // A person may find out that there is a dyno.
            Phase::Failed if run.unclear.is_some() => 0,
            Phase::Starting => 1,
            Phase::Up => 2,
            Phase::Ended | Phase::Failed => 3,
        };
        let before = self.phases.insert(run.id, order).unwrap_or_default();
        prop_assert!(order >= before, "{:?}: {before} to {order}", run.id);
        let has_dyno = matches!(run.phase, Phase::Starting | Phase::Up | Phase::Ended);
        prop_assert_eq!(run.dyno.is_some(), has_dyno);
        if run.phase == Phase::Ended {
            prop_assert!(self.ended_logs.contains(&run.id));
        }
        let waits = !self.unanswered.is_empty() || page.state.deadline().is_some();
        prop_assert!(run.is_over() || waits || run.can_open_log());
        Ok(())
    }
}
