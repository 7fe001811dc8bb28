//! The page without a browser, with a clock that the test sets.

use std::time::Duration;

use serverless_on_heroku::domain::api::Answer;
use serverless_on_heroku::domain::app::{Effect, Event, State, update};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::RunId;
use serverless_on_heroku::domain::log::Fact;
use serverless_on_heroku::domain::run::{Call, Run, RunEvent};
use serverless_on_heroku::domain::secret::TypedKey;
use serverless_on_heroku::domain::time::Time;

pub(crate) const RUN: RunId = RunId(1);
pub(crate) const DYNO: &str = r#"{"name":"run.8361","size":"Basic","created_at":"1970-01-01T00:00:10Z"}"#;

pub(crate) fn answer(status: u16, body: &str) -> Result<Answer, TransportError> {
    Ok(Answer { status, body: body.to_owned(), retry_after: None, remaining_requests: None })
}

/// From 10 s on.
pub(crate) struct Page {
    pub(crate) state: State,
    now: Time,
}

impl Page {
    /// With app and key typed.
    pub(crate) fn new() -> Self {
        let mut page = Self { state: State::default(), now: Time(10_000) };
        page.event(Event::Edited(Field::App, "my-app".to_owned()));
        page.type_key("HRKU-1");
        page
    }

    /// With a run that has a dyno.
    pub(crate) fn with_dyno() -> Self {
        let mut page = Self::new();
        page.submit();
        page.answer(RUN, Call::CreateDyno, 201, DYNO);
        page
    }

    pub(crate) fn type_key(&mut self, key: &str) {
        self.event(Event::ApiKeyEdited(TypedKey(key.to_owned())));
    }

    /// A run whose dyno is being asked for.
    pub(crate) fn submit(&mut self) {
        for effect in self.event(Event::Submitted) {
            if let Effect::AskAboutApp { question, .. } = effect {
                self.event(Event::AppAnswered(question, answer(404, "{}")));
            }
        }
    }

    pub(crate) fn event(&mut self, event: Event) -> Vec<Effect> {
        update(&mut self.state, event, self.now)
    }

    pub(crate) fn run_event(&mut self, event: RunEvent) -> Vec<Effect> {
        self.event(Event::Run(RUN, event))
    }

    pub(crate) fn answer(&mut self, run: RunId, call: Call, status: u16, body: &str) -> Vec<Effect> {
        self.event(Event::Run(run, RunEvent::Answered(call, answer(status, body))))
    }

    pub(crate) fn facts(&mut self, facts: &[Fact]) -> Vec<Effect> {
        self.run_event(RunEvent::Facts(facts.to_vec()))
    }

    pub(crate) fn pass(&mut self, seconds: u64) -> Vec<Effect> {
        self.now = self.now.after(Duration::from_secs(seconds));
        self.event(Event::Ticked)
    }

    /// All effects of the run's end with this exit status.
    pub(crate) fn end(&mut self, status: i32) -> Vec<Effect> {
        self.facts(&[Fact::Exited { status: Some(status), at: Time(12_000) }]);
        self.pass(60)
    }

    pub(crate) fn run(&self) -> &Run {
        self.state.run(RUN).expect("a run")
    }

    pub(crate) fn ids(&self) -> Vec<u32> {
        self.state.runs.iter().map(|run| run.id.0).collect()
    }
}

/// The calls of runs among effects.
pub(crate) fn calls(effects: &[Effect]) -> Vec<Call> {
    let call = |effect: &Effect| match effect {
        Effect::Call { call, .. } => Some(*call),
        _ => None,
    };
    effects.iter().filter_map(call).collect()
}

pub(crate) fn focus(id: &str) -> Effect {
    Effect::Focus(id.to_owned())
}
