//! Faults on demand: rules that say which requests go wrong, and how.
//!
//! A rule is a JSON object:
//!
//! ```json
//! {"method": "POST", "path": "/apps/*/dynos", "times": 1, "skip": 0, "answer": {"status": 503}}
//! ```
//!
//! `path` is that of the request as it was sent, without a query; a `*` stands for exactly one segment. Without
//! `method` every method is meant. The rule lets the first `skip` requests pass, then it applies `times` times, without
//! `times` until it is removed. Rules are tried in their order, and the first that applies decides. They hold for the
//! API, for who has the key, and for the stream listener, whose path is `/stream`; never for a preflight.
//!
//! What happens is one of:
//!
//! - `"answer": {"status": 503, "headers": {"Retry-After": "1"}, "body": …}`: that answer, and the request has no
//!   effect. A string is sent as it is, any other JSON as JSON, nothing as an empty body. The headers that every answer
//!   of the listener has (CORS among them) are there too; one that the rule names counts instead.
//! - `"reset": "before"` or `"reset": "after"`: the connection is closed without an answer, before or after the request
//!   took effect.
//! - `"logplex_url": null` or `"logplex_url": "https://…"`: a log session is made, and its answer has no or another
//!   address.
//!
//! A browser sends a request again, a POST too, when a connection that it has used before closes without an answer. So
//! as long as a reset can come, every answer ends its connection. Connections that were left open before the rule was
//! added are not reached by that: a reset is best asked for before the client's first request, with `skip`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::connection::NoAnswer;

/// The rules that hold now.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Rule>>,
}

impl Faults {
    /// Adds rules behind those that are there, all or none; the error is a sentence about the first wrong one.
    pub(crate) fn add(&self, given: Vec<Value>) -> Result<(), String> {
        let read = |(index, rule)| {
            Rule::read(rule).map_err(|error| format!("Rule {} of the request: {error}.", index + 1))
        };
        let rules: Vec<Rule> = given.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).extend(rules);
        Ok(())
    }

    /// The rules as they were given, each with how often it was `used`.
    pub(crate) fn list(&self) -> Vec<Value> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).iter().map(Rule::show).collect()
    }

    pub(crate) fn clear(&self) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What a request meets, which counts as a use.
    fn meet(&self, method: &Method, path: &str) -> Option<Fault> {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.iter_mut().filter(|rule| rule.matches(method, path)).find_map(Rule::apply)
    }

    /// Whether a request can still meet a closed connection.
    fn can_reset(&self) -> bool {
        let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.iter().any(|rule| matches!(rule.fault, Fault::Reset(_)) && !rule.is_used_up())
    }
}

/// Lets requests meet the faults that are meant for them.
pub(crate) async fn inject(State(faults): State<Arc<Faults>>, request: Request, next: Next) -> Response {
    match faults.meet(request.method(), request.uri().path()) {
        None => next.run(request).await,
        Some(Fault::Answer(answer)) => answer.into_response(),
        Some(Fault::Reset(Reset::Before)) => NoAnswer.into_response(),
        Some(Fault::Reset(Reset::After)) => {
            drop(next.run(request).await);
            NoAnswer.into_response()
        }
        Some(Fault::LogplexUrl(url)) => with_logplex_url(next.run(request).await, url).await,
    }
}

