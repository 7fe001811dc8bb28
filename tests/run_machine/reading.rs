//! The page with its logs and without a browser: which lines are there, and where some are missing.

use std::time::Duration;

use serverless_on_heroku::domain::app::{Effect, Event};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::log::{Encoding, GapCause};
use serverless_on_heroku::domain::logs::Logs;
use serverless_on_heroku::domain::run::{Call, RunEvent};
use serverless_on_heroku::domain::tail::{self, TailEvent};

use crate::page::{CREATE, FIR, LIST, NOTHING, Page, RUN, SESSION, TAIL, answer, shown};

/// What Heroku lists: the dyno whose lines come.
pub(crate) const DYNOS: &str =
    r#"[{"name":"run.1","type":"run","command":"launcher serverless","created_at":"1970-01-01T00:00:11Z"}]"#;

/// A page with its logs, and an app whose log has no history.
pub(crate) struct Reading {
    pub(crate) page: Page,
    logs: Logs,
    printed: u32,
}

impl Reading {
    pub(crate) fn new() -> Self {
        Self { page: Page::new(), logs: Logs::default(), printed: 0 }
    }

    /// The request for a dyno is under way.
    pub(crate) fn creating() -> Self {
        let mut reading = Self::new();
        reading.event(Event::Submitted);
        reading.event(Event::AppAnswered(0, answer(200, FIR)));
        assert_eq!(reading.opens(TAIL), ["read 1/1 again without history", CREATE]);
        reading.prints(TAIL, "first");
        reading
    }

    /// It got no answer.
    pub(crate) fn unclear() -> Self {
        let mut reading = Self::creating();
        assert_eq!(reading.answered(Call::CreateDyno, ""), [LIST]);
        reading
    }

    /// And one that may be meant is listed.
    pub(crate) fn found() -> Self {
        let mut reading = Self::unclear();
        assert_eq!(reading.answered(Call::ListDynos, DYNOS), NOTHING);
        reading
    }

    pub(crate) fn event(&mut self, event: Event) -> Vec<String> {
        let effects = self.page.event(event);
        for effect in &effects {
            match effect {
                Effect::Log(run, effect) => {
                    self.logs.change(*run, effect.clone());
                }
                Effect::Tail(tail, tail::Effect::Read { kind, .. }) => {
                    self.logs.begin_stream(*tail, Encoding::Plain, *kind);
                }
                _ => {}
            }
        }
        shown(&effects)
    }

    /// Without a body the answer is lost.
    pub(crate) fn answered(&mut self, call: Call, body: &str) -> Vec<String> {
        let answer = if body.is_empty() { Err(TransportError::Unreachable) } else { answer(200, body) };
        self.event(Event::Run(RUN, RunEvent::Answered(call, answer)))
    }

    pub(crate) fn opens(&mut self, tail: TailId) -> Vec<String> {
        let session = self.page.newest(tail);
        self.event(Event::Tail(tail, TailEvent::SessionAnswered(session, answer(201, SESSION))));
        self.event(Event::Tail(tail, TailEvent::Opened(session)))
    }

    pub(crate) fn prints(&mut self, tail: TailId, message: &str) {
        self.printed += 1;
        let seconds = 11 + self.printed;
        let line = format!("1970-01-01T00:00:{seconds}.000000+00:00 app[run.1]: {message}\n");
        self.logs.push(tail, line.as_bytes());
    }

    pub(crate) fn breaks(&mut self) -> Vec<String> {
        self.event(Event::Tail(TAIL, TailEvent::Broke(1)))
    }

    pub(crate) fn pass(&mut self, time: Duration) -> Vec<String> {
        self.page.now = self.page.now.after(time);
        self.event(Event::Ticked)
    }

    /// A further run of the app, with a dyno of its own.
    pub(crate) fn another(&mut self, run: u32, tail: TailId) {
        self.event(Event::Submitted);
        self.opens(tail);
        let dyno = format!(r#"{{"name":"run.{run}","created_at":"1970-01-01T00:00:10Z"}}"#);
        self.event(Event::Run(RunId(run), RunEvent::Answered(Call::CreateDyno, answer(201, &dyno))));
    }

    /// Three of them.
    pub(crate) fn others(&mut self) {
        (2..=4).for_each(|run| self.another(run, TailId(run)));
    }

    pub(crate) fn follow(&mut self) -> Vec<String> {
        self.event(Event::Run(RUN, RunEvent::FollowClicked("run.1".to_owned())))
    }

    /// What was printed, and the lines before which others may be missing.
    pub(crate) fn log(&self) -> (String, Vec<(usize, GapCause)>) {
        let Some(log) = self.logs.get(RUN) else { return Default::default() };
        let log = log.borrow();
        let printed = String::from_utf8_lossy(&log.printed().whole(log.lines())).into_owned();
        (printed, log.gaps().iter().map(|gap| (gap.before, gap.cause)).collect())
    }
}
