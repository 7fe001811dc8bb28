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
    /// and that of the selected run last of them, then the oldest lines of the oldest log.
    ///
    /// Answers which logs have lost lines.
    pub fn keep_within_bound(&mut self, selected: Option<RunId>) -> Vec<RunId> {
        let mut changed = Vec::new();
        while self.memory() > self.memory_bound.bytes() {
            let dropped = self.drop_an_ended_log(selected).or_else(|| self.drop_oldest_lines());
            let Some(run) = dropped else { break };
            if !changed.contains(&run) {
                changed.push(run);
            }
        }
        changed
    }

    /// The newest log is never dropped whole: nothing else needs the room then.
    fn drop_an_ended_log(&self, selected: Option<RunId>) -> Option<RunId> {
        let has_lines = |entry: &&Entry| !entry.log.borrow().lines().is_dropped();
        let newest = self.entries.iter().rfind(has_lines)?.run;
        let may_go = |entry: &&Entry| entry.tail.is_none() && entry.run != newest && has_lines(entry);
        let mut ended = self.entries.iter().filter(may_go);
        let first = ended.next()?;
        let goes = if selected == Some(first.run) { ended.next().unwrap_or(first) } else { first };
        goes.log.borrow_mut().drop_all_lines();
        Some(goes.run)
    }

    fn drop_oldest_lines(&self) -> Option<RunId> {
        let entry = self.entries.iter().find(|entry| entry.log.borrow_mut().drop_oldest_lines())?;
        Some(entry.run)
    }
}
