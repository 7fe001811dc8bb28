//! The overlap of a new session with the lines that are there (design.md 2.5): history and live lines of the new one are
//! not told apart, so what it repeats is found by the lines themselves.

mod align;
mod decision;
mod origin;
mod window;

use std::ops::Range;

use align::{Alignment, Arrived, Matcher, align};
use origin::Provenance;
use window::{hash, is_of_session};

pub(super) use decision::{Decision, Missed, NewLine};
pub(super) use origin::stamp_of;
pub(super) use window::{WINDOW_LINES, Window};

use super::moves::Moves;
use super::run_log::StreamKind;
use super::scope::Scope;
use super::store::LineStore;

/// What is held back at most while the overlap is not decided.
const MOST_UNDECIDED_LINES: usize = 4_096;
const MOST_UNDECIDED_BYTES: usize = 8 << 20;

/// Lines behind the decision that are still compared with the window: those of several processes may change places.
const LINES_WATCHED: usize = 1_000;

/// Bytes of a time stamp with nine digits behind the point, an offset, and a space.
const LONGEST_STAMP: usize = 36;

/// What is to be done with a line.
#[derive(Debug)]
pub(super) enum Next {
    /// Nothing yet.
    Wait,
    /// It is there already, in that line of the store.
    Drop(Option<usize>),
    /// It is a further line of the log.
    Append,
    /// The overlap is decided; this line is part of it.
    Decided(Decision),
}

/// A new session, until its first lines are behind the window.
#[derive(Debug)]
pub(super) struct Overlap {
    pub(super) kind: StreamKind,
    window: Window,
    arrived: Vec<Arrived>,
    /// Where in `bytes` the text of each arrived line stands that the window does not have.
    places: Vec<Range<usize>>,
    bytes: Vec<u8>,
    undecided_lines: usize,
    /// How often each text of the window has come.
    times_come: Vec<usize>,
    provenance: Provenance,
    /// The stamp of what the old session left unfinished.
    rest_stamp: Option<u64>,
    decided: Option<Decided>,
    /// The lines that come next may have another place than behind the window.
    pub(super) is_ambiguous: bool,
}

#[derive(Debug)]
struct Decided {
    matcher: Matcher,
    /// Where in the store the lines behind the window begin.
    end: Option<usize>,
    /// Ids and hashes of lines that were dropped although the window does not have them.
    dropped: Vec<(u64, u64)>,
    lines_left: usize,
}

/// Whether an unfinished line is the beginning of another; without a whole stamp it could be of any.
pub(super) fn is_begin_of(rest: &[u8], line: &[u8]) -> bool {
    stamp_of(rest).is_some() && line.starts_with(rest)
}

/// Whether an unfinished line ends in its stamp, so that there is nothing to show.
pub(super) fn is_stump(rest: &[u8]) -> bool {
    rest.first().is_some_and(u8::is_ascii_digit)
        && rest.len() < LONGEST_STAMP
        && rest.iter().all(|byte| byte.is_ascii_digit() || b"-:.+TZ ".contains(byte))
}

/// A line as it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Incoming<'a> {
    pub(super) bytes: &'a [u8],
    /// As the store would have it.
    pub(super) masked: &'a [u8],
    pub(super) id: Option<u64>,
    /// The frame's id is not greater than those before, so it may be a repetition.
    pub(super) may_repeat: bool,
}

impl Overlap {
    /// `rest` is what the old session left unfinished.
    pub(super) fn new(kind: StreamKind, window: Window, rest: Option<&[u8]>) -> Self {
        Self {
            kind,
            arrived: Vec::new(),
            places: Vec::new(),
            bytes: Vec::new(),
            undecided_lines: 0,
            times_come: vec![0; window.lines.len()],
            provenance: Provenance::default(),
            rest_stamp: rest.and_then(stamp_of),
            decided: None,
            is_ambiguous: false,
            window,
        }
    }

    /// The first line of the store that is compared with what comes.
    pub(super) fn first_place(&self) -> usize {
        self.window.first
    }

    pub(super) fn is_decided(&self) -> bool {
        self.decided.is_some()
    }

    /// Whether a line with this stamp is behind all that the old session brought. One without a stamp is no line that
    /// the server could bring again.
    pub(super) fn is_behind(&self, stamp: Option<u64>) -> bool {
        stamp.is_none() || stamp > self.window.newest.max(self.rest_stamp)
    }

