//! The limits of time of a run.

use std::time::Duration;

/// How long the page waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// For the answer to a call. Heroku's own limit is 30 s.
    pub answer: Duration,
    /// From the last line after the exit to the end of the run: order across sources is not guaranteed.
    pub grace: Duration,
    /// The same while the exit line is still missing.
    pub grace_without_exit: Duration,
    /// From the exit to the end of the run at most, also while lines keep coming.
    pub longest_grace: Duration,
    /// Without a line for this long, Heroku is asked whether the dyno is still there.
    pub silence: Duration,
    /// Pauses between these questions when there is no log to read; the last one repeats.
    pub questions: [Duration; 5],
    /// A dyno that was never seen alive counts as gone this long after its creation (platform-api.md 3.3).
    pub unseen: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(35),
            grace: Duration::from_secs(1),
            grace_without_exit: Duration::from_secs(5),
            longest_grace: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            questions: [1, 2, 4, 8, 10].map(Duration::from_secs),
            unseen: Duration::from_secs(20),
        }
    }
}
