//! What a store takes of the memory, and how it gives the oldest of it back (design.md 4).

use super::{LineStore, Position, SEGMENT_BYTES, Segment};

impl LineStore {
    /// Index of the first line that was not dropped; the number of lines when all were.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Whether there are no lines, or none any more.
    pub fn is_dropped(&self) -> bool {
        self.first == self.lines
    }

    /// Bytes of memory that lines and their index take, with what is reserved for more.
    pub fn memory(&self) -> usize {
        let of_segment = |it: &Segment| {
            it.bytes.capacity() + it.ends.capacity() * size_of::<u32>() + it.classes.capacity()
        };
        self.segments.iter().map(of_segment).sum::<usize>()
            + self.segments.capacity() * size_of::<Segment>()
            + self.pending_ends.capacity() * size_of::<Position>()
    }

    /// The first line that would be left without the oldest segment; `None` while that is being written.
    pub fn first_behind_oldest(&self) -> Option<usize> {
        let count = self.oldest_segments()?;
        Some(self.segments[count].first_line + usize::from(self.is_cut(count)))
    }

    /// Drops the oldest segment with the lines that begin in it; not the one that is being written.
    pub fn drop_oldest(&mut self) {
        let (Some(count), Some(first)) = (self.oldest_segments(), self.first_behind_oldest()) else { return };
        self.segments.drain(..count);
        self.first = first;
        self.committed.segment -= count;
        for end in &mut self.pending_ends {
            end.segment -= count;
        }
    }

    /// Drops all lines, and what is held back.
    pub fn drop_all(&mut self) {
        self.segments = Vec::new();
        self.pending_ends = Vec::new();
        self.pending_bytes = 0;
        self.committed = Position::default();
        self.first = self.lines;
    }

    /// How many segments go together: with the oldest those that hold nothing else than the rest of its last line.
    fn oldest_segments(&self) -> Option<usize> {
        let holds_rest = |index: usize| self.is_cut(index) && self.segments[index].ends.is_empty();
        // The last line ends in the segment that is being written, so there it stops.
        (1..=self.committed.segment).find(|&count| count == self.committed.segment || !holds_rest(count))
    }

    /// Whether the line that goes on in this segment began in an earlier one.
    fn is_cut(&self, segment: usize) -> bool {
        self.last_end_before(segment) != Position { segment: segment - 1, offset: SEGMENT_BYTES }
    }

    /// Where the first line that is left begins in the first segment.
    pub(super) fn first_offset(&self) -> usize {
        let cut = self.segments.first().filter(|segment| segment.first_line < self.first);
        cut.and_then(|segment| segment.ends.first()).map_or(0, |&end| end as usize)
    }
}
