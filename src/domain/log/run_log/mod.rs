//! The log of one run: takes what its streams bring, keeps the lines, and tells the facts that they hold.

mod eviction;
mod frame;
mod held;
mod insertion;
mod reconnection;

use std::slice::Iter;

use frame::Frame;
use held::{Held, HeldItem};

use super::carried::CarriedStyles;
use super::classify::{Classifier, Fact};
use super::cut_key::{CutKey, mask_begun};
use super::decode::Piece;
use super::error_code::{ErrorCode, number_of_messages};
use super::gaps::{Gap, GapCause, Gaps};
use super::header::{Header, tells_of_loss};
use super::ids::Ids;
use super::mask::masked;
use super::overlap::Overlap;
use super::result::{PIECE_BYTES, Printed};
use super::scope::{Scope, Selection};
use super::store::{Class, HEAD_BYTES, LineStore};
use crate::domain::secret::{ApiKey, KeyFinder};
use crate::domain::time::Time;
use log_flood::Lines;
use log_text::Style;
use memchr::memchr;

/// How a stream follows the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamKind {
    /// The first: there is nothing that it could repeat.
    First,
    /// The old stream was lost. The first lines of a session with a history repeat lines that are there; without one
    /// lines may be missing.
    Again { history: bool },
    /// The old stream was read until the new one had been open for a while. Nothing was lost in between unless what it
    /// brought last was older than the new session, which was created then by the server's clock.
    Handover { created_at: Option<Time> },
}

/// The lines of a run, what they tell, and where some are missing. The API key is masked in them.
///
/// Streams are taken apart elsewhere ([`Decoder`](super::decode::Decoder)), since several logs may read one.
#[derive(Debug)]
pub struct RunLog {
    key: KeyFinder,
    selection: Selection,
    /// Missing while the dyno is not known.
    classifier: Option<Classifier>,
    store: LineStore,
    gaps: Gaps,
    cut_key: CutKey,
    printed: Printed,
    carried_styles: CarriedStyles,
    ids: Ids,
    /// What comes goes straight into the store: each line is the run's, and further than those that are there.
    is_direct: bool,
    /// Lines that are taken together; the memory is used again.
    ordinary: Lines,
    /// The frame that is being received, unless it goes straight into the store.
    frame: Frame,
    held: Held,
    /// The beginning of a session that may repeat lines.
    overlap: Option<Overlap>,
    /// What the old session left unfinished, until it is known whether the new one brings it whole.
    rest: Vec<Vec<u8>>,
    /// Lines of the store whose end never came.
    not_whole: Vec<usize>,
    /// When the run began, once lines have been dropped.
    known_start: Option<Time>,
    /// Of the last line with a stamp that was dropped.
    dropped_stamp: Option<u64>,
}

impl RunLog {
    pub fn new(api_key: &ApiKey, selection: Selection) -> Self {
        Self {
            key: api_key.finder(),
            selection,
            classifier: None,
            store: LineStore::default(),
            gaps: Gaps::default(),
            cut_key: CutKey::default(),
            printed: Printed::default(),
            carried_styles: CarriedStyles::default(),
            ids: Ids::default(),
            is_direct: false,
            ordinary: Lines::default(),
            frame: Frame::default(),
            held: Held::default(),
            overlap: None,
            rest: Vec::new(),
            not_whole: Vec::new(),
            known_start: None,
            dropped_stamp: None,
        }
    }

    pub fn lines(&self) -> &LineStore {
        &self.store
    }

    /// Where lines are missing.
    pub fn gaps(&self) -> &Gaps {
        &self.gaps
    }

    /// The style in which a line begins, whose first bytes are these: an earlier one of its process may have left it on.
    pub fn style_before(&self, line: usize, head: &[u8]) -> Style {
        self.carried_styles.before(line, head)
    }

