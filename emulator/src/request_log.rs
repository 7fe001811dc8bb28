//! One line on stderr for each request, without anything secret.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::connection::NoAnswer;

/// What a listener's lines look like.
#[derive(Clone, Debug)]
pub(crate) struct RequestLog {
    /// `api`, `stream` or `page`.
    pub(crate) listener: &'static str,
    /// Hidden, should a client put it into a path.
    pub(crate) key: Arc<str>,
}

/// Writes method, path and status. Queries are left out: a stream's holds its token.
pub(crate) async fn write(State(log): State<RequestLog>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().replace(&*log.key, "[key]");
    let response = next.run(request).await;
    let status = response.status();
    let outcome = if NoAnswer::is(&response) { "no answer" } else { status.as_str() };
    let milliseconds = started.elapsed().as_millis();
    tracing::info!("{}: {method} {path} {outcome} in {milliseconds} ms", log.listener);
    response
}
