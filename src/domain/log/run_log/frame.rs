//! What has come of a frame whose lines cannot go straight into the store.

/// The lines of one frame of the stream, and the one that is being received.
#[derive(Debug, Default)]
pub(super) struct Frame {
    bytes: Vec<u8>,
    /// Offset behind each line that has ended.
    ends: Vec<usize>,
    /// The value of the frame's `id` field.
    pub(super) id: Option<u64>,
}

impl Frame {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn end_line(&mut self) {
        self.ends.push(self.bytes.len());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.ends.is_empty()
    }

    /// The line whose end has not come.
    pub(super) fn unfinished_line(&self) -> Option<&[u8]> {
        let start = self.ends.last().copied().unwrap_or(0);
        self.bytes.get(start..).filter(|line| !line.is_empty())
    }

    /// The lines, the unfinished one last.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.whole_lines().chain(self.unfinished_line())
    }

    /// The lines that have ended.
    pub(super) fn whole_lines(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| &self.bytes[std::mem::replace(&mut start, end)..end])
    }

    /// Keeps the allocations: lines mostly come one at a time.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.id = None;
    }
}
