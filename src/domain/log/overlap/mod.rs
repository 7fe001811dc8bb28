//! The overlap of a new session with the lines that are there (design.md 2.5): history and live lines of the new one are
//! not told apart, so what it repeats is found by the lines themselves.

mod align;
mod origin;
mod window;

use std::ops::Range;

use align::{Alignment, Arrived, Matcher, Verdict, align};
use origin::Provenance;
use window::{Window, is_of_session};

pub(super) use window::WINDOW_LINES;

use super::ids::Ids;
use super::run_log::StreamKind;
use super::scope::Scope;
use super::store::LineStore;

/// What is held back at most while the overlap is not decided.
const MOST_UNDECIDED_LINES: usize = 4_096;
const MOST_UNDECIDED_BYTES: usize = 8 << 20;

/// Lines behind the decision that are still compared with the window: those of several processes may change places.
const LINES_WATCHED: usize = 1_000;

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

/// Lines to append, in their order.
#[derive(Debug)]
pub(super) struct NewLine {
    pub(super) bytes: Vec<u8>,
    pub(super) id: Option<u64>,
}

/// Lines that the old session did not bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LostLines {
    /// The line of the store before which they are missing.
    pub(super) before: usize,
    /// The line behind which they are missing.
    pub(super) behind: Option<usize>,
    pub(super) number: u64,
}

/// What the overlap turned out to be.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) new_lines: Vec<NewLine>,
    /// Lines of the store that came again, with their ids.
    pub(super) seen: Vec<(usize, u64)>,
    pub(super) lost: Vec<LostLines>,
    pub(super) is_ambiguous: bool,
    /// There are lines that the session could reach back to.
    pub(super) has_window: bool,
    /// And it does.
    pub(super) is_reached: bool,
    /// And it has caught up with the last of them.
    pub(super) has_caught_up: bool,
    /// There are lines of the log among the new ones.
    pub(super) has_further_lines: bool,
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
    decided: Option<Decided>,
}

#[derive(Debug)]
struct Decided {
    matcher: Matcher,
    end: Option<usize>,
    lines_left: usize,
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
    pub(super) fn new(
        kind: StreamKind,
        store: &LineStore,
        ids: &Ids,
        scope: &Scope,
        partial: &[usize],
    ) -> Self {
        let window = Window::of(store, ids, scope, partial);
        Self {
            kind,
            arrived: Vec::new(),
            places: Vec::new(),
            bytes: Vec::new(),
            undecided_lines: 0,
            times_come: vec![0; window.lines.len()],
            provenance: Provenance::default(),
            decided: None,
            window,
        }
    }

    pub(super) fn is_decided(&self) -> bool {
        self.decided.is_some()
    }

    /// Whether further lines of the log have come that wait for the decision.
    pub(super) fn has_undecided_lines(&self) -> bool {
        self.undecided_lines > 0
    }

    /// Whether a line of the window begins with these bytes, the rest of a session that broke off.
    pub(super) fn repeats(&self, store: &LineStore, rest: &[u8]) -> bool {
        self.window.any_begins_with(store, rest)
    }

    /// Takes the next line of the session.
    pub(super) fn take(&mut self, store: &LineStore, scope: &Scope, line: Incoming<'_>) -> Next {
        let Incoming { bytes, masked, id, may_repeat } = line;
        if is_of_session(bytes) {
            return self.take_of_session(store, line);
        }
        self.provenance = self.provenance.of_next(bytes, scope);
        let text = self.window.find(store, masked);
        if let Some(decided) = &mut self.decided {
            decided.lines_left = decided.lines_left.saturating_sub(1);
            let seen = text.and_then(|text| decided.matcher.take(&self.window, text, id));
            return seen.map_or(Next::Append, |index| Next::Drop(Some(self.window.lines[index].place)));
        }
        if may_repeat && self.came_already(text, bytes, id) {
            return Next::Drop(None);
        }
        let Provenance { stamp, origin, is_own } = self.provenance;
        let is_older = stamp.zip(self.window.oldest).is_some_and(|(stamp, oldest)| stamp < oldest);
        if text.is_none() && is_older && !(is_own && self.window.begins_the_log) {
            return Next::Drop(None);
        }
        self.add(Arrived { text, id, origin, is_own, is_of_session: false }, bytes);
        let Some(text) = text else {
            self.undecided_lines += 1;
            let is_behind = stamp.is_none() || stamp > self.window.newest;
            let is_too_much =
                self.undecided_lines > MOST_UNDECIDED_LINES || self.bytes.len() > MOST_UNDECIDED_BYTES;
            return self.decide(store, is_behind || is_too_much);
        };
        self.times_come[text] += 1;
        if self.times_come[text] > self.window.copies(text) {
            self.undecided_lines += 1;
            return self.decide(store, false);
        }
        Next::Wait
    }

    fn take_of_session(&mut self, store: &LineStore, line: Incoming<'_>) -> Next {
        if self.window.has_session_line(store, line.masked) {
            return Next::Drop(None);
        }
        if self.decided.is_some() {
            return Next::Append;
        }
        let arrived = Arrived { text: None, id: line.id, origin: 0, is_own: false, is_of_session: true };
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
        let Alignment { verdicts, matcher, is_ambiguous } = alignment;
        let place = |index: usize| self.window.lines[index].place;
        let mut decision = Decision {
            new_lines: Vec::new(),
            seen: Vec::new(),
            lost: Vec::new(),
            is_ambiguous,
            has_window: !self.window.lines.is_empty(),
            is_reached: matcher.has_any(),
            has_caught_up: matcher.has_last(),
            has_further_lines: false,
        };
        for ((line, bytes), verdict) in self.arrived.iter().zip(&self.places).zip(verdicts) {
            match verdict {
                Verdict::Older => {}
                Verdict::Seen(index) => decision.seen.extend(line.id.map(|id| (place(index), id))),
                Verdict::New => {
                    let bytes = match line.text {
                        Some(text) => self.window.bytes(store, text),
                        None => self.bytes[bytes.clone()].to_vec(),
                    };
                    decision.has_further_lines |= !line.is_of_session;
                    decision.new_lines.push(NewLine { bytes, id: line.id });
                }
                Verdict::Lost { before, behind } => {
                    let (before, behind) = (place(before), behind.map(place));
                    match decision.lost.iter_mut().find(|lost| lost.before == before) {
                        Some(lost) => lost.number += 1,
                        None => decision.lost.push(LostLines { before, behind, number: 1 }),
                    }
                }
            }
        }
        self.arrived = Vec::new();
        self.places = Vec::new();
        self.bytes = Vec::new();
        self.decided = Some(Decided { matcher, end: None, lines_left: LINES_WATCHED });
        decision
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
