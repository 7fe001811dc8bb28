//! What waits for a reader of the log, as far as there is room.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;

use super::Limits;
use super::lines::{Batch, Filter, Source};
use crate::timestamp::{self, LineClock};

/// What waits for one reader that tails.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) reader: u64,
    filter: Filter,
    pub(super) changed: Arc<Notify>,
    batches: VecDeque<Batch>,
    bytes: usize,
    pub(super) lines: usize,
    most_bytes: usize,
    pub(super) most_lines: usize,
    pub(super) dropped: Option<Dropped>,
}

/// Lines that a reader was too slow for.
#[derive(Debug)]
pub(super) struct Dropped {
    messages: usize,
    since: String,
}

impl Dropped {
    /// So many, from now on.
    pub(super) fn new(messages: usize) -> Self {
        Self { messages, since: timestamp::now().replace('Z', "+00:00") }
    }

    /// The line that tells it (platform-api.md 5.5).
    pub(super) fn line(&self, clock: &mut LineClock) -> Batch {
        let Self { messages, since } = self;
        let text = format!(
            "Error L11 (Tail buffer overflow) -> This tail session dropped {messages} messages since {since}."
        );
        Batch::format(clock, Source::Heroku, &"logplex".into(), text.as_bytes())
    }
}

impl Queue {
    pub(super) fn new(reader: u64, filter: Filter, changed: Arc<Notify>, limits: Limits) -> Self {
        Self {
            reader,
            filter,
            changed,
            batches: VecDeque::new(),
            bytes: 0,
            lines: 0,
            most_bytes: limits.queue_bytes,
            most_lines: limits.queue_lines,
            dropped: None,
        }
    }

    /// Once lines were dropped, all are, until the reader has caught up and got the number: one gap in one place.
    pub(super) fn push(&mut self, batch: &Batch) {
        if !self.filter.keeps(batch.source, &batch.process) {
            return;
        }
        // Of a batch that is too much, its first lines may still wait: a bound in lines means lines.
        let room = self.most_lines - self.lines;
        if self.dropped.is_some() || room == 0 || self.bytes + batch.text().len() > self.most_bytes {
            self.drop_lines(batch.len());
        } else {
            let kept = batch.first(room);
            self.bytes += kept.text().len();
            self.lines += kept.len();
            if kept.len() < batch.len() {
                self.drop_lines(batch.len() - kept.len());
            }
            self.batches.push_back(kept);
        }
        self.changed.notify_one();
    }

    fn drop_lines(&mut self, count: usize) {
        self.dropped.get_or_insert_with(|| Dropped::new(0)).messages += count;
    }

    pub(super) fn pop(&mut self) -> Option<Batch> {
        let batch = self.batches.pop_front()?;
        self.bytes -= batch.text().len();
        self.lines -= batch.len();
        Some(batch)
    }
}
