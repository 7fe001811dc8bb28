//! When the phases of a run began, and how long they took.

use std::time::Duration;

use crate::domain::time::Time;

/// When the phases began, by this browser's clock; the last two also by the server's, which is the better measure
/// when a whole run arrives as history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    pub clicked: Time,
    pub created: Option<Time>,
    pub up: Option<Time>,
    pub ended: Option<Time>,
    /// Of a run that was taken up later alone: of any other it is known better by this browser's clock.
    server_created: Option<Time>,
    pub(super) server_up: Option<Time>,
    pub(super) server_ended: Option<Time>,
}

impl Times {
    pub(super) fn begin(clicked: Time) -> Self {
        Self {
            clicked,
            created: None,
            up: None,
            ended: None,
            server_created: None,
            server_up: None,
            server_ended: None,
        }
    }

    /// The dyno was created by the server's clock, long before this page knew of it.
    pub(super) fn take_up(&mut self, created_at: Option<Time>) {
        self.created = Some(created_at.unwrap_or(self.clicked).max(self.clicked));
        self.server_created = created_at;
    }

    /// From the click to the dyno.
    pub fn creating(&self) -> Option<Duration> {
        self.created.map(|created| created.since(self.clicked))
    }

    /// From the dyno to its process.
    pub fn starting(&self) -> Option<Duration> {
        match (self.server_created, self.server_up) {
            (Some(created), Some(up)) => Some(up.since(created)),
            _ => Some(self.up?.since(self.created?)),
        }
    }

    /// From the process's beginning to its end.
    pub fn running(&self) -> Option<Duration> {
        match (self.server_up, self.server_ended) {
            (Some(up), Some(ended)) => Some(ended.since(up)),
            _ => Some(self.ended?.since(self.up?)),
        }
    }

    /// What is left of a time limit, by this browser's clock: Heroku counts from the dyno's creation. `None` before it
    /// and after the end.
    pub fn left(&self, limit: Duration, now: Time) -> Option<Duration> {
        match (self.created, self.ended) {
            (Some(created), None) => Some(limit.saturating_sub(now.since(created))),
            _ => None,
        }
    }

    /// From the click to the end, or to now.
    pub fn total(&self, now: Time) -> Duration {
        self.ended.unwrap_or(now).since(self.clicked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_limit_counts_from_the_dyno_to_its_end() {
        let limit = Duration::from_secs(90);
        let mut times = Times::begin(Time(1_000));
        assert_eq!(times.left(limit, Time(2_000)), None);
        times.created = Some(Time(2_000));
        assert_eq!(times.left(limit, Time(2_000)), Some(limit));
        assert_eq!(times.left(limit, Time(32_500)), Some(Duration::from_millis(59_500)));
        assert_eq!(times.left(limit, Time(200_000)), Some(Duration::ZERO));
        times.ended = Some(Time(80_000));
        assert_eq!(times.left(limit, Time(80_000)), None);
    }

    #[test]
    fn a_run_that_was_taken_up_later_began_when_the_server_says() {
        let mut times = Times::begin(Time(10_500));
        times.take_up(Some(Time(11_000)));
        times.up = Some(Time(500_100));
        times.server_up = Some(Time(13_000));
        assert_eq!(times.creating(), Some(Duration::from_millis(500)));
        assert_eq!(times.starting(), Some(Duration::from_secs(2)));
        assert_eq!(times.total(Time(20_500)), Duration::from_secs(10));
        times.take_up(None);
        assert_eq!(times.creating(), Some(Duration::ZERO));
    }
}
