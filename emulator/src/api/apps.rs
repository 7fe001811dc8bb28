//! Apps, with what belongs to them and is the same for all: no add-ons, and nobody but the owner (platform-api.md 8).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::ApiError;
use super::list::RangeHeader;
use super::{Api, Json, TheApp};
use crate::account::{Account, EMAIL};
use crate::app::App;
use crate::generation::Generation;

/// Ids of the two generations.
pub(super) const CEDAR: Uuid = Uuid::from_u128(0x2001);
pub(super) const FIR: Uuid = Uuid::from_u128(0x2002);

/// Ids of what there is one of.
const REGION: Uuid = Uuid::from_u128(0x2003);
const STACK: Uuid = Uuid::from_u128(0x2004);

/// `GET /apps`
pub(super) async fn list(State(api): State<Api>, range: RangeHeader) -> Result<Response, ApiError> {
    range.answer(api.apps.iter().map(|app| show(&api.account, app)).collect(), &["name", "id"])
}

/// `GET /users/{user}/apps`
pub(super) async fn list_of_user(
    State(api): State<Api>,
    Path(user): Path<String>,
    range: RangeHeader,
) -> Result<Response, ApiError> {
    if api.account.is(&user) { list(State(api), range).await } else { Err(ApiError::no_user()) }
}

/// `GET /apps/{app}`
pub(super) async fn info(State(api): State<Api>, TheApp(app): TheApp) -> Response {
    Json(StatusCode::OK, &show(&api.account, &app)).into_response()
}

/// `GET /apps/{app}/addons`
pub(super) async fn addons(TheApp(_): TheApp, range: RangeHeader) -> Result<Response, ApiError> {
    range.answer(Vec::new(), &["name", "id"])
}

/// `GET /apps/{app}/collaborators`
pub(super) async fn collaborators(
    State(api): State<Api>,
    TheApp(app): TheApp,
    range: RangeHeader,
) -> Result<Response, ApiError> {
    let owner = json!({
        "app": {"id": app.id, "name": app.name},
        "created_at": app.created_at,
        "id": app.id,
        "permissions": [],
        "role": "owner",
        "updated_at": app.created_at,
        "user": {"email": EMAIL, "federated": false, "id": api.account.id},
    });
    range.answer(vec![owner], &["id"])
}

/// Anything else of an app: pipelines, domains and much more is not served.
pub(super) async fn no_endpoint(TheApp(_): TheApp) -> ApiError {
    ApiError::no_endpoint()
}

fn generation_id(generation: Generation) -> Uuid {
    match generation {
        Generation::Cedar => CEDAR,
        Generation::Fir => FIR,
    }
}

/// The app object. The sizes are 0: there is no repository, and a slug is a folder, not packed.
fn show(account: &Account, app: &App) -> Value {
    let released_at = app.releases.current().map(|current| current.release.created_at.clone());
    let stack = json!({"id": STACK, "name": app.generation.stack()});
    json!({
        "acm": false,
        "archived_at": null,
        "build_stack": stack,
        "buildpack_provided_description": null,
        "created_at": app.created_at,
        "generation": {"id": generation_id(app.generation), "name": app.generation.name()},
        "git_url": format!("https://git.heroku.com/{}.git", app.name),
        "id": app.id,
        "internal_routing": null,
        "maintenance": false,
        "name": app.name,
        "organization": null,
        "owner": {"email": EMAIL, "id": account.id},
        "region": {"id": REGION, "name": "us"},
        "released_at": released_at,
        "repo_size": 0,
        "slug_size": 0,
        "space": null,
        "stack": stack,
        "team": null,
        "updated_at": released_at.as_ref().unwrap_or(&app.created_at),
        "web_url": null,
    })
}
