//! Releases: all of them, and one (platform-api.md 8).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::error::ApiError;
use super::list::RangeHeader;
use super::{Api, Json, TheApp};
use crate::account::{Account, EMAIL};
use crate::app::App;
use crate::release::{Release, ReleaseStatus};

/// `GET /apps/{app}/releases`, oldest first.
pub(super) async fn list(
    State(api): State<Api>,
    TheApp(app): TheApp,
    range: RangeHeader,
) -> Result<Response, ApiError> {
    app.look().await?;
    let releases = app.releases.all();
    range.answer(
        releases.iter().map(|release| show(&api.account, &app, release)).collect(),
        &["version", "id"],
    )
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
    Ok(Json(StatusCode::OK, &show(&api.account, &app, release)).into_response())
}

fn show(account: &Account, app: &App, release: &Release) -> Value {
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
        "output_stream_url": null,
        "slug": {"id": release.slug},
        "status": status,
        "updated_at": state.updated_at,
        "user": {"email": EMAIL, "id": account.id},
        "version": release.version,
    })
}
