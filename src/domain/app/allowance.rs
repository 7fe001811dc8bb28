//! The requests that the account has left (platform-api.md 1.5).

use crate::domain::api::{self, Answer};
use crate::domain::error::TransportError;
use crate::domain::time::Time;
use crate::domain::timings::Timings;

/// With fewer left nothing is asked without a click.
const RESERVE: u64 = 100;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Allowance {
    /// As last heard.
    remaining: Option<u64>,
    /// Answers tell it by themselves: the page may read the header.
    is_told: bool,
    /// When the account is asked next.
    next: Option<Time>,
    asking: bool,
}

impl Allowance {
    /// Whether Heroku may be asked without a click.
    pub(super) fn may_ask(&self) -> bool {
        self.remaining.is_none_or(|remaining| remaining >= RESERVE)
    }

    /// When the account is to be asked, while a run lives.
    pub(super) fn due(&self) -> Option<Time> {
        // Without requests no answer tells that there are some again.
        let is_needless = self.asking || (self.is_told && self.may_ask());
        self.next.filter(|_| !is_needless)
    }

    /// A run has begun: the first question comes a while later, so that short runs cause none.
    pub(super) fn run_began(&mut self, now: Time, timings: &Timings) {
        // What was planned for an earlier run is as old as that one.
        if self.next.is_none_or(|next| next < now) {
            self.next = Some(now.after(timings.rate_limit));
        }
    }

    pub(super) fn take_due(&mut self, now: Time) -> bool {
        let is_due = self.due().is_some_and(|due| now >= due);
        self.asking |= is_due;
        is_due
    }

    /// Any answer of the API.
    pub(super) fn learn(&mut self, answer: &Answer) {
        if let Some(remaining) = answer.remaining_requests {
            self.remaining = Some(remaining);
            self.is_told = true;
        }
    }

    pub(super) fn answered(&mut self, answer: &Result<Answer, TransportError>, now: Time, timings: &Timings) {
        self.asking = false;
        self.next = Some(now.after(timings.rate_limit));
        if let Ok(remaining) = api::received(answer).and_then(api::remaining_requests) {
            self.remaining = Some(remaining);
        }
    }
}
