//! When Heroku is asked whether the dyno is still there.

use std::time::Duration;

use crate::domain::time::Time;

/// A plan of questions, made anew with each line. While one is under way no other is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Questions {
    next: Option<Time>,
    /// A question that lines do not put off.
    wanted: Option<Time>,
    /// Heroku wants no request before this.
    not_before: Option<Time>,
    /// A question is under way.
    asking: bool,
    /// When the last line came, or there was a dyno.
    since: Time,
    /// When the last question was asked.
    asked: Option<Time>,
    /// Questions planned since the pauses began.
    planned: usize,
    /// An answer or a line of its own showed the dyno alive, so a 404 means that it is gone (platform-api.md 3.3).
    seen_alive: bool,
    /// It had done so when the last question was asked.
    was_alive: bool,
}

impl Questions {
    /// When the next question is to be asked.
    pub(super) fn due(&self) -> Option<Time> {
        if self.asking {
            return None;
        }
        let due = [self.next, self.wanted].into_iter().flatten().min()?;
        Some(self.not_before.map_or(due, |time| time.max(due)))
    }

    /// Whether a question is to be asked now, which then is under way.
    pub(super) fn take_due(&mut self, now: Time) -> bool {
        let is_due = self.due().is_some_and(|due| now >= due);
        if is_due {
            self.next = None;
            self.wanted = None;
            self.not_before = None;
            self.asking = true;
            self.asked = Some(now);
            self.was_alive = self.seen_alive;
        }
        is_due
    }

    /// A line came: the pauses begin anew, unless a question was asked so lately that this would be asking all the time.
    pub(super) fn line_came(&mut self, pauses: &[Duration], now: Time) {
        self.since = now;
        let longest = pauses.last().copied().unwrap_or_default();
        let earliest = self.asked.map(|asked| asked.after(longest)).filter(|earliest| *earliest > now);
        let Some(earliest) = earliest else { return self.begin_anew(pauses, now) };
        if !self.asking {
            let first = pauses.first().copied().unwrap_or_default();
            self.next = Some(earliest.max(now.after(first)));
        }
    }

    /// Lines may come again. What is planned counts from the last one: else a stream that is opened again and again would
    /// put off the question for ever.
    pub(super) fn log_opened(&mut self, pauses: &[Duration], now: Time) {
        if self.asking {
            return;
        }
        let (first, longest) = (pauses.first().copied(), pauses.last().copied());
        let by_lines = self.since.after(first.unwrap_or_default());
        let by_questions = self.asked.map_or(now, |asked| asked.after(longest.unwrap_or_default()));
        self.planned = 1;
        self.next = Some(by_lines.max(by_questions).max(now));
    }

    /// There will be no line any more: the pauses begin anew.
    pub(super) fn begin_anew(&mut self, pauses: &[Duration], now: Time) {
        self.planned = 0;
        if !self.asking {
            self.plan(pauses, now);
        }
    }

    /// The question was answered; after the last of the pauses that one repeats.
    pub(super) fn answered(&mut self, pauses: &[Duration], now: Time) {
        self.asking = false;
        self.plan(pauses, now);
    }

    /// A question is to be asked at this time, whatever lines come.
    pub(super) fn ask_at(&mut self, time: Time) {
        self.wanted = Some(time);
    }

    /// No question is to be asked before this time.
    pub(super) fn wait_until(&mut self, time: Time) {
        self.not_before = self.not_before.max(Some(time));
    }

    pub(super) fn see_alive(&mut self) {
        self.seen_alive = true;
    }

    /// Whether the answer that there is no such dyno means that it is gone, and not that it is too new to be known
    /// everywhere. Counts from the question: its answer may have been long on its way.
    pub(super) fn is_gone(&self, created: Time, unseen: Duration) -> bool {
        self.was_alive || self.asked.is_some_and(|asked| asked.since(created) >= unseen)
    }

    fn plan(&mut self, pauses: &[Duration], now: Time) {
        let pause = pauses.get(self.planned).or(pauses.last());
        self.planned += 1;
        self.next = pause.map(|&pause| now.after(pause));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECONDS: fn(u64) -> Duration = Duration::from_secs;

    fn at(seconds: u64) -> Time {
        Time(seconds * 1000)
    }

    #[test]
    fn lines_that_come_all_the_time_do_not_make_heroku_be_asked_all_the_time() {
        let pauses = [1, 2, 4, 8, 10].map(SECONDS);
        let mut questions = Questions::default();
        let mut asked = Vec::new();
        for second in 100..200 {
            if second % 3 == 0 {
                questions.line_came(&pauses, at(second));
            }
            if questions.take_due(at(second)) {
                asked.push(second);
                questions.answered(&pauses, at(second));
            }
        }
        assert!(asked.len() > 5, "{asked:?}");
        assert!(asked.windows(2).skip(4).all(|pair| pair[1] - pair[0] >= 10), "{asked:?}");
    }

    #[test]
    fn of_two_waits_the_longer_one_counts() {
        let mut questions = Questions::default();
        questions.ask_at(at(100));
        for until in [173, 120] {
            questions.wait_until(at(until));
        }
        assert_eq!(questions.due(), Some(at(173)));
    }

    #[test]
    fn an_old_answer_tells_nothing_about_a_dyno_that_was_seen_since() {
        let (pauses, unseen) = ([SECONDS(1)], SECONDS(20));
        let mut questions = Questions::default();
        questions.line_came(&pauses, at(100));
        assert!(questions.take_due(at(101)));
        questions.see_alive();
        assert!(!questions.is_gone(at(100), unseen));
        questions.answered(&pauses, at(130));
        assert!(questions.take_due(at(131)));
        assert!(questions.is_gone(at(130), unseen));

        let mut unseen_for_long = Questions::default();
        unseen_for_long.line_came(&pauses, at(119));
        assert!(unseen_for_long.take_due(at(120)));
        assert!(unseen_for_long.is_gone(at(100), unseen));
        assert!(!unseen_for_long.is_gone(at(101), unseen));
    }

    #[test]
    fn a_stream_that_is_opened_again_and_again_does_not_put_off_the_question() {
        let pauses = [SECONDS(30)];
        let mut questions = Questions::default();
        questions.line_came(&pauses, at(100));
        for second in [120, 125] {
            questions.log_opened(&pauses, at(second));
            assert_eq!(questions.due(), Some(at(130)));
        }
        questions.log_opened(&pauses, at(140));
        assert!(questions.take_due(at(140)));
        questions.answered(&pauses, at(141));
        questions.log_opened(&pauses, at(150));
        assert_eq!(questions.due(), Some(at(170)));
    }
}
