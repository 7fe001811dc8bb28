//! The page without a browser: its state, with a clock that the test sets.

use std::time::Duration;

use serverless_on_heroku::domain::api::Answer;
use serverless_on_heroku::domain::app::{Effect, Event, State, update};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::RunId;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::notice::Notice;
use serverless_on_heroku::domain::run::{self, Call, Phase, Run, RunEvent};
use serverless_on_heroku::domain::secret::TypedKey;
use serverless_on_heroku::domain::time::Time;

pub(crate) const RUN: RunId = RunId(1);
pub(crate) const KEY: &str = "HRKU-1";
pub(crate) const DYNO: &str = r#"{"name":"run.8361","size":"Basic","created_at":"1970-01-01T00:00:10Z"}"#;
pub(crate) const SESSION: &str =
    r#"{"logplex_url":"https://virginia.sessions.logs.heroku.com/stream?token=x"}"#;

pub(crate) fn answer(status: u16, body: &str) -> Result<Answer, TransportError> {
    Ok(Answer { status, body: body.to_owned(), retry_after: None })
}

/// The `data-error` of a notice.
pub(crate) fn code(notice: &Option<Notice>) -> Option<&str> {
    notice.as_ref().map(|notice| notice.code.as_str())
}

/// From 10 s on.
pub(crate) struct Page {
    pub(crate) state: State,
    pub(crate) now: Time,
}

impl Page {
    pub(crate) fn new() -> Self {
        let mut page = Self { state: State::default(), now: Time(10_000) };
        for (field, text) in [(Field::App, "my-app"), (Field::Name, "Daniela")] {
            page.event(Event::Edited(field, text.to_owned()));
        }
        page.type_key(KEY);
        page
    }

    /// A page whose run has come as far as its live stream.
    pub(crate) fn streaming() -> Self {
        let mut page = Self::new();
        page.event(Event::Submitted);
        page.answer(Call::CreateDyno, 201, DYNO);
        page.answer(Call::CreateLogSession, 201, SESSION);
        page.run_event(RunEvent::StreamOpened);
        page
    }

    pub(crate) fn type_key(&mut self, key: &str) {
        self.event(Event::ApiKeyEdited(TypedKey(key.to_owned())));
    }

    pub(crate) fn event(&mut self, event: Event) -> Vec<Effect> {
        update(&mut self.state, event, self.now)
    }

    pub(crate) fn run_event(&mut self, event: RunEvent) -> Vec<Effect> {
        self.event(Event::Run(RUN, event))
    }

    pub(crate) fn answer(&mut self, call: Call, status: u16, body: &str) -> Vec<Effect> {
        self.run_event(RunEvent::Answered(call, answer(status, body)))
    }

    pub(crate) fn facts(&mut self, facts: &[Fact]) -> Vec<Effect> {
        self.run_event(RunEvent::Facts(facts.to_vec()))
    }

    pub(crate) fn pass(&mut self, seconds: u64) -> Vec<Effect> {
        self.now = self.now.after(Duration::from_secs(seconds));
        self.event(Event::Ticked)
    }

    pub(crate) fn run(&self) -> &Run {
        self.state.run(RUN).expect("a run")
    }

    pub(crate) fn phase(&self) -> Phase {
        self.run().phase
    }

    pub(crate) fn problem(&self) -> Option<&str> {
        code(&self.run().problem)
    }
}

#[track_caller]
pub(crate) fn called(effects: &[Effect]) -> Call {
    match effects {
        [Effect::Run(RUN, run::Effect::Call { call, .. })] => *call,
        other => panic!("expected a call, found {other:?}"),
    }
}
