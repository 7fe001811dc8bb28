//! Requests and streams in a real browser: what fails, is aborted, breaks off or ends.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy does not know these as tests"
)]

use std::time::Duration;

use serverless_on_heroku::domain::api::{Method, Request};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::secret::ApiKey;
use serverless_on_heroku::web::boot;
use serverless_on_heroku::web::fetch::{self, AbortGuard};
use serverless_on_heroku::web::js_error::JsError;
use serverless_on_heroku::web::policy::PolicyWatch;
use serverless_on_heroku::web::stream::ByteStream;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Response;

wasm_bindgen_test_configure!(run_in_browser);

/// An address on which nobody listens: browsers refuse port 1 themselves.
const NOBODY: &str = "http://127.0.0.1:1";

#[wasm_bindgen(inline_js = r#"
export function stream_of(chunks, error, type) {
    const probe = { cancelled: false, body: null };
    let next = 0;
    probe.body = new ReadableStream({
        type,
        pull(controller) {
            if (next < chunks.length) controller.enqueue(chunks[next++]);
            else if (error === undefined) {
                controller.close();
                controller.byobRequest?.respond(0);
            } else if (error !== null) controller.error(error);
            else return new Promise(() => {});
        },
        cancel() { probe.cancelled = true; },
    }, { highWaterMark: 0 });
    return probe;
}
export function response_of(probe) { return new Response(probe.body, { headers: { "Content-Type": "text/plain" } }); }
export function is_cancelled(probe) { return probe.cancelled; }
export function is_locked(probe) { return probe.body.locked; }
export function blob_url(length) { return URL.createObjectURL(new Blob([new Uint8Array(length)])); }
const fetch = window.fetch;
export function hang_fetch() {
    window.fetch = ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
export function restore_fetch() { window.fetch = fetch; }
export function chunk(text) { return new TextEncoder().encode(text); }
export function next_event(name) {
    return new Promise((resolve) => document.addEventListener(name, () => resolve(), { once: true }));
}
"#)]
extern "C" {
    /// A stream of the chunks that then breaks with the error, ends (`undefined`), or hangs (`null`). One of the type
    /// `bytes` fills the memory of its reader.
    fn stream_of(chunks: js_sys::Array, error: JsValue, type_: Option<&str>) -> JsValue;
    fn response_of(probe: &JsValue) -> Response;
    fn is_cancelled(probe: &JsValue) -> bool;
    fn is_locked(probe: &JsValue) -> bool;
    fn blob_url(length: u32) -> String;
    /// Makes requests wait until they are aborted.
    fn hang_fetch();
    fn restore_fetch();
    fn chunk(text: &str) -> JsValue;
    fn next_event(name: &str) -> js_sys::Promise;
}

/// Those of a browser whose bodies fill the reader's memory, and of one without.
const KINDS: [Option<&str>; 2] = [Some("bytes"), None];

/// A stream of two chunks, then what `stream_of` does with `end`.
fn two_chunks(end: &JsValue, kind: Option<&str>) -> (JsValue, ByteStream) {
    let probe = stream_of(js_sys::Array::of2(&chunk("first"), &chunk("second")), end.clone(), kind);
    let stream = ByteStream::of_response(&response_of(&probe)).expect("a stream");
    (probe, stream)
}

async fn next(stream: &mut ByteStream) -> Result<Option<Vec<u8>>, JsError> {
    Ok(stream.next().await?.map(<[u8]>::to_vec))
}

fn error(name: &str, message: &str) -> JsError {
    JsError { name: name.to_owned(), message: message.to_owned() }
}

#[wasm_bindgen_test]
async fn a_stream_gives_its_chunks_and_its_end() {
    for kind in KINDS {
        let (_, mut stream) = two_chunks(&JsValue::UNDEFINED, kind);
        assert_eq!((stream.status(), stream.content_type()), (200, Some("text/plain")));
        assert_eq!(next(&mut stream).await, Ok(Some(b"first".to_vec())), "{kind:?}");
        assert_eq!(next(&mut stream).await, Ok(Some(b"second".to_vec())), "{kind:?}");
        assert_eq!(next(&mut stream).await, Ok(None), "{kind:?}");
        assert_eq!(next(&mut stream).await, Ok(None), "{kind:?}");
    }
}

#[wasm_bindgen_test]
async fn a_chunk_of_any_size_is_given_in_pieces() {
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|number| (number / 7) as u8).collect();
    for kind in KINDS {
        let chunks = js_sys::Array::of1(&js_sys::Uint8Array::from(&bytes[..]));
        let probe = stream_of(chunks, JsValue::UNDEFINED, kind);
        let mut stream = ByteStream::of_response(&response_of(&probe)).expect("a stream");
        let mut given = Vec::new();
        while let Some(piece) = next(&mut stream).await.expect("a piece") {
            assert!((1..=200_000).contains(&piece.len()), "{} bytes at once", piece.len());
            given.extend(piece);
        }
        assert!(given == bytes, "{kind:?}");
    }
}

