//! The app's log: its last lines, and the readers that follow it.

mod lines;
mod queue;
mod reader;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

pub(crate) use self::lines::{Batch, Filter, MESSAGE_BYTES, Source};
use self::queue::Queue;
pub(crate) use self::reader::Reader;
use crate::timestamp::LineClock;

/// How much of a log is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Lines of an app that stay readable after they were written; on Heroku 1,500 (platform-api.md 4.4).
    pub(crate) history_lines: usize,
    /// Bytes that may wait for one reader before lines are dropped for it and an L11 line tells how many.
    pub(crate) queue_bytes: usize,
    /// The same in lines. Heroku drops after about 1,024 (platform-api.md 5.5).
    pub(crate) queue_lines: usize,
}

impl Default for Limits {
    /// Over loopback a function prints more than Heroku's 1,024 lines in a millisecond, so the bound is generous here:
    /// only a reader that stands still meets it.
    fn default() -> Self {
        Self { history_lines: 1_500, queue_bytes: 256 * 1024 * 1024, queue_lines: usize::MAX }
    }
}

/// The log of one app.
#[derive(Debug, Default)]
pub(crate) struct Log {
    inner: Mutex<Inner>,
}

/// One lock for all of it: a line is in a reader's history or among its live lines, never in both, never in neither.
#[derive(Debug, Default)]
struct Inner {
    limits: Limits,
    clock: LineClock,
    history: VecDeque<Batch>,
    history_lines: usize,
    queues: Vec<Queue>,
    next_reader: u64,
    closed: bool,
}

impl Log {
    /// Has other limits from now on.
    pub(crate) fn limit(&self, limits: Limits) {
        self.lock().limits = limits;
    }

    /// Adds the lines of `text`: split at `\n`, an unterminated last one included, long ones cut.
    pub(crate) fn append(&self, source: Source, process: &Arc<str>, text: &[u8]) {
        let mut inner = self.lock();
        let batch = Batch::format(&mut inner.clock, source, process, text);
        if batch.len() == 0 {
            return;
        }
        for queue in &mut inner.queues {
            queue.push(&batch);
        }
        inner.remember(batch);
    }

    /// The last `lines` lines of the app, filtered after counting as on Heroku (platform-api.md 4.2), and with
    /// `tail` all that follow.
    pub(crate) fn read(self: &Arc<Self>, lines: usize, tail: bool, filter: Filter) -> Reader {
        self.follow(tail, filter, |_| lines)
    }

    /// What a reader that had all lines up to `number` has not seen yet, as far as the history still has it.
    pub(crate) fn resume(self: &Arc<Self>, number: u64, tail: bool, filter: Filter) -> Reader {
        self.follow(tail, filter, |inner| inner.count_after(number))
    }

    fn follow(self: &Arc<Self>, tail: bool, filter: Filter, lines: impl FnOnce(&Inner) -> usize) -> Reader {
        let mut inner = self.lock();
        let history = inner.last(lines(&inner), &filter);
        let process = filter.process.as_deref().map(Into::into);
        let id = inner.next_reader;
        inner.next_reader += 1;
        let changed = Arc::new(Notify::new());
        if tail {
            let queue = Queue::new(id, filter, Arc::clone(&changed), inner.limits);
            inner.queues.push(queue);
        }
        Reader { log: Arc::clone(self), id, process, history, changed }
    }