    /// When the run began, by the server's clock: its dyno's creation, or else the first line that has a time.
    pub fn start(&self) -> Option<Time> {
        let created_at = self.classifier.as_ref().and_then(|classifier| classifier.scope.created_at);
        created_at.or(self.known_start).or_else(|| {
            (self.store.first()..self.store.len())
                .find_map(|line| Some(Header::parse(&self.store.line_prefix(line, HEAD_BYTES)?)?.time))
        })
    }

    /// What the function printed.
    pub fn printed(&self) -> &Printed {
        &self.printed
    }

    /// The dyno is known. Lines that came before were held back and are taken now.
    pub fn set_scope(&mut self, scope: Scope, facts: &mut Vec<Fact>) {
        if self.classifier.is_some() {
            return;
        }
        self.classifier = Some(Classifier::new(scope, self.selection));
        let held = std::mem::take(&mut self.held);
        if held.dropped_lines() > 0 {
            // Which of them were the run's is known only where the session brings no others.
            let missing = (!self.selection.is_mixed()).then_some(held.dropped_lines());
            self.put_gap(Gap { before: 0, missing, cause: GapCause::TooManyHeldBack }, facts);
        }
        let frame = std::mem::take(&mut self.frame);
        held.for_each(|item| match item {
            HeldItem::Stream(kind) => {
                self.begin_stream(kind, facts);
                if matches!(kind, StreamKind::First)
                    && self.selection != Selection::OwnLinesOfFound
                    && let Some(classifier) = &mut self.classifier
                {
                    // It was read before there was a dyno.
                    classifier.beginning.settle();
                }
            }
            HeldItem::Line(line, id) => {
                let may_repeat = self.may_repeat(id);
                self.arrive(line, id, may_repeat, facts);
            }
        });
        self.frame = frame;
        self.choose_path();
    }

    /// A stream begins. What the old one left unfinished is dropped once the new one's history brings it whole.
    pub fn begin_stream(&mut self, kind: StreamKind, facts: &mut Vec<Fact>) {
        if self.classifier.is_none() {
            self.frame.clear();
            self.held.begin_stream(kind);
            return;
        }
        if self.selection.is_mixed()
            && self.store.is_empty()
            && let Some(classifier) = &mut self.classifier
        {
            classifier.beginning.seek();
        }
        self.follow(kind, facts);
        self.frame.clear();
        self.ids.begin_session();
        self.choose_path();
    }

    /// Takes what a stream brings and adds what it tells to `facts`.
    pub fn take(&mut self, piece: Piece<'_>, facts: &mut Vec<Fact>) {
        match piece {
            Piece::Lines(lines, ids) => self.take_lines(lines, ids.iter(), facts),
            Piece::Text(bytes) if self.is_direct => self.store.push(bytes),
            Piece::Text(bytes) => self.frame.push(bytes),
            Piece::LineEnd if self.is_direct => self.store.end_line(),
            Piece::LineEnd => self.frame.end_line(),
            Piece::Commit => self.commit(facts),
            Piece::Id(id) => self.frame.id = id,
            Piece::Heartbeat => self.pause(facts),
        }
    }

    /// Lines with their ends, and their ids if they have any.
    fn take_lines(&mut self, mut bytes: &[u8], mut ids: Iter<'_, u64>, facts: &mut Vec<Fact>) {
        loop {
            bytes = &bytes[self.take_ordinary(bytes, &mut ids, facts)..];
            let Some(end) = memchr(b'\n', bytes) else { return };
            self.frame.id = ids.next().copied();
            self.take(Piece::Text(&bytes[..end]), facts);
            self.take(Piece::LineEnd, facts);
            self.take(Piece::Commit, facts);
            bytes = &bytes[end + 1..];
        }
    }

