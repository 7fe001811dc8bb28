//! The result of a run: what the function printed, without the headers of the log (design.md 2, "Result").

use super::header::Header;
use super::json;
use super::store::{Class, HEAD_BYTES, LineStore};
use crate::domain::secret::MASK;
use log_text::visible;

/// Bytes of the output that are shown.
pub const SHOWN_BYTES: usize = 64 * 1024;

/// Heroku cuts longer lines into pieces of this many bytes (platform-api.md 5.6).
pub(super) const PIECE_BYTES: usize = 10_000;

/// A running account of what the function printed.
#[derive(Debug, Default)]
pub struct Printed {
    /// The first [`SHOWN_BYTES`] of the output.
    head: Vec<u8>,
    /// Bytes of the output, with a line end between lines.
    bytes: u64,
    lines: usize,
    joined: usize,
    /// The last line was a piece that Heroku cut; the next one continues it.
    cut: bool,
    /// Index in the store of the last line, or of the first piece of it, and its bytes so far.
    last_line: usize,
    last_line_bytes: u64,
    /// The last line of a longer output, once the store has dropped it.
    kept_line: Vec<u8>,
}

/// The result as it is shown: `text`, then `json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Plain text; ends with a line end when JSON follows.
    pub text: String,
    /// The output, or its last line, indented; empty unless that is JSON.
    pub json: String,
    /// Bytes of the output that are not shown.
    pub hidden_bytes: u64,
    /// Lines that Heroku cut at 10,000 bytes and that were joined again; a function that prints lines of exactly
    /// this length cannot be told apart.
    pub joined: usize,
}

impl Printed {
    pub fn is_empty(&self) -> bool {
        self.lines == 0
    }

    /// Bytes of the whole output.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes of memory that it takes.
    pub(super) fn memory(&self) -> usize {
        self.head.capacity() + self.kept_line.capacity()
    }

    /// Whether all of the output is still there, in the store or here.
    pub fn is_whole(&self, store: &LineStore) -> bool {
        store.first() == 0 || self.is_in_head()
    }

    fn is_in_head(&self) -> bool {
        self.bytes == self.head.len() as u64
    }

    /// Keeps the last line if the store is about to drop it, with all lines before `first`: it may be JSON.
    pub(super) fn keep_last_line(&mut self, store: &LineStore, first: usize) {
        if !self.is_in_head()
            && (store.first()..first).contains(&self.last_line)
            && self.last_line_bytes <= SHOWN_BYTES as u64
        {
            self.kept_line = self.output_from(store, self.last_line);
        }
    }

    /// Adds a line of the store that has a header; any other is none of the function's.
    pub(super) fn add(&mut self, store: &LineStore, index: usize) {
        let Some(length) = store.line_length(index) else { return };
        let Some(line) = store.line_prefix(index, HEAD_BYTES + SHOWN_BYTES) else { return };
        let Some(header) = Header::parse(&line) else { return };
        self.add_message(index, &line[header.message_start..], length - header.message_start);
    }

    /// Adds the message of a line, of which `message` is all or the beginning.
    pub(super) fn add_message(&mut self, index: usize, message: &[u8], message_bytes: usize) {
        if self.cut {
            self.joined += 1;
            self.last_line_bytes += message_bytes as u64;
        } else {
            if !self.is_empty() {
                self.bytes += 1;
                self.add_shown(b"\n");
            }
            self.lines += 1;
            self.last_line = index;
            self.last_line_bytes = message_bytes as u64;
        }
        self.cut = message_bytes == PIECE_BYTES;
        self.bytes += message_bytes as u64;
        self.add_shown(message);
    }

    /// Adds whole lines of the store, from an index on; each has a header of the same length before its message, and none
    /// is as long as a piece.
    pub(super) fn add_lines(&mut self, first: usize, lines: &[u8], ends: &[u32], header_bytes: usize) {
        let mut start = 0;
        for (index, &end) in ends.iter().enumerate() {
            let message = start + header_bytes..end as usize - 1;
            start = end as usize;
            if !self.cut && self.head.len() == SHOWN_BYTES && index + 1 < ends.len() {
                // Of a long output nothing is kept but its size, and which line was the last.
                self.bytes += 1 + message.len() as u64;
                self.lines += 1;
            } else {
                self.add_message(first + index, &lines[message.clone()], message.len());
            }
        }
    }

    /// The last bytes of the output turned out to belong to a key.
    pub(super) fn mask_end(&mut self, bytes: usize) {
        // Of a longer output the end is not kept here.
        let end = usize::try_from(self.bytes).unwrap_or(usize::MAX);
        let start = end.saturating_sub(bytes).min(self.head.len());
        self.head[start..].fill(MASK);
    }

