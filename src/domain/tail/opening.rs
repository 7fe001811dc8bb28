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
    pub(super) fn ask_for_session_soon(&mut self, now: Time, outcome: &mut Outcome) {
        if now >= self.not_before {
            return self.ask_for_session(now, outcome);
        }
        self.opening = Some(Opening::Waiting { until: self.not_before });
    }

    pub(super) fn ask_for_session(&mut self, now: Time, outcome: &mut Outcome) {
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
        let (session, api_key) = (self.newest, self.api_key.clone());
        outcome.effects.push(Effect::CreateSession { session, request, api_key });
    }

    pub(super) fn session_answered(
        &mut self,
        session: u32,
        answer: &Result<Answer, TransportError>,
        around: &Surroundings<'_>,
        outcome: &mut Outcome,
    ) {
        let Some(Opening::Session { since }) = self.opening.filter(|_| session == self.newest) else {
            return;
        };
        let url = api::received(answer).and_then(api::log_session_url);
        match url {
            // An address with the key in it would send the key to the log server.
            Ok(url) if stream_url::is_allowed(&url, around.page_is_local) && !self.api_key.is_in(&url) => {
                self.opening = Some(Opening::Stream { since, asked: around.now });
                self.created_at = answer.as_ref().ok().and_then(api::created_at);
                outcome.effects.push(Effect::Open { session, url });
            }
            Ok(_) => self.attempt_failed(&ApiError::BadLogplexUrl, around, outcome),
            Err(error) => self.attempt_failed(&error, around, outcome),
        }
    }

    pub(super) fn opened(&mut self, session: u32, around: &Surroundings<'_>, outcome: &mut Outcome) {
        let Some(Opening::Stream { since, .. }) = self.opening.filter(|_| session == self.newest) else {
            return;
        };
        if self.reading.is_some() {
            self.opening = Some(Opening::Open { since, opened: around.now });
            return;
        }
        self.read(since, self.again(), around.now, outcome);
    }

    /// The newest stream is read from here on, in the place of the old one.
    pub(super) fn read(&mut self, since: Time, kind: StreamKind, now: Time, outcome: &mut Outcome) {
        let session = self.newest;
        let old = self.reading.replace(Reading {
            session,
            since,
            last_byte: now,
            has_heartbeats: false,
            has_new_lines: false,
        });
        self.opening = None;
        if let Some(old) = old {
            outcome.effects.push(Effect::Close { session: old.session });
        }
        outcome.effects.push(Effect::Read { session, kind });
        outcome.news = Some(News::Opened);
    }

    pub(super) fn failed(
        &mut self,
        session: u32,
        error: &ApiError,
        around: &Surroundings<'_>,
        outcome: &mut Outcome,
    ) {
        if matches!(self.opening, Some(Opening::Stream { .. })) && session == self.newest {
            outcome.effects.push(Effect::Close { session });
            self.attempt_failed(error, around, outcome);
        }
    }

    pub(super) fn attempt_failed(
        &mut self,
        error: &ApiError,
        around: &Surroundings<'_>,
        outcome: &mut Outcome,
    ) {
        let now = around.now;
        let wait = error.wait().unwrap_or_default();
        self.not_before = now.after(wait);
        if self.reading.is_some() {
            // The old stream is still read, so there is time.
            let pause = around.timings.rotation_pause.max(wait);
            self.opening = Some(Opening::Waiting { until: now.after(pause) });
            return;
        }
        self.failures += 1;
        if self.failures >= MOST_FAILURES || !error.may_pass() {
            self.opening = None;
            self.gave_up = true;
            outcome.news = Some(News::GaveUp(error.clone()));
            return;
        }
        let pause = self.backoff.pause(self.failures, around.timings).max(wait);
        self.opening = Some(Opening::Waiting { until: now.after(pause) });
        outcome.news = Some(News::Reopening(error.clone()));
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
