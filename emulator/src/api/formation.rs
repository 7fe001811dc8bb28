//! The formation: which process types the app has, and what they run (platform-api.md 8).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::error::ApiError;
use super::{Json, TheApp};
use crate::procfile::Procfile;
use crate::sizes;

/// `GET /apps/{app}/formation`: none of the Procfile's types runs, since the emulator has one-off dynos alone.
pub(super) async fn list(TheApp(app): TheApp) -> Result<Response, ApiError> {
    let procfile = Procfile::read(&app.source).map_err(|error| {
        tracing::error!("The Procfile cannot be read: {error}");
        ApiError::internal()
    })?;
    let show = |(process_type, command)| {
        json!({
            "app": {"id": app.id, "name": app.name},
            "command": command,
            "dyno_size": {"id": sizes::DEFAULT.id, "name": sizes::DEFAULT.name},
            "quantity": 0,
            "size": sizes::DEFAULT.name,
            "type": process_type,
        })
    };
    let formation: Vec<Value> = procfile.processes().map(show).collect();
    Ok(Json(StatusCode::OK, &formation).into_response())
}
