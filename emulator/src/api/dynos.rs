//! One-off dynos: create, list, info, stop (platform-api.md 3).

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::error::ApiError;
use super::list::RangeHeader;
use super::params::Params;
use super::{Body, Json, TheApp};
use crate::app::{App, CreateError};
use crate::config_vars;
use crate::dyno::{Dyno, DynoRequest};
use crate::dynos::MAXIMUM_ONE_OFFS;
use crate::procfile::is_process_type;
use crate::sizes::{self, Size};

/// Longest `time_to_live`, a day (platform-api.md 3.1).
const MAXIMUM_TIME_TO_LIVE: u64 = 86_400;

/// `POST /apps/{app}/dynos`
pub(super) async fn create(TheApp(app): TheApp, Body(body): Body) -> Result<Response, ApiError> {
    let request = read(&Params::parse(&body)?)?;
    let dyno = app.create(request).await.map_err(|error| match error {
        CreateError::Deploy(error) => error.into(),
        CreateError::TooMany => ApiError::above_limit(MAXIMUM_ONE_OFFS),
        CreateError::Unavailable(reason) => {
            tracing::error!("A dyno could not be started: {reason}");
            ApiError::unavailable()
        }
    })?;
    Ok(Json(StatusCode::CREATED, &show(&app, &dyno)).into_response())
}

/// `GET /apps/{app}/dynos`
pub(super) async fn list(TheApp(app): TheApp, range: RangeHeader) -> Result<Response, ApiError> {
    range.answer(app.dynos.all().iter().map(|dyno| show(&app, dyno)).collect(), &["id", "name"])
}

