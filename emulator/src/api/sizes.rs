//! Dyno sizes: all of them, and those that the app can use (platform-api.md 8).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Json, TheApp};
use crate::sizes::{self, Runtime, Size};

/// `GET /dyno-sizes`
pub(super) async fn list() -> Response {
    let sizes: Vec<Value> = sizes::ALL.iter().map(show).collect();
    Json(StatusCode::OK, &sizes).into_response()
}

/// `GET /apps/{app}/available-dyno-sizes`
pub(super) async fn available(TheApp(_): TheApp) -> Response {
    let sizes: Vec<Value> = sizes::available().map(show).collect();
    Json(StatusCode::OK, &sizes).into_response()
}

/// The fields that clients use. What is not known is null.
fn show(size: &Size) -> Value {
    let is_fir = size.runtime == Runtime::Fir;
    json!({
        "architecture": (!is_fir).then_some("amd64"),
        "compute": null,
        "cost": size.dollars.map(|dollars| json!({"cents": dollars * 100, "unit": "month"})),
        "dedicated": (!is_fir).then_some(size.runtime != Runtime::Shared),
        "generation": {"name": if is_fir { "fir" } else { "cedar" }},
        "id": size.id,
        "memory": size.memory,
        "name": size.name,
        "private_space_only": matches!(size.runtime, Runtime::Private | Runtime::Fir),
    })
}
