//! The limits of time of runs and of log streams.

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
    /// A log stream that is known to have heartbeats counts as dead after this long without a byte.
    pub stream_silence: Duration,
    /// A log session is replaced at this age; it goes silent, without closing, a little later (platform-api.md 4.3).
    pub session_age: Duration,
    /// The old stream is read on for this long after its replacement was opened.
    pub handover: Duration,
    /// Between attempts to replace a log session whose stream is still read.
    pub rotation_pause: Duration,
    /// Between attempts to open the log: the first and the longest pause (platform-api.md 5.4).
    pub shortest_pause: Duration,
    pub longest_pause: Duration,
    /// A stream that broke earlier than this after it was asked for is not replaced at once.
    pub stable: Duration,
    /// A computer whose timer is later than this was asleep. Hidden tabs get one tick a minute.
    pub sleep: Duration,
    /// Between questions about the account's remaining requests.
    pub rate_limit: Duration,
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
            stream_silence: Duration::from_secs(45),
            session_age: Duration::from_secs(14 * 60),
            handover: Duration::from_secs(2),
            rotation_pause: Duration::from_secs(10),
            shortest_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(5),
            stable: Duration::from_secs(5),
            sleep: Duration::from_secs(90),
            rate_limit: Duration::from_secs(60),
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
                "stream_silence" => shorten(one(&mut timings.stream_silence)),
                "session_age" => shorten(one(&mut timings.session_age)),
                "handover" => shorten(one(&mut timings.handover)),
                "rotation_pause" => shorten(one(&mut timings.rotation_pause)),
                "shortest_pause" => shorten(one(&mut timings.shortest_pause)),
                "longest_pause" => shorten(one(&mut timings.longest_pause)),
                "stable" => shorten(one(&mut timings.stable)),
                "sleep" => shorten(one(&mut timings.sleep)),
                "rate_limit" => shorten(one(&mut timings.rate_limit)),
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
