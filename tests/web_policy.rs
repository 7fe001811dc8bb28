//! A request that the page's own policy blocks, in a real browser. Alone in its page, which the policy stays in.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy does not know these as tests"
)]

use std::time::Duration;

use serverless_on_heroku::domain::api::{Method, Request};
use serverless_on_heroku::domain::error::TransportError;
use serverless_on_heroku::domain::secret::ApiKey;
use serverless_on_heroku::web::fetch;
use serverless_on_heroku::web::policy::PolicyWatch;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_call_that_the_policy_forbids_is_told_from_one_without_an_answer() {
    let document = web_sys::window().and_then(|window| window.document()).expect("a document");
    let policy = document.create_element("meta").expect("an element");
    policy.set_attribute("http-equiv", "Content-Security-Policy").expect("an attribute");
    policy.set_attribute("content", "connect-src 'self' http://127.0.0.1:1").expect("an attribute");
    document
        .query_selector("head")
        .expect("a query")
        .expect("a head")
        .append_child(&policy)
        .expect("a child");

    let watch = PolicyWatch::default();
    let request = Request { method: Method::Get, path: "/apps/x/dynos/run.1".to_owned(), body: None };
    let key = ApiKey::parse("key").expect("a key");
    let limit = Duration::from_secs(30);
    let blocked = fetch::call("https://api.heroku.com", &request, &key, limit, &watch).await;
    assert_eq!(blocked, Err(TransportError::BlockedByPolicy));
    let allowed = fetch::call("http://127.0.0.1:1", &request, &key, limit, &watch).await;
    assert_eq!(allowed, Err(TransportError::Unreachable));
}
