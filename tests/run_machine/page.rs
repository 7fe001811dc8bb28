//! The page without a browser: its state, with a clock that the test sets, and what it asks for in short words.

use std::time::Duration;

use serverless_on_heroku::domain::api::{Answer, Method, Request};
use serverless_on_heroku::domain::app::{Config, Effect, Event, LogEffect, State, update};
use serverless_on_heroku::domain::error::{ApiError, TransportError};
use serverless_on_heroku::domain::form::Field;
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::log::{Fact, StreamKind};
use serverless_on_heroku::domain::notice::Notice;
use serverless_on_heroku::domain::run::{Call, Phase, Run, RunEvent};
use serverless_on_heroku::domain::secret::TypedKey;
use serverless_on_heroku::domain::tail::{self, TailEvent};
use serverless_on_heroku::domain::time::Time;

pub(crate) const RUN: RunId = RunId(1);
pub(crate) const TAIL: TailId = TailId(1);
pub(crate) const KEY: &str = "HRKU-1";
pub(crate) const DYNO: &str = r#"{"name":"run.8361","size":"Basic","created_at":"1970-01-01T00:00:10Z"}"#;
pub(crate) const SESSION: &str =
    r#"{"logplex_url":"https://virginia.sessions.logs.heroku.com/stream?token=x"}"#;
pub(crate) const CEDAR: &str = r#"{"generation":{"name":"cedar"},"stack":{"name":"heroku-24"}}"#;
pub(crate) const FIR: &str = r#"{"generation":{"name":"fir"},"stack":{"name":"cnb"}}"#;

// Effects as `shown` tells them.
pub(crate) const NOTHING: [&str; 0] = [];
pub(crate) const ASK_APP: &str = "GET /apps/my-app";
pub(crate) const CREATE: &str = "POST /apps/my-app/dynos";
pub(crate) const LIST: &str = "GET /apps/my-app/dynos";
pub(crate) const ASK_DYNO: &str = "GET /apps/my-app/dynos/run.8361";
pub(crate) const STOP: &str = "POST /apps/my-app/dynos/run.8361/actions/stop";
pub(crate) const ASK_LIMITS: &str = "GET /account/rate-limits";

pub(crate) fn answer(status: u16, body: &str) -> Result<Answer, TransportError> {
    Ok(Answer { status, body: body.to_owned(), ..Answer::default() })
}

/// The `data-error` of a notice.
pub(crate) fn code(notice: &Option<Notice>) -> Option<&str> {
    notice.as_ref().map(|notice| notice.code.as_str())
}

pub(crate) fn up() -> Fact {
    Fact::Up { at: Time(11_000) }
}

pub(crate) fn exited(status: i32) -> Fact {
    Fact::Exited { status: Some(status), at: Time(12_500) }
}

pub(crate) fn finished() -> Fact {
    Fact::Final { at: Time(12_600), crashed: false }
}

/// Calls as method and path; a log session and its stream as `open 1/2`, the second session of the first tail.
pub(crate) fn shown(effects: &[Effect]) -> Vec<String> {
    let request = |request: &Request| {
        let method = if request.method == Method::Get { "GET" } else { "POST" };
        format!("{method} {}", request.path)
    };
    let kind = |kind: &StreamKind| match kind {
        StreamKind::First => "first",
        StreamKind::Again { history: true } => "again",
        StreamKind::Again { history: false } => "again without history",
        StreamKind::Handover { .. } => "handover",
    };
    let tail = |tail: &TailId, effect: &tail::Effect| match effect {
        tail::Effect::CreateSession { session, .. } => format!("session {}/{session}", tail.0),
        tail::Effect::Open { session, .. } => format!("open {}/{session}", tail.0),
        tail::Effect::Read { session, kind: it } => format!("read {}/{session} {}", tail.0, kind(it)),
        tail::Effect::Close { session } => format!("close {}/{session}", tail.0),
    };
    let log = |run: &RunId, effect: &LogEffect| match effect {
        LogEffect::Begin { tail, .. } => format!("log {} from tail {}", run.0, tail.0),
        LogEffect::Name(scope) => format!("log {} of {}", run.0, scope.dyno),
        LogEffect::End => format!("log {} ends", run.0),
        LogEffect::Forget => format!("log {} forgotten", run.0),
    };
    let show = |effect: &Effect| match effect {
        Effect::Call { request: it, .. }
        | Effect::AskAboutApp { request: it, .. }
        | Effect::AskAboutDyno { request: it, .. }
        | Effect::AskRateLimits { request: it, .. } => request(it),
        Effect::Tail(id, effect) => tail(id, effect),
        Effect::Log(run, effect) => log(run, effect),
        Effect::Focus(id) => format!("focus {id}"),
        Effect::ReplaceAddress(_) => "replace address".to_owned(),
        Effect::AskToNotify => "ask to notify".to_owned(),
        Effect::Notify(run) => format!("notify {}", run.0),
    };
    effects.iter().map(show).collect()
}

