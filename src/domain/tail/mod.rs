//! The tail of an app's log: a log session, the stream that it gives, and what takes their place when they fail
//! (design.md 2.5, platform-api.md 4.3 and 5.4).
//!
//! Sessions and their streams are numbered. An event of another than the one that is waited for or read changes nothing.

mod backoff;
mod opening;
mod reading;

use crate::domain::api::{Answer, LogFilter, LogSource, Request};
use crate::domain::error::{ApiError, TransportError};
use crate::domain::ids::{AppName, RunId, TailId};
use crate::domain::log::StreamKind;
use crate::domain::secret::ApiKey;
use crate::domain::time::Time;
use crate::domain::timings::Timings;

use backoff::Backoff;

/// So many failures in a row, and a person is asked (platform-api.md 5.4).
const MOST_FAILURES: u32 = 5;

/// Which lines of an app a tail brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub app: AppName,
    pub filter: LogFilter,
    pub source: LogSource,
    /// A new session begins with lines of the past; those of Fir do not (platform-api.md 4.4).
    pub has_history: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    pub id: TailId,
    pub subject: Subject,
    /// The runs whose lines it brings.
    pub readers: Vec<RunId>,
    api_key: ApiKey,
    /// The number of the newest session.
    newest: u32,
    /// When the newest session but the first was asked for.
    reconnected: Option<Time>,
    reading: Option<Reading>,
    opening: Option<Opening>,
    /// Sessions in a row that have brought nothing new.
    failures: u32,
    /// A person is asked before another session is.
    gave_up: bool,
    /// Heroku wants no request for a session before this.
    not_before: Time,
    /// How long a stream without heartbeats may be silent; longer each time that a new one has brought nothing.
    quiet: std::time::Duration,
    /// When the newest session was created, by the server's clock.
    created_at: Option<Time>,
    backoff: Backoff,
}

/// The stream that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    session: u32,
    /// When its session was asked for.
    since: Time,
    last_byte: Time,
    /// The server sends something now and then also when nobody prints (platform-api.md 5.2 and 5.3).
    has_heartbeats: bool,
    has_new_lines: bool,
}

/// The session that is to become the next one that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    /// It is not asked for before this.
    Waiting { until: Time },
    /// It was asked for.
    Session { since: Time },
    /// Its stream was asked for.
    Stream { since: Time, asked: Time },
    /// Its stream is open, and the old one is read on for a moment, so that they overlap.
    Open { since: Time, opened: Time },
}

/// What happens to a tail. Numbers are those of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TailEvent {
    SessionAnswered(u32, Result<Answer, TransportError>),
    Opened(u32),
    /// The stream could not be opened.
    Failed(u32, ApiError),
    /// Bytes came.
    Bytes {
        session: u32,
        heartbeat: bool,
        /// Lines that were not there before.
        new_lines: bool,
    },
    /// The server closed the stream.
    Ended(u32),
    /// The stream broke off.
    Broke(u32),
    /// The network is back, or the computer was asleep: connections may be dead without having closed.
    Suspected(ApiError),
    /// A dyno whose lines it brings is still there.
    DynoIsThere,
    RetryClicked,
    Ticked,
}

/// What a tail asks for. Numbers are those of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the request with the key, and answer with [`TailEvent::SessionAnswered`].
    CreateSession { session: u32, request: Request, api_key: ApiKey },
    /// Open the stream, and answer with [`TailEvent::Opened`] or [`TailEvent::Failed`].
    Open { session: u32, url: String },
    /// Read the open stream into the logs of the readers; `kind` is for those that one was read into before.
    Read { session: u32, kind: StreamKind },
    /// Read the stream no further.
    Close { session: u32 },
}

/// What the runs that read hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    Opened,
    /// Another session is on its way.
    Reopening(ApiError),
    /// No other session comes without a click.
    GaveUp(ApiError),
}

/// What a tail is told with each event about the world around it.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    pub now: Time,
    pub timings: &'a Timings,
    /// The page comes from this machine, so log streams may, too.
    pub page_is_local: bool,
    /// No other tail is being replaced before its end.
    pub may_rotate: bool,
}

/// What comes of an event. A tail adds its effects; of its news the last counts.
#[derive(Debug, Default)]
pub struct Outcome {
    pub effects: Vec<Effect>,
    pub news: Option<News>,
}

impl Tail {
    /// A tail begins with the request for a log session. `seed` is any number, another one for each tail.
    pub fn start(
        id: TailId,
        subject: Subject,
        reader: RunId,
        api_key: ApiKey,
        seed: u64,
        around: &Surroundings<'_>,
        outcome: &mut Outcome,
    ) -> Self {
        let mut tail = Self {
            id,
            subject,
            readers: vec![reader],
            api_key,
            newest: 0,
            reconnected: None,
            reading: None,
            opening: None,
            failures: 0,
            gave_up: false,
            not_before: Time::default(),
            quiet: around.timings.stream_silence,
            created_at: None,
            backoff: Backoff::new(seed),
        };
        tail.ask_for_session(around.now, outcome);
        tail
    }

