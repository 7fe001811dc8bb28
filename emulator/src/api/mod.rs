//! The API listener: who may ask (key, version, origin), and which endpoint answers (platform-api.md 1 and 2).

mod account;
mod apps;
mod conditional;
mod config_vars;
mod dynos;
mod error;
mod faults;
mod formation;
mod list;
mod log_sessions;
mod params;
mod releases;
mod sizes;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request, State};
use axum::http::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use serde::Serialize;
use uuid::Uuid;

use self::error::ApiError;
use crate::account::Account;
use crate::app::App;
use crate::faults::{Faults, OpenStreams};
use crate::rate_limit::Exhausted;
use crate::session::LogSessions;

/// Largest body of a request in bytes.
const BODY_BYTES: usize = 1024 * 1024;

/// The only call that costs no request (platform-api.md 1.5).
const FREE_PATH: &str = "/account/rate-limits";

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const RATELIMIT_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");

/// What the endpoints share.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) apps: Arc<[Arc<App>]>,
    pub(crate) account: Arc<Account>,
    pub(crate) key: Arc<str>,
    pub(crate) sessions: Arc<LogSessions>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) open_streams: Arc<OpenStreams>,
    /// `http://127.0.0.1:1234`
    pub(crate) stream_origin: Arc<str>,
    /// Whether pages may read `Request-Id` and its like.
    pub(crate) expose_headers: bool,
}

/// The routes of the API listener.
pub(crate) fn router(api: Api) -> Router {
    let heroku = Router::new()
        .route("/account", get(account::info))
        .route(FREE_PATH, get(account::rate_limits))
        .route("/apps", get(apps::list))
        .route("/apps/{app}", get(apps::info))
        .route("/apps/{app}/addons", get(apps::addons))
        .route("/apps/{app}/available-dyno-sizes", get(sizes::available))
        .route("/apps/{app}/collaborators", get(apps::collaborators))
        .route("/apps/{app}/config-vars", get(config_vars::info).patch(config_vars::update))
        .route("/apps/{app}/dynos", get(dynos::list).post(dynos::create).delete(dynos::restart_all))
        .route("/apps/{app}/dynos/{dyno}", get(dynos::info).delete(dynos::restart))
        .route("/apps/{app}/dynos/{dyno}/actions/stop", post(dynos::stop))
        .route("/apps/{app}/formation", get(formation::list).patch(formation::update_all))
        .route("/apps/{app}/formation/{type}", get(formation::info).patch(formation::update))
        .route("/apps/{app}/formations/{type}", delete(dynos::restart_type))
        .route("/apps/{app}/formations/{type}/actions/stop", post(dynos::stop_type))
        .route("/apps/{app}/log-sessions", post(log_sessions::create))
        .route("/apps/{app}/releases", get(releases::list))
        .route("/apps/{app}/releases/{release}", get(releases::info))
        .route("/apps/{app}/{*path}", any(apps::no_endpoint))
        .route("/dyno-sizes", get(sizes::list))
        .route("/users/{user}/apps", get(apps::list_of_user))
        .fallback(no_endpoint)
        .method_not_allowed_fallback(no_endpoint)
        .layer(middleware::from_fn(conditional::answer))
        .layer(middleware::from_fn_with_state(Arc::clone(&api.faults), crate::faults::inject))
        .layer(middleware::from_fn(version))
        .layer(middleware::from_fn_with_state(Arc::clone(&api.account), count));
    // No part of Heroku's API: without its version, and out of reach of its own rules.
    let own = Router::new()
        .route("/emulator/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/emulator/streams", get(faults::streams).post(faults::meet))
        .method_not_allowed_fallback(no_endpoint);
    heroku
        .merge(own)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn_with_state(api.clone(), guard))
        .layer(middleware::from_fn_with_state(Arc::clone(&api.faults), crate::faults::finish))
        .with_state(api)
}

