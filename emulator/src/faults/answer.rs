//! Answers in the place of the right ones.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::rule::null_too;

/// An answer that a rule gives.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// An answer as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerParameters {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_too")]
    body: Option<Value>,
}

impl Answer {
    pub(super) fn read(AnswerParameters { status, headers, body }: AnswerParameters) -> Result<Self, String> {
        let status = StatusCode::from_u16(status).ok().filter(|_| (200..600).contains(&status));
        let status = status.ok_or("`status` has to be between 200 and 599")?;
        let mut read = HeaderMap::new();
        for (name, value) in headers {
            let (name, value) = read_header(&name, &value)?;
            read.append(name, value);
        }
        let body = match body {
            None => Bytes::new(),
            Some(Value::String(text)) => text.into(),
            Some(json) => {
                read.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
                json.to_string().into()
            }
        };
        Ok(Self { status, headers: read, body })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let Self { status, headers, body } = self;
        let mut response = (status, Body::from(body)).into_response();
        *response.headers_mut() = headers;
        response
    }
}

/// A header that says nothing about where the body ends.
pub(super) fn read_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (Ok(parsed), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
        return Err(format!("{name:?} or its value cannot be a header"));
    };
    if parsed == CONTENT_LENGTH || parsed == TRANSFER_ENCODING {
        return Err(format!("{name} comes from the body"));
    }
    Ok((parsed, value))
}

/// The answer for a new log session with another address, or without one; any other as it is.
pub(super) async fn with_logplex_url(response: Response, url: Option<String>) -> Response {
    // Nothing else has the field, and a stream's body would not end.
    if response.status() != StatusCode::CREATED {
        return response;
    }
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut object: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
    if object.remove("logplex_url").is_none() {
        return Response::from_parts(head, Body::from(body));
    }
    object.extend(url.map(|url| ("logplex_url".to_owned(), Value::String(url))));
    Response::from_parts(head, Body::from(Value::Object(object).to_string()))
}