/// Ends connections while a reset can come, so that each request has a new one. Goes around everything else, because
/// the answer to a preflight leaves a connection for the request behind it.
pub(crate) async fn end_connections(
    State(faults): State<Arc<Faults>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if faults.can_reset() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The answer for a new log session with another address, or without one; any other as it is.
async fn with_logplex_url(response: Response, url: Option<String>) -> Response {
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

/// A rule and what became of it so far.
#[derive(Debug)]
struct Rule {
    /// As it was given.
    given: Value,
    method: Option<Method>,
    path: String,
    times: Option<u64>,
    /// Requests that are still let through.
    skip: u64,
    used: u64,
    fault: Fault,
}

/// What happens to a request.
#[derive(Clone, Debug)]
enum Fault {
    Answer(Answer),
    Reset(Reset),
    LogplexUrl(Option<String>),
}

#[derive(Clone, Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// When the connection is closed: before or after the request takes effect.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Reset {
    Before,
    After,
}

/// A rule as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleParameters {
    method: Option<String>,
    path: String,
    times: Option<u64>,
    #[serde(default)]
    skip: u64,
    answer: Option<AnswerParameters>,
    reset: Option<Reset>,
    #[serde(default, deserialize_with = "null_too")]
    logplex_url: Option<Option<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerParameters {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_too")]
    body: Option<Value>,
}

/// A value that is given, be it null: other than by default, that is not the same as a missing one.
fn null_too<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Rule {
    fn read(given: Value) -> Result<Self, String> {
        if !given.is_object() {
            return Err("it has to be an object".to_owned());
        }
        let RuleParameters { method, path, times, skip, answer, reset, logplex_url } =
            RuleParameters::deserialize(&given).map_err(|error| error.to_string())?;
        let fault = match (answer, reset, logplex_url) {
            (Some(answer), None, None) => Fault::Answer(Answer::read(answer)?),
            (None, Some(reset), None) => Fault::Reset(reset),
            (None, None, Some(url)) => Fault::LogplexUrl(url),
            _ => return Err("it needs exactly one of `answer`, `reset` and `logplex_url`".to_owned()),
        };
        let method = method.map(|method| read_method(&method)).transpose()?;
        if !path.starts_with('/') || path.contains(['?', '#']) {
            return Err("`path` has to begin with `/` and to have no query".to_owned());
        }
        Ok(Self { given, method, path, times, skip, used: 0, fault })
    }

    fn show(&self) -> Value {
        let mut shown = self.given.clone();
        shown["used"] = self.used.into();
        shown
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        method != Method::OPTIONS
            && self.method.as_ref().is_none_or(|meant| meant == method)
            && self.path.split('/').count() == path.split('/').count()
            && self
                .path
                .split('/')
                .zip(path.split('/'))
                .all(|(meant, segment)| meant == segment || meant == "*" && !segment.is_empty())
    }

    fn is_used_up(&self) -> bool {
        self.times.is_some_and(|times| self.used >= times)
    }

    /// What a request that matches meets, unless the rule lets it through.
    fn apply(&mut self) -> Option<Fault> {
        if self.is_used_up() {
            None
        } else if self.skip > 0 {
            self.skip -= 1;
            None
        } else {
            self.used += 1;
            Some(self.fault.clone())
        }
    }
}

impl Answer {
    fn read(AnswerParameters { status, headers, body }: AnswerParameters) -> Result<Self, String> {
        let status = StatusCode::from_u16(status).ok().filter(|_| (200..600).contains(&status));
        let status = status.ok_or("`status` has to be between 200 and 599")?;
        let mut read = HeaderMap::new();
        for (name, value) in headers {
            let (Ok(parsed), Ok(value)) = (HeaderName::try_from(&name), HeaderValue::try_from(value)) else {
                return Err(format!("{name:?} or its value cannot be a header"));
            };
            if parsed == CONTENT_LENGTH || parsed == TRANSFER_ENCODING {
                return Err(format!("{name} comes from the body"));
            }
            read.append(parsed, value);
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

/// A method that requests of the API have; another would be a mistake, and its rule would never apply.
fn read_method(method: &str) -> Result<Method, String> {
    let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    known
        .into_iter()
        .find(|known| known == method)
        .ok_or_else(|| "`method` has to be GET, POST, PUT, PATCH or DELETE".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_is_one_segment() {
        for (pattern, path, matches) in [
            ("/apps/*/dynos", "/apps/a/dynos", true),
            ("/apps/*/dynos/*", "/apps/a/dynos/run.1", true),
            ("/*", "/stream", true),
            ("/stream", "/stream", true),
            ("/apps/*/dynos", "/apps//dynos", false),
            ("/apps/*/dynos", "/apps/a/b/dynos", false),
            ("/apps/*", "/apps/a/dynos", false),
            ("/apps/*", "/apps", false),
            ("/apps/a*", "/apps/ab", false),
            ("/apps/a", "/apps/A", false),
            ("/apps/a", "/apps/a/", false),
        ] {
            let rule = Rule::read(json!({"path": pattern, "reset": "before"})).unwrap();
            assert_eq!(rule.matches(&Method::GET, path), matches, "{pattern} {path}");
        }
    }

    #[test]
    fn a_preflight_is_never_meant() {
        let rule = Rule::read(json!({"path": "/a", "reset": "before"})).unwrap();
        assert!(!rule.matches(&Method::OPTIONS, "/a"));
    }
}
