//! Answers of the Platform API: the fields that are read, and how the rest is survived.

use std::time::Duration;

use super::json::Json;
use crate::domain::error::{ApiError, HerokuError, TransportError};
use crate::domain::time::Time;

/// An HTTP answer as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    /// From the header of this name, where the page may read it (platform-api.md 1.5 and 2.1).
    pub retry_after: Option<Duration>,
    /// Requests that the account has left, from `RateLimit-Remaining`, where the page may read it.
    pub remaining_requests: Option<u64>,
}

/// What has to be known of an app before a dyno of it is started (platform-api.md 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct App {
    /// Of the generation Fir, whose logs have no history.
    pub is_fir: bool,
    /// Made by Cloud Native Buildpacks: commands need a launcher.
    pub needs_launcher: bool,
}

/// A dyno, with the fields that a run needs (platform-api.md 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dyno {
    /// `run.8361`.
    pub name: String,
    /// As the platform spells it: `Basic`.
    pub size: Option<String>,
    pub created_at: Option<Time>,
    /// `run`.
    pub process_type: Option<String>,
    /// As it was asked for, or with the process type replaced by its command (platform-api.md 3.4).
    pub command: Option<String>,
}

/// A field that ought to be a string. Anything else counts as missing: `size` has been a number (platform-api.md
/// 1.8), and one odd field must not lose a dyno that was started.
fn text(object: &Json, field: &str) -> Option<String> {
    object.get(field)?.as_str().map(str::to_owned)
}

fn time(object: &Json, field: &str) -> Option<Time> {
    Time::parse(object.get(field)?.as_str()?.as_bytes())
}

/// The answer, if one came.
pub fn received(answer: &Result<Answer, TransportError>) -> Result<&Answer, ApiError> {
    answer.as_ref().map_err(|error| ApiError::Transport(*error))
}

/// Reads a dyno.
pub fn dyno(answer: &Answer) -> Result<Dyno, ApiError> {
    Dyno::of_object(&read(answer)?).ok_or(ApiError::WrongShape)
}

/// Reads an app. The generation is an object with a name, or the name itself.
pub fn app(answer: &Answer) -> Result<App, ApiError> {
    let object = read(answer)?;
    let name_of = |field: &str| {
        let value = object.get(field)?;
        value.as_str().or_else(|| value.get("name")?.as_str())
    };
    Ok(App { is_fir: name_of("generation") == Some("fir"), needs_launcher: name_of("stack") == Some("cnb") })
}

/// Reads how many requests the account has left.
pub fn remaining_requests(answer: &Answer) -> Result<u64, ApiError> {
    read(answer)?.get("remaining").and_then(Json::as_u64).ok_or(ApiError::WrongShape)
}

/// Reads a list of dynos; an item that is none is left out.
pub fn dynos(answer: &Answer) -> Result<Vec<Dyno>, ApiError> {
    match read(answer)? {
        Json::Array(items) => Ok(items.iter().filter_map(Dyno::of_object).collect()),
        _ => Err(ApiError::WrongShape),
    }
}

impl Dyno {
    fn of_object(object: &Json) -> Option<Self> {
        Some(Self {
            name: text(object, "name").filter(|name| !name.is_empty())?,
            size: text(object, "size"),
            created_at: time(object, "created_at"),
            process_type: text(object, "type"),
            command: text(object, "command"),
        })
    }
}

/// The server's clock, from an answer about something that was created just now; in whole seconds.
pub fn created_at(answer: &Answer) -> Option<Time> {
    time(&read(answer).ok()?, "created_at")
}

/// Reads the address of a log session's stream.
pub fn log_session_url(answer: &Answer) -> Result<String, ApiError> {
    text(&read(answer)?, "logplex_url").filter(|url| !url.is_empty()).ok_or(ApiError::NoLogplexUrl)
}