    /// From here on this key is used; Heroku may have refused the other.
    pub fn use_key(&mut self, api_key: &ApiKey) {
        self.api_key = api_key.clone();
    }

    /// Lines come.
    pub fn is_read(&self) -> bool {
        self.reading.is_some()
    }

    /// A stream is being replaced while it is still read. Between two attempts it is not.
    pub fn is_rotating(&self) -> bool {
        self.reading.is_some()
            && self.opening.is_some_and(|opening| !matches!(opening, Opening::Waiting { .. }))
    }

    /// Whether the pause before an attempt may end.
    fn may_attempt(&self, may_rotate: bool) -> bool {
        self.reading.is_none() || may_rotate
    }

    /// When [`TailEvent::Ticked`] has something to do.
    pub fn deadline(&self, timings: &Timings, may_rotate: bool) -> Option<Time> {
        let opening = match self.opening {
            Some(Opening::Waiting { until }) => Some(until).filter(|_| self.may_attempt(may_rotate)),
            Some(Opening::Session { .. }) => None,
            Some(Opening::Stream { asked, .. }) => Some(asked.after(timings.answer)),
            Some(Opening::Open { opened, .. }) => Some(self.end_of_handover(opened, timings)),
            None => {
                self.reading.filter(|_| may_rotate).map(|reading| reading.since.after(timings.session_age))
            }
        };
        let silence = self
            .reading
            .filter(|reading| reading.has_heartbeats)
            .map(|reading| reading.last_byte.after(timings.stream_silence));
        [opening, silence].into_iter().flatten().min()
    }

    /// The one place where a tail changes.
    pub fn update(&mut self, event: &TailEvent, around: &Surroundings<'_>, outcome: &mut Outcome) {
        match event {
            TailEvent::SessionAnswered(session, answer) => {
                self.session_answered(*session, answer, around, outcome);
            }
            TailEvent::Opened(session) => self.opened(*session, around, outcome),
            TailEvent::Failed(session, error) => self.failed(*session, error, around, outcome),
            TailEvent::Bytes { session, heartbeat, new_lines } => {
                self.bytes_came(*session, *heartbeat, *new_lines, around);
            }
            TailEvent::Ended(session) => self.ended(*session, &ApiError::StreamEnded, around, outcome),
            TailEvent::Broke(session) => self.ended(*session, &ApiError::StreamBroke, around, outcome),
            TailEvent::Suspected(reason) => self.suspect(reason, around, outcome),
            TailEvent::DynoIsThere => self.doubt_silence(around, outcome),
            TailEvent::RetryClicked if self.gave_up => {
                self.failures = 0;
                self.ask_for_session(around.now, outcome);
            }
            TailEvent::RetryClicked => {}
            TailEvent::Ticked => self.tick(around, outcome),
        }
    }

    /// The sessions whose streams are read or being opened: to be closed when nobody reads any more.
    pub fn streams(&self) -> impl Iterator<Item = u32> {
        let reading = self.reading.map(|reading| reading.session);
        [reading, self.opening_stream()].into_iter().flatten()
    }

    /// How a stream follows one that was lost.
    fn again(&self) -> StreamKind {
        StreamKind::Again { history: self.subject.has_history }
    }

    /// How a stream follows one that was read until then.
    fn handover(&self) -> StreamKind {
        StreamKind::Handover { created_at: self.created_at }
    }

    fn tick(&mut self, around: &Surroundings<'_>, outcome: &mut Outcome) {
        let Surroundings { now, timings, .. } = *around;
        if let Some(reading) = self.reading
            && reading.has_heartbeats
            && now >= reading.last_byte.after(timings.stream_silence)
        {
            return self.ended(reading.session, &ApiError::StreamSilent, around, outcome);
        }
        match self.opening {
            Some(Opening::Waiting { until }) if now >= until && self.may_attempt(around.may_rotate) => {
                self.ask_for_session(now, outcome);
            }
            Some(Opening::Stream { asked, .. }) if now >= asked.after(timings.answer) => {
                outcome.effects.push(Effect::Close { session: self.newest });
                self.attempt_failed(&ApiError::Transport(TransportError::Unreachable), around, outcome);
            }
            Some(Opening::Open { since, opened }) if now >= self.end_of_handover(opened, timings) => {
                let kind = if self.has_come_since(opened) { self.handover() } else { self.again() };
                self.read(since, kind, now, outcome);
            }
            None if around.may_rotate
                && self.reading.is_some_and(|reading| now >= reading.since.after(timings.session_age)) =>
            {
                self.ask_for_session(now, outcome);
            }
            _ => {}
        }
    }
}
