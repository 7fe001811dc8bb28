//! Requests to the Platform API (design.md 2, platform-api.md 3 and 4).

use serde::{Serialize, Serializer};

use crate::domain::form::RunRequest;
use crate::domain::ids::AppName;

/// The value of the `Accept` header on every call (platform-api.md 1.1).
pub const ACCEPT: &str = "application/vnd.heroku+json; version=3";

/// History lines to ask for: a fast dyno may be over before the session is open, and 1,500 lines of the whole app
/// are what there is (platform-api.md 4.2 and 4.4).
const HISTORY_LINES: u32 = 1500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

/// A request, to which the caller adds the API's address, [`ACCEPT`], the bearer token, and
/// `Content-Type: application/json` when there is a body. Nothing else may be added (platform-api.md 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    /// Begins with a slash.
    pub path: String,
    /// JSON.
    pub body: Option<String>,
}

#[derive(Serialize)]
struct DynoParameters<'a> {
    command: &'a str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "as_object")]
    env: &'a [(&'a str, &'a str)],
}

#[derive(Serialize)]
struct LogSessionParameters<'a> {
    dyno: &'a str,
    tail: bool,
    lines: u32,
}

/// Starts a one-off dyno.
pub fn create_dyno(run: &RunRequest) -> Request {
    // An absent NAME greets the world, so an empty one is left out.
    let name = [("NAME", run.name.as_str())];
    let env = if run.name.is_empty() { &[] } else { name.as_slice() };
    post(
        format!("/apps/{}/dynos", run.app.as_str()),
        &DynoParameters { command: &run.command, r#type: "run", env },
    )
}

/// Opens a log session for a dyno. Without `source`, because the exit status stands in a line of the platform.
pub fn create_log_session(app: &AppName, dyno: &str) -> Request {
    post(
        format!("/apps/{}/log-sessions", app.as_str()),
        &LogSessionParameters { dyno, tail: true, lines: HISTORY_LINES },
    )
}

/// Asks whether a dyno is still there.
pub fn dyno_info(app: &AppName, dyno: &str) -> Request {
    Request { method: Method::Get, path: dyno_path(app, dyno), body: None }
}

/// Stops a dyno.
pub fn stop_dyno(app: &AppName, dyno: &str) -> Request {
    Request { method: Method::Post, path: dyno_path(app, dyno) + "/actions/stop", body: None }
}

fn as_object<S: Serializer>(entries: &[(&str, &str)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().copied())
}

fn post(path: String, parameters: &impl Serialize) -> Request {
    // Strings and numbers in structs cannot fail to serialise; an empty body would be refused, not misread.
    let body = serde_json::to_string(parameters).unwrap_or_default();
    Request { method: Method::Post, path, body: Some(body) }
}

fn dyno_path(app: &AppName, dyno: &str) -> String {
    format!("/apps/{}/dynos/{}", app.as_str(), path_segment(dyno))
}

/// Percent-encodes everything that is not unreserved (RFC 3986, 2.3). The name came from a server.
fn path_segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(command: &str, name: &str) -> RunRequest {
        let app = AppName::parse("sleepy-meadow").expect("a name");
        RunRequest { app, command: command.to_owned(), name: name.to_owned() }
    }

    #[test]
    fn creates_a_dyno_with_a_name() {
        assert_eq!(
            create_dyno(&run("serverless", "Daniela")),
            Request {
                method: Method::Post,
                path: "/apps/sleepy-meadow/dynos".to_owned(),
                body: Some(r#"{"command":"serverless","type":"run","env":{"NAME":"Daniela"}}"#.to_owned()),
            }
        );
    }

    #[test]
    fn sends_a_name_only_when_there_is_one() {
        let body = |name| create_dyno(&run("serverless", name)).body;
        assert_eq!(body(""), Some(r#"{"command":"serverless","type":"run"}"#.to_owned()));
        assert_eq!(body(" "), Some(r#"{"command":"serverless","type":"run","env":{"NAME":" "}}"#.to_owned()));
        assert_eq!(
            body("\"$HOME\"\n'世界'"),
            Some(r#"{"command":"serverless","type":"run","env":{"NAME":"\"$HOME\"\n'世界'"}}"#.to_owned())
        );
    }

    #[test]
    fn opens_a_log_session_with_history_and_tail() {
        let app = AppName::parse("sleepy-meadow").expect("a name");
        assert_eq!(
            create_log_session(&app, "run.8361"),
            Request {
                method: Method::Post,
                path: "/apps/sleepy-meadow/log-sessions".to_owned(),
                body: Some(r#"{"dyno":"run.8361","tail":true,"lines":1500}"#.to_owned()),
            }
        );
    }

    #[test]
    fn asks_for_and_stops_a_dyno_by_name() {
        let app = AppName::parse("sleepy-meadow").expect("a name");
        let info = dyno_info(&app, "run.8361");
        assert_eq!((info.method, info.path.as_str()), (Method::Get, "/apps/sleepy-meadow/dynos/run.8361"));
        let stop = stop_dyno(&app, "../a b?");
        assert_eq!(
            stop,
            Request {
                method: Method::Post,
                path: "/apps/sleepy-meadow/dynos/..%2Fa%20b%3F/actions/stop".to_owned(),
                body: None,
            }
        );
    }
}
