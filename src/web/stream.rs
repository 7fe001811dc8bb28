//! The log stream: a response body as chunks of bytes. It only moves bytes.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, MessageChannel, ReadableStreamDefaultReader, ReadableStreamReadResult,
    ReferrerPolicy, Request, RequestCache, RequestCredentials, RequestInit, RequestRedirect, Response,
};

use super::fetch::send;
use super::js_error::JsError;

/// How long chunks are taken in one go before the browser gets to handle input and paint, in milliseconds.
const SLICE_MILLISECONDS: f64 = 8.0;

/// Bytes that are taken at once. A browser's chunks are as large as what has come while the page was busy: some would
/// take longer than a slice.
const PIECE_BYTES: u32 = 64 * 1024;

/// An open log stream. Dropping it ends the connection.
#[derive(Debug)]
pub struct ByteStream {
    status: u16,
    content_type: Option<String>,
    /// `None` for an answer without a body.
    reader: Option<ReadableStreamDefaultReader>,
    /// The chunk last read, and how much of it was taken.
    chunk: Uint8Array,
    taken: u32,
    /// The bytes last taken; the memory is used again.
    bytes: Vec<u8>,
    slice_began: f64,
    /// Kept, because WebKit forgets the request's signal once the request is garbage.
    _request: Option<Request>,
}

impl ByteStream {
    /// Opens a stream by a simple cross-origin request: no token and no header that would need permission
    /// (design.md 2.3, platform-api.md 2.2).
    ///
    /// The signal ends the request at any time, also while its head is awaited.
    pub async fn open(url: &str, signal: &AbortSignal) -> Result<Self, JsError> {
        let headers = Headers::new()?;
        headers.set("Accept", "text/event-stream")?;
        let init = RequestInit::new();
        init.set_headers(&headers);
        init.set_cache(RequestCache::NoStore);
        init.set_credentials(RequestCredentials::Omit);
        init.set_redirect(RequestRedirect::Error);
        init.set_referrer_policy(ReferrerPolicy::NoReferrer);
        init.set_signal(Some(signal));
        let request = Request::new_with_str_and_init(url, &init)?;
        let mut stream = Self::of_response(&send(&request).await?)?;
        stream._request = Some(request);
        Ok(stream)
    }

    /// The body of an answer as a stream.
    pub fn of_response(response: &Response) -> Result<Self, JsError> {
        let reader = match response.body() {
            Some(body) => {
                Some(body.get_reader().dyn_into::<ReadableStreamDefaultReader>().map_err(JsValue::from)?)
            }
            None => None,
        };
        Ok(Self {
            status: response.status(),
            content_type: response.headers().get("Content-Type")?,
            reader,
            chunk: Uint8Array::new_with_length(0),
            taken: 0,
            bytes: Vec::new(),
            slice_began: js_sys::Date::now(),
            _request: None,
        })
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The next bytes, not more than are taken in a millisecond; `None` at the clean end, an error when the stream broke.
    pub async fn next(&mut self) -> Result<Option<&[u8]>, JsError> {
        let Some(reader) = &self.reader else { return Ok(None) };
        if js_sys::Date::now() - self.slice_began > SLICE_MILLISECONDS {
            next_task().await?;
            self.slice_began = js_sys::Date::now();
        }
        if self.taken == self.chunk.length() {
            let result: ReadableStreamReadResult = JsFuture::from(reader.read()).await?.unchecked_into();
            if result.get_done().unwrap_or(false) {
                return Ok(None);
            }
            self.chunk = result.get_value().dyn_into().map_err(JsError::from)?;
            self.taken = 0;
        }
        let end = self.chunk.length().min(self.taken + PIECE_BYTES);
        let piece = self.chunk.subarray(self.taken, end);
        self.taken = end;
        self.bytes.resize(piece.length() as usize, 0);
        piece.copy_to(&mut self.bytes);
        Ok(Some(&self.bytes))
    }
}

impl Drop for ByteStream {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            // Cancelling an ended stream does nothing; a rejection would be reported as unhandled, so it is taken.
            let cancelled = JsFuture::from(reader.cancel());
            wasm_bindgen_futures::spawn_local(async move {
                let _ = cancelled.await;
            });
            reader.release_lock();
        }
    }
}

/// Resolves in a later task, so that the browser gets to work between chunks. A message, because timers wait for
/// four milliseconds when they are nested.
pub(super) async fn next_task() -> Result<(), JsError> {
    let channel = MessageChannel::new()?;
    let promise = js_sys::Promise::new(&mut |resolve, _| channel.port1().set_onmessage(Some(&resolve)));
    channel.port2().post_message(&JsValue::NULL)?;
    JsFuture::from(promise).await?;
    channel.port1().close();
    Ok(())
}
