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
    pub(super) server_up: Option<Time>,
    pub(super) server_ended: Option<Time>,
}

impl Times {
    pub(super) fn begin(clicked: Time) -> Self {
        Self { clicked, created: None, up: None, ended: None, server_up: None, server_ended: None }
    }

    /// From the click to the dyno.
    pub fn creating(&self) -> Option<Duration> {
        self.created.map(|created| created.since(self.clicked))
    }

    /// From the dyno to its process.
    pub fn starting(&self) -> Option<Duration> {
        Some(self.up?.since(self.created?))
    }

    /// From the process's beginning to its end.
    pub fn running(&self) -> Option<Duration> {
        match (self.server_up, self.server_ended) {
            (Some(up), Some(ended)) => Some(ended.since(up)),
            _ => Some(self.ended?.since(self.up?)),
        }
    }

    /// From the click to the end, or to now.
    pub fn total(&self, now: Time) -> Duration {
        self.ended.unwrap_or(now).since(self.clicked)
    }
}
