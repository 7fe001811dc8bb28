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
    #[serde(skip_serializing_if = "Option::is_none")]
    dyno: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'static str>,
    tail: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<u32>,
}

/// Whose lines a log session brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogFilter {
    /// Those of the dyno of this name.
    Dyno(String),
    /// Those of all one-off dynos (platform-api.md 4.2).
    OneOffDynos,
}

/// A log session to be opened.
#[derive(Clone, Copy, Debug)]
pub struct SessionRequest<'a> {
    pub app: &'a AppName,
    pub filter: &'a LogFilter,
    pub source: LogSource,
    /// Whether lines of the past can be asked for: Fir has none (platform-api.md 4.4).
    pub has_history: bool,
}

/// Which lines a log session brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// The platform's lines, too, one of which holds the exit status.
    All,
    /// What the function prints, as the tutorial asks for it.
    App,
}

/// Starts a one-off dyno. `command` is the run's as this app needs it: some want a launcher before it.
pub fn create_dyno(run: &RunRequest, command: &str) -> Request {
    let size = run.size.map(|size| size.name);
    let time_to_live = run.time_limit.map(|limit| limit.as_secs());
    post(
        format!("/apps/{}/dynos", run.app.as_str()),
        &DynoParameters { command, r#type: "run", env: &run.env, size, time_to_live },
    )
}

/// Asks which dynos there are.
pub fn list_dynos(app: &AppName) -> Request {
    get(format!("/apps/{}/dynos", app.as_str()))
}

/// Opens a log session. On Fir a process type is a parameter of its own (platform-api.md 4.1).
pub fn create_log_session(session: &SessionRequest<'_>) -> Request {
    let source = match session.source {
        LogSource::All => None,
        LogSource::App => Some("app"),
    };
    let (dyno, r#type) = match session.filter {
        LogFilter::Dyno(name) => (Some(name.as_str()), None),
        LogFilter::OneOffDynos if session.has_history => (Some("run"), None),
        LogFilter::OneOffDynos => (None, Some("run")),
    };
    let lines = session.has_history.then_some(HISTORY_LINES);
    post(
        format!("/apps/{}/log-sessions", session.app.as_str()),
        &LogSessionParameters { dyno, r#type, source, tail: true, lines },
    )
}

/// Asks about an app.
pub fn app_info(app: &AppName) -> Request {
    get(format!("/apps/{}", app.as_str()))
}

/// Asks how many requests the account has left; costs none (platform-api.md 1.5).
pub fn rate_limits() -> Request {
    get("/account/rate-limits".to_owned())
}

/// Asks whether a dyno is still there.
pub fn dyno_info(app: &AppName, dyno: &str) -> Request {
    get(dyno_path(app, dyno))
}

/// Stops a dyno.
pub fn stop_dyno(app: &AppName, dyno: &str) -> Request {
    Request { method: Method::Post, path: dyno_path(app, dyno) + "/actions/stop", body: None }
}

fn as_object<S: Serializer>(entries: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(name, value)| (name, value)))
}

fn get(path: String) -> Request {
    Request { method: Method::Get, path, body: None }
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
            create_dyno(&run("serverless", &[("NAME", "Daniela")]), "serverless"),
            Request {
                method: Method::Post,
                path: "/apps/sleepy-meadow/dynos".to_owned(),
                body: Some(r#"{"command":"serverless","type":"run","env":{"NAME":"Daniela"}}"#.to_owned()),
            }
        );
    }

    #[test]
    fn sends_variables_only_when_there_are_some() {
        let body = |env| create_dyno(&run("serverless", env), "serverless").body;
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
        let body = r#"{"command":"launcher serverless","type":"run","size":"Standard-1X"}"#;
        assert_eq!(create_dyno(&request, "launcher serverless").body.as_deref(), Some(body));
    }

    #[test]
    fn sends_a_time_limit_in_seconds_only_when_one_was_chosen() {
        let limit = std::time::Duration::from_secs(900);
        let request = RunRequest { time_limit: Some(limit), ..run("serverless", &[]) };
        let body = r#"{"command":"serverless","type":"run","time_to_live":900}"#;
        assert_eq!(create_dyno(&request, "serverless").body.as_deref(), Some(body));
    }

    #[test]
    fn opens_a_log_session_with_history_and_tail() {
        let app = AppName::parse("sleepy-meadow").expect("a name");
        let check = |filter: LogFilter, source, has_history, body: &str| {
            let request =
                create_log_session(&SessionRequest { app: &app, filter: &filter, source, has_history });
            assert_eq!(
                (request.method, request.path.as_str()),
                (Method::Post, "/apps/sleepy-meadow/log-sessions")
            );
            assert_eq!(request.body.as_deref(), Some(body));
        };
        let dyno = || LogFilter::Dyno("run.8361".to_owned());
        check(dyno(), LogSource::All, true, r#"{"dyno":"run.8361","tail":true,"lines":1500}"#);
        check(dyno(), LogSource::App, true, r#"{"dyno":"run.8361","source":"app","tail":true,"lines":1500}"#);
        check(LogFilter::OneOffDynos, LogSource::All, true, r#"{"dyno":"run","tail":true,"lines":1500}"#);
        check(LogFilter::OneOffDynos, LogSource::All, false, r#"{"type":"run","tail":true}"#);
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