/// From 10 s on.
pub(crate) struct Page {
    pub(crate) state: State,
    pub(crate) now: Time,
    /// The newest session of each tail, and the one that is read.
    asked: Vec<(TailId, u32)>,
    read: Vec<(TailId, u32)>,
    /// The newest question about an app.
    question: u32,
}

impl Page {
    pub(crate) fn empty() -> Self {
        let state = State::new(Config { seed: 7, ..Config::default() });
        Self { state, now: Time(10_000), asked: Vec::new(), read: Vec::new(), question: 0 }
    }

    /// A page with a form that can be sent.
    pub(crate) fn new() -> Self {
        let mut page = Self::empty();
        for (field, text) in [(Field::App, "my-app"), (Field::Name, "Daniela")] {
            page.event(Event::Edited(field, text.to_owned()));
        }
        page.type_key(KEY);
        page
    }

    /// A page that knows the app, and whose run has asked for a dyno.
    pub(crate) fn creating() -> Self {
        let mut page = Self::new();
        assert_eq!(page.submit(), [ASK_APP]);
        assert_eq!(page.app(200, CEDAR), [CREATE]);
        page
    }

    /// A page whose run has a dyno and has asked for a log session.
    pub(crate) fn starting() -> Self {
        let mut page = Self::creating();
        let effects = page.answer(Call::CreateDyno, 201, DYNO);
        assert_eq!(effects, ["log 1 from tail 1", "session 1/1", "log 1 of run.8361"]);
        page
    }

    /// A page whose run has come as far as its live stream.
    pub(crate) fn streaming() -> Self {
        let mut page = Self::starting();
        assert_eq!(page.session(201, SESSION), ["open 1/1"]);
        assert_eq!(page.opened(), ["read 1/1 again"]);
        page
    }

    /// A page whose log was lost for good, until a click.
    pub(crate) fn without_log() -> Self {
        let mut page = Self::starting();
        assert_eq!(page.session(201, "{}"), NOTHING);
        page
    }

    pub(crate) fn type_key(&mut self, key: &str) {
        self.event(Event::ApiKeyEdited(TypedKey(key.to_owned())));
    }

    pub(crate) fn event(&mut self, event: Event) -> Vec<Effect> {
        let effects = update(&mut self.state, event, self.now);
        for effect in &effects {
            match effect {
                Effect::Tail(tail, tail::Effect::CreateSession { session, .. }) => {
                    set(&mut self.asked, *tail, *session);
                }
                Effect::Tail(tail, tail::Effect::Read { session, .. }) => {
                    set(&mut self.read, *tail, *session);
                }
                Effect::AskAboutApp { question, .. } => self.question = *question,
                _ => {}
            }
        }
        effects
    }

    pub(crate) fn run_event(&mut self, event: RunEvent) -> Vec<String> {
        shown(&self.event(Event::Run(RUN, event)))
    }

    pub(crate) fn submit(&mut self) -> Vec<String> {
        shown(&self.event(Event::Submitted))
    }

    /// Heroku tells about the app that it was last asked about.
    pub(crate) fn app(&mut self, status: u16, body: &str) -> Vec<String> {
        shown(&self.event(Event::AppAnswered(self.question, answer(status, body))))
    }

    pub(crate) fn answer(&mut self, call: Call, status: u16, body: &str) -> Vec<String> {
        self.run_event(RunEvent::Answered(call, answer(status, body)))
    }

    pub(crate) fn tail_event(&mut self, tail: TailId, event: TailEvent) -> Vec<String> {
        shown(&self.event(Event::Tail(tail, event)))
    }

