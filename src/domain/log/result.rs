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

    /// The last bytes of the output turned out to belong to a key.
    pub(super) fn mask_end(&mut self, bytes: usize) {
        // Of a longer output the end is not kept here.
        let end = usize::try_from(self.bytes).unwrap_or(usize::MAX);
        let start = end.saturating_sub(bytes).min(self.head.len());
        self.head[start..].fill(MASK);
    }

    /// Takes back the lines of the store from this one on.
    pub(super) fn truncate(&mut self, store: &LineStore, lines: usize) {
        // The last line before them, with the pieces of it.
        let (mut is_first, mut cut) = (true, false);
        (self.last_line, self.last_line_bytes) = (0, 0);
        for line in (0..lines).rev() {
            let Some(bytes) = message_bytes(store, line) else { continue };
            let is_piece = bytes == PIECE_BYTES;
            if is_first {
                cut = is_piece;
            } else if !is_piece {
                break;
            }
            is_first = false;
            self.last_line = line;
            self.last_line_bytes += bytes as u64;
        }
        self.cut = cut;
        for line in lines..store.len() {
            let Some(bytes) = message_bytes(store, line) else { continue };
            if cut {
                self.joined -= 1;
            } else {
                self.lines -= 1;
                self.bytes -= u64::from(!is_first);
            }
            self.bytes -= bytes as u64;
            (is_first, cut) = (false, bytes == PIECE_BYTES);
        }
        self.head.truncate(usize::try_from(self.bytes).unwrap_or(usize::MAX));
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
        if let Some(json) = self.json_from(store, 0, self.bytes) {
            return Shown { text: String::new(), json, ..plain };
        }
        let Some(json) = self.json_from(store, self.last_line, self.last_line_bytes) else { return plain };
        // The last line is shown as JSON and not a second time, unless the beginning that is shown ends before it.
        let before = self.bytes - self.last_line_bytes;
        let text = match usize::try_from(before).ok().and_then(|before| self.head.get(..before)) {
            Some(lines) => text_of(lines),
            None => plain.text + "\n…\n",
        };
        let hidden_bytes = before.saturating_sub(SHOWN_BYTES as u64);
        Shown { text, json, hidden_bytes, ..plain }
    }

    /// The output from a line on, which has that many bytes, if it is JSON and not too long to look at or to show.
    fn json_from(&self, store: &LineStore, line: usize, bytes: u64) -> Option<String> {
        if bytes > SHOWN_BYTES as u64 {
            return None;
        }
        let output = self.output_from(store, line);
        json::pretty(std::str::from_utf8(&output).ok()?, SHOWN_BYTES)
    }

    /// All that the function printed, byte for byte but for the last line end.
    pub fn whole(&self, store: &LineStore) -> Vec<u8> {
        self.output_from(store, 0)
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

fn text_of(output: &[u8]) -> String {
    output.split(|&byte| byte == b'\n').map(visible).collect::<Vec<_>>().join("\n")
}
