//! Faults on demand: rules that say which requests go wrong, and how.
//!
//! A rule is a JSON object:
//!
//! ```json
//! {"method": "POST", "path": "/apps/*/dynos", "times": 1, "skip": 0, "answer": {"status": 503}}
//! ```
//!
//! `path` is that of the request as it was sent, without a query; a `*` stands for exactly one segment, `/**` at the end
//! for any that follow. Without `method` every method is meant. The rule lets the first `skip` requests pass, then it
//! applies `times` times, without `times` until it is removed. Rules are tried in their order, and the first that applies
//! decides. They hold for the API, for who has the key, and for the stream listener, whose path is `/stream`; never for a
//! preflight.
//!
//! What happens is at most one of the first five, and the other two alone or with it:
//!
//! | field | what happens |
//! | --- | --- |
//! | `"answer": {"status": 503, "headers": {"Retry-After": "1"}, "body": …}` | That answer, and the request has no effect. A string is sent as it is, any other JSON as JSON, nothing as an empty body. The headers that every answer of the listener has (CORS among them) are there too; one that the rule names counts instead. |
//! | `"reset": "before"`, `"reset": "after"` | The connection is closed without an answer, before or after the request took effect. |
//! | `"logplex_url": null`, `"logplex_url": "https://…"` | A log session is made, and its answer has no or another address. |
//! | `"stream": {…}` | The stream that is opened has faults, see [`StreamFaults`]; `path` may be left out. |
//! | `"session": {…}` | The log session that is made expires as told, see [`SessionFaults`]; `path` may be left out. |
//! | `"delay_ms": 500` | The request takes effect so many milliseconds later. |
//! | `"headers": {"Access-Control-Allow-Origin": null, "Content-Type": "text/html"}` | The answer, whatever it is, has these headers, or with `null` has not. |
//!
//! Rules come from the command line (`--fault`) and from `POST /emulator/faults`. Streams that are open already are
//! reached by `POST /emulator/streams` ([`OpenStreams`]).
//!
//! A browser sends a request again, a POST too, when a connection that it has used before closes without an answer. So
//! as long as a reset can come, every answer ends its connection. Connections that were left open before the rule was
//! added are not reached by that: a reset is best asked for before the client's first request, with `skip`.

mod answer;
mod rule;
mod session;
mod stream;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, HeaderMap, HeaderName};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use self::answer::{Answer, with_logplex_url};
use self::rule::{Reset, Rule};
pub use self::session::AtExpiry;
pub(crate) use self::session::SessionFaults;
pub(crate) use self::stream::{After, Flood, Format, Loss, OpenStreams, StreamFaults};
use crate::connection::NoAnswer;

pub(crate) const A_YEAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The rules that hold now.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Rule>>,
}

impl Faults {
    /// Adds rules behind those that are there, all or none; the error is a sentence about the first wrong one.
    pub(crate) fn add(&self, given: Value) -> Result<(), String> {
        let given = match given {
            Value::Array(rules) => rules,
            rule => vec![rule],
        };
        let read = |(index, rule)| Rule::read(rule).map_err(|error| format!("Rule {}: {error}.", index + 1));
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
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).iter().any(Rule::can_reset)
    }
}

/// A time of a rule. Clocks cannot add any number to the present; what is over a year means for ever.
pub(crate) fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count).min(A_YEAR)
}

/// What happens to a request.
#[derive(Clone, Debug)]
struct Fault {
    delay: Duration,
    headers: HeaderFaults,
    outcome: Outcome,
}

#[derive(Clone, Debug)]
enum Outcome {
    AsUsual,
    Answer(Answer),
    Reset(Reset),
    LogplexUrl(Option<String>),
    Stream(StreamFaults),
    Session(SessionFaults),
}

/// Headers that an answer has or, without a value, has not.
#[derive(Clone, Debug, Default)]
struct HeaderFaults(Vec<(HeaderName, Option<HeaderValue>)>);

impl HeaderFaults {
    fn apply(self, headers: &mut HeaderMap) {
        for (name, value) in self.0 {
            match value {
                Some(value) => drop(headers.insert(name, value)),
                None => drop(headers.remove(name)),
            }
        }
    }
}

/// Lets requests meet the faults that are meant for them.
pub(crate) async fn inject(State(faults): State<Arc<Faults>>, mut request: Request, next: Next) -> Response {
    let Some(Fault { delay, headers, outcome }) = faults.meet(request.method(), request.uri().path()) else {
        return next.run(request).await;
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let mut response = match outcome {
        Outcome::AsUsual => next.run(request).await,
        Outcome::Answer(answer) => answer.into_response(),
        Outcome::Reset(Reset::Before) => NoAnswer.into_response(),
        Outcome::Reset(Reset::After) => {
            drop(next.run(request).await);
            NoAnswer.into_response()
        }
        Outcome::LogplexUrl(url) => with_logplex_url(next.run(request).await, url).await,
        Outcome::Stream(faults) => {
            request.extensions_mut().insert(faults);
            next.run(request).await
        }
        Outcome::Session(faults) => {
            request.extensions_mut().insert(faults);
            next.run(request).await
        }
    };
    // Other layers add headers later.
    response.extensions_mut().insert(headers);
    response
}

/// Goes around everything else. Puts the headers of faults on answers, and ends connections while a reset can come, so
/// that each request has a new one: even the answer to a preflight would leave a connection for the request behind it.
pub(crate) async fn finish(State(faults): State<Arc<Faults>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(headers) = response.extensions_mut().remove::<HeaderFaults>() {
        headers.apply(response.headers_mut());
    }
    if faults.can_reset() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