/// Whether the call succeeded, whatever its body says; any 2xx will do (platform-api.md 3.6 and 4.1).
pub fn success(answer: &Answer) -> Result<(), ApiError> {
    if (200..300).contains(&answer.status) { Ok(()) } else { Err(error(answer)) }
}

fn read(answer: &Answer) -> Result<Json, ApiError> {
    success(answer)?;
    serde_json::from_str(&answer.body).map_err(|_| ApiError::NotJson { status: answer.status })
}

/// Only `id` and `message` are dependable, and a proxy's body may not be JSON at all (platform-api.md 1.6).
fn error(answer: &Answer) -> ApiError {
    let is_object = answer.body.trim_start().starts_with('{');
    let body = match serde_json::from_str(&answer.body) {
        Ok(body) if is_object => body,
        _ if answer.body.trim().is_empty() => Json::Other,
        _ => return ApiError::NotJson { status: answer.status },
    };
    let id = text(&body, "id").filter(|id| !id.is_empty());
    let (status, message, retry_after) = (answer.status, text(&body, "message"), answer.retry_after);
    ApiError::Heroku(HerokuError { status, id, message, retry_after })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.to_owned(), ..Answer::default() }
    }

    fn heroku(status: u16, id: Option<&str>, message: Option<&str>) -> ApiError {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        ApiError::Heroku(HerokuError { status, id: owned(id), message: owned(message), retry_after: None })
    }

    #[test]
    fn an_app_tells_its_generation_and_stack() {
        #[track_caller]
        fn check(body: &str, is_fir: bool, needs_launcher: bool) {
            assert_eq!(app(&answer(200, body)), Ok(App { is_fir, needs_launcher }), "{body}");
        }
        check(r#"{"generation":{"name":"fir"},"stack":{"name":"cnb"}}"#, true, true);
        check(r#"{"generation":"fir","stack":{"name":"heroku-24"}}"#, true, false);
        check(r#"{"generation":{"name":"cedar"},"stack":{"name":"cnb"}}"#, false, true);
        check(r#"{"generation":null,"stack":7}"#, false, false);
        check("[]", false, false);
        assert_eq!(app(&answer(200, "<html>")), Err(ApiError::NotJson { status: 200 }));
    }

    #[test]
    fn the_remaining_requests_are_a_number() {
        assert_eq!(remaining_requests(&answer(200, r#"{"remaining":2399}"#)), Ok(2399));
        for body in ["{}", r#"{"remaining":"many"}"#, r#"{"remaining":-1}"#] {
            assert_eq!(remaining_requests(&answer(200, body)), Err(ApiError::WrongShape), "{body}");
        }
    }

    #[test]
    fn reads_a_dyno_and_survives_what_is_missing_or_new() {
        let full = r#"{"attach_url":null,"name":"run.1","size":"Basic","created_at":"1970-01-01T00:00:01Z","new":{}}"#;
        let dyno_with = |size: Option<&str>, created_at| Dyno {
            name: "run.1".to_owned(),
            size: size.map(str::to_owned),
            created_at,
            process_type: None,
            command: None,
        };
        assert_eq!(dyno(&answer(201, full)), Ok(dyno_with(Some("Basic"), Some(Time(1000)))));
        assert_eq!(dyno(&answer(200, r#"{"name":"run.1"}"#)), Ok(dyno_with(None, None)));
        let nulls = r#"{"name":"run.1","size":null,"created_at":"soon"}"#;
        assert_eq!(dyno(&answer(200, nulls)), Ok(dyno_with(None, None)));
        for odd in ["11", "-1", "1.5", "true", "[1,[2]]", r#"{"name":"Basic"}"#] {
            let body = format!(r#"{{"name":"run.1","size":{odd},"created_at":{odd}}}"#);
            assert_eq!(dyno(&answer(201, &body)), Ok(dyno_with(None, None)), "{odd}");
        }
    }

    #[test]
    fn a_list_keeps_what_is_a_dyno() {
        let body = r#"[{"name":"run.1","type":"run","command":"bash","created_at":"1970-01-01T00:00:01Z"},
            {"name":""}, 7, {"id":"x"}, {"name":"web.1","type":null,"command":[]}]"#;
        let dynos = dynos(&answer(200, body)).expect("a list");
        let found: Vec<_> = dynos
            .iter()
            .map(|dyno| {
                (dyno.name.as_str(), dyno.process_type.as_deref(), dyno.command.as_deref(), dyno.created_at)
            })
            .collect();
        assert_eq!(
            found,
            [("run.1", Some("run"), Some("bash"), Some(Time(1000))), ("web.1", None, None, None)]
        );
        assert_eq!(super::dynos(&answer(200, "{}")), Err(ApiError::WrongShape));
        assert_eq!(super::dynos(&answer(200, "")), Err(ApiError::NotJson { status: 200 }));
    }

    #[test]
    fn the_server_s_clock_is_read_from_what_was_created() {
        assert_eq!(created_at(&answer(201, r#"{"created_at":"1970-01-01T00:00:01Z"}"#)), Some(Time(1000)));
        for (status, body) in [(201, "{}"), (201, ""), (404, r#"{"created_at":"1970-01-01T00:00:01Z"}"#)] {
            assert_eq!(created_at(&answer(status, body)), None, "{status} {body}");
        }
    }

    #[test]
    fn an_answer_that_cannot_be_read_says_why() {
        let not_json = |status| Err(ApiError::NotJson { status });
        assert_eq!(dyno(&answer(201, "<!DOCTYPE html>")), not_json(201));
        assert_eq!(dyno(&answer(201, "")), not_json(201));
        assert_eq!(dyno(&answer(201, r#"{"name":"ru"#)), not_json(201));
        assert_eq!(dyno(&answer(201, "[]")), Err(ApiError::WrongShape));
        assert_eq!(dyno(&answer(201, "{}")), Err(ApiError::WrongShape));
        assert_eq!(dyno(&answer(201, r#"{"name":""}"#)), Err(ApiError::WrongShape));
        assert_eq!(dyno(&answer(503, "<html>")), not_json(503));
    }

    #[test]
    fn an_error_keeps_what_heroku_says() {
        let unauthorized = r#"{"id":"unauthorized","message":"Invalid credentials provided."}"#;
        let message = Some("Invalid credentials provided.");
        assert_eq!(success(&answer(401, unauthorized)), Err(heroku(401, Some("unauthorized"), message)));
        assert_eq!(success(&answer(500, "")), Err(heroku(500, None, None)));
        assert_eq!(success(&answer(500, "{}")), Err(heroku(500, None, None)));
        for body in [r#""text""#, "404", "[]"] {
            assert_eq!(success(&answer(404, body)), Err(ApiError::NotJson { status: 404 }), "{body}");
        }
        assert_eq!(success(&answer(422, r#"{"id":7,"message":["x"]}"#)), Err(heroku(422, None, None)));
        assert_eq!(success(&answer(500, r#"{"id":""}"#)), Err(heroku(500, None, None)));
        assert_eq!(success(&answer(202, "")), Ok(()));
    }

    #[test]
    fn an_error_keeps_the_time_to_wait() {
        let wait = Some(Duration::from_secs(2));
        let refused = Answer { status: 429, retry_after: wait, ..Answer::default() };
        assert_eq!(success(&refused).err().and_then(|error| error.wait()), wait);
    }

    #[test]
    fn a_log_session_has_an_address() {
        let url = "https://virginia.sessions.logs.heroku.com/stream?token=x";
        let body = format!(r#"{{"logplex_url":"{url}"}}"#);
        assert_eq!(log_session_url(&answer(201, &body)).as_deref(), Ok(url));
        for body in ["{}", r#"{"logplex_url":null}"#, r#"{"logplex_url":""}"#] {
            assert_eq!(log_session_url(&answer(201, body)), Err(ApiError::NoLogplexUrl), "{body}");
        }
    }
}
