//! The lines of a log as the bytes that arrived, in segments of fixed size, with a compact index.
//!
//! A growing `Vec` would copy itself and hold twice the log while it does (design.md 4). Nothing is decoded here.

mod eviction;

use std::borrow::Cow;

use super::mask::places_of_key;
use crate::domain::secret::{KeyFinder, MASK};

/// Bytes that one segment holds.
pub const SEGMENT_BYTES: usize = 1 << 20;

/// The first bytes of a line that classification gets to see; no header and no lifecycle message is longer.
pub const HEAD_BYTES: usize = 256;

/// What kind of line it is, told once at ingest from its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// No known grammar: shown as it came.
    Raw,
    /// Printed by a process of the app, but not by this run's dyno (or before it existed).
    App,
    /// Printed by this run's dyno: a line of the result.
    Output,
    /// From the platform: lifecycle, router, API.
    Platform,
    /// The log system says that lines were lost (platform-api.md 5.5).
    Loss,
}

/// A run of bytes, and the lines that end inside it.
#[derive(Debug)]
struct Segment {
    bytes: Vec<u8>,
    /// Index, over the whole store, of the first line that ends in this segment.
    first_line: usize,
    /// Offset behind the line end of each line that ends in this segment.
    ends: Vec<u32>,
    /// Class of each of these lines.
    classes: Vec<Class>,
}

/// A place in the store: a segment, and an offset in its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Position {
    segment: usize,
    offset: usize,
}

/// Lines that lie together in memory: those of a segment.
#[derive(Debug)]
pub struct Stretch<'a> {
    /// Their bytes with their ends. More than one piece where the first of them began in an earlier segment.
    pub pieces: Vec<&'a [u8]>,
    /// Of each line, the offset behind its end in the pieces, plus `base` (wrapping).
    pub ends: &'a [u32],
    pub base: u32,
    pub classes: &'a [Class],
}

/// A list of lines that grows at its end, and of which the oldest can be dropped. A line keeps its index.
///
/// Bytes come in with [`push`](Self::push) and [`end_line`](Self::end_line) and are held back until
/// [`commit`](Self::commit) makes lines of them, or [`discard`](Self::discard) drops them.
#[derive(Debug, Default)]
pub struct LineStore {
    segments: Vec<Segment>,
    lines: usize,
    /// Index of the first line that was not dropped.
    first: usize,
    /// Bytes of committed lines, line ends included.
    bytes: u64,
    /// Behind the last committed line.
    committed: Position,
    /// Line ends that are not committed yet.
    pending_ends: Vec<Position>,
    /// Bytes behind `committed`.
    pending_bytes: u64,
    /// How often lines that were there already have changed.
    revision: usize,
    has_masked: bool,
}

impl LineStore {
    /// Number of lines, with those that were dropped.
    pub fn len(&self) -> usize {
        self.lines
    }

    /// Whether no line has come.
    pub fn is_empty(&self) -> bool {
        self.lines == 0
    }

    /// Bytes of all lines, one line end each included, with those that were dropped.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Changes when lines that were there already have changed, so that rows made of them are made anew.
    pub fn revision(&self) -> usize {
        self.revision
    }

    /// Whether bytes of lines that were there already have been masked.
    pub fn has_masked(&self) -> bool {
        self.has_masked
    }

