//! Conditional requests (platform-api.md 1.3): a client that has an object already gets 304 in its place.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Puts an `ETag` on what a GET found, and answers with 304 and no body if the client named it.
pub(super) async fn answer(request: Request, next: Next) -> Response {
    let is_get = request.method() == Method::GET;
    let known: Vec<HeaderValue> = request.headers().get_all(IF_NONE_MATCH).iter().cloned().collect();
    let response = next.run(request).await;
    if !is_get || !response.status().is_success() {
        return response;
    }
    let (mut head, body) = response.into_parts();
    // The bodies of the API are in memory already.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = tag(&head.headers, &body);
    let is_known = known.iter().filter_map(|value| value.to_str().ok()).any(|tags| names(tags, &tag));
    head.headers.extend(HeaderValue::try_from(tag).ok().map(|tag| (ETAG, tag)));
    if is_known {
        head.status = StatusCode::NOT_MODIFIED;
        head.headers.remove(CONTENT_TYPE);
        head.headers.remove(CONTENT_LENGTH);
        return Response::from_parts(head, Body::empty());
    }
    Response::from_parts(head, Body::from(body))
}

/// A tag of the answer: of its body, and of which rows of a list it has.
fn tag(headers: &HeaderMap, body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    headers.get(CONTENT_RANGE).map(HeaderValue::as_bytes).hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// Whether a list of tags, as `If-None-Match` has it, has this one, be it marked as weak; `*` is any.
fn names(tags: &str, tag: &str) -> bool {
    tags.split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_others() {
        for (tags, found) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            assert_eq!(names(tags, "\"a\""), found, "{tags}");
        }
    }
}
