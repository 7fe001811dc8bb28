//! A rule: which requests it means, how often it applies, and what happens then.

use std::collections::BTreeMap;

use axum::http::{HeaderName, Method};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::answer::{Answer, AnswerParameters, read_header};
use super::{Fault, HeaderFaults, Outcome, SessionFaults, StreamFaults, milliseconds};

/// A rule and what became of it so far.
#[derive(Debug)]
pub(super) struct Rule {
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

/// When the connection is closed: before or after the request takes effect.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Reset {
    Before,
    After,
}

/// A rule as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleParameters {
    method: Option<String>,
    path: Option<String>,
    times: Option<u64>,
    #[serde(default)]
    skip: u64,
    delay_ms: Option<u64>,
    headers: Option<BTreeMap<String, Option<String>>>,
    answer: Option<AnswerParameters>,
    reset: Option<Reset>,
    #[serde(default, deserialize_with = "null_too")]
    logplex_url: Option<Option<String>>,
    stream: Option<StreamFaults>,
    session: Option<SessionFaults>,
}

/// A value that is given, be it null: other than by default, that is not the same as a missing one.
pub(super) fn null_too<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Rule {
    pub(super) fn read(given: Value) -> Result<Self, String> {
        if !given.is_object() {
            return Err("it has to be an object".to_owned());
        }
        let RuleParameters {
            method,
            path,
            times,
            skip,
            delay_ms,
            headers,
            answer,
            reset,
            logplex_url,
            stream,
            session,
        } = RuleParameters::deserialize(&given).map_err(|error| error.to_string())?;
        let usual_path = match (&stream, &session) {
            (Some(_), _) => Some("/stream"),
            (_, Some(_)) => Some("/apps/*/log-sessions"),
            _ => None,
        };
        let outcome = match (answer, reset, logplex_url, stream, session) {
            (Some(answer), None, None, None, None) => Outcome::Answer(Answer::read(answer)?),
            (None, Some(reset), None, None, None) => Outcome::Reset(reset),
            (None, None, Some(url), None, None) => Outcome::LogplexUrl(url),
            (None, None, None, Some(stream), None) => Outcome::Stream(stream.check()?),
            (None, None, None, None, Some(session)) => Outcome::Session(session.check()?),
            (None, None, None, None, None) if delay_ms.is_some() || headers.is_some() => Outcome::AsUsual,
            _ => {
                return Err(
                    "it needs exactly one of `answer`, `reset`, `logplex_url`, `stream` and `session`, or \
                     else `delay_ms` or `headers`"
                        .to_owned(),
                );
            }
        };
        let method = method.map(|method| read_method(&method)).transpose()?;
        let path = path.or_else(|| usual_path.map(str::to_owned)).ok_or("`path` is missing")?;
        if !path.starts_with('/') || path.contains(['?', '#']) {
            return Err("`path` has to begin with `/` and to have no query".to_owned());
        }
        let headers = headers.unwrap_or_default().into_iter();
        let headers = headers
            .map(|(name, value)| match value {
                Some(value) => read_header(&name, &value).map(|(name, value)| (name, Some(value))),
                None => HeaderName::try_from(&name)
                    .map(|name| (name, None))
                    .map_err(|_| format!("{name:?} cannot be a header")),
            })
            .collect::<Result<_, _>>()?;
        let fault = Fault {
            delay: milliseconds(delay_ms.unwrap_or_default()),
            headers: HeaderFaults(headers),
            outcome,
        };
        Ok(Self { given, method, path, times, skip, used: 0, fault })
    }

    pub(super) fn show(&self) -> Value {
        let mut shown = self.given.clone();
        shown["used"] = self.used.into();
        shown
    }

    pub(super) fn matches(&self, method: &Method, path: &str) -> bool {
        method != Method::OPTIONS
            && self.method.as_ref().is_none_or(|meant| meant == method)
            && path_matches(&self.path, path)
    }

    /// Whether it can still close a connection.
    pub(super) fn can_reset(&self) -> bool {
        matches!(self.fault.outcome, Outcome::Reset(_)) && !self.is_used_up()
    }

    fn is_used_up(&self) -> bool {
        self.times.is_some_and(|times| self.used >= times)
    }

    /// What a request that matches meets, unless the rule lets it through.
    pub(super) fn apply(&mut self) -> Option<Fault> {
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

fn path_matches(pattern: &str, path: &str) -> bool {
    if let Some(beginning) = pattern.strip_suffix("/**") {
        let segments = beginning.split('/').count();
        let end = path.match_indices('/').nth(segments - 1).map(|(end, _)| end);
        return end.is_some_and(|end| end + 1 < path.len() && path_matches(beginning, &path[..end]));
    }
    pattern.split('/').count() == path.split('/').count()
        && pattern
            .split('/')
            .zip(path.split('/'))
            .all(|(meant, segment)| meant == segment || meant == "*" && !segment.is_empty())
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
    fn a_star_is_one_segment_and_two_are_all_that_follow() {
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
            ("/**", "/account", true),
            ("/**", "/apps/a/dynos", true),
            ("/**", "/", false),
            ("/apps/*/**", "/apps/a/dynos", true),
            ("/apps/*/**", "/apps/a/dynos/run.1", true),
            ("/apps/*/**", "/apps/a", false),
            ("/apps/**", "/account", false),
            ("/a/**/b", "/a/x/b", false),
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
