//! Requests: API calls built by gloo-net, and the guard that ends a request whose answer nobody wants any more.
//!
//! The promises are awaited here, not by gloo-net, which panics on a rejection that is no `Error`.

use std::time::Duration;

use gloo_net::http::RequestBuilder;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect, Response,
};

use super::js_error::JsError;
use super::policy::PolicyWatch;
use crate::domain::api::{ACCEPT, Answer, Method, Request};
use crate::domain::error::TransportError;
use crate::domain::secret::ApiKey;

/// The account's bucket of requests is full again after an hour (platform-api.md 1.5).
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Aborts its request when dropped; the signal covers the body, too.
#[must_use = "dropping the guard aborts the request"]
#[derive(Debug)]
pub struct AbortGuard(AbortController);

impl AbortGuard {
    /// Fails only where the browser has no `AbortController`.
    pub fn new() -> Result<Self, JsError> {
        Ok(Self(AbortController::new()?))
    }

    pub fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a call to the Platform API and reads its whole answer, which has to come within the limit.
pub async fn call(
    api: &str,
    request: &Request,
    api_key: &ApiKey,
    limit: Duration,
    policy: &PolicyWatch,
) -> Result<Answer, TransportError> {
    let url = format!("{api}{}", request.path);
    match try_call(&url, request, api_key, limit).await {
        Ok(answer) => Ok(answer),
        Err(_) => Err(classify(&url, policy).await),
    }
}

async fn try_call(
    url: &str,
    request: &Request,
    api_key: &ApiKey,
    limit: Duration,
) -> Result<Answer, JsError> {
    let guard = AbortGuard::new()?;
    let signal = guard.signal();
    let limit = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
    // Dropped with the answer in hand, it takes the guard along, and there is nothing left to abort.
    let _timeout = Timeout::new(limit, move || drop(guard));
    let method = match request.method {
        Method::Get => gloo_net::http::Method::GET,
        Method::Post => gloo_net::http::Method::POST,
    };
    let builder = RequestBuilder::new(url)
        .method(method)
        .header("Accept", ACCEPT)
        .header("Authorization", &api_key.authorization())
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .abort_signal(Some(&signal));
    let built = match &request.body {
        Some(body) => builder.header("Content-Type", "application/json").body(body.as_str()),
        None => builder.build(),
    };
    // Nobody reads what went wrong, and gloo-net's words for it bring those of serde_json along.
    let built = built.map_err(|_| JsValue::UNDEFINED)?;
    // Kept until the body is there, because WebKit forgets the request's signal once the request is garbage.
    let sent = built.into();
    let response = send(&sent).await?;
    let number = |header| -> Result<Option<u64>, JsError> {
        Ok(response.headers().get(header)?.and_then(|number| number.trim().parse().ok()))
    };
    let (retry_after, remaining_requests) = (number("Retry-After")?, number("RateLimit-Remaining")?);
    let body = JsFuture::from(response.text()?).await?;
    Ok(Answer {
        status: response.status(),
        body: body.as_string().unwrap_or_default(),
        retry_after: retry_after.map(|seconds| Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER)),
        remaining_requests,
    })
}

/// Sends a request; resolves when the head of the answer is there.
pub async fn send(request: &web_sys::Request) -> Result<Response, JsError> {
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    let response = JsFuture::from(window.fetch_with_request(request)).await?;
    Ok(response.dyn_into()?)
}

/// Says as much about a request without an answer as a browser tells.
pub async fn classify(url: &str, policy: &PolicyWatch) -> TransportError {
    // The policy's event comes in a later task than the rejection.
    TimeoutFuture::new(0).await;
    if policy.has_blocked(url) {
        return TransportError::BlockedByPolicy;
    }
    let online = web_sys::window().is_none_or(|window| window.navigator().on_line());
    if online { TransportError::Unreachable } else { TransportError::Offline }
}
