//! Log sessions: the way to a stream (platform-api.md 4).

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::error::ApiError;
use super::params::Params;
use super::{Api, Body, Json, TheApp};
use crate::faults::SessionFaults;
use crate::generation::Generation;
use crate::log::{Filter, Log};
use crate::session::LogSession;
use crate::timestamp;

/// Lines of history for a client that names no number (platform-api.md 4.1).
const DEFAULT_LINES: u64 = 100;

/// `POST /apps/{app}/log-sessions`
pub(super) async fn create(
    State(api): State<Api>,
    TheApp(app): TheApp,
    faults: Option<Extension<SessionFaults>>,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let faults = faults.as_ref().map(|Extension(faults)| faults);
    let token =
        api.sessions.create(read(&Params::parse(&body)?, &app.log, app.generation)?, faults, Instant::now());
    let now = timestamp::now();
    let session = json!({
        "created_at": now,
        "id": Uuid::new_v4(),
        "logplex_url": format!("{}/stream?token={token}", api.stream_origin),
        "updated_at": now,
    });
    Ok(Json(StatusCode::CREATED, &session).into_response())
}

fn read(params: &Params, log: &Arc<Log>, generation: Generation) -> Result<LogSession, ApiError> {
    // `dyno` is what clients send, `dyno_name` what the newer schema says.
    let process = params.string("dyno")?.or(params.string("dyno_name")?);
    let filter = Filter {
        process: process.filter(|name| !name.is_empty()).map(str::to_owned),
        process_type: params.string("type")?.filter(|name| !name.is_empty()).map(str::to_owned),
        source: params.string("source")?.filter(|name| !name.is_empty()).map(str::to_owned),
        generation,
    };
    let lines = usize::try_from(params.integer("lines")?.unwrap_or(DEFAULT_LINES)).unwrap_or(usize::MAX);
    let tail = params.boolean("tail")?.unwrap_or(false);
    let log = Arc::clone(log);
    Ok(match generation {
        Generation::Cedar => LogSession { log, filter, lines, tail },
        // It has no history, and takes `tail` for given.
        Generation::Fir => LogSession { log, filter, lines: 0, tail: true },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn no_parameter_is_required() {
        let session = read(&Params::parse(b"").unwrap(), &Arc::default(), Generation::Cedar).unwrap();
        assert_eq!((session.lines, session.tail), (100, false));
        assert!(session.filter.process.is_none() && session.filter.source.is_none());
    }

    #[test]
    fn both_names_of_the_process_are_understood() {
        for body in
            [r#"{"dyno":"run.1"}"#, r#"{"dyno_name":"run.1"}"#, r#"{"dyno":"run.1","dyno_name":"web"}"#]
        {
            let session =
                read(&Params::parse(body.as_bytes()).unwrap(), &Arc::default(), Generation::Cedar).unwrap();
            assert_eq!(session.filter.process.as_deref(), Some("run.1"), "{body}");
        }
    }

    #[test]
    fn parameters_of_other_types_are_refused() {
        for body in [r#"{"lines":"5"}"#, r#"{"lines":-1}"#, r#"{"tail":1}"#, r#"{"source":{}}"#] {
            assert!(
                read(&Params::parse(body.as_bytes()).unwrap(), &Arc::default(), Generation::Cedar).is_err(),
                "{body}"
            );
        }
    }

    #[test]
    fn fir_has_no_history_and_always_goes_on() {
        let body = br#"{"lines": 1500, "tail": false, "dyno": "run-1-a", "type": "run", "source": "app"}"#;
        let session = read(&Params::parse(body).unwrap(), &Arc::default(), Generation::Fir).unwrap();
        assert_eq!((session.lines, session.tail), (0, true));
        assert_eq!(session.filter.process.as_deref(), Some("run-1-a"));
        assert_eq!(session.filter.process_type.as_deref(), Some("run"));
    }
}
