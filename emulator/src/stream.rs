//! The stream listener: log sessions as Server-Sent Events or plain lines (platform-api.md 5).

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{ACCEPT, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use serde::Deserialize;

use crate::faults::{self, Faults};
use crate::log::{Batch, Reader};
use crate::session::LogSessions;

/// An idle stream shows this often that it lives; clients give one up after 30 s (platform-api.md 5.3).
const HEARTBEAT: Duration = Duration::from_secs(15);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Lines are collected into pieces of about this many bytes when more than one waits.
const CHUNK_BYTES: usize = 256 * 1024;

/// What can be read, and what goes wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    pub(crate) sessions: Arc<LogSessions>,
    pub(crate) faults: Arc<Faults>,
}

/// The routes of the stream listener.
pub(crate) fn router(streams: Streams) -> Router {
    Router::new()
        .route("/stream", get(open))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .layer(middleware::from_fn_with_state(Arc::clone(&streams.faults), faults::inject))
        .layer(middleware::map_response(headers))
        .layer(middleware::from_fn_with_state(Arc::clone(&streams.faults), faults::end_connections))
        .with_state(streams)
}

/// Every answer of this listener may be read by any page and kept by nobody, unless a fault has it otherwise.
async fn headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(ACCESS_CONTROL_ALLOW_ORIGIN).or_insert(HeaderValue::from_static("*"));
    response
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(default)]
    token: String,
}

async fn open(
    State(streams): State<Streams>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let token = parameters.map(|Query(Parameters { token })| token).unwrap_or_default();
    let Some(session) = streams.sessions.open(&token, Instant::now()) else {
        return not_found().await;
    };
    let reader = match last_event_id(&headers) {
        Some(number) => session.log.resume(number, session.tail, session.filter),
        None => session.log.read(session.lines, session.tail, session.filter),
    };
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encoding = Encoding::of_accept(accept);
    ([(CONTENT_TYPE, encoding.content_type())], Body::from_stream(chunks(reader, encoding))).into_response()
}

/// The line behind which a reader of events goes on. The CLI and every `EventSource` send it when they connect again;
/// one that is not ours means nothing.
fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers.get(LAST_EVENT_ID)?.to_str().ok()?.parse().ok()
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not found\n").into_response()
}

/// The body of a stream: lines as they come, heartbeats while none do.
fn chunks(
    reader: Reader,
    encoding: Encoding,
) -> impl futures_util::Stream<Item = Result<Bytes, std::convert::Infallible>> {
    stream::unfold((reader, encoding), |(mut reader, encoding)| async move {
        let chunk = match tokio::time::timeout(HEARTBEAT, reader.next(CHUNK_BYTES)).await {
            Ok(Some(batches)) => encoding.encode(&batches),
            Ok(None) => return None,
            Err(_) => encoding.heartbeat(),
        };
        Some((Ok(chunk), (reader, encoding)))
    })
}

/// How lines are written into the stream.
enum Encoding {
    Plain,
    /// Each with the number of its line as its id.
    Events,
}

impl Encoding {
    fn of_accept(accept: &str) -> Self {
        let wants_events = accept
            .split(',')
            .filter_map(|range| range.split(';').next())
            .any(|media_type| media_type.trim().eq_ignore_ascii_case("text/event-stream"));
        if wants_events { Self::Events } else { Self::Plain }
    }

    fn content_type(&self) -> &'static str {
        match self {
            Self::Plain => "text/plain; charset=utf-8",
            Self::Events => "text/event-stream",
        }
    }

    /// A NUL byte, or an event without data (platform-api.md 5.2, 5.3).
    fn heartbeat(&self) -> Bytes {
        Bytes::from_static(match self {
            Self::Plain => b"\0",
            Self::Events => b": heartbeat\n\n",
        })
    }

    fn encode(&self, batches: &[Batch]) -> Bytes {
        match (self, batches) {
            (Self::Plain, [batch]) => batch.text().clone(),
            (Self::Plain, batches) => {
                let texts: Vec<&[u8]> = batches.iter().map(|batch| &batch.text()[..]).collect();
                texts.concat().into()
            }
            (Self::Events, batches) => {
                let bytes: usize = batches.iter().map(|batch| batch.text().len()).sum();
                let mut out = Vec::with_capacity(bytes + bytes / 4 + 64);
                for (number, line) in batches.iter().flat_map(Batch::numbered_lines) {
                    out.extend_from_slice(b"id: ");
                    out.extend_from_slice(number.to_string().as_bytes());
                    out.extend_from_slice(b"\ndata: ");
                    out.extend_from_slice(line);
                    out.extend_from_slice(b"\n\n");
                }
                out.into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use futures_util::StreamExt;
    use tokio::time::Instant;

    use super::*;
    use crate::log::{Filter, Log};

    #[test]
    fn events_have_to_be_asked_for() {
        for (accept, events) in [
            ("text/event-stream", true),
            ("Text/Event-Stream;q=0.5", true),
            ("text/plain, text/event-stream", true),
            ("*/*", false),
            ("text/*", false),
            ("", false),
        ] {
            assert_eq!(matches!(Encoding::of_accept(accept), Encoding::Events), events, "{accept}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_stream_shows_that_it_lives() {
        for (encoding, heartbeat) in [(Encoding::Plain, "\0"), (Encoding::Events, ": heartbeat\n\n")] {
            let log: Arc<Log> = Arc::default();
            let mut chunks = Box::pin(chunks(log.read(0, true, Filter::default()), encoding));
            let start = Instant::now();
            for beat in 1..=3 {
                assert_eq!(chunks.next().await.unwrap().unwrap(), heartbeat);
                assert_eq!(start.elapsed().as_millis(), beat * HEARTBEAT.as_millis());
            }
            log.close();
            assert!(chunks.next().await.is_none());
        }
    }
}