    /// The number of the tail's newest session.
    pub(crate) fn newest(&self, tail: TailId) -> u32 {
        get(&self.asked, tail).expect("a session")
    }

    /// The number of the session whose stream is read.
    pub(crate) fn reading(&self, tail: TailId) -> u32 {
        get(&self.read, tail).expect("a stream")
    }

    pub(crate) fn session_of(&mut self, tail: TailId, status: u16, body: &str) -> Vec<String> {
        let event = TailEvent::SessionAnswered(self.newest(tail), answer(status, body));
        self.tail_event(tail, event)
    }

    pub(crate) fn opened_of(&mut self, tail: TailId) -> Vec<String> {
        self.tail_event(tail, TailEvent::Opened(self.newest(tail)))
    }

    pub(crate) fn session(&mut self, status: u16, body: &str) -> Vec<String> {
        self.session_of(TAIL, status, body)
    }

    pub(crate) fn opened(&mut self) -> Vec<String> {
        self.opened_of(TAIL)
    }

    /// The stream of the newest session was refused.
    pub(crate) fn refused(&mut self, status: u16) -> Vec<String> {
        self.tail_event(TAIL, TailEvent::Failed(self.newest(TAIL), ApiError::Stream { status }))
    }

    pub(crate) fn broke(&mut self) -> Vec<String> {
        self.tail_event(TAIL, TailEvent::Broke(self.reading(TAIL)))
    }

    pub(crate) fn ended(&mut self) -> Vec<String> {
        self.tail_event(TAIL, TailEvent::Ended(self.reading(TAIL)))
    }

    /// The newest session's stream opens at once.
    pub(crate) fn reopen(&mut self) {
        let newest = self.newest(TAIL);
        assert_eq!(self.session(201, SESSION), [format!("open 1/{newest}")]);
        let effects = self.opened();
        assert!(effects.iter().any(|effect| effect.starts_with(&format!("read 1/{newest} "))), "{effects:?}");
    }

    pub(crate) fn log_read(&mut self, heartbeat: bool, facts: Vec<(RunId, Vec<Fact>)>) -> Vec<String> {
        let session = self.reading(TAIL);
        shown(&self.event(Event::LogRead { tail: TAIL, session, heartbeat, facts }))
    }

    /// The stream brings bytes that tell the run these.
    pub(crate) fn facts(&mut self, facts: &[Fact]) -> Vec<String> {
        self.log_read(false, vec![(RUN, facts.to_vec())])
    }

    pub(crate) fn heartbeat(&mut self) -> Vec<String> {
        self.log_read(true, Vec::new())
    }

    pub(crate) fn pass(&mut self, seconds: u64) -> Vec<String> {
        self.pass_milliseconds(seconds * 1000)
    }

    pub(crate) fn pass_milliseconds(&mut self, milliseconds: u64) -> Vec<String> {
        self.now = self.now.after(Duration::from_millis(milliseconds));
        shown(&self.event(Event::Ticked))
    }

    /// Lets the time pass as a timer does, up to the next deadline, and answers how many milliseconds that took.
    pub(crate) fn wait(&mut self) -> (u128, Vec<String>) {
        let deadline = self.state.deadline().expect("a deadline");
        let pause = deadline.since(self.now);
        self.now = self.now.after(pause);
        (pause.as_millis(), shown(&self.event(Event::Ticked)))
    }

    pub(crate) fn run(&self) -> &Run {
        self.state.run(RUN).expect("a run")
    }

    pub(crate) fn phase(&self) -> Phase {
        self.run().phase
    }

    /// The `data-run-state`.
    pub(crate) fn state_name(&self) -> &'static str {
        self.run().state_name()
    }

    pub(crate) fn problem(&self) -> Option<&str> {
        code(&self.run().problem)
    }

    /// Why the log is being opened again.
    pub(crate) fn reopening(&self) -> Option<&str> {
        self.run().reopening().map(|notice| notice.code.as_str())
    }
}

fn set(numbers: &mut Vec<(TailId, u32)>, tail: TailId, number: u32) {
    numbers.retain(|(it, _)| *it != tail);
    numbers.push((tail, number));
}

fn get(numbers: &[(TailId, u32)], tail: TailId) -> Option<u32> {
    numbers.iter().find(|(it, _)| *it == tail).map(|(_, number)| *number)
}
