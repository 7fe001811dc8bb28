//! Runs that were alive when the page was left: what is remembered of them, and their way back.
//!
//! The browser keeps app, dyno and click time until its tab is closed, and nothing else: other pages of the same origin
//! can read it.

use std::time::Duration;

use super::api::Dyno;
use super::ids::AppName;
use super::notice::Notice;
use super::percent;
use super::secret::ApiKey;
use super::time::Time;

/// Two clocks differ, so the dyno's counts from this long before the click (design.md 2.1).
const CLOCKS: Duration = Duration::from_secs(60);

/// A live run, as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    pub app: AppName,
    /// The dyno's name; empty when no answer had told it.
    pub dyno: String,
    pub clicked: Time,
}

/// A remembered run that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    pub run: Remembered,
    pub search: Search,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    NotBegun,
    /// Heroku is asked with the key; once it is found, the dyno is to be followed, or stopped as well.
    UnderWay {
        api_key: ApiKey,
        stop: bool,
    },
    /// There is no such dyno any more.
    Gone,
    Failed(Notice),
}

impl Remembered {
    /// Whether a dyno of this name is the run's: names are used again.
    pub fn is(&self, dyno: &Dyno) -> bool {
        dyno.created_at.is_none_or(|created| created.after(CLOCKS) > self.clicked)
    }
}

/// The runs as text, one a line: app, dyno, milliseconds of the click.
pub fn to_text<'a>(runs: impl Iterator<Item = &'a Remembered>) -> String {
    let mut text = String::new();
    for Remembered { app, dyno, clicked } in runs {
        for part in [app.as_str(), " ", &percent::encode(dyno), " ", &clicked.0.to_string(), "\n"] {
            text.push_str(part);
        }
    }
    text
}

/// Reads what [`to_text`] has written; lines of anything else are left out.
pub fn from_text(text: &str) -> Vec<Remembered> {
    text.lines().filter_map(from_line).collect()
}

fn from_line(line: &str) -> Option<Remembered> {
    let mut parts = line.split(' ');
    let (app, dyno, clicked) = (parts.next()?, parts.next()?, parts.next()?);
    let (app, clicked) = (AppName::parse(app)?, Time(clicked.parse().ok()?));
    parts.next().is_none().then(|| Remembered { app, dyno: percent::decode(dyno), clicked })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(app: &str, dyno: &str, clicked: u64) -> Remembered {
        let app = AppName::parse(app).expect("a name");
        Remembered { app, dyno: dyno.to_owned(), clicked: Time(clicked) }
    }

    #[test]
    fn runs_are_read_as_they_were_written() {
        let runs = [
            remembered("my-app", "run.8361", 1_767_323_045_678),
            remembered("01234567-89ab-cdef-0123-456789abcdef", "run .1\n%+世", 0),
            remembered("my-app", "", 1),
        ];
        let text = to_text(runs.iter());
        assert_eq!(text.lines().next(), Some("my-app run.8361 1767323045678"));
        assert_eq!(text.lines().count(), 3);
        assert_eq!(from_text(&text), runs);
        assert_eq!(to_text([].iter()), "");
    }

    #[test]
    fn anything_else_is_left_out() {
        for line in [
            "",
            "\n\n",
            "my-app run.8361",
            "my-app run.8361 -1",
            "my-app run.8361 99999999999999999999",
            "my-app run.8361 1 more",
            "My App run.8361 1",
            "my-app 1",
            "{\"app\":\"my-app\"}",
            "\0",
        ] {
            assert_eq!(from_text(line), [], "{line:?}");
        }
        assert_eq!(from_text("rubbish\nmy-app run.1 5\n\u{fffd}").len(), 1);
    }

    #[test]
    fn an_older_dyno_of_the_name_is_another_run_s() {
        let run = remembered("my-app", "run.1", 100_000);
        let created = |created_at| Dyno {
            name: "run.1".to_owned(),
            size: None,
            created_at,
            process_type: None,
            command: None,
        };
        assert!(run.is(&created(None)));
        assert!(run.is(&created(Some(Time(101_000)))));
        assert!(run.is(&created(Some(Time(41_000)))));
        assert!(!run.is(&created(Some(Time(40_000)))));
    }
}
