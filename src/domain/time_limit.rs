//! The time limit of a run, as it is typed: Heroku ends the dyno after it (`time_to_live`, platform-api.md 3.1).

use std::time::Duration;

/// Heroku ends a one-off dyno after a day at the latest.
const LONGEST: u64 = 86_400;

/// Reads a whole number of minutes, or one with a unit: `15`, `15 min`, `90 s`, `2 h`. From a second to a day; `None`
/// for anything else.
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let seconds_each = match unit.trim_start().to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => 1,
        "" | "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3600,
        _ => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(seconds_each)?;
    (1..=LONGEST).contains(&seconds).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_of_minutes_or_has_a_unit() {
        #[track_caller]
        fn check(text: &str, seconds: u64) {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text:?}");
        }
        check("15", 900);
        check(" 15 min ", 900);
        check("15min", 900);
        check("1 Minute", 60);
        check("90 s", 90);
        check("1 sec", 1);
        check("2 h", 7200);
        check("24 hours", 86_400);
        check("1440", 86_400);
        check("86400 seconds", 86_400);
        check("007 m", 420);
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "", " ", "min", "0", "0 s", "-1", "+5", "1.5", "1,5 h", "15 days", "1441", "25 h", "86401 s",
            "1 5",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        for text in ["99999999999999999999", "18446744073709551615 h", "１５", "15 ｍ"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
