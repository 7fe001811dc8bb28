//! The ids of server-sent events beside the lines they came with (platform-api.md 5.2: a counter). Whether they count in
//! a session or over the whole log is not known; within one session, a frame that comes again has its id.

use super::overlap::WINDOW_LINES;

/// Frames with an id that is not new and yet no repetition, after which ids are not looked at in a session.
const MOST_MISSES: u32 = 1_000;

/// The ids of the last lines.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// A line's index and its id, at the index modulo the length. Nothing is kept of a log without ids.
    ring: Vec<(usize, u64)>,
    /// The greatest id of this session.
    newest: Option<u64>,
    misses: u32,
}

impl Ids {
    pub(super) fn begin_session(&mut self) {
        self.newest = None;
        self.misses = 0;
    }

    pub(super) fn set(&mut self, line: usize, id: u64) {
        if self.ring.is_empty() {
            self.ring.resize(WINDOW_LINES, (usize::MAX, 0));
        }
        self.ring[line % WINDOW_LINES] = (line, id);
    }

    pub(super) fn of(&self, line: usize) -> Option<u64> {
        let (there, id) = *self.ring.get(line % WINDOW_LINES)?;
        (there == line).then_some(id)
    }

    /// Takes out the lines from this one on, with their ids.
    pub(super) fn take_off(&mut self, first: usize) -> Vec<(usize, u64)> {
        let mut taken = Vec::new();
        for entry in &mut self.ring {
            if entry.0 >= first && entry.0 != usize::MAX {
                taken.push(std::mem::replace(entry, (usize::MAX, 0)));
            }
        }
        taken
    }

    /// Whether a frame's id is greater than all before it in this session, so that the frame is new; otherwise it may be
    /// a repetition.
    pub(super) fn is_new(&self, id: u64) -> bool {
        Some(id) > self.newest || self.misses >= MOST_MISSES
    }

    /// Takes note of a frame's id.
    pub(super) fn see(&mut self, id: u64) {
        self.newest = self.newest.max(Some(id));
    }

    /// Lines that came with this id.
    pub(super) fn lines_with(&self, id: u64) -> impl Iterator<Item = usize> {
        self.ring
            .iter()
            .filter(move |(line, other)| *other == id && *line != usize::MAX)
            .map(|(line, _)| *line)
    }

    pub(super) fn miss(&mut self) {
        self.misses += 1;
    }
}
