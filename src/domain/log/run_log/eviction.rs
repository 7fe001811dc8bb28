//! What a log takes of the memory, and how its oldest lines go (design.md 4).

use super::super::overlap::stamp_of;
use super::{HEAD_BYTES, RunLog};

/// Bytes of lines that are not dropped while they may be compared with those of a new session: more than a window of
/// lines of 10,000 bytes, the longest that Heroku sends, and those that come meanwhile.
const COMPARED_BYTES: usize = 64 << 20;

impl RunLog {
    /// Bytes of memory that the log takes: its lines, and what else grows with them. What waits to be decided is left out:
    /// it has bounds of its own.
    pub fn memory(&self) -> usize {
        self.store.memory()
            + self.gaps.memory()
            + self.printed.memory()
            + self.carried_styles.memory()
            + self.held.memory()
            + self.not_whole.capacity() * size_of::<usize>()
    }

    /// Drops the oldest segment of lines; whether there is one that is not needed. Lines go on being written into the
    /// last, and lines that a new session may repeat have to be there to be compared.
    pub fn drop_oldest_lines(&mut self) -> bool {
        let Some(first) = self.store.first_behind_oldest() else { return false };
        let is_compared = self.overlap.as_ref().is_some_and(|overlap| overlap.first_place() < first);
        if is_compared && self.store.memory() < COMPARED_BYTES {
            return false;
        }
        self.remember_before(first);
        self.store.drop_oldest();
        self.forget_before(first);
        true
    }

    /// Drops all lines of a log that gets no more.
    pub fn drop_all_lines(&mut self) {
        if self.store.is_dropped() {
            return;
        }
        let first = self.store.len();
        self.remember_before(first);
        self.store.drop_all();
        self.forget_before(first);
    }

    /// Keeps what is told of lines that are about to be dropped.
    fn remember_before(&mut self, first: usize) {
        self.known_start = self.start();
        let last = first.checked_sub(1).and_then(|last| self.store.line_prefix(last, HEAD_BYTES));
        self.dropped_stamp = last.and_then(|last| stamp_of(&last)).or(self.dropped_stamp);
        self.printed.keep_last_line(&self.store, first);
    }

    fn forget_before(&mut self, first: usize) {
        self.gaps.evict(first);
        self.carried_styles.forget_before(first);
        self.not_whole.retain(|&line| line >= first);
    }
}
