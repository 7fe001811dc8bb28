//! The account and the app, as far as clients need them to check a key and an app name (platform-api.md 8).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{Api, Json, TheApp};
use crate::app::USER;

/// `GET /account`
pub(super) async fn account(State(api): State<Api>) -> Response {
    Json(StatusCode::OK, &json!({"id": api.account, "email": USER})).into_response()
}

/// `GET /apps/{app}`
pub(super) async fn info(TheApp(app): TheApp) -> Response {
    let app = json!({
        "created_at": app.created_at,
        "generation": {"name": "cedar"},
        "id": app.id,
        "name": app.name,
        "stack": {"name": "heroku-24"},
    });
    Json(StatusCode::OK, &app).into_response()
}
