//! The log of one run: takes what its streams bring, keeps the lines, and tells the facts that they hold.

use super::classify::{Classifier, Fact};
use super::cut_key::CutKey;
use super::decode::Piece;
use super::error_code::{ErrorCode, number_of_messages};
use super::gaps::{Gap, GapCause, Gaps};
use super::header::Header;
use super::result::Printed;
use super::scope::{Scope, Selection};
use super::store::{Class, HEAD_BYTES, LineStore};
use crate::domain::secret::{ApiKey, KeyFinder};

/// How a stream follows the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamKind {
    /// The first: there is nothing that it could repeat.
    First,
    /// The old stream was lost. The first lines of a session with a history repeat lines that are there; without one
    /// lines may be missing.
    Again { history: bool },
    /// The old stream was read until the new one had been open for a while: nothing was lost in between.
    Handover,
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
        }
    }

    pub fn lines(&self) -> &LineStore {
        &self.store
    }

    /// Where lines are missing.
    pub fn gaps(&self) -> &Gaps {
        &self.gaps
    }

    /// What the function printed.
    pub fn printed(&self) -> &Printed {
        &self.printed
    }

    /// The dyno is known. Lines that came before were held back and are taken now.
    pub fn set_scope(&mut self, scope: Scope, _facts: &mut Vec<Fact>) {
        self.classifier = Some(Classifier::new(scope, self.selection));
    }

    /// A stream begins. What an earlier one left unfinished is dropped once the new one's history brings it whole.
    pub fn begin_stream(&mut self, _kind: StreamKind) {
        self.store.discard();
    }

    /// Takes what a stream brings and adds what it tells to `facts`.
    pub fn take(&mut self, piece: Piece<'_>, facts: &mut Vec<Fact>) {
        match piece {
            Piece::Text(bytes) => self.store.push(bytes),
            Piece::LineEnd => self.store.end_line(),
            Piece::Commit => self.commit(facts),
            Piece::Id(_) | Piece::Heartbeat => {}
        }
    }

    /// The stream is over and no other follows: what it left unfinished becomes a line (design.md 2.5).
    pub fn end_stream(&mut self, facts: &mut Vec<Fact>) {
        if self.store.has_unfinished_line() {
            self.take(Piece::LineEnd, facts);
        }
        self.take(Piece::Commit, facts);
    }

    fn commit(&mut self, facts: &mut Vec<Fact>) {
        let Self { classifier: Some(classifier), key, store, cut_key, printed, .. } = self else { return };
        let before = store.len();
        store.commit(key, |head| classifier.classify(head, facts));
        let beginning_is_missing = classifier.beginning.take_missing();
        for index in before..store.len() {
            if let Some(masked) = cut_key.look_at(key, store, index)
                && store.class(masked.line) == Some(Class::Output)
            {
                printed.mask_end(masked.bytes);
            }
            match store.class(index) {
                Some(Class::Output) => printed.add(store, index),
                Some(Class::Loss) => put_loss(&mut self.gaps, store, index, facts),
                _ => {}
            }
        }
        if beginning_is_missing && !self.gaps.any_in(0..=0) {
            put_gap(
                &mut self.gaps,
                Gap { before: 0, missing: None, cause: GapCause::BeginningMissing },
                facts,
            );
        }
        if self.store.len() > before && facts.last() != Some(&Fact::Lines) {
            facts.push(Fact::Lines);
        }
    }
}

fn put_gap(gaps: &mut Gaps, gap: Gap, facts: &mut Vec<Fact>) {
    gaps.put(gap);
    facts.push(Fact::Gap);
}

/// Puts the mark for a line of the log system that tells how many lines are missing there: L11, L12 or L13.
fn put_loss(gaps: &mut Gaps, store: &LineStore, index: usize, facts: &mut Vec<Fact>) {
    let Some(head) = store.line_prefix(index, HEAD_BYTES) else { return };
    let Some(header) = Header::parse(&head) else { return };
    let message = &head[header.message_start..];
    let tells_of_lines =
        ErrorCode::of_log_system(message).is_some_and(|code| matches!(code.as_str(), "L11" | "L12" | "L13"));
    if tells_of_lines {
        let missing = number_of_messages(message);
        put_gap(gaps, Gap { before: index, missing, cause: GapCause::Dropped }, facts);
    }
}