    /// Takes the lines at the beginning that are output like the one before them, with no key in them: nearly all lines of
    /// a flood. Answers their bytes.
    fn take_ordinary(&mut self, bytes: &[u8], ids: &mut Iter<'_, u64>, facts: &mut Vec<Fact>) -> usize {
        let Self { classifier: Some(classifier), key, cut_key, store, ordinary, .. } = self else { return 0 };
        let Some(header) = classifier.header_of_output() else { return 0 };
        // Where the first is new all are: they grow.
        let is_new = ids.as_slice().first().is_none_or(|id| self.ids.is_new(*id));
        if !self.is_direct || !is_new || !store.holds_nothing() || cut_key.concerns(0) {
            return 0;
        }
        let fits = &bytes[..bytes.len().min(store.room())];
        header.lines(fits, key.rare_byte().unwrap_or(b'\n'), PIECE_BYTES, ordinary);
        let Some(&end) = ordinary.ends.last() else { return 0 };
        let (first, lines) = (store.len(), &fits[..end as usize]);
        store.append_lines(lines, &ordinary.ends, Class::Output);
        self.printed.add_lines(first, lines, &ordinary.ends, header.length());
        for line in &ordinary.with_escape {
            self.carried_styles.look_at(store, first + *line as usize);
        }
        self.frame.id = None;
        for (line, id) in (first..store.len()).zip(ids) {
            self.ids.see(*id);
            self.ids.set(line, *id);
        }
        tell_of_lines(facts);
        lines.len()
    }

    /// The stream is over and no other follows: what it left unfinished becomes a line (design.md 2.5), and what is not
    /// decided is decided.
    pub fn end_stream(&mut self, facts: &mut Vec<Fact>) {
        if self.classifier.is_none() {
            return;
        }
        let is_unfinished = self.store.has_unfinished_line() || self.frame.unfinished_line().is_some();
        let before = self.store.len();
        self.end_last_frame();
        self.commit(facts);
        self.finish_overlap(facts);
        if is_unfinished && self.store.len() > before {
            self.mask_begun_key();
        }
        self.choose_path();
    }

    /// The last line, whose end never came, may have broken off in the middle of the key.
    fn mask_begun_key(&mut self) {
        let Some(line) = self.store.len().checked_sub(1) else { return };
        let bytes = mask_begun(&self.key, &mut self.store, line);
        if bytes > 0 && self.store.class(line) == Some(Class::Output) {
            self.printed.mask_end(bytes);
        }
    }

    /// Everything of the frame is there.
    fn commit(&mut self, facts: &mut Vec<Fact>) {
        let id = self.frame.id;
        let may_repeat = self.may_repeat(id);
        if self.is_direct {
            self.frame.id = None;
            let is_repetition =
                may_repeat && self.store.held_lines().first().is_some_and(|line| self.came_already(line, id));
            if is_repetition {
                self.store.discard();
            } else {
                self.commit_lines(id, facts);
            }
            return;
        }
        let mut frame = std::mem::take(&mut self.frame);
        for line in frame.whole_lines() {
            self.arrive(line, id, may_repeat, facts);
        }
        frame.clear();
        self.frame = frame;
        self.choose_path();
    }

    /// Whether the frame with this id may have come before. An id that is greater than all others is new.
    fn may_repeat(&mut self, id: Option<u64>) -> bool {
        let Some(id) = id else { return false };
        let is_new = self.ids.is_new(id);
        self.ids.see(id);
        !is_new
    }

    /// Whether a line came before with the same id.
    fn came_already(&mut self, line: &[u8], id: Option<u64>) -> bool {
        let Some(id) = id else { return false };
        let line = masked(&self.key, line);
        let is_there = self.ids.lines_with(id).any(|there| self.store.line(there).as_deref() == Some(&*line));
        if !is_there {
            self.ids.miss();
        }
        is_there
    }

    /// A whole line.
    fn arrive(&mut self, line: &[u8], id: Option<u64>, may_repeat: bool, facts: &mut Vec<Fact>) {
        let Some(classifier) = &self.classifier else {
            self.held.push(line, id);
            return;
        };
        if self.selection.is_mixed() && !concerns(&classifier.scope, line) {
            return;
        }
        if self.overlap.is_some() {
            self.take_in_overlap(line, id, may_repeat, facts);
        } else if !(may_repeat && self.came_already(line, id)) {
            self.append(line, id, facts);
        }
    }

