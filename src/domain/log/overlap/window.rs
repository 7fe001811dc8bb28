//! The last lines of the store, to be found again in what a new session brings.

use std::ops::Range;

use super::origin::Provenance;
use crate::domain::log::error_code::ErrorCode;
use crate::domain::log::header::Header;
use crate::domain::log::ids::Ids;
use crate::domain::log::moves::Moves;
use crate::domain::log::scope::Scope;
use crate::domain::log::store::{Class, HEAD_BYTES, LineStore};
use crate::domain::secret::MASK;

/// Lines of a window: a history has 1,500, and while two sessions are open both bring the same lines.
pub(in crate::domain::log) const WINDOW_LINES: usize = 4_096;

/// One line of the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct WindowLine {
    /// Its index in the store.
    pub(super) place: usize,
    hash: u64,
    /// The first line of the window that has the same text.
    pub(super) text: usize,
    /// The next one, and for the first one the last.
    pub(super) next_copy: Option<usize>,
    last_copy: usize,
    pub(super) id: Option<u64>,
    stamp: Option<u64>,
    pub(super) origin: u64,
    pub(super) is_from_platform: bool,
}

impl WindowLine {
    /// Whether no other line of the window, neither an earlier nor a later one, has its text.
    pub(super) fn is_unique(&self, index: usize) -> bool {
        self.text == index && self.next_copy.is_none()
    }
}

/// The last lines of a log.
#[derive(Debug)]
pub(in crate::domain::log) struct Window {
    /// The index in the store from which on lines belong to it.
    pub(super) first: usize,
    pub(super) lines: Vec<WindowLine>,
    /// Places of lines that have none in the order of the log: written for one session, or not come whole.
    aside: Vec<usize>,
    /// Indices of `lines`, one for each text, by its hash and then the next free place; the length is a power of two.
    table: Vec<Option<u32>>,
    /// The earliest and the latest time stamp.
    pub(super) oldest: Option<u64>,
    pub(super) newest: Option<u64>,
    /// The first line of the window is the first of the log, and no mark stands before it.
    pub(super) begins_the_log: bool,
    /// Bytes of lines were masked where a key is cut, so that they differ from what the server sends.
    has_cut_keys: bool,
}

impl Window {
    /// `not_whole` are the indices of lines whose end never came; `has_beginning` is whether no mark stands
    /// before the first line of the log.
    pub(in crate::domain::log) fn of(
        store: &LineStore,
        ids: &Ids,
        scope: &Scope,
        not_whole: &[usize],
        has_beginning: bool,
    ) -> Self {
        let first = store.len().saturating_sub(WINDOW_LINES).max(store.first());
        let mut window = Self {
            first,
            lines: Vec::with_capacity(store.len() - first),
            aside: Vec::new(),
            table: vec![None; (2 * (store.len() - first)).next_power_of_two()],
            oldest: None,
            newest: None,
            begins_the_log: first == 0 && has_beginning,
            has_cut_keys: store.has_masked(),
        };
        let mut provenance = Provenance::default();
        for place in first..store.len() {
            let Some(line) = store.line(place) else { continue };
            let is_of_session = store.class(place) == Some(Class::Loss) && is_of_session(&line);
            if is_of_session || not_whole.contains(&place) {
                window.aside.push(place);
                continue;
            }
            provenance = provenance.of_next(&line, scope);
            if let Some(stamp) = provenance.stamp {
                window.oldest = Some(window.oldest.map_or(stamp, |oldest| oldest.min(stamp)));
                window.newest = window.newest.max(Some(stamp));
            }
            window.add(store, place, &line, ids.of(place), provenance);
        }
        window
    }

    /// The lines of the log up to one with this stamp were dropped. They are not looked for, and do not come again.
    pub(in crate::domain::log) fn behind(mut self, dropped: Option<u64>) -> Self {
        self.oldest = self.oldest.or(dropped.map(|stamp| stamp.saturating_add(1)));
        self
    }

    fn add(&mut self, store: &LineStore, place: usize, line: &[u8], id: Option<u64>, provenance: Provenance) {
        let (index, hash) = (self.lines.len(), hash(line));
        let text = match self.look_up(store, hash, line) {
            Ok(text) => {
                let last = std::mem::replace(&mut self.lines[text].last_copy, index);
                self.lines[last].next_copy = Some(index);
                text
            }
            Err(free) => {
                self.table[free] = u32::try_from(index).ok();
                index
            }
        };
        let Provenance { stamp, origin, is_from_platform, .. } = provenance;
        self.lines.push(WindowLine {
            place,
            hash,
            text,
            next_copy: None,
            last_copy: index,
            id,
            stamp,
            origin,
            is_from_platform,
        });
    }

