//! The stream listener: log sessions as Server-Sent Events or plain lines (platform-api.md 5).

mod body;
mod encoding;
mod flood;
mod line_faults;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Extension, Query, State};
use axum::http::header::{ACCEPT, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use serde::Deserialize;
use tokio::time::Instant;

use self::body::Body;
use self::encoding::Encoding;
use crate::connection::Handle;
use crate::faults::{self, Faults, OpenStreams, StreamFaults};
use crate::generation::Generation;
use crate::session::{LogSessions, Opened};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// What can be read, and what goes wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    pub(crate) sessions: Arc<LogSessions>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) open: Arc<OpenStreams>,
    /// How often an idle stream shows that it lives, unless it never does.
    pub(crate) heartbeat: Option<Duration>,
}

/// The routes of the stream listener.
pub(crate) fn router(streams: Streams) -> Router {
    Router::new()
        .route("/stream", get(open))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .layer(middleware::from_fn_with_state(Arc::clone(&streams.faults), faults::inject))
        .layer(middleware::map_response(headers))
        .layer(middleware::from_fn_with_state(Arc::clone(&streams.faults), faults::finish))
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
    ConnectInfo(connection): ConnectInfo<Handle>,
    faults: Option<Extension<StreamFaults>>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let token = parameters.map(|Query(Parameters { token })| token).unwrap_or_default();
    let (session, at_expiry, expires) = match streams.sessions.open(&token, Instant::now()) {
        Opened::Session(session, at_expiry, expires) => (session, at_expiry, expires),
        Opened::Expired(status) => return expired(status),
        Opened::Unknown => return not_found().await,
    };
    let faults = faults.map(|Extension(faults)| faults).unwrap_or_default();
    // Of a log without a history nothing can be sent again.
    let has_history = session.filter.generation == Generation::Cedar;
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encoding = Encoding::of_accept(accept, has_history).with_faults(faults.format, faults.event_ids);
    let orders = streams.open.enter();
    let reader = match last_event_id(&headers).filter(|_| has_history) {
        Some(number) => session.log.resume(number, session.tail, session.filter),
        None => session.log.read(session.lines, session.tail, session.filter),
    };
    let mut body = Body::new(reader, encoding, connection, orders, streams.heartbeat);
    body.expire(at_expiry, expires);
    body.meet(&faults);
    let chunks = stream::unfold(body, |mut body| async { body.next().await.map(|chunk| (chunk, body)) });
    ([(CONTENT_TYPE, encoding.content_type())], axum::body::Body::from_stream(chunks)).into_response()
}

/// The line behind which a reader of events goes on. The CLI and every `EventSource` send it when they connect again;
/// one that is not ours means nothing.
fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers.get(LAST_EVENT_ID)?.to_str().ok()?.parse().ok()
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not found\n").into_response()
}

fn expired(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
    (status, "The session has expired\n").into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::log::{Filter, Log};

    const INTERVAL: Duration = Duration::from_secs(15);

    #[tokio::test(start_paused = true)]
    async fn an_idle_stream_shows_that_it_lives() {
        for (accept, heartbeat) in [("", "\0"), ("text/event-stream", ": heartbeat\n\n")] {
            let (log, open): (Arc<Log>, OpenStreams) = (Arc::default(), OpenStreams::default());
            let reader = log.read(0, true, Filter::default());
            let encoding = Encoding::of_accept(accept, true);
            let mut body = Body::new(reader, encoding, Handle::default(), open.enter(), Some(INTERVAL));
            let start = Instant::now();
            for beat in 1..=3 {
                assert_eq!(body.next().await.unwrap().unwrap(), heartbeat);
                assert_eq!(start.elapsed(), INTERVAL * beat);
            }
            log.close();
            assert!(body.next().await.is_none());
        }
    }
}
