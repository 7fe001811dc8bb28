//! Finds the API key where Heroku has cut a long line in the middle of it (platform-api.md 5.6).
//!
//! A key inside one line is masked when the line is committed. Of one that is cut, each half stands at the edge of a
//! piece of exactly 10,000 bytes, with a header, and perhaps lines of other processes, in between.

use super::header::Header;
use super::result::PIECE_BYTES;
use super::store::{HEAD_BYTES, LineStore};
use crate::domain::secret::{KeyFinder, MASK};

/// Processes whose cut lines are remembered at once.
const MOST_PROCESSES: usize = 64;

/// A begun key of at least this many bytes is masked before the rest of it is seen.
const SURE_BYTES: usize = 8;

/// The last line of a process, if Heroku has cut it.
#[derive(Debug)]
struct Piece {
    /// The header's source and process, `app[run.1`.
    origin: Vec<u8>,
    line: usize,
    line_length: usize,
    /// The line's last bytes as they came, one fewer than the key has at most.
    end: Vec<u8>,
}

/// Remembers the ends of cut lines.
#[derive(Debug, Default)]
pub(super) struct CutKey {
    pieces: Vec<Piece>,
}

/// Bytes that were masked at the end of a line which was there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MaskedEnd {
    pub(super) line: usize,
    pub(super) bytes: usize,
}

impl CutKey {
    /// Whether a line of this length may be a cut one, or follow one. Nearly all lines are shorter than any piece, with
    /// no cut one before them.
    pub(super) fn concerns(&self, length: usize) -> bool {
        length >= PIECE_BYTES || !self.pieces.is_empty()
    }

    /// Looks at a line that has just been committed, and masks what belongs to a cut key in it and in the piece before.
    pub(super) fn look_at(
        &mut self,
        key: &KeyFinder,
        store: &mut LineStore,
        line: usize,
    ) -> Option<MaskedEnd> {
        let length = store.line_length(line)?;
        if key.key_length() == 0 || !self.concerns(length) {
            return None;
        }
        let head = store.line_prefix(line, HEAD_BYTES + key.key_length())?.into_owned();
        let header = Header::parse(&head)?;
        let origin = origin(&header);
        let message_start = header.message_start;
        let before = self.pieces.iter().position(|piece| piece.origin == origin);
        let before = before.map(|index| self.pieces.swap_remove(index));
        let masked = before
            .and_then(|piece| mask_joint(key, store, &piece, line, &head[message_start..], message_start));
        if length - message_start == PIECE_BYTES {
            self.remember(key, store, Piece { origin, line, line_length: length, end: Vec::new() });
        }
        masked
    }

    /// Forgets the lines from this one on.
    pub(super) fn truncate(&mut self, lines: usize) {
        self.pieces.retain(|piece| piece.line < lines);
    }

    fn remember(&mut self, key: &KeyFinder, store: &mut LineStore, piece: Piece) {
        let Some(bytes) = store.line(piece.line) else { return };
        let end = bytes[bytes.len() - (key.key_length() - 1).min(PIECE_BYTES)..].to_vec();
        mask_begun(key, store, piece.line);
        if self.pieces.len() == MOST_PROCESSES {
            self.pieces.remove(0);
        }
        self.pieces.push(Piece { end, ..piece });
    }
}

/// Masks a key that begins at the end of `line`. Answers how many bytes of it stand there.
pub(super) fn mask_begun(key: &KeyFinder, store: &mut LineStore, line: usize) -> usize {
    let Some(bytes) = store.line(line) else { return 0 };
    let (length, begun) = (bytes.len(), key.begun_at_end(&bytes));
    if begun < SURE_BYTES {
        return 0;
    }
    store.mask_in_line(line, length - begun, begun);
    begun
}

/// Masks a key that ends in the message of `line` and begins in the piece before it.
fn mask_joint(
    key: &KeyFinder,
    store: &mut LineStore,
    piece: &Piece,
    line: usize,
    message: &[u8],
    message_start: usize,
) -> Option<MaskedEnd> {
    let begin = &message[..message.len().min(key.key_length() - 1)];
    let joint = [&piece.end[..], begin].concat();
    let bytes = match key.find_all(&joint).next() {
        Some(found) => piece.end.len().checked_sub(found)?,
        // Where the line comes late, what the piece has of the key may be masked already.
        None => {
            let begun = key.key_length() - key.ended_at_begin(begin);
            let is_masked =
                piece.end.len() >= begun && piece.end.iter().rev().take(begun).all(|&byte| byte == MASK);
            is_masked.then_some(begun).filter(|&begun| begun < key.key_length())?
        }
    };
    store.mask_in_line(piece.line, piece.line_length - bytes, bytes);
    store.mask_in_line(line, message_start, key.key_length() - bytes);
    Some(MaskedEnd { line: piece.line, bytes })
}

fn origin(header: &Header<'_>) -> Vec<u8> {
    [header.source, b"[", header.process.unwrap_or_default()].concat()
}