    /// The first line with this text, or where in the table it is missing.
    fn look_up(&self, store: &LineStore, hash: u64, line: &[u8]) -> Result<usize, usize> {
        let mut slot = hash as usize & (self.table.len() - 1);
        while let Some(index) = self.table[slot] {
            let there = &self.lines[index as usize];
            if there.hash == hash && store.line(there.place).as_deref() == Some(line) {
                return Ok(index as usize);
            }
            slot = (slot + 1) & (self.table.len() - 1);
        }
        Err(slot)
    }

    /// The first line of the window that has this text, the key masked in both.
    pub(super) fn find(&self, store: &LineStore, line: &[u8]) -> Option<usize> {
        if self.lines.is_empty() {
            return None;
        }
        let found = self.look_up(store, hash(line), line).ok();
        if found.is_some() || !self.has_cut_keys {
            return found;
        }
        let is_same = |there: &WindowLine| {
            store.line(there.place).is_some_and(|masked| {
                masked.len() == line.len()
                    && masked.iter().zip(line).all(|(masked, byte)| masked == byte || *masked == MASK)
            })
        };
        self.lines.iter().find(|there| is_same(there)).map(|there| there.text)
    }

    /// The place of a line by its stamp, from one line of the window on and at the latest before another. `next` is the
    /// line that follows in the session, which tells the order of lines with one stamp.
    pub(super) fn place_between(
        &self,
        first: usize,
        last: usize,
        stamp: Option<u64>,
        next: Option<usize>,
    ) -> usize {
        let next = next.filter(|next| (first..last).contains(next));
        if stamp.is_none() {
            return next.unwrap_or(last);
        }
        let mut place = last;
        if stamp < self.newest {
            let later = self.lines[first..last].iter().position(|line| line.stamp > stamp);
            place = later.map_or(last, |later| first + later);
        }
        next.filter(|&next| next < place && self.lines[next].stamp == stamp).unwrap_or(place)
    }

    /// Moves with the lines of the store.
    pub(super) fn follow(&mut self, moves: &Moves) {
        moves.of_lines(&mut self.aside);
        for line in &mut self.lines {
            line.place = moves.of_line(line.place);
        }
    }

    /// The indices in the store between one line of the window and the line before it; those of the last are behind
    /// the window.
    pub(super) fn before(&self, line: usize, store: &LineStore) -> Range<usize> {
        let first = line.checked_sub(1).map_or(self.first, |before| self.lines[before].place + 1);
        first..self.lines.get(line).map_or(store.len(), |line| line.place)
    }

    /// Indices of the store before which a mark stands between one line of the window and the line before it. That of a
    /// line of the log that itself tells of loss (L12, L13) is left out: no session has more.
    pub(super) fn marks_before(&self, line: usize, store: &LineStore) -> Range<usize> {
        let Range { start, end } = self.before(line, store);
        start..end + usize::from(store.class(end) != Some(Class::Loss))
    }

    /// How many lines have a text.
    pub(super) fn copies(&self, text: usize) -> usize {
        std::iter::successors(Some(text), |&copy| self.lines[copy].next_copy).count()
    }

    /// Whether a line without a place in the order is there, among those with these indices in the store.
    pub(super) fn has_aside(&self, store: &LineStore, line: &[u8], places: &Range<usize>) -> bool {
        let mut aside = self.aside.iter().filter(|place| places.contains(place));
        aside.any(|&place| store.line(place).as_deref() == Some(line))
    }

    /// The bytes of a line of the window.
    pub(super) fn bytes(&self, store: &LineStore, index: usize) -> Vec<u8> {
        self.lines
            .get(index)
            .and_then(|line| store.line(line.place))
            .map_or_else(Vec::new, |bytes| bytes.into_owned())
    }
}

/// Whether the log system wrote the line into one session, and not into the log: L11, L15 and L20.
pub(super) fn is_of_session(line: &[u8]) -> bool {
    let head = &line[..line.len().min(HEAD_BYTES)];
    Header::parse(head).is_some_and(|header| {
        ErrorCode::of_log_system(&head[header.message_start..])
            .is_some_and(|code| matches!(code.as_str(), "L11" | "L15" | "L20"))
    })
}

/// Eight bytes at a time; texts are compared when hashes are equal.
pub(super) fn hash(line: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = line.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let hash = words.iter().fold(line.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let hash = mix(hash, u64::from_le_bytes(last));
    // The table takes the low bits, the product mixes the high ones best.
    hash ^ (hash >> 32)
}