/// `GET /apps/{app}/dynos/{dyno}`
pub(super) async fn info(
    TheApp(app): TheApp,
    Path((_, dyno)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let dyno = app.dynos.find(&dyno).ok_or_else(ApiError::no_dyno)?;
    Ok(Json(StatusCode::OK, &show(&app, &dyno)).into_response())
}

/// `POST /apps/{app}/dynos/{dyno}/actions/stop`
pub(super) async fn stop(
    TheApp(app): TheApp,
    Path((_, dyno)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let id = app.dynos.find(&dyno).ok_or_else(ApiError::no_dyno)?.id;
    app.stop(|dyno| dyno.id == id);
    Ok(accepted())
}

/// `DELETE /apps/{app}/dynos/{dyno}`: restarts a dyno of the formation, but ends a one-off (platform-api.md 3.6).
pub(super) async fn restart(
    TheApp(app): TheApp,
    Path((_, dyno)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let id = app.dynos.find(&dyno).ok_or_else(ApiError::no_dyno)?.id;
    app.restart(|dyno| dyno.id == id);
    Ok(accepted())
}

/// `DELETE /apps/{app}/dynos`: restarts the formation's; one-offs go on (platform-api.md 3.6).
pub(super) async fn restart_all(TheApp(app): TheApp) -> Response {
    app.restart(|dyno| dyno.number.is_some());
    accepted()
}

/// `POST /apps/{app}/formations/{type}/actions/stop`: stops all dynos of a type, one-offs too.
pub(super) async fn stop_type(
    TheApp(app): TheApp,
    Path((_, process_type)): Path<(String, String)>,
) -> Response {
    app.stop(|dyno| dyno.request.process_type == process_type);
    accepted()
}

/// `DELETE /apps/{app}/formations/{type}`: restarts all dynos of a type; one-offs among them end.
pub(super) async fn restart_type(
    TheApp(app): TheApp,
    Path((_, process_type)): Path<(String, String)>,
) -> Response {
    app.restart(|dyno| dyno.request.process_type == process_type);
    accepted()
}

fn accepted() -> Response {
    Json(StatusCode::ACCEPTED, &json!({})).into_response()
}

/// The dyno object of platform-api.md 3.2.
fn show(app: &App, dyno: &Dyno) -> Value {
    let status = dyno.status();
    json!({
        "app": {"id": app.id, "name": app.name},
        "attach_url": null,
        "command": dyno.command,
        "created_at": dyno.created_at,
        "id": dyno.id,
        "name": dyno.name,
        "release": {"id": dyno.deployment.release.id, "version": dyno.deployment.release.version},
        "size": dyno.request.size.name,
        "state": status.state,
        "type": dyno.request.process_type,
        "updated_at": status.updated_at,
    })
}

fn read(params: &Params) -> Result<DynoRequest, ApiError> {
    let command = params.string("command")?.unwrap_or_default();
    if command.trim().is_empty() {
        return Err(ApiError::invalid_params("`command` is required."));
    }
    if command.contains('\0') {
        return Err(ApiError::invalid_params("`command` cannot contain a NUL byte."));
    }
    let process_type = params.string("type")?.unwrap_or("run");
    if !is_process_type(process_type) {
        return Err(ApiError::invalid_params("`type` has to consist of letters, digits, `-` and `_`."));
    }
    if params.boolean("attach")? == Some(true) {
        let message = "`attach` is not supported here: leave it out and read the output from a log session.";
        return Err(ApiError::invalid_params(message));
    }
    Ok(DynoRequest {
        command: command.to_owned(),
        process_type: process_type.to_owned(),
        env: env(params)?,
        size: size(params)?,
        time_to_live: time_to_live(params)?,
    })
}

fn env(params: &Params) -> Result<BTreeMap<String, String>, ApiError> {
    let given = params.object("env")?.into_iter().flatten();
    given.map(|(name, value)| Ok((variable_name(name)?, variable_value(name, value)?))).collect()
}

fn variable_name(name: &str) -> Result<String, ApiError> {
    config_vars::is_name(name).then(|| name.to_owned()).ok_or_else(|| {
        ApiError::invalid_params(format!("`env`: {name:?} is not a name of letters, digits and `_`."))
    })
}

/// A string; or a number, as the CLI sends for COLUMNS and LINES (design.md 5).
fn variable_value(name: &str, value: &Value) -> Result<String, ApiError> {
    match value {
        Value::String(text) if text.contains('\0') => {
            Err(ApiError::invalid_params(format!("`env`: the value of {name} cannot contain a NUL byte.")))
        }
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(ApiError::invalid_params(format!("`env`: the value of {name} has to be a string."))),
    }
}

fn size(params: &Params) -> Result<&'static Size, ApiError> {
    params.string("size")?.map_or(Ok(sizes::DEFAULT), named_size)
}

/// A dyno size by its name, in whatever case.
pub(super) fn named_size(wanted: &str) -> Result<&'static Size, ApiError> {
    sizes::available().find(|size| size.name.eq_ignore_ascii_case(wanted)).ok_or_else(|| {
        let names: Vec<&str> = sizes::available().map(|size| size.name).collect();
        ApiError::invalid_params(format!(
            "No such size as {wanted}. Available dyno sizes are {}.",
            names.join(", ")
        ))
    })
}

fn time_to_live(params: &Params) -> Result<Option<Duration>, ApiError> {
    match params.integer("time_to_live")? {
        None => Ok(None),
        Some(seconds @ 1..=MAXIMUM_TIME_TO_LIVE) => Ok(Some(Duration::from_secs(seconds))),
        Some(_) => Err(ApiError::invalid_params(format!(
            "`time_to_live` has to be between 1 and {MAXIMUM_TIME_TO_LIVE} seconds."
        ))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read_json(params: Value) -> Result<DynoRequest, ApiError> {
        read(&Params::parse(params.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn parameters_that_are_left_out_or_null_have_defaults() {
        for params in
            [json!({"command": "x"}), json!({"command": "x", "size": null, "env": null, "type": null})]
        {
            let request = read_json(params).unwrap();
            assert_eq!((request.process_type.as_str(), request.size.name), ("run", "Basic"));
            assert!(request.env.is_empty() && request.time_to_live.is_none());
        }
    }

    #[test]
    fn parameters_are_taken_over() {
        let request = read_json(json!({
            "attach": false, "command": "x", "env": {"A_1": "", "COLUMNS": 80}, "force_no_tty": null,
            "size": "standard-1x", "time_to_live": 86_400, "type": "worker", "unknown": [],
        }))
        .unwrap();
        assert_eq!(
            request.env,
            BTreeMap::from([("A_1".into(), String::new()), ("COLUMNS".into(), "80".into())])
        );
        assert_eq!((request.process_type.as_str(), request.size.name), ("worker", "Standard-1X"));
        assert_eq!(request.time_to_live, Some(Duration::from_secs(86_400)));
    }

    #[test]
    fn what_the_schema_forbids_is_refused() {
        for params in [
            json!({}),
            json!({"command": null}),
            json!({"command": " \n"}),
            json!({"command": ["a"]}),
            json!({"command": "a\0b"}),
            json!({"command": "x", "attach": true}),
            json!({"command": "x", "attach": "false"}),
            json!({"command": "x", "env": []}),
            json!({"command": "x", "env": {"A-B": ""}}),
            json!({"command": "x", "env": {"": ""}}),
            json!({"command": "x", "env": {"Ä": ""}}),
            json!({"command": "x", "env": {"A": true}}),
            json!({"command": "x", "env": {"A": null}}),
            json!({"command": "x", "env": {"A": "\0"}}),
            json!({"command": "x", "size": "Huge"}),
            json!({"command": "x", "size": "Private-S"}),
            json!({"command": "x", "time_to_live": 0}),
            json!({"command": "x", "time_to_live": 86_401}),
            json!({"command": "x", "time_to_live": 1.5}),
            json!({"command": "x", "time_to_live": "60"}),
            json!({"command": "x", "type": "a.b"}),
            json!({"command": "x", "type": ""}),
        ] {
            assert!(read_json(params.clone()).is_err(), "{params}");
        }
    }
}
