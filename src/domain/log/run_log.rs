//! The log of one run: takes the bytes of its streams, keeps the lines, and tells the facts that they hold.

use super::cut_key::CutKey;
use super::decode::{Decoder, Encoding, Piece};
use super::header::{Header, Lifecycle, tells_of_loss};
use super::result::Printed;
use super::store::{Class, LineStore};
use crate::domain::secret::{ApiKey, KeyFinder};
use crate::domain::time::Time;

/// Which lines speak of this run: names of dynos are reused, and a log session may bring an earlier one's lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The dyno's name, as in `app[run.8361]`.
    pub dyno: String,
    /// The dyno's `created_at`, in whole seconds; lines stamped before it are no facts about this run.
    pub created_at: Option<Time>,
}

impl Scope {
    fn covers(&self, header: &Header<'_>) -> bool {
        header.process == Some(self.dyno.as_bytes())
            && self.created_at.is_none_or(|created| header.time >= created)
    }
}

/// What lines told about the run. `at` is the server's time in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// There are more lines.
    Lines,
    /// The platform starts the process.
    Starting,
    /// The function printed its first line.
    FirstOutput { at: Time },
    /// The dyno runs.
    Up { at: Time },
    /// The process ended; the status is missing where the line has none.
    Exited { status: Option<i32>, at: Time },
    /// The dyno reached a final state.
    Final { at: Time },
}

/// The lines of a run, and the stream that brings more. The API key is masked in them.
#[derive(Debug)]
pub struct RunLog {
    decoder: Decoder,
    lines: Lines,
}

/// Everything behind the decoder.
#[derive(Debug)]
struct Lines {
    scope: Scope,
    key: KeyFinder,
    store: LineStore,
    cut_key: CutKey,
    printed: Printed,
}

impl RunLog {
    pub fn new(scope: Scope, api_key: &ApiKey) -> Self {
        let lines = Lines {
            scope,
            key: api_key.finder(),
            store: LineStore::default(),
            cut_key: CutKey::default(),
            printed: Printed::default(),
        };
        Self { decoder: Decoder::new(Encoding::Unknown), lines }
    }

    pub fn lines(&self) -> &LineStore {
        &self.lines.store
    }

    /// What the function printed.
    pub fn printed(&self) -> &Printed {
        &self.lines.printed
    }

    /// A stream begins. What an earlier one left unfinished is dropped, since the new one's history has it whole.
    pub fn begin_stream(&mut self, encoding: Encoding) {
        self.lines.store.discard();
        self.decoder = Decoder::new(encoding);
    }

    /// Takes bytes of the stream and adds what they tell to `facts`.
    pub fn push(&mut self, bytes: &[u8], facts: &mut Vec<Fact>) {
        let Self { decoder, lines } = self;
        decoder.push(bytes, &mut |piece| lines.take(piece, facts));
    }

    /// The stream is over and no other follows: what it left unfinished becomes a line (design.md 2.5).
    pub fn end_stream(&mut self, facts: &mut Vec<Fact>) {
        let Self { decoder, lines } = self;
        let decoder = std::mem::replace(decoder, Decoder::new(Encoding::Unknown));
        decoder.finish(&mut |piece| lines.take(piece, facts));
        if lines.store.has_unfinished_line() {
            lines.take(Piece::LineEnd, facts);
        }
        lines.take(Piece::Commit, facts);
    }
}

impl Lines {
    fn take(&mut self, piece: Piece<'_>, facts: &mut Vec<Fact>) {
        match piece {
            Piece::Text(bytes) => self.store.push(bytes),
            Piece::LineEnd => self.store.end_line(),
            Piece::Commit => self.commit(facts),
        }
    }

    fn commit(&mut self, facts: &mut Vec<Fact>) {
        let Self { scope, key, store, cut_key, printed } = self;
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

/// The class of a line, from its first bytes; what it tells about the run goes to `facts`.
fn classify(scope: &Scope, head: &[u8], has_output: &mut bool, facts: &mut Vec<Fact>) -> Class {
    let Some(header) = Header::parse(head) else { return Class::Raw };
    let message = &head[header.message_start..];
    if tells_of_loss(&header, message) {
        return Class::Loss;
    }
    let ours = scope.covers(&header);
    let at = header.time;
    // The API's own lines come as `app[api]` (platform-api.md 6.2).
    if header.source == b"app" && header.process != Some(b"api") {
        if !ours {
            return Class::App;
        }
        if !std::mem::replace(has_output, true) {
            facts.push(Fact::FirstOutput { at });
        }
        return Class::Output;
    }
    let from_platform = header.source.starts_with(b"heroku") || header.process == Some(b"api");
    if !from_platform {
        return Class::App;
    }
    if ours {
        facts.extend(match Lifecycle::parse(message) {
            Some(Lifecycle::Up) => Some(Fact::Up { at }),
            Some(Lifecycle::Exited(status)) => Some(Fact::Exited { status, at }),
            Some(Lifecycle::Final) => Some(Fact::Final { at }),
            Some(Lifecycle::Starting) => Some(Fact::Starting),
            None => None,
        });
    }
    Class::Platform
}
