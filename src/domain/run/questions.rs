//! When Heroku is asked whether the dyno is still there.

use std::time::Duration;

use crate::domain::time::Time;

/// A plan of questions, made anew with each line. While one is under way there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Questions {
    next: Option<Time>,
    /// A question is under way.
    asking: bool,
    /// Questions planned since the last line.
    planned: usize,
    /// An answer or a line of its own showed the dyno alive, so a 404 means that it is gone (platform-api.md 3.3).
    seen_alive: bool,
}

impl Questions {
    /// When the next question is to be asked.
    pub(super) fn due(&self) -> Option<Time> {
        self.next
    }

    /// Whether a question is to be asked now, which then is under way.
    pub(super) fn take_due(&mut self, now: Time) -> bool {
        let due = self.next.is_some_and(|next| now >= next);
        if due {
            self.next = None;
            self.asking = true;
        }
        due
    }

    /// A line came, or there will be none any more: the pauses begin anew.
    pub(super) fn line_came(&mut self, pauses: &[Duration], now: Time) {
        self.planned = 0;
        if !self.asking {
            self.plan(pauses, now);
        }
    }

    /// The question was answered; after the last of the pauses that one repeats.
    pub(super) fn answered(&mut self, pauses: &[Duration], now: Time) {
        self.asking = false;
        self.plan(pauses, now);
    }

    /// The next question is to be asked at this time, unless one is under way.
    pub(super) fn ask_at(&mut self, time: Time) {
        if !self.asking {
            self.next = Some(time);
        }
    }

    pub(super) fn see_alive(&mut self) {
        self.seen_alive = true;
    }

    pub(super) fn has_seen_alive(&self) -> bool {
        self.seen_alive
    }

    fn plan(&mut self, pauses: &[Duration], now: Time) {
        let pause = pauses.get(self.planned).or(pauses.last());
        self.planned += 1;
        self.next = pause.map(|&pause| now.after(pause));
    }
}
