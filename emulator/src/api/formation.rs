//! The formation: which process types the app has, and what they run (platform-api.md 8).

use axum::response::Response;
use serde_json::json;

use super::TheApp;
use super::error::ApiError;
use super::list::RangeHeader;
use crate::procfile::Procfile;
use crate::sizes;

/// `GET /apps/{app}/formation`: none of the Procfile's types runs, since the emulator has one-off dynos alone.
pub(super) async fn list(TheApp(app): TheApp, range: RangeHeader) -> Result<Response, ApiError> {
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
    range.answer(procfile.processes().map(show).collect(), &["type"])
}
