//! Dyno sizes: all of them, and those that the app can use (platform-api.md 8).

use axum::response::Response;
use serde_json::{Value, json};

use super::error::ApiError;
use super::list::RangeHeader;
use super::{TheApp, apps};
use crate::sizes::{self, Runtime, Size};

/// `GET /dyno-sizes`
pub(super) async fn list(range: RangeHeader) -> Result<Response, ApiError> {
    range.answer(sizes::ALL.iter().map(show).collect(), &["id", "name"])
}

/// `GET /apps/{app}/available-dyno-sizes`
pub(super) async fn available(TheApp(_): TheApp, range: RangeHeader) -> Result<Response, ApiError> {
    range.answer(sizes::available().map(show).collect(), &["id", "name"])
}

/// The fields that clients use. What is not known is null.
fn show(size: &Size) -> Value {
    let is_fir = size.runtime == Runtime::Fir;
    json!({
        "architecture": (!is_fir).then_some("amd64"),
        "compute": size.compute,
        "cost": size.dollars.map(|dollars| json!({"cents": dollars * 100, "unit": "month"})),
        "dedicated": (!is_fir).then_some(size.runtime != Runtime::Shared),
        "generation": {
            "id": if is_fir { apps::FIR } else { apps::CEDAR },
            "name": if is_fir { "fir" } else { "cedar" },
        },
        "id": size.id,
        "memory": size.memory,
        "name": size.name,
        "private_space_only": matches!(size.runtime, Runtime::Private | Runtime::Fir),
    })
}