    /// Takes back the lines of the store from this one on.
    pub(super) fn truncate(&mut self, store: &LineStore, lines: usize) {
        let mut cut = None;
        let (mut last_line, mut last_line_bytes) = (0, 0);
        // The last line before them, with the pieces of it.
        for line in (store.first()..lines).rev() {
            let Some(bytes) = message_bytes(store, line) else { continue };
            let is_piece = bytes == PIECE_BYTES;
            if cut.is_some() && !is_piece {
                break;
            }
            cut = cut.or(Some(is_piece));
            last_line = line;
            last_line_bytes += bytes as u64;
        }
        let cut_before = cut.unwrap_or_default();
        let (mut cut, mut has_any) = (cut_before, false);
        for line in lines..store.len() {
            let Some(bytes) = message_bytes(store, line) else { continue };
            has_any = true;
            if cut {
                self.joined -= 1;
            } else {
                self.lines -= 1;
                self.bytes -= u64::from(self.lines > 0);
            }
            self.bytes -= bytes as u64;
            cut = bytes == PIECE_BYTES;
        }
        if has_any {
            (self.cut, self.last_line, self.last_line_bytes) = (cut_before, last_line, last_line_bytes);
            self.head.truncate(usize::try_from(self.bytes).unwrap_or(usize::MAX));
        }
    }

    fn add_shown(&mut self, bytes: &[u8]) {
        let room = SHOWN_BYTES - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// The output so far, as plain text.
    pub fn shown(&self) -> Shown {
        Shown {
            text: text_of(&self.head),
            json: String::new(),
            hidden_bytes: self.bytes - self.head.len() as u64,
            joined: self.joined,
        }
    }

    /// The output of a run that has ended: indented when all of it, or else its last line, is JSON.
    pub fn shown_at_end(&self, store: &LineStore) -> Shown {
        let plain = self.shown();
        if self.is_in_head()
            && let Some(json) = pretty(&self.head)
        {
            return Shown { text: String::new(), json, ..plain };
        }
        let Some(json) = self.last_line(store).and_then(|line| pretty(&line)) else { return plain };
        // The last line is shown as JSON and not a second time, unless the beginning that is shown ends before it.
        let before = self.bytes - self.last_line_bytes;
        let text = match usize::try_from(before).ok().and_then(|before| self.head.get(..before)) {
            Some(lines) => text_of(lines),
            None => plain.text + "\n…\n",
        };
        let hidden_bytes = before.saturating_sub(SHOWN_BYTES as u64);
        Shown { text, json, hidden_bytes, ..plain }
    }

    /// The last line, unless it is too long to look at or to show.
    fn last_line(&self, store: &LineStore) -> Option<Vec<u8>> {
        if self.last_line_bytes > SHOWN_BYTES as u64 {
            return None;
        }
        if self.is_in_head() {
            let start = self.head.len().saturating_sub(self.last_line_bytes as usize);
            return Some(self.head[start..].to_vec());
        }
        if self.last_line < store.first() {
            // More of it may have come since.
            let is_all = self.kept_line.len() as u64 == self.last_line_bytes;
            return is_all.then(|| self.kept_line.clone());
        }
        Some(self.output_from(store, self.last_line))
    }

    /// All that the function printed, byte for byte but for the last line end. Where lines were dropped what is left, and
    /// where none is the beginning.
    pub fn whole(&self, store: &LineStore) -> Vec<u8> {
        if self.is_in_head() || store.first() == store.len() {
            return self.head.clone();
        }
        self.output_from(store, store.first())
    }

    fn output_from(&self, store: &LineStore, first: usize) -> Vec<u8> {
        let mut output = Vec::new();
        let mut cut = true;
        for index in first..store.len() {
            if store.class(index) != Some(Class::Output) {
                continue;
            }
            let Some(line) = store.line(index) else { continue };
            let Some(header) = Header::parse(&line) else { continue };
            if !std::mem::take(&mut cut) {
                output.push(b'\n');
            }
            let message = &line[header.message_start..];
            output.extend_from_slice(message);
            cut = message.len() == PIECE_BYTES;
        }
        output
    }
}

/// Bytes of what the function printed in a line of the store; `None` for one that is not its own.
fn message_bytes(store: &LineStore, line: usize) -> Option<usize> {
    if store.class(line) != Some(Class::Output) {
        return None;
    }
    let header_bytes = Header::parse(&store.line_prefix(line, HEAD_BYTES)?)?.message_start;
    Some(store.line_length(line)? - header_bytes)
}

/// JSON, indented.
fn pretty(output: &[u8]) -> Option<String> {
    json::pretty(std::str::from_utf8(output).ok()?, SHOWN_BYTES)
}

fn text_of(output: &[u8]) -> String {
    output.split(|&byte| byte == b'\n').map(visible).collect::<Vec<_>>().join("\n")
}
