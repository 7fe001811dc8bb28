//! From the request for a log session to its stream that is read.

use super::{Effect, MOST_FAILURES, News, Opening, Outcome, Reading, Subject, Surroundings, Tail};
use crate::domain::api::{self, Answer, SessionRequest};
use crate::domain::error::{ApiError, TransportError};
use crate::domain::log::StreamKind;
use crate::domain::stream_url;
use crate::domain::time::Time;
use crate::domain::timings::Timings;

impl Tail {
    /// The session whose stream is being opened or waits to be read.
    pub(super) fn opening_stream(&self) -> Option<u32> {
        let has_stream = matches!(self.opening, Some(Opening::Stream { .. } | Opening::Open { .. }));
        has_stream.then_some(self.newest)
    }

    /// At once, unless Heroku wants no request yet.
    pub(super) fn ask_for_session_soon(&mut self, now: Time) -> Outcome {
        if now >= self.not_before {
            return self.ask_for_session(now);
        }
        self.opening = Some(Opening::Waiting { until: self.not_before });
        Outcome::default()
    }

    pub(super) fn ask_for_session(&mut self, now: Time) -> Outcome {
        if self.newest > 0 {
            self.reconnected = Some(now);
        }
        self.newest += 1;
        self.gave_up = false;
        self.opening = Some(Opening::Session { since: now });
        let Subject { app, filter, source, has_history } = &self.subject;
        let request = api::create_log_session(&SessionRequest {
            app,
            filter,
            source: *source,
            has_history: *has_history,
        });
        Outcome::effect(Effect::CreateSession {
            session: self.newest,
            request,
            api_key: self.api_key.clone(),
        })
    }

    pub(super) fn session_answered(
        &mut self,
        session: u32,
        answer: Result<Answer, TransportError>,
        around: &Surroundings<'_>,
    ) -> Outcome {
        let Some(Opening::Session { since }) = self.opening.filter(|_| session == self.newest) else {
            return Outcome::default();
        };
        let url = answer.map_err(ApiError::Transport).and_then(|answer| api::log_session_url(&answer));
        match url {
            // An address with the key in it would send the key to the log server.
            Ok(url) if stream_url::is_allowed(&url, around.page_is_local) && !self.api_key.is_in(&url) => {
                self.opening = Some(Opening::Stream { since, asked: around.now });
                Outcome::effect(Effect::Open { session, url })
            }
            Ok(_) => self.attempt_failed(ApiError::BadLogplexUrl, around),
            Err(error) => self.attempt_failed(error, around),
        }
    }

    pub(super) fn opened(&mut self, session: u32, around: &Surroundings<'_>) -> Outcome {
        let Some(Opening::Stream { since, .. }) = self.opening.filter(|_| session == self.newest) else {
            return Outcome::default();
        };
        if self.reading.is_some() {
            self.opening = Some(Opening::Open { since, opened: around.now });
            return Outcome::default();
        }
        let kind = if self.was_read { self.again() } else { StreamKind::First };
        self.read(since, kind, around.now)
    }

    /// The newest stream is read from here on, in the place of the old one.
    pub(super) fn read(&mut self, since: Time, kind: StreamKind, now: Time) -> Outcome {
        let session = self.newest;
        let old = self.reading.replace(Reading {
            session,
            since,
            last_byte: now,
            has_heartbeats: false,
            has_new_lines: false,
        });
        self.opening = None;
        self.was_read = true;
        let close = old.map(|old| Effect::Close { session: old.session });
        let effects = close.into_iter().chain([Effect::Read { session, kind }]).collect();
        Outcome { effects, news: Some(News::Opened) }
    }

    pub(super) fn failed(&mut self, session: u32, error: ApiError, around: &Surroundings<'_>) -> Outcome {
        match self.opening {
            Some(Opening::Stream { .. }) if session == self.newest => {
                Outcome::effect(Effect::Close { session }).and(self.attempt_failed(error, around))
            }
            _ => Outcome::default(),
        }
    }

    pub(super) fn attempt_failed(&mut self, error: ApiError, around: &Surroundings<'_>) -> Outcome {
        let now = around.now;
        let wait = error.wait().unwrap_or_default();
        self.not_before = now.after(wait);
        if self.reading.is_some() {
            // The old stream is still read, so there is time.
            let pause = around.timings.rotation_pause.max(wait);
            self.opening = Some(Opening::Waiting { until: now.after(pause) });
            return Outcome::default();
        }
        self.failures += 1;
        if self.failures >= MOST_FAILURES || !error.may_pass() {
            self.opening = None;
            self.gave_up = true;
            return Outcome { effects: Vec::new(), news: Some(News::GaveUp(error)) };
        }
        let pause = self.backoff.pause(self.failures, around.timings).max(wait);
        self.opening = Some(Opening::Waiting { until: now.after(pause) });
        Outcome { effects: Vec::new(), news: Some(News::Reopening(error)) }
    }

    /// How long the old stream is read on. One with heartbeats shows sooner or later that it lives.
    pub(super) fn end_of_handover(&self, opened: Time, timings: &Timings) -> Time {
        let has_heartbeats = self.reading.is_some_and(|reading| reading.has_heartbeats);
        let waits = has_heartbeats && !self.has_come_since(opened);
        opened.after(if waits { timings.stream_silence } else { timings.handover })
    }

    /// Whether the old stream has brought anything since the new one was opened. If not it may have been dead before,
    /// and what the function printed in between is in neither.
    pub(super) fn has_come_since(&self, opened: Time) -> bool {
        self.reading.is_some_and(|reading| reading.last_byte >= opened)
    }
}
