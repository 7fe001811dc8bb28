//! Errors that the emulator makes on demand, with everything else as it is.

use serde_json::json;

use crate::harness::{App, Emulator, Page};

#[tokio::test]
async fn trouble_at_heroku_is_told_until_it_is_over() {
    let emulator = Emulator::start_with_arguments(App::Tutorial, &["--expose-headers"]).await;
    let body = json!({"id": "maintenance", "message": "The API is read-only."});
    let answer = json!({"status": 503, "headers": {"Retry-After": "1"}, "body": body});
    emulator.fault(json!({"method": "POST", "path": "/apps/*/dynos", "answer": answer})).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    for _ in 0..2 {
        page.run().await;
        page.shows_error("maintenance").await;
        page.run_is("failed").await;
    }
    emulator.clear_faults().await;
    page.run().await;
    assert_eq!(page.ends().await.1, "Hello World!");
}

#[tokio::test]
async fn a_dyno_whose_answer_is_lost_has_started_and_is_not_asked_for_again() {
    let app = App::empty();
    let starts = app.folder().join("starts");
    let emulator = Emulator::start(app).await;
    emulator.fault(json!({"path": "/apps/*/dynos", "times": 1, "reset": "after"})).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("echo start >> starts; exec sleep 600").await;
    // The rule is used up: a second request, by the page or by the browser, would have found its answer.
    page.shows_error("unreachable").await;
    page.run_is("failed").await;
    page.until("it has started", async || match std::fs::read_to_string(&starts) {
        Ok(lines) if lines == "start\n" => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
}
