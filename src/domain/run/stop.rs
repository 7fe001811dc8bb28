//! Stopping a run.

use super::{Call, Effect, Run};
use crate::domain::api::{self, Answer};
use crate::domain::error::{Attempt, TransportError};
use crate::domain::time::Time;

/// The request to stop the dyno.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    NotRequested,
    Requested,
    /// Heroku knew no such dyno: gone, or too new to be known everywhere (platform-api.md 3.3). It is asked.
    Doubtful,
    /// Heroku sends SIGTERM, and SIGKILL 30 s later.
    Accepted,
}

impl Run {
    /// Stop works from the moment the dyno exists until it is gone.
    pub fn can_stop(&self) -> bool {
        self.dyno.is_some() && !self.is_over() && self.ending.is_none() && self.stop == Stop::NotRequested
    }

    pub(super) fn request_stop(&mut self, effects: &mut Vec<Effect>) {
        if self.can_stop()
            && let Some(dyno) = &self.dyno
        {
            self.call(Call::StopDyno, api::stop_dyno(&self.app, &dyno.name), effects);
            self.stop = Stop::Requested;
            self.stop_problem = None;
        }
    }

    pub(super) fn stop_answered(&mut self, answer: &Result<Answer, TransportError>, now: Time) {
        if self.stop != Stop::Requested {
            return;
        }
        match api::received(answer).and_then(api::success) {
            Ok(()) => self.stop = Stop::Accepted,
            Err(error) if error.is_not_found() => {
                // Perhaps it ended by itself: the log tells how, or the question that is due now does.
                self.stop = Stop::Doubtful;
                self.questions.ask_at(now);
            }
            Err(error) => {
                self.may_have_stopped |= error.leaves_open_whether_it_worked();
                self.stop = Stop::NotRequested;
                self.stop_problem = Some(self.notice(&error, Attempt::StopDyno, now));
            }
        }
    }
}
