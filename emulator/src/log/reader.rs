//! Readers of the log.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;

use super::lines::Batch;
use super::queue::Dropped;
use super::{Inner, Log};

/// Follows the log for one client. Dropping it ends the subscription.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(super) log: Arc<Log>,
    pub(super) id: u64,
    /// The process or process type that it is bound to.
    pub(super) process: Option<Arc<str>>,
    pub(super) history: VecDeque<Batch>,
    pub(super) changed: Arc<Notify>,
}

impl Reader {
    /// Waits for lines and takes up to about `bytes` of them, at least one batch; `None` when no more will come.
    pub(crate) async fn next(&mut self, bytes: usize) -> Option<Vec<Batch>> {
        loop {
            match self.take(bytes) {
                Taken::Lines(batches) => return Some(batches),
                Taken::End => return None,
                Taken::Nothing => self.changed.notified().await,
            }
        }
    }

    /// The log that is read.
    pub(crate) fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// The process or process type that it is bound to.
    pub(crate) fn process(&self) -> Option<Arc<str>> {
        self.process.clone()
    }

    /// Bounds what may wait for this reader, in lines.
    pub(crate) fn limit(&self, lines: usize) {
        let mut inner = self.log.lock();
        if let Some(queue) = inner.queues.iter_mut().find(|queue| queue.reader == self.id) {
            // What waits already stays.
            queue.most_lines = lines.max(queue.lines);
        }
    }

    /// The line that tells of `messages` lines that this reader does not get.
    pub(crate) fn loss(&self, messages: usize) -> Batch {
        Dropped::new(messages).line(&mut self.log.lock().clock)
    }

    pub(super) fn take(&mut self, limit: usize) -> Taken {
        let mut inner = self.log.lock();
        let Inner { clock, queues, closed, .. } = &mut *inner;
        let mut queue = queues.iter_mut().find(|queue| queue.reader == self.id);
        let mut taken = Vec::new();
        let mut bytes = 0;
        while bytes < limit {
            let live = || queue.as_mut().and_then(|queue| queue.pop());
            let Some(batch) = self.history.pop_front().or_else(live) else { break };
            bytes += batch.text().len();
            taken.push(batch);
        }
        if bytes < limit
            && let Some(dropped) = queue.as_mut().and_then(|queue| queue.dropped.take())
        {
            taken.push(dropped.line(clock));
        }
        match (taken.is_empty(), queue.is_none() || *closed) {
            (false, _) => Taken::Lines(taken),
            (true, true) => Taken::End,
            (true, false) => Taken::Nothing,
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.log.lock().queues.retain(|queue| queue.reader != self.id);
    }
}

/// What a reader finds.
pub(super) enum Taken {
    Lines(Vec<Batch>),
    Nothing,
    End,
}
