//! Errors: each is told by its code, where it belongs, and the form keeps what was typed.

use crate::harness::{APP, Answer, App, DYNO, Emulator, KEY, Page, Received, ScriptedServer};

async fn fill_in_and_run(page: &Page) {
    page.fill_in_app_and_key().await;
    page.fill("NAME", "Daniela").await;
    page.run().await;
}

async fn assert_form_is_kept(page: &Page) {
    for (field, typed) in [("app", APP), ("api_key", KEY), ("command", "serverless"), ("NAME", "Daniela")] {
        assert_eq!(page.value(field).await, typed, "{field}");
    }
}

#[tokio::test]
async fn a_wrong_key_is_told_at_the_key() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("api_key", "HRKU-wrong").await;
    page.run().await;
    page.run_is("failed").await;
    assert_eq!(page.field_error("api_key").await.as_deref(), Some("unauthorized"));
    assert_eq!(page.value("api_key").await, "HRKU-wrong");
    assert_eq!(page.value("app").await, APP);
    page.fill("api_key", KEY).await;
    assert_eq!(page.field_error("api_key").await, None);
    page.run().await;
    assert_eq!(page.ends().await.1, "Hello World!");
}

#[tokio::test]
async fn an_unknown_app_is_told_at_the_app() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("app", "unknown-app").await;
    page.run().await;
    page.run_is("failed").await;
    assert_eq!(page.field_error("app").await.as_deref(), Some("not_found"));
    assert_eq!(page.value("app").await, "unknown-app");
}

#[tokio::test]
async fn values_that_heroku_rejects_are_told_in_its_words() {
    let server = ScriptedServer::start(|_, _| {
        let body =
            r#"{"id":"cannot_run_above_limit","message":"Cannot run more than 1 Eco size dynos.","limit":1}"#;
        Answer::json(422, body)
    })
    .await;
    let page = Page::open(&server.address).await;
    fill_in_and_run(&page).await;
    page.shows_error("cannot_run_above_limit").await;
    page.run_is("failed").await;
    let words = page.script("return document.querySelector('[data-error]').innerText").await;
    assert!(words.as_str().unwrap().contains("Cannot run more than 1 Eco size dynos."), "{words}");
    assert_form_is_kept(&page).await;
}

#[tokio::test]
async fn a_server_that_is_gone_is_unreachable() {
    let mut emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    emulator.end();
    fill_in_and_run(&page).await;
    page.shows_error("unreachable").await;
    page.run_is("failed").await;
    assert_form_is_kept(&page).await;
}

