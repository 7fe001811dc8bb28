//! When Heroku is asked whether the dyno is still there.

use std::time::Duration;

use crate::domain::time::Time;

/// A plan of questions, made anew with each line. While one is under way no other is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Questions {
    next: Option<Time>,
    /// A question that lines do not put off.
    wanted: Option<Time>,
    /// Heroku wants no request before this.
    not_before: Option<Time>,
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
        if self.asking {
            return None;
        }
        let due = [self.next, self.wanted].into_iter().flatten().min()?;
        Some(self.not_before.map_or(due, |time| time.max(due)))
    }

    /// Whether a question is to be asked now, which then is under way.
    pub(super) fn take_due(&mut self, now: Time) -> bool {
        let is_due = self.due().is_some_and(|due| now >= due);
        if is_due {
            self.next = None;
            self.wanted = None;
            self.not_before = None;
            self.asking = true;
        }
        is_due
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

    /// A question is to be asked at this time, whatever lines come.
    pub(super) fn ask_at(&mut self, time: Time) {
        self.wanted = Some(time);
    }

    /// No question is to be asked before this time.
    pub(super) fn wait_until(&mut self, time: Time) {
        self.not_before = Some(time);
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
