//! How a run ended.

use std::time::Duration;

use super::{Phase, Run, Stop};

/// The platform ends a dyno at its time limit, by its own clock; an end so much earlier may still be that.
const EARLIEST_BEFORE_LIMIT: Duration = Duration::from_secs(5);

/// A dyno's creation is told in whole seconds, so its limit may be so much later than it seems.
const CREATION: Duration = Duration::from_secs(1);

/// A process that a signal ended has this and the signal's number for its status.
const SIGNAL_STATUS: i32 = 128;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exited(i32),
    Stopped,
    TimeLimit,
    /// The platform says so.
    Crashed,
    /// The dyno is gone, and no line told its exit status.
    Unknown,
    /// There never was a dyno.
    Failed,
}

impl End {
    /// The value of `data-run-end`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exited(_) => "exited",
            Self::Stopped => "stopped",
            Self::TimeLimit => "time-limit",
            Self::Crashed => "crashed",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }
}

impl Run {
    /// `None` while it is not over.
    pub fn end_reason(&self) -> Option<End> {
        match self.phase {
            Phase::Failed => return Some(End::Failed),
            Phase::Ended => {}
            Phase::Creating | Phase::Starting | Phase::Up => return None,
        }
        Some(if self.crashed {
            End::Crashed
        } else if self.was_stopped() {
            End::Stopped
        } else if self.ended_at_limit() {
            End::TimeLimit
        } else if let Some(status) = self.exit_status {
            End::Exited(status)
        } else {
            End::Unknown
        })
    }

    /// The end as a sentence.
    pub fn end_in_words(&self) -> Option<String> {
        Some(match self.end_reason()? {
            End::Exited(0) => "The function ended by itself, without an error.".to_owned(),
            End::Exited(127) => {
                "The command was not found: the Procfile has no such process type, or the shell no such program."
                    .to_owned()
            }
            End::Exited(status) if status >= SIGNAL_STATUS => {
                "A signal ended the process; this page did not ask for it.".to_owned()
            }
            End::Exited(_) => "The function ended by itself, with an error.".to_owned(),
            End::Stopped => "Stopped from this page.".to_owned(),
            End::TimeLimit => "The time limit of this run was over.".to_owned(),
            End::Crashed => "Heroku says that the dyno crashed.".to_owned(),
            End::Unknown => {
                let why = self.why_exit_is_unknown().unwrap_or_default();
                ["The dyno is gone. Its exit status is not known: ", why, "."].concat()
            }
            End::Failed if self.unclear.is_some() => "It is not clear whether it was started.".to_owned(),
            End::Failed => "It never started.".to_owned(),
        })
    }

    /// Why an ended run has no exit status; `None` for any other run.
    pub fn why_exit_is_unknown(&self) -> Option<&'static str> {
        if self.phase != Phase::Ended || self.exit_status.is_some() {
            return None;
        }
        Some(if self.request.output_only {
            "the exit status stands in a line of the platform, which “Function output only” leaves out"
        } else if self.problem.is_some() || !self.has_log {
            "the log was lost before the line with the exit status"
        } else {
            "the log has no line with the exit status"
        })
    }

    /// Whether the end came of Stop. A function that ended by itself while the request was under way has its own status.
    fn was_stopped(&self) -> bool {
        let may_be = self.stop == Stop::Requested || self.may_have_stopped;
        let by_signal = self.exit_status.is_some_and(|status| status >= SIGNAL_STATUS);
        self.stop == Stop::Accepted || (may_be && by_signal)
    }

    /// By the server's times alone, and only when nothing else can have been the reason.
    fn ended_at_limit(&self) -> bool {
        let (Some(limit), Some(ended)) = (self.request.time_limit, self.times.server_ended) else {
            return false;
        };
        let Some(created) = self.dyno.as_ref().and_then(|dyno| dyno.created_at) else { return false };
        let ended_itself = self.exit_status.is_some_and(|status| status < SIGNAL_STATUS);
        let earliest =
            if ended_itself { limit + CREATION } else { limit.saturating_sub(EARLIEST_BEFORE_LIMIT) };
        self.stop == Stop::NotRequested && !self.may_have_stopped && ended >= created.after(earliest)
    }
}