    /// Takes the next line of the session.
    pub(super) fn take(&mut self, store: &LineStore, scope: &Scope, line: Incoming<'_>) -> Next {
        let Incoming { bytes, masked, id, may_repeat } = line;
        if is_of_session(bytes) {
            return self.take_of_session(line);
        }
        if self.window.has_aside(store, masked, &self.window.before(self.window.lines.len(), store)) {
            return Next::Drop(None);
        }
        self.provenance = self.provenance.of_next(bytes, scope);
        let text = self.window.find(store, masked);
        let Provenance { stamp, origin, is_own, is_from_platform } = self.provenance;
        let is_older = stamp.zip(self.window.oldest).is_some_and(|(stamp, oldest)| stamp < oldest);
        if text.is_none() && is_older && !(is_own && self.window.begins_the_log) {
            return Next::Drop(None);
        }
        if let Some(decided) = &mut self.decided {
            decided.lines_left = decided.lines_left.saturating_sub(1);
            if may_repeat && id.is_some_and(|id| decided.dropped.contains(&(id, hash(bytes)))) {
                return Next::Drop(None);
            }
            let seen = text.and_then(|text| decided.matcher.take(&self.window, text, id));
            return seen.map_or(Next::Append, |index| Next::Drop(Some(self.window.lines[index].place)));
        }
        if may_repeat && self.came_already(text, bytes, id) {
            return Next::Drop(None);
        }
        self.add(Arrived { text, id, stamp, origin, is_own, is_from_platform, is_of_session: false }, bytes);
        let Some(text) = text else {
            self.undecided_lines += 1;
            let is_too_much =
                self.undecided_lines > MOST_UNDECIDED_LINES || self.bytes.len() > MOST_UNDECIDED_BYTES;
            return self.decide(store, self.is_behind(stamp) || is_too_much);
        };
        self.times_come[text] += 1;
        if self.times_come[text] > self.window.copies(text) {
            self.undecided_lines += 1;
            return self.decide(store, false);
        }
        Next::Wait
    }

    fn take_of_session(&mut self, line: Incoming<'_>) -> Next {
        if self.decided.is_some() {
            return Next::Append;
        }
        if line.may_repeat && self.came_already(None, line.bytes, line.id) {
            return Next::Drop(None);
        }
        let arrived = Arrived {
            text: None,
            id: line.id,
            stamp: None,
            origin: 0,
            is_own: false,
            is_from_platform: true,
            is_of_session: true,
        };
        self.add(arrived, line.bytes);
        Next::Wait
    }

    fn add(&mut self, arrived: Arrived, line: &[u8]) {
        let start = self.bytes.len();
        if arrived.text.is_none() {
            self.bytes.extend_from_slice(line);
        }
        self.places.push(start..self.bytes.len());
        self.arrived.push(arrived);
    }

    /// Whether the frame came already in this session.
    fn came_already(&self, text: Option<usize>, line: &[u8], id: Option<u64>) -> bool {
        let is_same = |(there, place): (&Arrived, &Range<usize>)| {
            there.id == id && there.text == text && (text.is_some() || self.bytes[place.clone()] == *line)
        };
        self.arrived.iter().zip(&self.places).any(is_same)
    }

    fn decide(&mut self, store: &LineStore, is_complete: bool) -> Next {
        match align(&self.window, &self.arrived, is_complete) {
            Some(alignment) => Next::Decided(self.decision(store, alignment)),
            None => Next::Wait,
        }
    }

    /// The server has sent all that it has. That decides lines behind the window's last one.
    pub(super) fn pause(&mut self, store: &LineStore) -> Option<Decision> {
        if self.decided.is_some() || self.undecided_lines == 0 {
            return None;
        }
        let alignment = align(&self.window, &self.arrived, true)?;
        alignment.matcher.has_last().then(|| self.decision(store, alignment))
    }

    /// The session is over: decides by what has come.
    pub(super) fn finish(&mut self, store: &LineStore) -> Option<Decision> {
        if self.decided.is_some() {
            return None;
        }
        let alignment = align(&self.window, &self.arrived, true)?;
        Some(self.decision(store, alignment))
    }

    fn decision(&mut self, store: &LineStore, alignment: Alignment) -> Decision {
        let text = |index: usize| &self.bytes[self.places[index].clone()];
        let mut decision = Decision::new(&self.window, store, &self.arrived, text, &alignment);
        let (matcher, dropped) = (alignment.matcher, std::mem::take(&mut decision.dropped));
        self.arrived = Vec::new();
        self.places = Vec::new();
        self.bytes = Vec::new();
        self.decided = Some(Decided { matcher, end: None, dropped, lines_left: LINES_WATCHED });
        decision
    }

    /// Moves with the lines of the store.
    pub(super) fn follow(&mut self, moves: &Moves) {
        self.window.follow(moves);
    }

    /// Whether no line of the window can come any more.
    pub(super) fn is_over(&self) -> bool {
        self.decided.as_ref().is_some_and(|decided| decided.lines_left == 0)
    }

    /// Remembers where in the store the lines behind the window begin.
    pub(super) fn set_end(&mut self, end: usize) {
        if let Some(decided) = &mut self.decided {
            decided.end.get_or_insert(end);
        }
    }

    /// Where the lines behind the window begin, if the session has brought lines of the window but not the last.
    pub(super) fn behind_end(&self) -> Option<usize> {
        let decided = self.decided.as_ref()?;
        decided.end.filter(|_| decided.matcher.has_any() && !decided.matcher.has_last())
    }
}
