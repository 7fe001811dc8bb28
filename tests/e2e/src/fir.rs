//! Apps of the generation Fir: no history, so that the log is opened before the dyno, and commands behind a launcher.

use serde_json::json;

use crate::harness::{APP, App, Emulator, Gate, Page};

const FIR: [&str; 2] = ["--generation", "fir"];

/// The calls of the page, without the preflights of the browser.
fn calls(emulator: &Emulator) -> Vec<String> {
    let is_own = |call: &String| !call.starts_with("OPTIONS ") && !call.contains(" /emulator/");
    emulator.api_calls().into_iter().filter(is_own).collect()
}

#[tokio::test]
async fn the_function_of_the_tutorial_runs_on_fir() {
    let emulator = Emulator::start_with_arguments(App::Tutorial, &FIR).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("NAME", "Daniela").await;
    page.run().await;
    assert_eq!(page.ends().await, (Some("0".to_owned()), "Hello Daniela!".to_owned()));
    let expected = [
        format!("GET /apps/{APP}"),
        format!("POST /apps/{APP}/log-sessions"),
        format!("POST /apps/{APP}/dynos"),
    ];
    assert_eq!(calls(&emulator), expected);
    assert_eq!(page.log_size().await.1, 0);
    assert_eq!(page.errors().await, [""; 0]);
}

#[tokio::test]
async fn a_cut_leaves_a_mark_since_there_is_no_history() {
    let gate = Gate::closed();
    let emulator = Emulator::start_with_arguments(App::empty(), &FIR).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("echo begun; {}; echo done", gate.wait())).await;
    page.shows_line("begun").await;
    assert_eq!(emulator.fault_streams(json!({"cut": {}})).await, 1);
    // The page may not have noticed the cut yet.
    let session = format!("POST /apps/{APP}/log-sessions");
    page.until("the stream is replaced", async || {
        let sessions = calls(&emulator).iter().filter(|call| **call == session).count();
        let state = page.runs().await[0].state.clone();
        match emulator.open_streams().await {
            1 if sessions == 2 && state == "up" => Ok(()),
            count => Err(format!("{sessions} sessions, {count} streams, {state}")),
        }
    })
    .await;
    gate.open();
    assert_eq!(page.ends().await, (Some("0".to_owned()), "begun\ndone".to_owned()));
    let marks = page.marks().await;
    assert!(marks.len() == 1 && marks[0].0.contains("no history"), "{marks:?}");
    assert_eq!(page.log_size().await.1, 1);
}

/// The log is open before the dyno, and its lines come once.
#[tokio::test]
async fn nothing_is_missing_when_the_answer_with_the_dyno_s_name_is_lost() {
    let gate = Gate::closed();
    let emulator = Emulator::start_with_arguments(App::empty(), &FIR).await;
    emulator.fault(json!({"method": "POST", "path": "/apps/*/dynos", "times": 1, "reset": "after"})).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("echo begun; {}; echo done", gate.wait())).await;
    page.shows_text("These were started since the click.").await;
    page.click("Follow").await;
    page.shows_line("begun").await;
    gate.open();
    assert_eq!(page.ends().await, (Some("0".to_owned()), "begun\ndone".to_owned()));
    assert_eq!(page.log_size().await.1, 0);
    let session = format!("POST /apps/{APP}/log-sessions");
    assert_eq!(calls(&emulator).iter().filter(|call| **call == session).count(), 1);
}

#[tokio::test]
async fn without_a_log_nothing_is_started() {
    let emulator = Emulator::start_with_arguments(App::Tutorial, &FIR).await;
    let body = json!({"id": "forbidden", "message": "Not yours."});
    emulator.fault(json!({"path": "/apps/*/log-sessions", "answer": {"status": 403, "body": body}})).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page.shows_error("forbidden").await;
    page.run_is("failed").await;
    page.shows_text("Nothing was started").await;
    assert_eq!(calls(&emulator), [format!("GET /apps/{APP}"), format!("POST /apps/{APP}/log-sessions")]);
    emulator.clear_faults().await;
    page.run().await;
    assert_eq!(page.ends().await.1, "Hello World!");
}

#[tokio::test]
async fn an_app_is_asked_about_when_its_fields_are_left_and_never_while_they_are_typed() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    assert_eq!(calls(&emulator), [""; 0]);
    page.fill("NAME", "Daniela").await;
    let asked = [format!("GET /apps/{APP}")];
    page.until("the app is asked about", async || match calls(&emulator) {
        calls if calls == asked => Ok(()),
        calls => Err(format!("{calls:?}")),
    })
    .await;
    page.run().await;
    assert_eq!(page.ends().await.1, "Hello Daniela!");
    page.press_keys("app", " ").await;
    page.run().await;
    page.second_run_ends().await;
    assert_eq!(calls(&emulator).iter().filter(|call| **call == asked[0]).count(), 1);
}

#[tokio::test]
async fn a_run_goes_on_without_an_answer_about_the_app() {
    for answer in [json!({"answer": {"status": 503}}), json!({"answer": {"status": 200, "body": "<html>"}})] {
        let emulator = Emulator::start(App::Tutorial).await;
        let mut rule = answer;
        rule["path"] = json!("/apps/*");
        emulator.fault(rule).await;
        let page = Page::open(&emulator.page).await;
        page.fill_in_app_and_key().await;
        page.run().await;
        assert_eq!(page.ends().await.1, "Hello World!");
        assert_eq!(page.errors().await, [""; 0]);
    }
}

mod chromium_only {
    use super::*;

    #[tokio::test]
    async fn what_is_sent_on_fir() {
        let emulator = Emulator::start_with_arguments(App::Tutorial, &FIR).await;
        let page = Page::open(&emulator.page).await;
        page.fill_in_app_and_key().await;
        page.run().await;
        assert_eq!(page.ends().await.1, "Hello World!");
        let requests = page.requests().await;
        let body = |path: &str| {
            let is_call = |request: &&crate::harness::Request| {
                request.method == "POST" && request.url == format!("{}/apps/{APP}/{path}", emulator.api)
            };
            requests.iter().find(is_call).expect("a call").json()
        };
        assert_eq!(body("log-sessions"), json!({ "type": "run", "tail": true }));
        assert_eq!(body("dynos"), json!({ "command": "launcher serverless", "type": "run" }));
    }
}
