//! Requests to the Platform API (design.md 2, platform-api.md 3 and 4).

use serde::{Serialize, Serializer};

use crate::domain::form::RunRequest;
use crate::domain::ids::AppName;
use crate::domain::percent;

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
    env: &'a [(String, String)],
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<&'static str>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_to_live: Option<u64>,
}

#[derive(Serialize)]
struct LogSessionParameters<'a> {
    dyno: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'static str>,
    tail: bool,
    lines: u32,
}

/// Which lines a log session brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// The platform's lines, too, one of which holds the exit status.
    All,
    /// What the function prints, as the tutorial asks for it.
    App,
}

/// Starts a one-off dyno.
pub fn create_dyno(run: &RunRequest) -> Request {
    let size = run.size.map(|size| size.name);
    let time_to_live = run.time_limit.map(|limit| limit.as_secs());
    post(
        format!("/apps/{}/dynos", run.app.as_str()),
        &DynoParameters { command: &run.command, r#type: "run", env: &run.env, size, time_to_live },
    )
}

/// Asks which dynos there are.
pub fn list_dynos(app: &AppName) -> Request {
    Request { method: Method::Get, path: format!("/apps/{}/dynos", app.as_str()), body: None }
}

/// Opens a log session for a dyno.
pub fn create_log_session(app: &AppName, dyno: &str, source: LogSource) -> Request {
    let source = match source {
        LogSource::All => None,
        LogSource::App => Some("app"),
    };
    post(
        format!("/apps/{}/log-sessions", app.as_str()),
        &LogSessionParameters { dyno, source, tail: true, lines: HISTORY_LINES },
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

fn as_object<S: Serializer>(entries: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(name, value)| (name, value)))
}

fn post(path: String, parameters: &impl Serialize) -> Request {
    // Strings and numbers in structs cannot fail to serialise; an empty body would be refused, not misread.
    let body = serde_json::to_string(parameters).unwrap_or_default();
    Request { method: Method::Post, path, body: Some(body) }
}

/// The dyno's name came from a server.
fn dyno_path(app: &AppName, dyno: &str) -> String {
    format!("/apps/{}/dynos/{}", app.as_str(), percent::encode(dyno))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dyno_size::DynoSize;

    fn run(command: &str, env: &[(&str, &str)]) -> RunRequest {
        let app = AppName::parse("sleepy-meadow").expect("a name");
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        RunRequest { app, command: command.to_owned(), env, size: None, time_limit: None, output_only: false }
    }

    #[test]
    fn creates_a_dyno_with_a_name() {
        assert_eq!(
            create_dyno(&run("serverless", &[("NAME", "Daniela")])),
            Request {
                method: Method::Post,
                path: "/apps/sleepy-meadow/dynos".to_owned(),
                body: Some(r#"{"command":"serverless","type":"run","env":{"NAME":"Daniela"}}"#.to_owned()),
            }
        );
    }

    #[test]
    fn sends_variables_only_when_there_are_some() {
        let body = |env| create_dyno(&run("serverless", env)).body;
        assert_eq!(body(&[]), Some(r#"{"command":"serverless","type":"run"}"#.to_owned()));
        assert_eq!(
            body(&[("B", "\"$HOME\"\n'世界'"), ("A", "")]),
            Some(
                r#"{"command":"serverless","type":"run","env":{"B":"\"$HOME\"\n'世界'","A":""}}"#.to_owned()
            )
        );
    }

    #[test]
    fn sends_a_size_only_when_one_was_chosen() {
        let request = RunRequest { size: DynoSize::find("standard-1x"), ..run("serverless", &[]) };
        let body = r#"{"command":"serverless","type":"run","size":"Standard-1X"}"#;
        assert_eq!(create_dyno(&request).body.as_deref(), Some(body));
    }

    #[test]
    fn sends_a_time_limit_in_seconds_only_when_one_was_chosen() {
        let limit = std::time::Duration::from_secs(900);
        let request = RunRequest { time_limit: Some(limit), ..run("serverless", &[]) };
        let body = r#"{"command":"serverless","type":"run","time_to_live":900}"#;
        assert_eq!(create_dyno(&request).body.as_deref(), Some(body));
    }

    #[test]
    fn opens_a_log_session_with_history_and_tail() {
        let app = AppName::parse("sleepy-meadow").expect("a name");
        assert_eq!(
            create_log_session(&app, "run.8361", LogSource::All),
            Request {
                method: Method::Post,
                path: "/apps/sleepy-meadow/log-sessions".to_owned(),
                body: Some(r#"{"dyno":"run.8361","tail":true,"lines":1500}"#.to_owned()),
            }
        );
        assert_eq!(
            create_log_session(&app, "run.8361", LogSource::App).body.as_deref(),
            Some(r#"{"dyno":"run.8361","source":"app","tail":true,"lines":1500}"#)
        );
    }

    #[test]
    fn asks_for_dynos_and_stops_one_by_name() {
        let app = AppName::parse("sleepy-meadow").expect("a name");
        let list = list_dynos(&app);
        assert_eq!((list.method, list.path.as_str()), (Method::Get, "/apps/sleepy-meadow/dynos"));
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
