//! The streams that are open, by the tail and the number of the session that they belong to.

use std::cell::RefCell;

use web_sys::AbortSignal;

use super::fetch::AbortGuard;
use super::js_error::JsError;
use super::stream::ByteStream;
use crate::domain::ids::TailId;

#[derive(Debug, Default)]
pub(super) struct Streams(RefCell<Vec<Entry>>);

#[derive(Debug)]
struct Entry {
    tail: TailId,
    session: u32,
    /// Dropping it ends the request or the stream.
    _guard: AbortGuard,
    /// Open, and not read yet.
    stream: Option<ByteStream>,
}

impl Streams {
    /// A stream is being opened. Answers the signal that ends it; `None` where the browser has none.
    pub(super) fn begin(&self, tail: TailId, session: u32) -> Option<AbortSignal> {
        let guard = AbortGuard::new().ok()?;
        let signal = guard.signal();
        self.0.borrow_mut().push(Entry { tail, session, _guard: guard, stream: None });
        Some(signal)
    }

    /// Waits for the head of the answer and tells its status. The stream is kept until it is taken or closed.
    pub(super) async fn open(
        &self,
        tail: TailId,
        session: u32,
        url: &str,
        signal: &AbortSignal,
    ) -> Result<u16, JsError> {
        let opened = ByteStream::open(url, signal).await?;
        let status = opened.status();
        let mut entries = self.0.borrow_mut();
        if let Some(entry) = entries.iter_mut().find(|entry| (entry.tail, entry.session) == (tail, session)) {
            entry.stream = Some(opened);
        }
        Ok(status)
    }

    /// The open stream, to be read. [`has`](Self::has) tells how long.
    pub(super) fn take(&self, tail: TailId, session: u32) -> Option<ByteStream> {
        let mut entries = self.0.borrow_mut();
        let entry = entries.iter_mut().find(|entry| (entry.tail, entry.session) == (tail, session))?;
        entry.stream.take()
    }

    /// Whether it was not closed.
    pub(super) fn has(&self, tail: TailId, session: u32) -> bool {
        self.0.borrow().iter().any(|entry| (entry.tail, entry.session) == (tail, session))
    }

    pub(super) fn close(&self, tail: TailId, session: u32) {
        // Dropped behind the borrow: the abort may run a listener.
        let closed: Vec<Entry> = {
            let mut entries = self.0.borrow_mut();
            let (closed, kept) =
                entries.drain(..).partition(|entry| (entry.tail, entry.session) == (tail, session));
            *entries = kept;
            closed
        };
        drop(closed);
    }
}
