//! Config vars: all of them, and changes (platform-api.md 8).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::error::ApiError;
use super::params::Params;
use super::{Body, Json, TheApp};
use crate::config_vars::is_name;

/// `GET /apps/{app}/config-vars`
pub(super) async fn info(TheApp(app): TheApp) -> Result<Response, ApiError> {
    app.look().await?;
    Ok(Json(StatusCode::OK, &app.releases.config_vars().await).into_response())
}

/// `PATCH /apps/{app}/config-vars`: sets variables, and removes those that are null. The file `.env` stays as it is.
pub(super) async fn update(TheApp(app): TheApp, Body(body): Body) -> Result<Response, ApiError> {
    let changes = Params::parse(&body)?.into_entries().map(|(name, value)| change(name, value));
    let changes = changes.collect::<Result<_, _>>()?;
    app.look().await?;
    app.set_config_vars(changes).await;
    Ok(Json(StatusCode::OK, &app.releases.config_vars().await).into_response())
}

fn change(name: String, value: Value) -> Result<(String, Option<String>), ApiError> {
    if !is_name(&name) {
        return Err(ApiError::invalid_params(format!("{name:?} is not a name of letters, digits and `_`.")));
    }
    match value {
        Value::Null => Ok((name, None)),
        Value::String(value) if !value.contains('\0') => Ok((name, Some(value))),
        _ => Err(ApiError::invalid_params(format!("The value of {name} has to be a string, or null."))),
    }
}
