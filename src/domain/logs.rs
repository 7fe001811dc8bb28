//! The logs of all runs, and which stream's bytes go into which of them.

mod memory;

use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use super::app::LogEffect;
use super::ids::{RunId, TailId};
use super::log::{Decoder, Encoding, Fact, Piece, RunLog, StreamKind};
use super::memory_bound::MemoryBound;

/// A run's log. Lines are read from it while a row is drawn, never copied.
pub type SharedLog = Rc<RefCell<RunLog>>;

#[derive(Debug, Default)]
pub struct Logs {
    /// In the order in which they began.
    entries: Vec<Entry>,
    streams: Vec<Stream>,
    memory_bound: MemoryBound,
}

#[derive(Debug)]
struct Entry {
    run: RunId,
    log: SharedLog,
    /// Where its lines come from; `None` once it has ended.
    tail: Option<TailId>,
    /// A stream was read into it, or the next one leaves lines out before its first.
    is_begun: bool,
}

impl Entry {
    /// Whatever the stream follows, to a log that had none before it is the first.
    fn begin_stream(&mut self, kind: StreamKind, facts: &mut Vec<Fact>) {
        let kind = if std::mem::replace(&mut self.is_begun, true) { kind } else { StreamKind::First };
        self.log.borrow_mut().begin_stream(kind, facts);
    }
}

/// The stream of a tail that is read.
#[derive(Debug)]
struct Stream {
    tail: TailId,
    decoder: Decoder,
}

/// What a chunk of bytes told.
#[derive(Debug, Default)]
pub struct Read {
    /// The server has shown that it is there.
    pub heartbeat: bool,
    /// For each run that reads, although often none.
    pub facts: Vec<(RunId, Vec<Fact>)>,
}

impl Logs {
    pub fn get(&self, run: RunId) -> Option<&SharedLog> {
        self.entries.iter().find(|entry| entry.run == run).map(|entry| &entry.log)
    }

    /// Does what is to be done with a run's log, and answers what that tells about the run.
    pub fn change(&mut self, run: RunId, effect: LogEffect) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let LogEffect::Begin { api_key, selection, .. } = &effect
            && self.get(run).is_none()
        {
            let log = Rc::new(RefCell::new(RunLog::new(api_key, *selection)));
            self.entries.push(Entry { run, log, tail: None, is_begun: false });
        }
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.run == run) else { return facts };
        match effect {
            LogEffect::Begin { tail, is_read, is_late, .. } => {
                entry.tail = Some(tail);
                entry.is_begun |= is_late;
                if is_read {
                    // What it began with has passed.
                    entry.begin_stream(StreamKind::Again { history: false }, &mut facts);
                }
            }
            LogEffect::Name(scope) => entry.log.borrow_mut().set_scope(scope, &mut facts),
            LogEffect::End => {
                entry.tail = None;
                entry.log.borrow_mut().end_stream(&mut facts);
            }
            LogEffect::Forget => self.entries.retain(|entry| entry.run != run),
        }
        facts
    }

    /// The tail has a new stream.
    pub fn begin_stream(&mut self, tail: TailId, encoding: Encoding, kind: StreamKind) -> Read {
        self.end_stream(tail);
        self.streams.push(Stream { tail, decoder: Decoder::new(encoding) });
        let mut read = Read::default();
        for entry in self.entries.iter_mut().filter(|entry| entry.tail == Some(tail)) {
            let mut facts = Vec::new();
            entry.begin_stream(kind, &mut facts);
            read.facts.push((entry.run, facts));
        }
        read
    }

    /// The tail's stream is read no more. What it left unfinished stays so: another may follow.
    pub fn end_stream(&mut self, tail: TailId) {
        self.streams.retain(|stream| stream.tail != tail);
    }

    /// Takes bytes of the tail's stream.
    pub fn push(&mut self, tail: TailId, bytes: &[u8]) -> Read {
        self.take(tail, Some(bytes))
    }

    /// The server has closed the tail's stream: what waited in the decoder for a decision is part of the last line.
    pub fn finish_stream(&mut self, tail: TailId) -> Read {
        let read = self.take(tail, None);
        self.end_stream(tail);
        read
    }

    /// Takes bytes of the tail's stream, or its end.
    fn take(&mut self, tail: TailId, bytes: Option<&[u8]>) -> Read {
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.tail == tail) else {
            return Read::default();
        };
        let mut logs: Vec<RefMut<'_, RunLog>> = Vec::new();
        let mut read = Read::default();
        for entry in self.entries.iter().filter(|entry| entry.tail == Some(tail)) {
            logs.push(entry.log.borrow_mut());
            read.facts.push((entry.run, Vec::new()));
        }
        let Read { heartbeat, facts } = &mut read;
        let mut found = |piece: Piece<'_>| {
            *heartbeat |= matches!(piece, Piece::Heartbeat);
            for (log, (_, facts)) in logs.iter_mut().zip(facts.iter_mut()) {
                log.take(piece, facts);
            }
        };
        match bytes {
            Some(bytes) => stream.decoder.push(bytes, &mut found),
            None => stream.decoder.finish(&mut found),
        }
        read
    }
}