#[wasm_bindgen_test]
async fn a_stream_that_breaks_off_is_no_end() {
    let broken = js_sys::TypeError::new("network error").into();
    for kind in KINDS {
        let (_, mut stream) = two_chunks(&broken, kind);
        assert_eq!(next(&mut stream).await, Ok(Some(b"first".to_vec())), "{kind:?}");
        assert_eq!(next(&mut stream).await, Ok(Some(b"second".to_vec())), "{kind:?}");
        for _ in 0..2 {
            assert_eq!(next(&mut stream).await, Err(error("TypeError", "network error")), "{kind:?}");
        }
    }
}

#[wasm_bindgen_test]
async fn dropping_a_stream_cancels_it_and_releases_the_reader() {
    for kind in KINDS {
        let (probe, mut stream) = two_chunks(&JsValue::NULL, kind);
        assert_eq!(next(&mut stream).await, Ok(Some(b"first".to_vec())), "{kind:?}");
        assert!(is_locked(&probe));
        drop(stream);
        assert!(!is_locked(&probe), "{kind:?}");
        assert!(is_cancelled(&probe), "{kind:?}");
    }
}

#[wasm_bindgen_test]
async fn a_body_that_is_not_bytes_is_an_error() {
    let probe = stream_of(js_sys::Array::of1(&"text".into()), JsValue::UNDEFINED, None);
    let mut stream = ByteStream::of_response(&response_of(&probe)).expect("a stream");
    assert!(next(&mut stream).await.is_err());
}

#[wasm_bindgen_test]
async fn an_answer_without_a_body_is_an_empty_stream() {
    let mut stream = ByteStream::of_response(&Response::new().expect("a response")).expect("a stream");
    assert_eq!(next(&mut stream).await, Ok(None));
}

#[wasm_bindgen_test]
async fn a_stream_that_cannot_be_opened_is_a_type_error() {
    let guard = AbortGuard::new().expect("a guard");
    let failed = ByteStream::open(NOBODY, &guard.signal()).await.expect_err("an error");
    assert_eq!(failed.name, "TypeError");
}

#[wasm_bindgen_test]
async fn dropping_the_guard_aborts_a_stream_that_is_being_opened() {
    let guard = AbortGuard::new().expect("a guard");
    let signal = guard.signal();
    let url = blob_url(1);
    let (opened, ()) = futures_join(ByteStream::open(&url, &signal), async move { drop(guard) }).await;
    assert_eq!(opened.expect_err("an error").name, "AbortError");
}

#[wasm_bindgen_test]
async fn dropping_the_guard_breaks_off_an_open_stream() {
    let guard = AbortGuard::new().expect("a guard");
    let mut stream = ByteStream::open(&blob_url(64 << 20), &guard.signal()).await.expect("a stream");
    assert!(matches!(next(&mut stream).await, Ok(Some(_))));
    drop(guard);
    let ended = loop {
        match next(&mut stream).await {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    assert_eq!(ended.expect_err("an error").name, "AbortError");
}

#[wasm_bindgen_test]
async fn a_call_without_an_answer_is_unreachable() {
    let request =
        Request { method: Method::Post, path: "/apps/x/dynos".to_owned(), body: Some("{}".to_owned()) };
    let key = ApiKey::parse("key").expect("a key");
    let answer = fetch::call(NOBODY, &request, &key, Duration::from_secs(30), &PolicyWatch::default()).await;
    assert_eq!(answer, Err(TransportError::Unreachable));
}

#[wasm_bindgen_test]
async fn a_call_whose_answer_takes_too_long_is_given_up() {
    hang_fetch();
    let request = Request { method: Method::Get, path: "/apps/x/dynos/run.1".to_owned(), body: None };
    let key = ApiKey::parse("key").expect("a key");
    let answer = fetch::call(NOBODY, &request, &key, Duration::from_millis(1), &PolicyWatch::default()).await;
    restore_fetch();
    assert_eq!(answer, Err(TransportError::Unreachable));
}

#[wasm_bindgen_test]
fn anything_that_is_thrown_becomes_an_error() {
    #[track_caller]
    fn check(thrown: impl Into<JsValue>, expected: JsError) {
        assert_eq!(JsError::from(thrown.into()), expected);
    }
    check(js_sys::RangeError::new("far"), error("RangeError", "far"));
    check("a reason", error("", "a reason"));
    check(JsValue::UNDEFINED, error("", ""));
    check(JsValue::NULL, error("", ""));
    check(7, error("", ""));
    check(js_sys::Object::new(), error("", ""));
}

#[wasm_bindgen_test]
async fn a_failure_is_announced_to_the_boot_script() {
    let announced = next_event(boot::FAILED_EVENT);
    boot::announce_failure();
    wasm_bindgen_futures::JsFuture::from(announced).await.expect("the event");
}

/// Runs both to their ends, the first one first.
async fn futures_join<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    let (mut a, mut b) = (None, None);
    std::future::poll_fn(move |context| {
        if a.is_none()
            && let std::task::Poll::Ready(output) = first.as_mut().poll(context)
        {
            a = Some(output);
        }
        if b.is_none()
            && let std::task::Poll::Ready(output) = second.as_mut().poll(context)
        {
            b = Some(output);
        }
        match (a.take(), b.take()) {
            (Some(first), Some(second)) => std::task::Poll::Ready((first, second)),
            (first, second) => {
                (a, b) = (first, second);
                std::task::Poll::Pending
            }
        }
    })
    .await
}
