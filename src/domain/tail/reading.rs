//! The stream that is read, and how it is lost.

use super::{Effect, News, Opening, Outcome, Surroundings, Tail};
use crate::domain::error::ApiError;

impl Tail {
    pub(super) fn bytes_came(
        &mut self,
        session: u32,
        heartbeat: bool,
        new_lines: bool,
        around: &Surroundings<'_>,
    ) {
        let Some(reading) = self.reading.as_mut().filter(|reading| reading.session == session) else {
            return;
        };
        reading.last_byte = around.now;
        reading.has_heartbeats |= heartbeat;
        if new_lines {
            reading.has_new_lines = true;
            self.failures = 0;
            self.quiet = around.timings.stream_silence;
        }
    }

    pub(super) fn ended(
        &mut self,
        session: u32,
        reason: &ApiError,
        around: &Surroundings<'_>,
        outcome: &mut Outcome,
    ) {
        if let Some(Opening::Open { since, .. }) = self.opening {
            if session == self.newest {
                // The new one broke before it was read.
                outcome.effects.push(Effect::Close { session });
                return self.attempt_failed(reason, around, outcome);
            }
            if self.reads(session) {
                // What the old one brought before its own end is complete; what was under way when it broke is not.
                let whole = *reason == ApiError::StreamEnded;
                let kind = if whole { self.handover() } else { self.again() };
                return self.read(since, kind, around.now, outcome);
            }
        }
        if self.reads(session) {
            self.lose(reason, around, outcome);
        }
    }

    pub(super) fn reads(&self, session: u32) -> bool {
        self.reading.is_some_and(|reading| reading.session == session)
    }

    /// The stream that was read is no more.
    pub(super) fn lose(&mut self, reason: &ApiError, around: &Surroundings<'_>, outcome: &mut Outcome) {
        let Some(lost) = self.reading.take() else { return };
        let now = around.now;
        outcome.effects.push(Effect::Close { session: lost.session });
        outcome.news = Some(News::Reopening(reason.clone()));
        if matches!(self.opening, Some(Opening::Session { .. } | Opening::Stream { .. })) {
            return;
        }
        self.opening = None;
        let lasted = now.since(lost.since) >= around.timings.stable;
        if lasted {
            self.failures = 0;
        }
        if !lost.has_new_lines && !lasted && self.was_reconnected_lately(around) {
            return self.attempt_failed(reason, around, outcome);
        }
        if self.was_reconnected_lately(around) {
            let until = now.after(self.backoff.pause(1, around.timings)).max(self.not_before);
            self.opening = Some(Opening::Waiting { until });
            return;
        }
        self.ask_for_session_soon(now, outcome);
    }

    /// At once the first time, but a server that closes every stream must not make us ask without a pause.
    pub(super) fn was_reconnected_lately(&self, around: &Surroundings<'_>) -> bool {
        self.reconnected.is_some_and(|time| around.now.since(time) < around.timings.stable)
    }

    pub(super) fn suspect(&mut self, reason: &ApiError, around: &Surroundings<'_>, outcome: &mut Outcome) {
        self.failures = 0;
        if self.reading.is_some() {
            self.reconnected = None;
            // One that is being opened is as old as the one that is read.
            if let Some(session) = self.opening_stream() {
                outcome.effects.push(Effect::Close { session });
            }
            self.opening = None;
            self.lose(reason, around, outcome);
        } else if self.gave_up || matches!(self.opening, Some(Opening::Waiting { .. })) {
            self.gave_up = false;
            self.ask_for_session_soon(around.now, outcome);
            outcome.news = Some(News::Reopening(reason.clone()));
        }
    }

    /// Without heartbeats silence says nothing, unless the dyno is there and the silence long: a session can end without
    /// closing its stream (platform-api.md 4.3).
    pub(super) fn doubt_silence(&mut self, around: &Surroundings<'_>, outcome: &mut Outcome) {
        let is_silent = self.opening.is_none()
            && self.reading.is_some_and(|reading| {
                !reading.has_heartbeats && around.now.since(reading.last_byte) >= self.quiet
            });
        if is_silent {
            self.quiet = (self.quiet * 2).min(around.timings.session_age);
            self.lose(&ApiError::StreamSilent, around, outcome);
        }
    }
}
