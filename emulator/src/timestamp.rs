//! Time stamps: whole seconds for API objects, strictly increasing microseconds for log lines.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The present as the API writes it, `2026-01-02T03:04:05Z` (platform-api.md 3.2).
pub(crate) fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// Stamps log lines in the order of their arrival.
///
/// No two lines get the same stamp and none goes back, even if the system's clock does: a client that joins two
/// sessions can then tell equal lines apart.
#[derive(Debug, Default)]
pub(crate) struct LineClock {
    /// Microseconds since 1970 of the last stamp.
    last: u64,
    /// The second that `prefix` shows.
    second: u64,
    /// `2026-01-02T03:04:05.`: formatting it once a second instead of once a line matters in a flood.
    prefix: String,
}

impl LineClock {
    /// Appends the next stamp, `2026-01-02T03:04:05.678901+00:00` (platform-api.md 6.1), for a line that arrived
    /// at `arrival` (see [`microseconds`]), and returns it in microseconds since 1970. With the same arrival again, the
    /// next is one more.
    pub(crate) fn stamp(&mut self, arrival: u64, out: &mut Vec<u8>) -> u64 {
        self.last = arrival.max(self.last + 1);
        let second = self.last / 1_000_000;
        if self.prefix.is_empty() || second != self.second {
            self.second = second;
            let shown =
                humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(second)).to_string();
            self.prefix = shown.replace('Z', ".");
        }
        out.extend_from_slice(self.prefix.as_bytes());
        let mut digits = *b"000000+00:00";
        let mut rest = self.last % 1_000_000;
        for digit in digits[..6].iter_mut().rev() {
            // A remainder of ten fits a byte.
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        out.extend_from_slice(&digits);
        self.last
    }
}

/// The present in microseconds since 1970; zero if the system's clock stands before that.
pub(crate) fn microseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamps(arrivals: &[u64]) -> Vec<String> {
        let mut clock = LineClock::default();
        arrivals
            .iter()
            .map(|&arrival| {
                let mut out = Vec::new();
                clock.stamp(arrival, &mut out);
                String::from_utf8_lossy(&out).into_owned()
            })
            .collect()
    }

    #[test]
    fn a_stamp_has_six_digits_and_an_offset() {
        assert_eq!(stamps(&[1_767_323_045_000_042]), ["2026-01-02T03:04:05.000042+00:00"]);
    }

    #[test]
    fn stamps_increase_when_the_clock_stands_or_goes_back() {
        assert_eq!(
            stamps(&[1_767_323_045_999_999, 1_767_323_045_999_999, 1_767_323_000_000_000]),
            [
                "2026-01-02T03:04:05.999999+00:00",
                "2026-01-02T03:04:06.000000+00:00",
                "2026-01-02T03:04:06.000001+00:00"
            ]
        );
    }
}
