//! Releases: all of them, and one (platform-api.md 8).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::ApiError;
use super::{Api, Json, TheApp};
use crate::app::{App, USER};
use crate::release::{Release, ReleaseStatus};

/// `GET /apps/{app}/releases`, oldest first.
pub(super) async fn list(State(api): State<Api>, TheApp(app): TheApp) -> Result<Response, ApiError> {
    app.look().await?;
    let releases: Vec<Value> =
        app.releases.all().iter().map(|release| show(api.account, &app, release)).collect();
    Ok(Json(StatusCode::OK, &releases).into_response())
}

/// `GET /apps/{app}/releases/{id or version}`
pub(super) async fn info(
    State(api): State<Api>,
    TheApp(app): TheApp,
    Path((_, wanted)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    app.look().await?;
    let releases = app.releases.all();
    let release = releases
        .iter()
        .find(|release| release.id.to_string() == wanted || release.version.to_string() == wanted)
        .ok_or_else(ApiError::no_release)?;
    Ok(Json(StatusCode::OK, &show(api.account, &app, release)).into_response())
}

fn show(account: Uuid, app: &App, release: &Release) -> Value {
    let state = release.state();
    let status = match state.status {
        ReleaseStatus::Pending => "pending",
        ReleaseStatus::Succeeded => "succeeded",
        ReleaseStatus::Failed => "failed",
    };
    json!({
        "addon_plan_names": [],
        "app": {"id": app.id, "name": app.name},
        "artifacts": [],
        "created_at": release.created_at,
        "current": app.releases.current().is_some_and(|current| current.release.id == release.id),
        "description": release.description,
        "eligible_for_rollback": false,
        "id": release.id,
        "oci_image": null,
        "output_stream_url": null,
        "slug": {"id": release.slug},
        "status": status,
        "updated_at": state.updated_at,
        "user": {"email": USER, "id": account},
        "version": release.version,
    })
}
