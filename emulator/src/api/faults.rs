//! Faults on demand ([`crate::faults`]): rules are added, listed and removed. Heroku has nothing like it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::error::ApiError;
use super::{Api, Body, Json};

/// `POST /emulator/faults`: one rule, or an array of them.
pub(super) async fn add(State(api): State<Api>, Body(body): Body) -> Result<Response, ApiError> {
    let given = serde_json::from_slice(&body).map_err(|error| {
        ApiError::bad_request(format!("The body of the request is not valid JSON: {error}."))
    })?;
    let rules = match given {
        Value::Array(rules) => rules,
        rule => vec![rule],
    };
    api.faults.add(rules).map_err(ApiError::invalid_params)?;
    Ok(Json(StatusCode::CREATED, &api.faults.list()).into_response())
}

/// `GET /emulator/faults`
pub(super) async fn list(State(api): State<Api>) -> Response {
    Json(StatusCode::OK, &api.faults.list()).into_response()
}

/// `DELETE /emulator/faults`: removes all.
pub(super) async fn clear(State(api): State<Api>) -> Response {
    api.faults.clear();
    list(State(api)).await
}
