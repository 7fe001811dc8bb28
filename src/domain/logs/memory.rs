//! What goes when the logs take more memory than they may (design.md 4).

use super::{Entry, Logs};
use crate::domain::ids::RunId;
use crate::domain::memory_bound::MemoryBound;

impl Logs {
    pub fn memory_bound(&self) -> MemoryBound {
        self.memory_bound
    }

    pub fn set_memory_bound(&mut self, bound: MemoryBound) {
        self.memory_bound = bound;
    }

    /// Bytes of memory that all logs take together.
    pub fn memory(&self) -> usize {
        self.entries.iter().map(|entry| entry.log.borrow().memory()).sum()
    }

    /// Drops lines until the bound is kept, or nothing more can go: first the whole logs of ended runs, the oldest first
    /// and that of the selected run last of them, then the oldest lines of the oldest log. Whether any went.
    pub fn keep_within_bound(&mut self, selected: Option<RunId>) -> bool {
        let mut has_dropped = false;
        while self.memory() > self.memory_bound.bytes()
            && (self.drop_an_ended_log(selected) || self.drop_oldest_lines())
        {
            has_dropped = true;
        }
        has_dropped
    }

    fn drop_an_ended_log(&self, selected: Option<RunId>) -> bool {
        let (mut goes, mut older): (Option<&Entry>, Option<&Entry>) = (None, None);
        for entry in self.entries.iter().filter(|entry| !entry.log.borrow().lines().is_dropped()) {
            // The newest log is never dropped whole: nothing else needs the room then.
            if let Some(older) = older.replace(entry).filter(|older| older.tail.is_none())
                && goes.is_none_or(|goes| Some(goes.run) == selected)
            {
                goes = Some(older);
            }
        }
        goes.inspect(|entry| entry.log.borrow_mut().drop_all_lines()).is_some()
    }

    fn drop_oldest_lines(&self) -> bool {
        self.entries.iter().any(|entry| entry.log.borrow_mut().drop_oldest_lines())
    }
}
