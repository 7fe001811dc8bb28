//! Where and when a line was written.

use crate::domain::log::header::Header;
use crate::domain::log::scope::Scope;
use crate::domain::log::store::HEAD_BYTES;
use crate::domain::time::Time;

/// What the header of a line tells about its place in the log.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Provenance {
    /// Nanoseconds since 1970; `None` where no line with a header came before.
    pub(super) stamp: Option<u64>,
    /// A hash of source and process. Lines of one keep their order, those of several may not (platform-api.md 5.6).
    pub(super) origin: u64,
    /// The line is the run's.
    pub(super) is_own: bool,
    pub(super) is_from_platform: bool,
}

impl Provenance {
    /// That of the line that follows; one without a header continues the line before.
    pub(super) fn of_next(self, line: &[u8], scope: &Scope) -> Self {
        let head = &line[..line.len().min(HEAD_BYTES)];
        let Some(header) = Header::parse(head) else {
            return match stamp_of(head) {
                // Broken off in its header.
                Some(stamp) => Self { stamp: Some(stamp), origin: 0, is_own: false, is_from_platform: false },
                None => self,
            };
        };
        let source = header.source.iter().chain(b"[").chain(header.process.unwrap_or_default());
        // FNV-1a, 64 bits.
        let origin = source.fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self {
            stamp: stamp_of(head),
            origin,
            is_own: scope.covers(&header),
            is_from_platform: header.is_from_platform(),
        }
    }
}

/// The stamp of a line of which perhaps only the beginning is there; `None` when that ends in the stamp.
pub(in crate::domain::log) fn stamp_of(line: &[u8]) -> Option<u64> {
    let end = line.iter().take(HEAD_BYTES).position(|&byte| byte == b' ')?;
    let time = Time::parse(&line[..end])?;
    Some(time.0.wrapping_mul(1_000_000).wrapping_add(below_milliseconds(line)))
}

/// The nanoseconds in the fourth to ninth digit of a time stamp's fraction: `Time` has milliseconds.
fn below_milliseconds(line: &[u8]) -> u64 {
    let fraction = line.get(19..).and_then(|rest| rest.strip_prefix(b".")).unwrap_or_default();
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).chain(std::iter::repeat(&b'0'));
    digits.skip(3).take(6).fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { dyno: "run.1".to_owned(), created_at: None }
    }

    #[test]
    fn stamps_have_all_digits() {
        #[track_caller]
        fn check(line: &str, nanoseconds: Option<u64>) {
            assert_eq!(Provenance::default().of_next(line.as_bytes(), &scope()).stamp, nanoseconds, "{line}");
        }
        check("1970-01-01T00:00:01.234567+00:00 app[run.1]: x", Some(1_234_567_000));
        check("1970-01-01T00:00:01.234567891Z app[run.1]: x", Some(1_234_567_891));
        check("1970-01-01T00:00:01.23Z app[run.1]: x", Some(1_230_000_000));
        check("1970-01-01T00:00:01Z app[run.1]: x.5", Some(1_000_000_000));
        check("x", None);
    }

    #[test]
    fn a_line_without_a_header_continues_the_one_before() {
        let first = Provenance::default().of_next(b"1970-01-01T00:00:01Z app[run.1]: x", &scope());
        assert!(first.is_own);
        let next = first.of_next(b"no header", &scope());
        assert_eq!((next.stamp, next.origin, next.is_own), (first.stamp, first.origin, true));
        let other = next.of_next(b"1970-01-01T00:00:01Z app[run.2]: x", &scope());
        assert!(!other.is_own && other.origin != first.origin);
    }
}
