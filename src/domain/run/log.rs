//! What a run makes of its log: of the lines in it, and of the state of its stream.

use super::{Effect, Phase, Run, Step};
use crate::domain::error::{ApiError, Attempt};
use crate::domain::log::Fact;
use crate::domain::notice::Notice;
use crate::domain::time::Time;
use crate::domain::timings::Timings;

use super::Surroundings;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LogState {
    /// Not asked for yet.
    None,
    /// It is being opened for the first time.
    Opening,
    Live,
    /// It is opened again by itself, for this reason.
    Reopening(Box<Notice>),
    /// No lines come any more without a click, and the run is not over.
    Lost,
    Closed,
}

/// The end was seen; stragglers may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ending {
    since: Time,
    last_line: Time,
}

impl Run {
    /// Whether the log can be tried again.
    pub fn can_open_log(&self) -> bool {
        self.log == LogState::Lost && !self.is_over()
    }

    /// Why the log is being opened again.
    pub fn reopening(&self) -> Option<&Notice> {
        match &self.log {
            LogState::Reopening(reason) => Some(reason),
            _ => None,
        }
    }

    /// Whether it was asked for, and not closed since.
    pub(super) fn has_open_log(&self) -> bool {
        !matches!(self.log, LogState::None | LogState::Closed)
    }

    pub(super) fn open_log(&mut self, effects: &mut Vec<Effect>) {
        self.log = LogState::Opening;
        effects.push(Effect::OpenLog);
    }

    pub(super) fn retry_log(&mut self, effects: &mut Vec<Effect>) {
        self.problem = None;
        self.log = LogState::Opening;
        effects.push(Effect::RetryLog);
    }

    pub(super) fn log_opened(&mut self, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        self.log = LogState::Live;
        self.has_log = true;
        self.problem = None;
        // Its lines tell again whether the dyno runs.
        self.question_problem = None;
        if let Some(ending) = &mut self.ending {
            // Its first lines are on their way.
            ending.last_line = around.now;
        }
        if self.dyno.is_some() {
            self.questions.log_opened(self.question_pauses(around.timings), around.now);
        }
        if self.phase == Phase::Creating && self.step == Step::Log {
            self.create_dyno(effects);
        }
    }

    pub(super) fn log_reopening(
        &mut self,
        reason: &ApiError,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) {
        // The server closes the stream of a dyno that is gone: there is nothing more to come.
        if self.ending.is_some() && *reason == ApiError::StreamEnded {
            return self.end(effects);
        }
        self.problem = None;
        let was_reopening = self.reopening().is_some();
        self.log = LogState::Reopening(Box::new(self.notice(reason, Attempt::OpenLog, around.now)));
        if self.dyno.is_some() && !was_reopening {
            self.questions.begin_anew(self.question_pauses(around.timings), around.now);
        }
    }

    /// No more lines will come. When the end was seen, that is the end; else Heroku is asked about the dyno.
    pub(super) fn log_lost(
        &mut self,
        error: &ApiError,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) {
        if self.phase == Phase::Creating && self.step == Step::Log {
            self.fail(error, Attempt::OpenLogFirst, around.now);
            return self.close_log(effects);
        }
        self.log = LogState::Lost;
        if self.ending.is_some() {
            return self.end(effects);
        }
        self.problem = Some(self.notice(error, Attempt::OpenLog, around.now));
        // While there is no dyno yet, the answer that is under way may name one.
        if self.phase == Phase::Creating {
            return;
        }
        self.questions.begin_anew(self.question_pauses(around.timings), around.now);
        if let Some(wait) = error.wait() {
            self.questions.wait_until(around.now.after(wait));
        }
    }

    pub(super) fn learn(&mut self, fact: Fact, around: &Surroundings<'_>) {
        let now = around.now;
        match fact {
            Fact::Lines | Fact::Gap => {}
            Fact::Code(code) => self.codes.push(code),
            Fact::Starting => self.questions.see_alive(),
            Fact::Up { at } | Fact::FirstOutput { at } => {
                self.questions.see_alive();
                self.times.server_up.get_or_insert(at);
                if self.phase == Phase::Starting {
                    self.phase = Phase::Up;
                    self.times.up = Some(now);
                }
            }
            Fact::Exited { status, at } => {
                self.exit_status = self.exit_status.or(status);
                // The process's own end: the final state may have been stamped before or after it.
                self.times.server_ended = Some(at);
                self.see_end(now);
            }
            Fact::Final { at, crashed } => {
                self.crashed |= crashed;
                self.times.server_ended.get_or_insert(at);
                self.see_end(now);
            }
        }
        if let Some(ending) = &mut self.ending {
            ending.last_line = now;
        }
        if self.log == LogState::Live {
            self.questions.line_came(self.question_pauses(around.timings), now);
        }
    }

    /// The end of the log brings up what its stream left unfinished: that may be the line with the exit status.
    pub(super) fn learn_late(&mut self, fact: Fact) {
        match fact {
            Fact::Exited { status, at } => {
                self.exit_status = self.exit_status.or(status);
                self.times.server_ended.get_or_insert(at);
            }
            Fact::Code(code) => self.codes.push(code),
            _ => {}
        }
    }

    pub(super) fn see_end(&mut self, now: Time) {
        self.times.ended.get_or_insert(now);
        self.ending.get_or_insert(Ending { since: now, last_line: now });
    }

    pub(super) fn end_of_grace(&self, ending: Ending, timings: &Timings) -> Time {
        let latest = ending.since.after(timings.longest_grace);
        if matches!(self.log, LogState::Opening | LogState::Reopening(_)) {
            // What is missing comes as the history of the next stream.
            return latest;
        }
        let grace = if self.exit_status.is_some() { timings.grace } else { timings.grace_without_exit };
        ending.last_line.after(grace).min(latest)
    }

    pub(super) fn end(&mut self, effects: &mut Vec<Effect>) {
        self.phase = Phase::Ended;
        // Both are about a dyno that may still run.
        self.question_problem = None;
        self.stop_problem = None;
        self.close_log(effects);
    }

    pub(super) fn close_log(&mut self, effects: &mut Vec<Effect>) {
        if self.has_open_log() {
            self.log = LogState::Closed;
            effects.push(Effect::CloseLog);
        }
    }
}
