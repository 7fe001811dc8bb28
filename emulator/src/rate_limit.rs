//! How many requests an account may still make (platform-api.md 1.5): a bucket that every request takes one from, and
//! that fills up again by itself.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The requests of one account.
#[derive(Debug)]
pub(crate) struct RateLimit {
    /// As many as may be made at once after a pause, and as many as may be made in an hour.
    capacity: u32,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// With the fraction that has come back since the last whole one.
    left: f64,
    counted: Instant,
}

/// No request is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted;

impl RateLimit {
    /// A full bucket.
    pub(crate) fn new(capacity: u32, now: Instant) -> Self {
        Self { capacity, bucket: Mutex::new(Bucket { left: capacity.into(), counted: now }) }
    }

    /// Takes a request and returns how many are left then.
    pub(crate) fn take(&self, now: Instant) -> Result<u32, Exhausted> {
        self.with_bucket(now, |bucket| {
            if bucket.left < 1.0 {
                return Err(Exhausted);
            }
            bucket.left -= 1.0;
            Ok(bucket.left as u32)
        })
    }

    /// How many requests are left.
    pub(crate) fn remaining(&self, now: Instant) -> u32 {
        self.with_bucket(now, |bucket| bucket.left as u32)
    }

    fn with_bucket<T>(&self, now: Instant, f: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let hours = now.saturating_duration_since(bucket.counted).div_duration_f64(HOUR);
        let capacity = f64::from(self.capacity);
        bucket.left = (bucket.left + hours * capacity).min(capacity);
        bucket.counted = bucket.counted.max(now);
        f(&mut bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_count_down_to_none() {
        let start = Instant::now();
        let limit = RateLimit::new(3, start);
        assert_eq!(limit.remaining(start), 3);
        assert_eq!([limit.take(start), limit.take(start), limit.take(start)], [Ok(2), Ok(1), Ok(0)]);
        assert_eq!([limit.take(start), limit.take(start)], [Err(Exhausted); 2]);
        assert_eq!(limit.remaining(start), 0);
    }

    #[test]
    fn heroku_s_bucket_gains_75_a_minute_and_never_more_than_it_holds() {
        let start = Instant::now();
        let limit = RateLimit::new(4_500, start);
        for _ in 0..100 {
            assert!(limit.take(start).is_ok());
        }
        assert_eq!(limit.remaining(start), 4_400);
        assert_eq!(limit.remaining(start + Duration::from_secs(60)), 4_475);
        // Asking does not round away what has come back so far.
        for milliseconds in 60_001..60_400 {
            limit.remaining(start + Duration::from_millis(milliseconds));
        }
        assert_eq!(limit.remaining(start + Duration::from_millis(60_801)), 4_476);
        assert_eq!(limit.remaining(start + Duration::from_secs(3_600)), 4_500);
    }

    #[test]
    fn a_clock_that_seems_to_go_back_takes_nothing_away() {
        let start = Instant::now() + Duration::from_secs(60);
        let limit = RateLimit::new(10, start);
        assert_eq!(limit.take(start - Duration::from_secs(30)), Ok(9));
        assert_eq!(limit.remaining(start), 9);
    }
}