/// Answers preflights, lets through who may ask, and puts on every answer what all of them carry.
async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let request_id = request_id(request.headers());
    let mut response = if request.method() == Method::OPTIONS {
        preflight()
    } else if !is_authorized(request.headers(), &api.key) {
        ApiError::unauthorized().into_response()
    } else {
        next.run(request).await
    };
    let exposed = HeaderValue::from_static("Request-Id, RateLimit-Remaining, Retry-After");
    let headers = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (VARY, HeaderValue::from_static("Authorization,Accept-Encoding")),
        (REQUEST_ID, request_id),
    ];
    let exposing = api.expose_headers.then_some((ACCESS_CONTROL_EXPOSE_HEADERS, exposed));
    for (name, value) in headers.into_iter().chain(exposing) {
        // A fault may have it otherwise.
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Counts requests, and lets none through once the account has no more of them.
async fn count(State(account): State<Arc<Account>>, request: Request, next: Next) -> Response {
    let now = Instant::now();
    let counted = match request.uri().path() {
        FREE_PATH => Ok(account.requests.remaining(now)),
        _ => account.requests.take(now),
    };
    let mut response = match counted {
        Ok(_) => next.run(request).await,
        Err(Exhausted) => ApiError::rate_limit().into_response(),
    };
    // A fault may have it otherwise.
    let remaining = HeaderValue::from(counted.unwrap_or_default());
    response.headers_mut().entry(RATELIMIT_REMAINING).or_insert(remaining);
    response
}

/// Lets through what asks for a known version.
async fn version(request: Request, next: Next) -> Response {
    if is_acceptable(request.headers()) {
        next.run(request).await
    } else {
        ApiError::not_acceptable().into_response()
    }
}

async fn no_endpoint() -> ApiError {
    ApiError::no_endpoint()
}

/// The client's own ids and a new one, as on Heroku (platform-api.md 1.1).
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let new = Uuid::new_v4().to_string();
    let ids = match headers.get(REQUEST_ID).and_then(|ids| ids.to_str().ok()) {
        Some(ids) if !ids.is_empty() => format!("{ids},{new}"),
        _ => new,
    };
    // The parts are a header's value and a UUID.
    HeaderValue::try_from(ids).unwrap_or(HeaderValue::from_static(""))
}

/// No more than is known to be allowed (platform-api.md 2.1), so that a page that needs more fails here too.
fn preflight() -> Response {
    let allowed = [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PATCH, DELETE"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, accept"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

fn is_authorized(headers: &HeaderMap, key: &str) -> bool {
    let Some((scheme, token)) =
        headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '))
    else {
        return false;
    };
    // All bytes are compared, so that the time tells nothing about the first wrong one.
    let (token, key) = (token.trim().as_bytes(), key.as_bytes());
    let difference = token.iter().zip(key).fold(0, |difference, (a, b)| difference | (a ^ b));
    scheme.eq_ignore_ascii_case("bearer") && token.len() == key.len() && difference == 0
}

/// Whether a known version is asked for (platform-api.md 1.1).
fn is_acceptable(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_heroku = parts.next().is_some_and(|t| t.eq_ignore_ascii_case("application/vnd.heroku+json"));
        is_heroku && parts.any(|parameter| matches!(parameter, "version=3" | "version=3.sdk"))
    })
}

/// A JSON answer.
#[derive(Debug)]
struct Json<'a, T: Serialize>(StatusCode, &'a T);

impl<T: Serialize> IntoResponse for Json<'_, T> {
    fn into_response(self) -> Response {
        let Self(status, value) = self;
        match serde_json::to_vec(value) {
            Ok(body) => (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// The app that a path names.
#[derive(Debug)]
struct TheApp(Arc<App>);

impl FromRequestParts<Api> for TheApp {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let path = axum::extract::RawPathParams::from_request_parts(parts, api).await;
        let path = path.map_err(|_| ApiError::no_app())?;
        let named = path.iter().find(|(parameter, _)| *parameter == "app").map(|(_, name)| name);
        let app = named.and_then(|name| api.apps.iter().find(|app| app.is(name)));
        app.cloned().map(Self).ok_or_else(ApiError::no_app)
    }
}

/// The whole body of a request.
#[derive(Debug)]
struct Body(Bytes);

impl FromRequest<Api> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        Bytes::from_request(request, api).await.map(Self).map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                ApiError::too_large()
            }
            _ => ApiError::bad_request("The body of the request could not be read."),
        })
    }
}
