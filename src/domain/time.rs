//! Points in time as plain numbers; clocks are read elsewhere.

use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z on some clock: the browser's, or the server's in log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub u64);

impl Time {
    /// How long ago the other time was; zero when it lies ahead, since clocks get set.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// Reads an RFC 3339 time as log lines and API objects have it: any number of fractional digits, `Z` or an
    /// offset (platform-api.md 6.1). `None` for anything else.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (date_time, rest) = text.split_at_checked(19)?;
        let number = |range: std::ops::Range<usize>| digits(&date_time[range]);
        let separated = date_time[4] == b'-'
            && date_time[7] == b'-'
            && matches!(date_time[10], b'T' | b't')
            && date_time[13] == b':'
            && date_time[16] == b':';
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        let in_range = separated
            && (1970..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60;
        if !in_range {
            return None;
        }
        let (milliseconds, zone) = fraction(rest)?;
        let seconds = (days_since_1970(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
        let local = seconds * 1000 + milliseconds;
        let offset = offset_minutes(zone)? * 60_000;
        u64::try_from(local - offset).ok().map(Self)
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter()
        .try_fold(0, |number, &byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

/// Milliseconds of an optional fraction, and what stands behind it.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(fraction) = text.strip_prefix(b".") else { return Some((0, text)) };
    let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let (fraction, rest) = fraction.split_at(length);
    let thousandths = |place: usize| fraction.get(place).map_or(0, |byte| i64::from(byte - b'0'));
    Some((thousandths(0) * 100 + thousandths(1) * 10 + thousandths(2), rest))
}

/// Minutes east of UTC.
fn offset_minutes(zone: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match zone {
        b"Z" | b"z" => return Some(0),
        [sign, a, b, b':', c, d] | [sign, a, b, c, d] => (sign, digits(&[*a, *b])?, digits(&[*c, *d])?),
        _ => return None,
    };
    match sign {
        b'+' => Some(hours * 60 + minutes),
        b'-' => Some(-(hours * 60 + minutes)),
        _ => None,
    }
}

/// Days of the proleptic Gregorian calendar, counted in years that begin in March so that leap days come last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let march_year = if month <= 2 { year - 1 } else { year };
    let march_month = (month + 9) % 12;
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let leap_days = march_year / 4 - march_year / 100 + march_year / 400;
    march_year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, milliseconds: Option<u64>) {
        assert_eq!(Time::parse(text.as_bytes()), milliseconds.map(Time), "{text}");
    }

    #[test]
    fn reads_the_times_that_heroku_writes() {
        check("1970-01-01T00:00:00Z", Some(0));
        check("2026-01-02T03:04:05.678901+00:00", Some(1_767_323_045_678));
        check("2026-01-02T03:04:05Z", Some(1_767_323_045_000));
        check("2026-01-02T03:04:05.6Z", Some(1_767_323_045_600));
        check("2026-01-02T03:04:05.67-08:00", Some(1_767_351_845_670));
        check("2026-01-02T03:04:05+0530", Some(1_767_303_245_000));
        check("2024-02-29T23:59:60Z", Some(1_709_251_200_000));
        check("2000-03-01T00:00:00Z", Some(951_868_800_000));
    }

    #[test]
    fn anything_else_is_no_time() {
        let others = [
            "",
            "2026",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02T03:04:05.Z",
            "2026-13-02T03:04:05Z",
        ];
        for text in others.into_iter().chain([
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04:05+00",
            "x026-01-02T03:04:05Z",
        ]) {
            check(text, None);
        }
    }

    #[test]
    fn a_time_that_lies_ahead_is_no_time_ago() {
        assert_eq!(Time(5).since(Time(9)), Duration::ZERO);
        assert_eq!(Time(9).since(Time(5)), Duration::from_millis(4));
    }
}
