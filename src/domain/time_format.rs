//! How the console shows the time of a line.

use super::time::Time;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeFormat {
    /// The reader's clock.
    #[default]
    Local,
    Utc,
    SinceStart,
    Off,
}

/// `HH:MM:SS.mmm` of a clock that is so many minutes ahead of UTC.
pub fn time_of_day(time: Time, minutes_ahead: i64) -> String {
    let milliseconds = time.0 as i64 + minutes_ahead * 60_000;
    let of_day = milliseconds.rem_euclid(86_400_000) as u64;
    let (hours, rest) = (of_day / 3_600_000, of_day % 3_600_000);
    format!("{hours:02}:{:02}:{:02}.{:03}", rest / 60_000, rest / 1000 % 60, rest % 1000)
}

/// `+4.250`, `+1:02.345`, `+1:02:03.456`; with a minus for what was before the start.
pub fn time_since(time: Time, start: Time) -> String {
    let sign = if time < start { '-' } else { '+' };
    let milliseconds = time.0.abs_diff(start.0);
    let (minutes, seconds, rest) = (milliseconds / 60_000, milliseconds / 1000 % 60, milliseconds % 1000);
    match minutes {
        0 => format!("{sign}{seconds}.{rest:03}"),
        1..60 => format!("{sign}{minutes}:{seconds:02}.{rest:03}"),
        _ => format!("{sign}{}:{:02}:{seconds:02}.{rest:03}", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_those_of_a_clock() {
        let time = Time::parse(b"2026-01-02T23:44:09.250000+00:00").expect("a time");
        assert_eq!(time_of_day(time, 0), "23:44:09.250");
        assert_eq!(time_of_day(time, 330), "05:14:09.250");
        assert_eq!(time_of_day(time, -480), "15:44:09.250");
        assert_eq!(time_of_day(Time(5), -60), "23:00:00.005");
    }

    #[test]
    fn times_since_the_start_are_as_short_as_they_can_be() {
        #[track_caller]
        fn check(time: u64, expected: &str) {
            assert_eq!(time_since(Time(time), Time(10_000_000)), expected);
        }
        check(10_000_000, "+0.000");
        check(10_004_250, "+4.250");
        check(10_062_345, "+1:02.345");
        check(13_723_456, "+1:02:03.456");
        check(9_999_750, "-0.250");
    }
}
