//! What a reader has selected of a log: a range from a place in one line to a place in another, whether their rows are
//! on screen or not. Copied text is made of it and the store, never of the document (design.md 4).

use std::ops::RangeInclusive;

use log_text::visible;

use super::header::Header;
use super::store::{HEAD_BYTES, LineStore};

/// Behind the last character of any line.
pub const LINE_END: u32 = u32::MAX;

/// A place between two characters of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Index of the line.
    pub line: usize,
    /// In the text that a row shows of it, in UTF-16 code units, as the document counts. Past the end means the end.
    pub offset: u32,
}

/// A selection, or the place from which one would be extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSelection {
    /// Where it was begun.
    anchor: Place,
    /// Where it was extended to, before or behind that.
    focus: Place,
    /// Whole lines, whatever the offsets are.
    by_line: bool,
}

impl TextSelection {
    /// Begins one: without any text, or with the place's line.
    pub fn begin(place: Place, by_line: bool) -> Self {
        Self { anchor: place, focus: place, by_line }
    }

    /// Whole lines.
    pub fn lines(lines: RangeInclusive<usize>) -> Self {
        let place = |line| Place { line, offset: 0 };
        Self { anchor: place(*lines.start()), focus: place(*lines.end()), by_line: true }
    }

    /// The same up to another place. One of whole lines stays one.
    pub fn extended(self, focus: Place, by_line: bool) -> Self {
        Self { focus, by_line: self.by_line || by_line, ..self }
    }

    /// The line that it was extended to.
    pub fn focus_line(&self) -> usize {
        self.focus.line
    }

    /// Its first and its last place; `None` when they are the same.
    pub fn range(&self) -> Option<(Place, Place)> {
        let (start, end) = (self.anchor.min(self.focus), self.anchor.max(self.focus));
        if self.by_line {
            return Some((Place { offset: 0, ..start }, Place { offset: LINE_END, ..end }));
        }
        (start != end).then_some((start, end))
    }

    /// The selected text: of each line what a row shows, without escape codes, joined by line feeds; marks between lines
    /// are no part of it.
    ///
    /// Lines that are gone from the store are left out, and those for which `is_shown` answers so. Headers are those of
    /// the log, timestamp, source and process, before each line that has one.
    pub fn text(&self, store: &LineStore, with_headers: bool, is_shown: &dyn Fn(usize) -> bool) -> String {
        let mut text = String::new();
        let Some((start, end)) = self.range() else { return text };
        let lines = start.line..end.line + 1;
        // Text that grows would be copied time and again, and be there twice.
        text.reserve(lines.clone().map(|line| store.line_length(line).map_or(0, |length| length + 1)).sum());
        let mut is_first = true;
        for index in lines {
            let Some(line) = store.line(index).filter(|_| is_shown(index)) else { continue };
            if !std::mem::take(&mut is_first) {
                text.push('\n');
            }
            let header = Header::parse(&line[..line.len().min(HEAD_BYTES)]);
            let (header, message) = line.split_at(header.map_or(0, |header| header.message_start));
            if with_headers {
                text.push_str(&String::from_utf8_lossy(header));
            }
            let shown = visible(message);
            let from = if index == start.line { byte_at(&shown, start.offset) } else { 0 };
            let to = if index == end.line { byte_at(&shown, end.offset) } else { shown.len() };
            text.push_str(&shown[from..to]);
        }
        text
    }
}

/// The byte at an offset in UTF-16 code units, or the first byte of the character that it is inside of.
fn byte_at(text: &str, offset: u32) -> usize {
    let mut left = offset as usize;
    for (byte, character) in text.char_indices() {
        match left.checked_sub(character.len_utf16()) {
            Some(less) if left > 0 => left = less,
            _ => return byte,
        }
    }
    text.len()
}
