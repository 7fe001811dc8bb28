//! A log over the change from one stream to the next.

use super::super::overlap::{Decision, Incoming, Next, Overlap};
use super::super::scope::Selection;
use super::{Fact, Gap, GapCause, RunLog, StreamKind, concerns, masked};

/// An unfinished line of more bytes is longer than any time stamp and the space behind it, so that the line which begins
/// with it is the same.
const STAMP_BYTES: usize = 33;

/// Why nothing more of an overlap comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Another session follows.
    Session,
    Log,
}

impl RunLog {
    /// Has a stream follow the one before.
    pub(super) fn follow(&mut self, mut kind: StreamKind, facts: &mut Vec<Fact>) {
        let mut is_undecided = false;
        if let Some(mut overlap) = self.overlap.take()
            && !overlap.is_decided()
        {
            if overlap.has_undecided_lines() {
                let decision = overlap.finish(&self.store);
                self.apply(decision, overlap.kind, End::Session, facts);
            } else {
                // It brought nothing that would tell whether lines were lost before it, and they still may be.
                if kind == StreamKind::Handover {
                    kind = overlap.kind;
                }
                is_undecided = true;
            }
        }
        if !is_undecided {
            self.rest = self.unfinished_lines();
        }
        self.store.discard();
        let Some(classifier) = self.classifier.as_ref().filter(|_| kind != StreamKind::First) else {
            self.rest.clear();
            return;
        };
        self.overlap = Some(Overlap::new(kind, &self.store, &self.ids, &classifier.scope, &self.partial));
    }

    /// What the stream left unfinished.
    fn unfinished_lines(&self) -> Vec<Vec<u8>> {
        if self.is_direct {
            return self.store.held_lines();
        }
        let is_kept = |line: &&[u8]| match &self.classifier {
            Some(classifier) => self.selection != Selection::OwnLines || concerns(&classifier.scope, line),
            None => false,
        };
        self.frame.lines().filter(is_kept).map(<[u8]>::to_vec).collect()
    }

    pub(super) fn take_in_overlap(
        &mut self,
        line: &[u8],
        id: Option<u64>,
        may_repeat: bool,
        facts: &mut Vec<Fact>,
    ) {
        let Self { overlap: Some(overlap), classifier: Some(classifier), store, key, ids, .. } = self else {
            return;
        };
        let masked = masked(key, line);
        let incoming = Incoming { bytes: line, masked: &masked, id, may_repeat };
        let kind = overlap.kind;
        match overlap.take(store, &classifier.scope, incoming) {
            Next::Wait => {}
            Next::Drop(place) => {
                if let (Some(place), Some(id)) = (place, id) {
                    ids.set(place, id);
                }
            }
            Next::Append => {
                if !(may_repeat && self.came_already(line, id)) {
                    // The session has lines of before the break, so it brings that one whole.
                    self.rest.clear();
                    self.append(line, id, facts);
                }
            }
            Next::Decided(decision) => self.apply(Some(decision), kind, End::Session, facts),
        }
        self.end_watch(facts);
    }

    /// The server shows that it has nothing more to send.
    pub(super) fn pause(&mut self, facts: &mut Vec<Fact>) {
        if let Some(overlap) = &mut self.overlap
            && let Some(decision) = overlap.pause(&self.store)
        {
            let kind = overlap.kind;
            self.apply(Some(decision), kind, End::Session, facts);
        }
    }

    /// Whether what the stream left unfinished is the beginning of a line that is there: it broke off in its history.
    pub(super) fn repeats_begin_of_line(&self) -> bool {
        let Some(overlap) = self.overlap.as_ref().filter(|overlap| !overlap.is_decided()) else {
            return false;
        };
        self.frame.lines().last().is_some_and(|rest| overlap.repeats(&self.store, rest))
    }

    /// Nothing more comes.
    pub(super) fn finish_overlap(&mut self, facts: &mut Vec<Fact>) {
        if let Some(mut overlap) = self.overlap.take() {
            let decision = overlap.finish(&self.store);
            self.apply(decision, overlap.kind, End::Log, facts);
        }
        self.append_rest(facts);
    }

    /// Lines of the window that the session should have brought and did not.
    fn end_watch(&mut self, facts: &mut Vec<Fact>) {
        let Some(overlap) = self.overlap.take_if(|overlap| overlap.is_over()) else { return };
        if let (StreamKind::Again { .. }, Some(before)) = (overlap.kind, overlap.behind_end()) {
            self.put_gap(Gap { before, missing: None, cause: GapCause::HistoryTooShort }, facts);
        }
    }

    fn apply(&mut self, decision: Option<Decision>, kind: StreamKind, end: End, facts: &mut Vec<Fact>) {
        let Some(decision) = decision else { return };
        for (place, id) in &decision.seen {
            self.ids.set(*place, *id);
        }
        // Lines that are known to be missing, unless a mark says so already.
        let mut lost = decision.lost;
        lost.retain(|lost| !self.gaps.any_in(lost.behind.map_or(0, |behind| behind + 1)..=lost.before));
        for lost in lost {
            let missing = Some(lost.number);
            self.put_gap(Gap { before: lost.before, missing, cause: GapCause::NotDelivered }, facts);
        }
        let brings_rest = |rest: &Vec<u8>| {
            rest.len() > STAMP_BYTES && decision.new_lines.iter().any(|line| line.bytes.starts_with(rest))
        };
        let is_reached = decision.is_reached
            || self.rest.first().is_some_and(brings_rest)
            || (!decision.has_window && self.rest.is_empty() && kind != StreamKind::Again { history: false });
        if decision.has_further_lines {
            if is_reached {
                self.rest.clear();
            } else {
                let has_rest = !self.rest.is_empty();
                self.append_rest(facts);
                self.put_unreached(kind, has_rest, facts);
            }
            if decision.is_ambiguous {
                let before = self.store.len();
                self.put_gap(Gap { before, missing: None, cause: GapCause::Ambiguous }, facts);
            }
        }
        if let Some(overlap) = &mut self.overlap {
            overlap.set_end(self.store.len());
        }
        for line in &decision.new_lines {
            self.append(&line.bytes, line.id, facts);
        }
        let is_open = !(is_reached && (decision.has_caught_up || !decision.has_window));
        let has_ended = self.classifier.as_ref().is_some_and(|classifier| classifier.has_ended);
        if end == End::Log && !decision.has_further_lines && is_open && !has_ended {
            self.append_rest(facts);
            self.put_unreached(kind, false, facts);
        }
    }

    /// The mark for a session that does not reach back to the lines that are there.
    fn put_unreached(&mut self, kind: StreamKind, has_rest: bool, facts: &mut Vec<Fact>) {
        let cause = match kind {
            StreamKind::Again { history: false } => GapCause::NoHistory,
            StreamKind::Again { history: true } => GapCause::HistoryTooShort,
            // The rest of a line is missing.
            StreamKind::Handover if has_rest => GapCause::HistoryTooShort,
            StreamKind::Handover | StreamKind::First => return,
        };
        self.put_gap(Gap { before: self.store.len(), missing: None, cause }, facts);
    }

    /// Makes lines of what the old session left unfinished.
    fn append_rest(&mut self, facts: &mut Vec<Fact>) {
        for line in std::mem::take(&mut self.rest) {
            self.partial.push(self.store.len());
            self.append(&line, None, facts);
        }
    }
}
