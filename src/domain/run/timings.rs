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
    /// Pauses between these questions when no log tells the end; the last one repeats.
    pub questions: [Duration; 5],
    /// Between these questions while it is not known whether there is a dyno to stop.
    pub doubt: Duration,
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
            doubt: Duration::from_secs(2),
            unseen: Duration::from_secs(20),
        }
    }
}

impl Timings {
    /// These limits, some of them shortened by whoever serves the page: `grace=100 questions=50`, in milliseconds, with
    /// the names of the fields. A longer limit, another name or anything else changes nothing.
    pub fn shortened_by(self, text: &str) -> Self {
        let mut timings = self;
        for (name, milliseconds) in text.split_whitespace().filter_map(|word| word.split_once('=')) {
            let Ok(milliseconds) = milliseconds.parse() else { continue };
            let limit = Duration::from_millis(milliseconds);
            let shorten = |limits: &mut [Duration]| limits.iter_mut().for_each(|it| *it = limit.min(*it));
            let one = std::slice::from_mut;
            match name {
                "answer" => shorten(one(&mut timings.answer)),
                "grace" => shorten(one(&mut timings.grace)),
                "grace_without_exit" => shorten(one(&mut timings.grace_without_exit)),
                "longest_grace" => shorten(one(&mut timings.longest_grace)),
                "silence" => shorten(one(&mut timings.silence)),
                "questions" => shorten(&mut timings.questions),
                "doubt" => shorten(one(&mut timings.doubt)),
                "unseen" => shorten(one(&mut timings.unseen)),
                _ => {}
            }
        }
        timings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_can_be_shortened_and_not_made_longer() {
        let timings =
            Timings::default().shortened_by("grace=100  silence=60000 questions=1500 x=1 unseen= answer=-1");
        assert_eq!(timings.grace, Duration::from_millis(100));
        assert_eq!(timings.silence, Duration::from_secs(30));
        assert_eq!(timings.questions, [1000, 1500, 1500, 1500, 1500].map(Duration::from_millis));
        assert_eq!(
            Timings { grace: Duration::from_secs(1), questions: Timings::default().questions, ..timings },
            Timings::default()
        );
    }
}