    fn append(&mut self, line: &[u8], id: Option<u64>, facts: &mut Vec<Fact>) {
        self.store.push(line);
        self.store.end_line();
        self.commit_lines(id, facts);
    }

    /// Makes lines of what the store holds back.
    fn commit_lines(&mut self, id: Option<u64>, facts: &mut Vec<Fact>) {
        let Self { classifier: Some(classifier), key, store, cut_key, printed, .. } = self else { return };
        let before = store.len();
        if let Some(line) = store.held_line()
            && let Some(start) = message_of_ordinary(classifier, cut_key, key, line)
        {
            let has_escape = has_escape(&line[start..]);
            printed.add_message(before, &line[start..], line.len() - start);
            store.commit_held_line(Class::Output);
            if has_escape {
                self.carried_styles.look_at(store, before);
            }
            if let Some(id) = id {
                self.ids.set(before, id);
            }
            tell_of_lines(facts);
            return;
        }
        store.commit(key, |head| classifier.classify(head, facts));
        let beginning_is_missing = classifier.beginning.take_missing();
        for index in before..self.store.len() {
            self.account_for(index, id);
            if self.store.class(index) == Some(Class::Loss) {
                put_loss(&mut self.gaps, &self.store, index, facts);
            }
        }
        if beginning_is_missing && !self.gaps.any_in(0..=0) {
            self.put_gap(Gap { before: 0, missing: None, cause: GapCause::BeginningMissing }, facts);
        }
        if self.store.len() > before {
            tell_of_lines(facts);
        }
    }

    fn put_gap(&mut self, gap: Gap, facts: &mut Vec<Fact>) {
        self.gaps.put(gap);
        facts.push(Fact::Gap);
    }

    /// Between two frames: whether the next ones go straight into the store.
    fn choose_path(&mut self) {
        self.is_direct = !self.selection.is_mixed()
            && self.classifier.is_some()
            && self.overlap.is_none()
            && self.frame.is_empty();
    }
}

/// Where the message of a line begins that is output like the one before it, with no key in it: nearly every line of a
/// flood.
fn message_of_ordinary(
    classifier: &Classifier,
    cut_key: &CutKey,
    key: &KeyFinder,
    line: &[u8],
) -> Option<usize> {
    let header = classifier.header_of_output()?;
    (header.is_of(line) && !cut_key.concerns(line.len()) && !key.may_be_in(line)).then(|| header.length())
}

/// Whether the style behind it may be another than before it.
fn has_escape(message: &[u8]) -> bool {
    memchr(0x1b, message).is_some()
}

fn tell_of_lines(facts: &mut Vec<Fact>) {
    if facts.last() != Some(&Fact::Lines) {
        facts.push(Fact::Lines);
    }
}

/// Whether a line of a session that brings those of other dynos too is the run's, or tells of loss.
fn concerns(scope: &Scope, line: &[u8]) -> bool {
    let head = &line[..line.len().min(HEAD_BYTES)];
    Header::parse(head)
        .is_some_and(|header| scope.covers(&header) || tells_of_loss(&header, &head[header.message_start..]))
}

/// Puts the mark for a line of the log system that tells how many lines are missing there: L11, L12 or L13.
fn put_loss(gaps: &mut Gaps, store: &LineStore, index: usize, facts: &mut Vec<Fact>) {
    let Some(head) = store.line_prefix(index, HEAD_BYTES) else { return };
    let Some(header) = Header::parse(&head) else { return };
    let message = &head[header.message_start..];
    let tells_of_lines =
        ErrorCode::of_log_system(message).is_some_and(|code| matches!(code.as_str(), "L11" | "L12" | "L13"));
    if tells_of_lines {
        gaps.put(Gap { before: index, missing: number_of_messages(message), cause: GapCause::Dropped });
        facts.push(Fact::Gap);
    }
}