#[tokio::test]
async fn a_browser_that_knows_of_no_network_is_offline() {
    let mut emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    emulator.end();
    page.script("Object.defineProperty(navigator, 'onLine', { get: () => false })").await;
    fill_in_and_run(&page).await;
    page.shows_error("offline").await;
    page.run_is("failed").await;
    assert_form_is_kept(&page).await;
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_told() {
    let page_of_a_proxy = "<!doctype html><title>Please log in to the network</title>";
    let server = ScriptedServer::start(move |_, _| Answer::text("text/html", page_of_a_proxy)).await;
    let page = Page::open(&server.address).await;
    fill_in_and_run(&page).await;
    page.shows_error("not_json").await;
    page.run_is("failed").await;
    assert_form_is_kept(&page).await;
}

#[tokio::test]
async fn a_log_session_without_an_address_is_told_and_the_dyno_is_asked_for() {
    let server = ScriptedServer::start(|path, _| match path {
        "/apps/sleepy-meadow/dynos" => Answer::json(201, DYNO),
        "/apps/sleepy-meadow/dynos/run.8361" => Answer::json(200, DYNO),
        _ => Answer::json(
            201,
            r#"{"id":"01234567-89ab-cdef-0123-456789abcdef","created_at":"2026-01-02T03:04:05Z"}"#,
        ),
    })
    .await;
    let page = Page::open(&server.address).await;
    fill_in_and_run(&page).await;
    page.shows_error("no_logplex_url").await;
    // There is a dyno, so the run has not failed.
    page.run_is("starting").await;
    page.until("the dyno is asked for", async || {
        let calls = server.calls();
        let asks =
            |call: &Received| call.method == "GET" && call.path == "/apps/sleepy-meadow/dynos/run.8361";
        if calls.iter().any(asks) { Ok(()) } else { Err(format!("{calls:#?}")) }
    })
    .await;
    assert_form_is_kept(&page).await;
}

#[tokio::test]
async fn an_address_that_the_policy_forbids_is_not_called() {
    let server = ScriptedServer::start(|path, _| match path {
        "/apps/sleepy-meadow/dynos" => Answer::json(201, DYNO),
        // Loopback, so the page would open it; but another origin than the policy names.
        _ => Answer::json(201, r#"{"logplex_url":"http://127.0.0.1:9/stream"}"#),
    })
    .await;
    let page = Page::open(&server.address).await;
    fill_in_and_run(&page).await;
    page.shows_error("blocked_by_policy").await;
    let violations = page.policy_violations().await;
    assert!(
        violations.len() == 1 && violations[0].starts_with("connect-src: http://127.0.0.1:9"),
        "{violations:?}"
    );
}

#[tokio::test]
async fn an_address_that_is_not_herokus_is_not_opened() {
    let server = ScriptedServer::start(|path, _| match path {
        "/apps/sleepy-meadow/dynos" => Answer::json(201, DYNO),
        _ => Answer::json(201, r#"{"logplex_url":"https://logs.example.org/stream"}"#),
    })
    .await;
    let page = Page::open(&server.address).await;
    fill_in_and_run(&page).await;
    page.shows_error("bad_logplex_url").await;
    // The policy would have stopped the call, and told.
    assert_eq!(page.policy_violations().await, [""; 0]);
}

#[tokio::test]
async fn a_conflict_is_repeated_twice_and_then_told() {
    let body = r#"{"id":"conflict","message":"The app has no release."}"#;
    let server = ScriptedServer::start(move |_, _| Answer::json(409, body)).await;
    let page = Page::open(&server.address).await;
    fill_in_and_run(&page).await;
    page.shows_error("conflict").await;
    page.run_is("failed").await;
    let calls: Vec<_> = server.calls().into_iter().map(|call| (call.method, call.path)).collect();
    assert_eq!(calls[0], ("GET".to_owned(), "/apps/sleepy-meadow".to_owned()));
    assert_eq!(calls[1..], vec![("POST".to_owned(), "/apps/sleepy-meadow/dynos".to_owned()); 3]);
}

#[tokio::test]
async fn a_server_that_goes_away_is_told_and_a_person_is_asked() {
    let timings = ["--timings", "shortest_pause=50 longest_pause=200"];
    let mut emulator = Emulator::start_with_arguments(App::empty(), &timings).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("echo begun; sleep 600").await;
    page.shows_line("begun").await;
    emulator.end();
    page.shows_error("unreachable").await;
    assert!(page.button("Try again").await.is_enabled().await.unwrap());
    assert!(page.button("Stop").await.is_enabled().await.unwrap());
    // What was read is still there.
    page.shows_line("begun").await;
}

mod chromium_only {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_browser_without_network_is_offline() {
        let emulator = Emulator::start(App::Tutorial).await;
        let page = Page::open(&emulator.page).await;
        let conditions = |offline| json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        page.browser.devtools("Network.emulateNetworkConditions", conditions(true)).await;
        fill_in_and_run(&page).await;
        page.shows_error("offline").await;
        page.run_is("failed").await;
        assert_form_is_kept(&page).await;

        page.browser.devtools("Network.emulateNetworkConditions", conditions(false)).await;
        page.run().await;
        assert_eq!(page.ends().await.1, "Hello Daniela!");
    }
}