    /// Ends the log: readers get what waits for them and then the end.
    pub(crate) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        for queue in &inner.queues {
            queue.changed.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it is held; if it did, lines are worth more than the suspicion.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn remember(&mut self, batch: Batch) {
        self.history_lines += batch.len();
        self.history.push_back(batch);
        while let Some(oldest) = self.history.front() {
            if self.history_lines - oldest.len() < self.limits.history_lines {
                break;
            }
            self.history_lines -= oldest.len();
            self.history.pop_front();
        }
    }

    fn count_after(&self, number: u64) -> usize {
        let counts = self.history.iter().rev().map(|batch| batch.count_after(number));
        counts.take_while(|count| *count > 0).sum()
    }

    fn last(&self, lines: usize, filter: &Filter) -> VecDeque<Batch> {
        let mut wanted = lines.min(self.limits.history_lines);
        let mut found = VecDeque::new();
        for batch in self.history.iter().rev() {
            if wanted == 0 {
                break;
            }
            let batch = batch.last(wanted);
            wanted -= batch.len();
            if filter.keeps(batch.source, &batch.process) {
                found.push_front(batch);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::reader::Taken;
    use super::*;

    fn log() -> Arc<Log> {
        Arc::default()
    }

    fn print(log: &Log, text: &str) {
        log.append(Source::App, &"run.1".into(), text.as_bytes());
    }

    /// What waits for a reader, without headers.
    fn taken(reader: &mut Reader) -> Vec<String> {
        // In parts, as a stream does.
        let parts = std::iter::from_fn(|| match reader.take(256 * 1024) {
            Taken::Lines(batches) => Some(batches),
            Taken::Nothing | Taken::End => None,
        });
        let batches: Vec<Batch> = parts.flatten().collect();
        let lines = batches.iter().flat_map(Batch::lines).map(String::from_utf8_lossy);
        lines
            .map(|line| line.split_once("]: ").map_or_else(String::new, |(_, message)| message.to_owned()))
            .collect()
    }

    #[test]
    fn the_history_gives_the_last_lines_across_batches() {
        let log = log();
        print(&log, "1\n2\n3\n");
        print(&log, "4\n");
        print(&log, "5\n6\n");
        for (lines, expected) in [
            (0, vec![]),
            (1, vec!["6"]),
            (4, vec!["3", "4", "5", "6"]),
            (9, vec!["1", "2", "3", "4", "5", "6"]),
        ] {
            assert_eq!(taken(&mut log.read(lines, false, Filter::default())), expected);
        }
    }

    #[test]
    fn the_history_holds_its_lines_and_little_more() {
        let log = log();
        for _ in 0..20 {
            print(&log, &"x\n".repeat(100));
        }
        assert_eq!(taken(&mut log.read(usize::MAX, false, Filter::default())).len(), 1_500);
        assert!(log.lock().history_lines < 1_600);
    }

    #[test]
    fn a_reader_goes_on_behind_any_line() {
        let log = log();
        print(&log, "1\n2\n3\n");
        print(&log, "4\n");
        print(&log, "5\n6\n");
        let read = |mut reader: Reader| match reader.take(1024) {
            Taken::Lines(batches) => batches,
            Taken::Nothing | Taken::End => Vec::new(),
        };
        let all = read(log.read(9, false, Filter::default()));
        let all: Vec<(u64, &[u8])> = all.iter().flat_map(Batch::numbered_lines).collect();
        assert!(all.is_sorted_by(|(earlier, _), (later, _)| earlier < later) && all.len() == 6);
        for (seen, (number, _)) in all.iter().enumerate() {
            let rest = read(log.resume(*number, false, Filter::default()));
            let rest: Vec<(u64, &[u8])> = rest.iter().flat_map(Batch::numbered_lines).collect();
            assert_eq!(rest, all[seen + 1..]);
        }
        assert_eq!(taken(&mut log.resume(0, false, Filter::default())).len(), 6);
        assert_eq!(taken(&mut log.resume(u64::MAX, false, Filter::default())).len(), 0);
    }

    #[test]
    fn a_reader_that_is_dropped_leaves_nothing() {
        let log = log();
        drop(log.read(0, true, Filter::default()));
        assert!(log.lock().queues.is_empty());
    }

    #[test]
    fn a_slow_reader_is_told_how_many_lines_it_missed() {
        let log = log();
        let mut slow = log.read(0, true, Filter::default());
        let message = "x".repeat(MESSAGE_BYTES);
        let written = Limits::default().queue_bytes / MESSAGE_BYTES + 100;
        for _ in 0..written {
            print(&log, &message);
        }
        let lines = taken(&mut slow);
        let (last, whole) = lines.split_last().map_or(("", &[][..]), |(last, whole)| (last.as_str(), whole));
        assert!(whole.iter().all(|line| *line == message));
        let missed = written - whole.len();
        // At least those beyond the bound, and a few more since lines have headers.
        assert!((100..100 + written / 100).contains(&missed), "{missed}");
        let told =
            format!("Error L11 (Tail buffer overflow) -> This tail session dropped {missed} messages since ");
        assert!(last.starts_with(&told), "{last}");
        print(&log, "on");
        assert_eq!(taken(&mut slow), ["on"]);
    }

    #[test]
    fn a_bound_in_lines_is_kept_to_the_line() {
        let log = log();
        log.limit(Limits { queue_lines: 5, ..Limits::default() });
        let mut slow = log.read(0, true, Filter::default());
        print(&log, "1\n2\n");
        print(&log, "3\n4\n5\n6\n7\n");
        print(&log, "8\n");
        let lines = taken(&mut slow);
        assert_eq!(lines[..5], ["1", "2", "3", "4", "5"]);
        assert!(lines[5].contains(" dropped 3 messages since "), "{lines:?}");
        assert_eq!(lines.len(), 6);
        print(&log, "9\n");
        assert_eq!(taken(&mut slow), ["9"]);

        slow.limit(1);
        print(&log, "10\n11\n");
        let lines = taken(&mut slow);
        assert!(lines[0] == "10" && lines[1].contains(" dropped 1 messages since "), "{lines:?}");
    }

    #[test]
    fn the_history_s_bound_can_be_another() {
        let log = log();
        log.limit(Limits { history_lines: 2, ..Limits::default() });
        print(&log, "1\n2\n3\n");
        assert_eq!(taken(&mut log.read(usize::MAX, false, Filter::default())), ["2", "3"]);
        log.limit(Limits { history_lines: 0, ..Limits::default() });
        print(&log, "4\n");
        assert!(taken(&mut log.read(usize::MAX, false, Filter::default())).is_empty());
    }
}
