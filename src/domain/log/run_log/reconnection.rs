//! A log over the change from one stream to the next.

use super::super::overlap::{
    Decision, Incoming, NewLine, Next, Overlap, Window, is_begin_of, is_stump, stamp_of,
};
use super::{Fact, Gap, GapCause, RunLog, StreamKind, concerns, masked};

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
        let mut unfinished = self.unfinished_lines();
        match self.overlap.take().filter(|overlap| !overlap.is_decided()) {
            Some(mut overlap) => {
                let decision = overlap.finish(&self.store);
                let has_further_lines = decision.as_ref().is_some_and(|it| it.has_further_lines);
                let has_caught_up = decision.as_ref().is_some_and(|it| it.has_caught_up);
                if matches!(kind, StreamKind::Handover { .. }) && !has_further_lines && !has_caught_up {
                    // It did not tell whether lines were lost before it, and they still may be.
                    kind = overlap.kind;
                }
                self.apply(decision, overlap.kind, End::Session, facts);
                if has_further_lines && self.rest.is_empty() {
                    // Anything else is of its history, which the next one brings again.
                    unfinished.retain(|line| !is_stump(line) && overlap.is_behind(stamp_of(line)));
                    self.rest = unfinished;
                }
            }
            None => self.rest = unfinished,
        }
        self.rest.retain(|rest| !is_stump(rest));
        self.store.discard();
        let Some(classifier) = self.classifier.as_ref().filter(|_| !matches!(kind, StreamKind::First)) else {
            self.rest.clear();
            return;
        };
        let has_beginning = !self.gaps.any_in(0..=0);
        let window = Window::of(&self.store, &self.ids, &classifier.scope, &self.not_whole, has_beginning);
        let window = window.behind(self.dropped_stamp);
        self.overlap = Some(Overlap::new(kind, window, self.rest.first().map(Vec::as_slice)));
    }

    /// What the stream left unfinished, unless it is a frame that came before.
    fn unfinished_lines(&mut self) -> Vec<Vec<u8>> {
        if self.may_repeat(self.frame.id) {
            return Vec::new();
        }
        if self.is_direct {
            return self.store.held_lines();
        }
        let is_kept = |line: &&[u8]| match &self.classifier {
            Some(classifier) => !self.selection.is_mixed() || concerns(&classifier.scope, line),
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
                let is_ambiguous = std::mem::take(&mut overlap.is_ambiguous);
                if !(may_repeat && self.came_already(line, id)) {
                    // The session has lines of before the break, so it brings that one whole.
                    self.rest.clear();
                    if is_ambiguous {
                        self.put_ambiguous(facts);
                    }
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

    /// The last stream is over. What it left unfinished is a line of its own unless it broke off in its history.
    pub(super) fn end_last_frame(&mut self) {
        if self.may_repeat(self.frame.id) {
            self.store.discard();
            self.frame.clear();
            return;
        }
        if self.is_direct {
            if self.store.has_unfinished_line() {
                self.store.end_line();
            }
            return;
        }
        let Some(unfinished) = self.frame.unfinished_line() else { return };
        let Some(overlap) = self.overlap.as_ref().filter(|overlap| !overlap.is_decided()) else {
            self.frame.end_line();
            return;
        };
        if self.rest.first().is_some_and(|rest| is_begin_of(rest, unfinished)) {
            // More of the same line.
            self.rest = vec![unfinished.to_vec()];
        } else if !is_stump(unfinished) && overlap.is_behind(stamp_of(unfinished)) {
            self.frame.end_line();
        }
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
        for places in decision.whole {
            self.gaps.take_back(&places);
        }
        let mut new_lines = decision.new_lines;
        let missed = decision.missed.iter().map(|missed| &missed.line);
        let has_rest_whole = match self.rest.first() {
            Some(rest) => new_lines.iter().chain(missed).any(|line| is_begin_of(rest, &line.bytes)),
            None => false,
        };
        self.insert(&decision.missed, facts);
        if has_rest_whole {
            self.rest.clear();
        }
        let is_reached = decision.is_reached
            || has_rest_whole
            || (!decision.has_window
                && self.rest.is_empty()
                && !matches!(kind, StreamKind::Again { history: false }));
        if decision.has_further_lines {
            if is_reached {
                self.rest.clear();
            } else {
                let first_rest = self.rest.first().filter(|_| !decision.has_window);
                let rest_stamp = first_rest.and_then(|rest| stamp_of(rest));
                let is_before_rest = |line: &NewLine| stamp_of(&line.bytes) < rest_stamp;
                let count = new_lines.iter().take_while(|line| is_before_rest(line)).count();
                self.append_new(new_lines.drain(..count), facts);
                // Where all that came is older, the unfinished line is still to come.
                if !new_lines.is_empty() || end == End::Log {
                    let has_rest = !self.rest.is_empty();
                    self.append_rest(facts);
                    let first = new_lines.first().and_then(|line| stamp_of(&line.bytes));
                    self.put_unreached(kind, has_rest || is_before(first, kind), facts);
                }
            }
        }
        if decision.is_ambiguous {
            match &mut self.overlap {
                Some(overlap) if !decision.has_further_lines => overlap.is_ambiguous = true,
                _ if decision.has_further_lines => self.put_ambiguous(facts),
                _ => {}
            }
        }
        if end == End::Log && !decision.has_further_lines {
            let has_all = is_reached && (decision.has_caught_up || !decision.has_window);
            let has_ended = self.classifier.as_ref().is_some_and(|classifier| classifier.has_ended);
            self.append_rest(facts);
            if !has_all && !has_ended {
                self.put_unreached(kind, false, facts);
            }
        }
        if let Some(overlap) = &mut self.overlap {
            overlap.set_end(self.store.len());
        }
        self.append_new(new_lines.drain(..), facts);
    }

    /// The mark for lines that repeat so that the session fits in more than one place.
    fn put_ambiguous(&mut self, facts: &mut Vec<Fact>) {
        let before = self.store.len();
        self.put_gap(Gap { before, missing: None, cause: GapCause::Ambiguous }, facts);
    }

    fn append_new(&mut self, lines: std::vec::Drain<'_, NewLine>, facts: &mut Vec<Fact>) {
        for line in lines {
            self.append(&line.bytes, line.id, facts);
        }
    }

    /// The mark for a session that does not reach back to the lines that are there.
    ///
    /// `is_behind` is whether the old session had not got as far as the new one begins, when it was read till then.
    fn put_unreached(&mut self, kind: StreamKind, is_behind: bool, facts: &mut Vec<Fact>) {
        let cause = match kind {
            StreamKind::Again { history: false } => GapCause::NoHistory,
            StreamKind::Again { history: true } => GapCause::HistoryTooShort,
            StreamKind::Handover { .. } if is_behind => GapCause::HistoryTooShort,
            StreamKind::Handover { .. } | StreamKind::First => return,
        };
        self.put_gap(Gap { before: self.store.len(), missing: None, cause }, facts);
    }

    /// Makes lines of what the old session left unfinished.
    fn append_rest(&mut self, facts: &mut Vec<Fact>) {
        for line in std::mem::take(&mut self.rest) {
            self.not_whole.push(self.store.len());
            self.append(&line, None, facts);
            self.mask_begun_key();
        }
    }
}

/// Whether a line was written before the session was created that took the place of one that was still read. The time of
/// creation has whole seconds.
fn is_before(stamp: Option<u64>, kind: StreamKind) -> bool {
    let StreamKind::Handover { created_at: Some(created_at) } = kind else { return false };
    stamp.is_some_and(|stamp| stamp / 1_000_000_000 <= created_at.0 / 1000)
}
