//! The log stream: a response body as chunks of bytes. It only moves bytes.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, MessageChannel, ReadableStreamGetReaderOptions, ReadableStreamReadResult,
    ReadableStreamReaderMode, ReferrerPolicy, Request, RequestCache, RequestCredentials, RequestInit,
    RequestRedirect, Response,
};

use super::fetch::send;
use super::js_error::JsError;

/// How long chunks are taken in one go before the browser gets to handle input and paint, in milliseconds.
const SLICE_MILLISECONDS: f64 = 8.0;

/// Bytes that are taken at once. Where a browser chooses the size of chunks, they are as large as what has come while the
/// page was busy: some would take longer than a slice.
const PIECE_BYTES: u32 = 128 * 1024;

#[wasm_bindgen]
extern "C" {
    type Body;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Body, options: Option<&ReadableStreamGetReaderOptions>) -> Result<Reader, JsValue>;

    /// One that fills the memory that it is given, which saves new memory for each chunk; or where there is none, one that
    /// does not look at it.
    #[derive(Debug)]
    type Reader;
    #[wasm_bindgen(method)]
    fn read(this: &Reader, memory: &Uint8Array) -> Promise;
    #[wasm_bindgen(method)]
    fn cancel(this: &Reader) -> Promise;
    #[wasm_bindgen(method, js_name = releaseLock)]
    fn release_lock(this: &Reader);
}

/// An open log stream. Dropping it ends the connection.
#[derive(Debug)]
pub struct ByteStream {
    status: u16,
    content_type: Option<String>,
    /// `None` for an answer without a body.
    reader: Option<Reader>,
    /// The chunk last read, and how much of it was taken. Its memory is for the next.
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
                let body: Body = JsValue::from(body).unchecked_into();
                let options = ReadableStreamGetReaderOptions::new();
                options.set_mode(ReadableStreamReaderMode::Byob);
                Some(body.get_reader(Some(&options)).or_else(|_| body.get_reader(None))?)
            }
            None => None,
        };
        Ok(Self {
            status: response.status(),
            content_type: response.headers().get("Content-Type")?,
            reader,
            chunk: Uint8Array::new_with_length(PIECE_BYTES),
            taken: PIECE_BYTES,
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
            let memory = Uint8Array::new(&self.chunk.buffer());
            match JsFuture::from(reader.read(&memory)).await.map_err(JsError::from).and_then(chunk_of) {
                Ok(Some(chunk)) => (self.chunk, self.taken) = (chunk, 0),
                ended => {
                    // The reader has kept the memory.
                    (self.chunk, self.taken) = (Uint8Array::new_with_length(PIECE_BYTES), PIECE_BYTES);
                    return ended.map(|_| None);
                }
            }
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

/// What a reader has read; `None` at the end.
fn chunk_of(result: JsValue) -> Result<Option<Uint8Array>, JsError> {
    let result: ReadableStreamReadResult = result.unchecked_into();
    if result.get_done().unwrap_or(false) {
        return Ok(None);
    }
    Ok(Some(result.get_value().dyn_into()?))
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
