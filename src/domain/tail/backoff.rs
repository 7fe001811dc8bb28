//! Pauses between attempts: longer with each failure, and never the same, so that many pages do not ask all at once.

use std::time::Duration;

use crate::domain::timings::Timings;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Backoff {
    /// Never zero.
    random: u64,
}

impl Backoff {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: seed | 1 }
    }

    /// The pause after so many failures in a row: about twice as long each time, within the limits.
    pub(super) fn pause(&mut self, failures: u32, timings: &Timings) -> Duration {
        let doubled = timings.shortest_pause * (1 << failures.saturating_sub(1).min(16));
        let pause = doubled * (75 + self.next_up_to_50()) / 100;
        pause.max(timings.shortest_pause).min(timings.longest_pause)
    }

    /// By xorshift.
    fn next_up_to_50(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % 51) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest_and_differ() {
        let timings = Timings::default();
        let mut backoff = Backoff::new(7);
        for (failures, least, most) in [(1, 500, 625), (2, 750, 1250), (3, 1500, 2500), (4, 3000, 5000)] {
            let pauses: Vec<u128> = (0..50).map(|_| backoff.pause(failures, &timings).as_millis()).collect();
            assert!(pauses.iter().all(|pause| (least..=most).contains(pause)), "{failures}: {pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{failures}: {pauses:?}");
        }
    }
}
