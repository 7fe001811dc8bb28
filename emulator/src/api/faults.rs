//! Faults on demand ([`crate::faults`]): rules are added, listed and removed, and open streams are reached. Heroku has
//! nothing like it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::{Api, Body, Json};

/// `POST /emulator/faults`: one rule, or an array of them.
pub(super) async fn add(State(api): State<Api>, Body(body): Body) -> Result<Response, ApiError> {
    api.faults.add(read(&body)?).map_err(ApiError::invalid_params)?;
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

/// `GET /emulator/streams`: how many are open.
pub(super) async fn streams(State(api): State<Api>) -> Response {
    Json(StatusCode::OK, &json!({"streams": api.open_streams.count()})).into_response()
}

/// `POST /emulator/streams`: what a rule has in its `stream`, for all that are open.
pub(super) async fn meet(State(api): State<Api>, Body(body): Body) -> Result<Response, ApiError> {
    let wrong = |error: String| ApiError::invalid_params(format!("The faults of streams: {error}."));
    let given: Map<String, Value> = read(&body)?;
    let faults = serde_json::from_value(given.into()).map_err(|error| wrong(error.to_string()))?;
    let reached = api.open_streams.send(faults).map_err(wrong)?;
    Ok(Json(StatusCode::OK, &json!({"streams": reached})).into_response())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        ApiError::bad_request(format!("The body of the request is not valid JSON: {error}."))
    })
}
