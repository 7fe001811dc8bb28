//! Error answers of the API (platform-api.md 1.6 to 1.8).

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Json;
use crate::app::DeployError;

/// An error as the API tells it: a status and a body of which `id` and `message` are dependable.
#[derive(Debug, Serialize)]
pub(super) struct ApiError {
    #[serde(skip)]
    status: StatusCode,
    id: &'static str,
    message: Cow<'static, str>,
    /// What was not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'static str>,
    /// Where more is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

impl ApiError {
    fn new(status: StatusCode, id: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, id, message: message.into(), resource: None, url: None }
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Invalid credentials provided.")
    }

    pub(super) fn not_acceptable() -> Self {
        let message = "The `Accept` header has to name a version of the API: \
                       `application/vnd.heroku+json; version=3`.";
        Self::new(StatusCode::NOT_ACCEPTABLE, "not_acceptable", message)
    }

    /// A path or method that the emulator does not serve.
    pub(super) fn no_endpoint() -> Self {
        let message = "The requested API endpoint was not found. Are you using the right HTTP verb (i.e. `GET` vs. \
                       `POST`), and did you specify your intended version with the `Accept` header?";
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(super) fn no_app() -> Self {
        let error = Self::new(StatusCode::NOT_FOUND, "not_found", "Couldn't find that app.");
        Self { resource: Some("app"), ..error }
    }

    pub(super) fn no_dyno() -> Self {
        let error = Self::new(StatusCode::NOT_FOUND, "not_found", "Couldn't find that dyno.");
        Self { resource: Some("dyno"), ..error }
    }

    /// A user of whom nothing is known.
    pub(super) fn no_user() -> Self {
        let error = Self::new(StatusCode::NOT_FOUND, "not_found", "Couldn't find that user.");
        Self { resource: Some("user"), ..error }
    }

    pub(super) fn no_release() -> Self {
        let error = Self::new(StatusCode::NOT_FOUND, "not_found", "Couldn't find that release.");
        Self { resource: Some("release"), ..error }
    }

    pub(super) fn no_process_type(name: &str) -> Self {
        let message = format!("Couldn't find that process type ({name}).");
        let error = Self::new(StatusCode::NOT_FOUND, "not_found", message);
        Self { resource: Some("formation"), ..error }
    }

    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "bad_request", "The body of the request is too large.")
    }

    pub(super) fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_params", message)
    }

    /// A `Range` header that a list cannot be cut by.
    pub(super) fn bad_range(fields: &[&str]) -> Self {
        let message = format!(
            "The `Range` header has to look like `{} ..; max=200, order=desc`, with a field of: {}.",
            fields[0],
            fields.join(", ")
        );
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "requested_range_not_satisfiable", message)
    }

    pub(super) fn rate_limit() -> Self {
        let message =
            "Your account reached the API rate limit\nPlease wait a few minutes before making new requests";
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit", message);
        Self {
            url: Some("https://devcenter.heroku.com/articles/platform-api-reference#rate-limits"),
            ..error
        }
    }

    pub(super) fn above_limit(limit: usize) -> Self {
        let message = format!("Cannot run more than {limit} one-off dynos.");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "cannot_run_above_limit", message)
    }

    pub(super) fn above_quantity(limit: u64) -> Self {
        let message = format!("Cannot update to more than {limit} dynos per process type.");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "cannot_update_above_limit", message)
    }

    pub(super) fn unavailable() -> Self {
        let message = "Cannot run one-off process at this time. Please try again later.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", message)
    }
}

impl From<DeployError> for ApiError {
    fn from(error: DeployError) -> Self {
        match error {
            // On Heroku a push fails then, and nobody who asks for a dyno hears of it.
            DeployError::Build(reason) => {
                tracing::error!("The app cannot be built: {reason}");
                Self::invalid_params(format!("The app cannot be built: {reason}."))
            }
            // As before the first deploy (platform-api.md 1.8).
            DeployError::NoRelease => {
                let message = "There is nothing to run: no release of the app has succeeded.";
                Self::new(StatusCode::CONFLICT, "conflict", message)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        Json(self.status, &self).into_response()
    }
}
