//! The account, and how many requests it has left (platform-api.md 8).

use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{Api, Json};
use crate::account::EMAIL;

/// `GET /account`
pub(super) async fn info(State(api): State<Api>) -> Response {
    let account = json!({
        "allow_tracking": false,
        "beta": false,
        "country_of_residence": null,
        "created_at": api.account.created_at,
        "default_organization": null,
        "default_team": null,
        "delinquent_at": null,
        "email": EMAIL,
        "federated": false,
        "id": api.account.id,
        "identity_provider": null,
        "last_login": api.account.created_at,
        "name": null,
        "sms_number": null,
        "suspended_at": null,
        "two_factor_authentication": false,
        "updated_at": api.account.created_at,
        "verified": true,
    });
    Json(StatusCode::OK, &account).into_response()
}

/// `GET /account/rate-limits`, which costs no request.
pub(super) async fn rate_limits(State(api): State<Api>) -> Response {
    let remaining = api.account.requests.remaining(Instant::now());
    Json(StatusCode::OK, &json!({"remaining": remaining})).into_response()
}
