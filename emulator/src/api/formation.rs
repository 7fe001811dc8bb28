//! The formation: which process types the app has, what they run, and how many dynos of each (platform-api.md 8).

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::dynos::named_size;
use super::error::ApiError;
use super::list::RangeHeader;
use super::params::Params;
use super::{Body, Json, TheApp};
use crate::app::App;
use crate::formation::{self, MAXIMUM_QUANTITY, ScaleUpdate};
use crate::release::Deployment;

/// `GET /apps/{app}/formation`
pub(super) async fn list(TheApp(app): TheApp, range: RangeHeader) -> Result<Response, ApiError> {
    let deployment = app.deployment().await?;
    range.answer(show_all(&app, &deployment), &["type", "id"])
}

/// `GET /apps/{app}/formation/{type}`
pub(super) async fn info(
    TheApp(app): TheApp,
    Path((_, process_type)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let shown = show(&app, &app.deployment().await?, &process_type)?;
    Ok(Json(StatusCode::OK, &shown).into_response())
}

/// `PATCH /apps/{app}/formation`: `{"updates": [{"type": "worker", "quantity": 2, "size": "Basic"}]}`
pub(super) async fn update_all(TheApp(app): TheApp, Body(body): Body) -> Result<Response, ApiError> {
    let deployment = app.deployment().await?;
    let params = Params::parse(&body)?;
    let updates =
        params.array("updates")?.ok_or_else(|| ApiError::invalid_params("`updates` is required."))?;
    let updates: Vec<ScaleUpdate> = updates
        .iter()
        .map(|update| {
            let update = update.as_object().cloned();
            let update = update.ok_or_else(|| ApiError::invalid_params("An update has to be an object."))?;
            read(&app, &deployment, &Params::of(update), None)
        })
        .collect::<Result<_, _>>()?;
    formation::scale(&app, &deployment, &updates);
    Ok(Json(StatusCode::OK, &show_all(&app, &deployment)).into_response())
}

/// `PATCH /apps/{app}/formation/{type}`: `{"quantity": 2, "size": "Basic"}`
pub(super) async fn update(
    TheApp(app): TheApp,
    Path((_, process_type)): Path<(String, String)>,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let deployment = app.deployment().await?;
    let update = read(&app, &deployment, &Params::parse(&body)?, Some(&process_type))?;
    formation::scale(&app, &deployment, &[update]);
    Ok(Json(StatusCode::OK, &show(&app, &deployment, &process_type)?).into_response())
}

fn show_all(app: &App, deployment: &Deployment) -> Vec<Value> {
    let types = deployment.slug.procfile.processes();
    types.filter_map(|(process_type, _)| show(app, deployment, process_type).ok()).collect()
}

fn show(app: &App, deployment: &Deployment, process_type: &str) -> Result<Value, ApiError> {
    let command = deployment.slug.procfile.command(process_type);
    let command = command.ok_or_else(|| ApiError::no_process_type(process_type))?;
    let scale = app.formation.scale(process_type);
    Ok(json!({
        "app": {"id": app.id, "name": app.name},
        "command": command,
        "created_at": scale.created_at,
        "dyno_size": {"id": scale.size.id, "name": scale.size.name},
        "id": scale.id,
        "quantity": scale.quantity,
        "size": scale.size.name,
        "type": process_type,
        "updated_at": scale.updated_at,
    }))
}

/// Reads a change of a process type, which the path names or a parameter.
fn read(
    app: &App,
    deployment: &Deployment,
    params: &Params,
    process_type: Option<&str>,
) -> Result<ScaleUpdate, ApiError> {
    let named = match process_type {
        Some(process_type) => process_type,
        None => params.string("type")?.ok_or_else(|| ApiError::invalid_params("`type` is required."))?,
    };
    if deployment.slug.procfile.command(named).is_none() {
        return Err(ApiError::no_process_type(named));
    }
    let quantity = quantity(params.get("quantity"), app.formation.scale(named).quantity)?;
    let size = match params.get("dyno_size").and_then(Value::as_object) {
        Some(size) => Params::of(size.clone()).string("name")?.map(named_size).transpose()?,
        None => params.string("size")?.filter(|size| !size.is_empty()).map(named_size).transpose()?,
    };
    Ok(ScaleUpdate { process_type: named.to_owned(), quantity, size })
}

/// A number; or, as the CLI sends it, a text that is one, or `+2` or `-1` for a change.
fn quantity(given: Option<&Value>, current: u64) -> Result<Option<u64>, ApiError> {
    let wanted = match given {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(more), _) => more.parse().ok().and_then(|more: u64| current.checked_add(more)),
            (_, Some(fewer)) => fewer.parse().ok().map(|fewer: u64| current.saturating_sub(fewer)),
            _ => text.parse().ok(),
        },
        Some(_) => None,
    };
    match wanted {
        Some(quantity) if quantity <= MAXIMUM_QUANTITY => Ok(Some(quantity)),
        Some(_) => Err(ApiError::above_quantity(MAXIMUM_QUANTITY)),
        None => Err(ApiError::invalid_params("`quantity` has to be a whole number that is not negative.")),
    }
}
