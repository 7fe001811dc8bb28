//! The log of one run: takes what its streams bring, keeps the lines, and tells the facts that they hold.

use super::cut_key::CutKey;
use super::decode::Piece;
use super::fact::{Fact, classify};
use super::gaps::Gaps;
use super::result::Printed;
use super::scope::{Scope, Selection};
use super::store::{Class, LineStore};
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
    scope: Option<Scope>,
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
            scope: None,
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
        self.scope = Some(scope);
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
        let Self { scope, key, store, cut_key, printed, .. } = self;
        let Some(scope) = scope else { return };
        let before = store.len();
        let mut has_output = !printed.is_empty();
        store.commit(key, |head| classify(scope, head, &mut has_output, facts));
        for index in before..store.len() {
            if let Some(masked) = cut_key.look_at(key, store, index)
                && store.class(masked.line) == Some(Class::Output)
            {
                printed.mask_end(masked.bytes);
            }
            if store.class(index) == Some(Class::Output) {
                printed.add(store, index);
            }
        }
        if store.len() > before && facts.last() != Some(&Fact::Lines) {
            facts.push(Fact::Lines);
        }
    }
}