    /// Appends bytes to the line that is being received; they hold no line end.
    pub fn push(&mut self, mut bytes: &[u8]) {
        self.pending_bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = self.writable_segment();
            let fits = bytes.len().min(SEGMENT_BYTES - room.bytes.len());
            let (now, later) = bytes.split_at(fits);
            room.bytes.extend_from_slice(now);
            bytes = later;
        }
    }

    /// Ends the line that is being received. It is a line once it is committed.
    pub fn end_line(&mut self) {
        // Not by `push`: in wasm, copying one byte takes as long as copying a line.
        self.writable_segment().bytes.push(b'\n');
        self.pending_bytes += 1;
        self.pending_ends.push(self.end());
    }

    /// Whether bytes of a line have come whose end has not.
    pub fn has_unfinished_line(&self) -> bool {
        let ended = self.pending_ends.last().copied().unwrap_or(self.committed);
        self.distance(ended, self.end()) > 0
    }

    /// Makes lines of everything up to the last line end.
    ///
    /// What `key` finds in them is masked. `classify` gets the first [`HEAD_BYTES`] of each.
    pub fn commit(&mut self, key: &KeyFinder, mut classify: impl FnMut(&[u8]) -> Class) {
        let mut ends = std::mem::take(&mut self.pending_ends);
        for end in ends.drain(..) {
            let start = self.committed;
            let length = self.distance(start, end) - 1;
            for place in places_of_key(key, &self.slice(start, length)) {
                self.mask(start, place.start, place.len());
            }
            let class = classify(&self.slice(start, length.min(HEAD_BYTES)));
            let segment = &mut self.segments[end.segment];
            segment.ends.push(end.offset as u32);
            segment.classes.push(class);
            // Segments that were begun while this line was still held back.
            for later in &mut self.segments[end.segment + 1..] {
                later.first_line = self.lines + 1;
            }
            self.committed = end;
            self.lines += 1;
            self.bytes += length as u64 + 1;
            self.pending_bytes -= length as u64 + 1;
        }
        // Keeps the allocation: lines mostly come one at a time.
        self.pending_ends = ends;
    }

    /// Whether no bytes are held back.
    pub fn holds_nothing(&self) -> bool {
        self.pending_bytes == 0
    }

    /// How many bytes of lines may be appended at once.
    pub fn room(&mut self) -> usize {
        SEGMENT_BYTES - self.writable_segment().bytes.len()
    }

    /// Appends whole lines for which there is [`room`](Self::room), where nothing is held back. `ends` are the offsets
    /// behind the line ends.
    pub fn append_lines(&mut self, lines: &[u8], ends: &[u32], class: Class) {
        let segment = self.writable_segment();
        let base = segment.bytes.len() as u32;
        segment.bytes.extend_from_slice(lines);
        segment.ends.extend(ends.iter().map(|end| base + end));
        segment.classes.resize(segment.ends.len(), class);
        self.lines += ends.len();
        self.bytes += lines.len() as u64;
        self.committed = self.end();
    }

    /// The line that is held back, where it is the only one, has ended, and lies in one segment.
    pub fn held_line(&self) -> Option<&[u8]> {
        let [end] = self.pending_ends[..] else { return None };
        if end.segment != self.committed.segment || end != self.end() {
            return None;
        }
        self.segments[end.segment].bytes.get(self.committed.offset..end.offset - 1)
    }

    /// Makes a line of the [`held_line`](Self::held_line), as it is.
    pub fn commit_held_line(&mut self, class: Class) {
        let Some(end) = self.pending_ends.pop() else { return };
        let segment = &mut self.segments[end.segment];
        segment.ends.push(end.offset as u32);
        segment.classes.push(class);
        self.lines += 1;
        self.bytes += self.pending_bytes;
        self.pending_bytes = 0;
        self.committed = end;
    }

    /// Masks bytes of a line that is there already.
    pub fn mask_in_line(&mut self, index: usize, offset: usize, length: usize) {
        if let Some((start, line_length)) = self.span(index)
            && length > 0
            && offset + length <= line_length
        {
            self.mask(start, offset, length);
            self.revision += 1;
            self.has_masked = true;
        }
    }

    fn mask(&mut self, start: Position, offset: usize, length: usize) {
        let mut position = start.segment * SEGMENT_BYTES + start.offset + offset;
        let end = position + length;
        while position < end {
            let (segment, from) = (position / SEGMENT_BYTES, position % SEGMENT_BYTES);
            let until = (from + end - position).min(SEGMENT_BYTES);
            self.segments[segment].bytes[from..until].fill(MASK);
            position += until - from;
        }
    }

    /// The lines that are held back, the unfinished one last.
    pub fn held_lines(&self) -> Vec<Vec<u8>> {
        let mut start = self.committed;
        let mut lines = Vec::new();
        for &end in &self.pending_ends {
            lines.push(self.slice(start, self.distance(start, end) - 1).into_owned());
            start = end;
        }
        if self.has_unfinished_line() {
            lines.push(self.slice(start, self.distance(start, self.end())).into_owned());
        }
        lines
    }

    /// Drops what is held back.
    pub fn discard(&mut self) {
        self.pending_ends.clear();
        self.pending_bytes = 0;
        self.segments.truncate(self.committed.segment + 1);
        if let Some(segment) = self.segments.last_mut() {
            segment.bytes.truncate(self.committed.offset);
        }
    }

    /// The bytes of all lines that were not dropped, each with its line end, in pieces that are cut anywhere.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let (start, end) = (self.first_offset(), self.committed);
        self.segments.iter().take(end.segment + 1).enumerate().map(move |(index, segment)| {
            let from = if index == 0 { start } else { 0 };
            let until = if index == end.segment { end.offset } else { segment.bytes.len() };
            &segment.bytes[from..until]
        })
    }

    /// The bytes of a line without its line end; `None` when there is no such line.
    ///
    /// Borrowed where they lie in one segment.
    pub fn line(&self, index: usize) -> Option<Cow<'_, [u8]>> {
        self.line_prefix(index, usize::MAX)
    }

    /// The first bytes of a line, at most `limit`.
    pub fn line_prefix(&self, index: usize, limit: usize) -> Option<Cow<'_, [u8]>> {
        let (start, length) = self.span(index)?;
        Some(self.slice(start, length.min(limit)))
    }

    /// Length of a line in bytes, without its line end.
    pub fn line_length(&self, index: usize) -> Option<usize> {
        self.span(index).map(|(_, length)| length)
    }

    pub fn class(&self, index: usize) -> Option<Class> {
        let (segment, local) = self.locate(index)?;
        self.segments[segment].classes.get(local).copied()
    }

    /// The lines from this one on that end in the same segment; `None` when there is no such line.
    pub fn stretch(&self, first: usize) -> Option<Stretch<'_>> {
        let (index, local) = self.locate(first)?;
        let (start, _) = self.span(first)?;
        let segment = &self.segments[index];
        let ends = &segment.ends[local..];
        let last = ends.last().map_or(0, |&end| end as usize);
        let (mut pieces, mut base, mut from) = (Vec::new(), 0_u32, start.offset);
        for earlier in &self.segments[start.segment..index] {
            pieces.push(&earlier.bytes[from..]);
            base = base.wrapping_sub((earlier.bytes.len() - from) as u32);
            from = 0;
        }
        pieces.push(&segment.bytes[from..last]);
        base = base.wrapping_add(from as u32);
        Some(Stretch { pieces, ends, base, classes: &segment.classes[local..] })
    }

    /// Takes the lines from this one on off the end, with what is held back; that is dropped.
    pub fn take_off(&mut self, first: usize) -> (Vec<Vec<u8>>, Vec<Class>) {
        self.discard();
        let (mut lines, mut classes) = (Vec::new(), Vec::new());
        let (Some((start, _)), Some((segment, local))) = (self.span(first), self.locate(first)) else {
            return (lines, classes);
        };
        for index in first..self.lines {
            if let (Some(line), Some(class)) = (self.line(index), self.class(index)) {
                lines.push(line.into_owned());
                classes.push(class);
            }
        }
        for line in &lines {
            self.bytes -= line.len() as u64 + 1;
        }
        self.segments.truncate(start.segment + 1);
        let last = &mut self.segments[start.segment];
        last.bytes.truncate(start.offset);
        if segment == start.segment {
            last.ends.truncate(local);
            last.classes.truncate(local);
        }
        self.lines = first;
        self.committed = start;
        self.revision += 1;
        (lines, classes)
    }

    fn writable_segment(&mut self) -> &mut Segment {
        let full = self.segments.last().is_none_or(|segment| segment.bytes.len() == SEGMENT_BYTES);
        if full {
            if let Some(sealed) = self.segments.last_mut() {
                sealed.bytes.shrink_to_fit();
                sealed.ends.shrink_to_fit();
                sealed.classes.shrink_to_fit();
            }
            self.segments.push(Segment {
                // Most runs print little, so the first segment grows.
                bytes: if self.segments.is_empty() { Vec::new() } else { Vec::with_capacity(SEGMENT_BYTES) },
                first_line: self.lines,
                ends: Vec::new(),
                classes: Vec::new(),
            });
        }
        let last = self.segments.len() - 1;
        &mut self.segments[last]
    }

    fn end(&self) -> Position {
        match self.segments.last() {
            Some(segment) => Position { segment: self.segments.len() - 1, offset: segment.bytes.len() },
            None => Position::default(),
        }
    }

    /// The segment in which a line ends, and its index among the lines that end there.
    fn locate(&self, index: usize) -> Option<(usize, usize)> {
        if index < self.first || index >= self.lines {
            return None;
        }
        // What has just come is looked at most.
        let is_in_last = self.segments.last().is_some_and(|segment| segment.first_line <= index);
        let segment = match is_in_last {
            true => self.segments.len() - 1,
            false => self.segments.partition_point(|segment| segment.first_line <= index) - 1,
        };
        Some((segment, index - self.segments[segment].first_line))
    }

    fn span(&self, index: usize) -> Option<(Position, usize)> {
        let (segment, local) = self.locate(index)?;
        let end = Position { segment, offset: self.segments[segment].ends[local] as usize };
        let start = match local.checked_sub(1) {
            Some(previous) => Position { segment, offset: self.segments[segment].ends[previous] as usize },
            None => self.last_end_before(segment),
        };
        Some((start, self.distance(start, end) - 1))
    }

    /// Behind the last line that ends before the segment.
    fn last_end_before(&self, segment: usize) -> Position {
        let mut earlier = self.segments[..segment].iter().enumerate().rev();
        earlier
            .find_map(|(segment, it)| it.ends.last().map(|&end| Position { segment, offset: end as usize }))
            .unwrap_or_default()
    }

    fn distance(&self, start: Position, end: Position) -> usize {
        (end.segment - start.segment) * SEGMENT_BYTES + end.offset - start.offset
    }

    fn slice(&self, start: Position, length: usize) -> Cow<'_, [u8]> {
        let Some(first) = self.segments.get(start.segment) else { return Cow::Borrowed(&[]) };
        let here = &first.bytes[start.offset..];
        if let Some(whole) = here.get(..length) {
            return Cow::Borrowed(whole);
        }
        let mut joined = Vec::with_capacity(length);
        joined.extend_from_slice(here);
        for segment in &self.segments[start.segment + 1..] {
            let missing = length - joined.len();
            joined.extend_from_slice(&segment.bytes[..missing.min(segment.bytes.len())]);
        }
        Cow::Owned(joined)
    }
}
