//! A request for a dyno whose answer is lost: never sent again; the dyno is offered to be followed or stopped.

use serde_json::json;

use crate::harness::{App, Emulator, Gate, Page, processes_with};

/// The page with a run whose dyno was started, and whose answer was lost.
async fn lost_answer(emulator: &Emulator, command: &str, name: &str) -> Page {
    // Before the page calls the API.
    emulator.fault(json!({"method": "POST", "path": "/apps/*/dynos", "times": 1, "reset": "after"})).await;
    let page = Page::open(&emulator.page).await;
    page.fill("NAME", name).await;
    page.run_command(command).await;
    page.shows_error("unreachable").await;
    page.run_is("failed").await;
    page.shows_text("These were started since the click.").await;
    page
}

#[tokio::test]
async fn the_dyno_can_be_followed() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let command = format!("echo begun; {}; echo $NAME", gate.wait());
    let page = lost_answer(&emulator, &command, "Daniela").await;
    assert_eq!(page.count("[data-dyno]").await, 1);
    page.click("Follow").await;
    page.shows_line("begun").await;
    assert_eq!(page.errors().await, [""; 0]);
    gate.open();
    assert_eq!(page.ends().await, (Some("0".to_owned()), "begun\nDaniela".to_owned()));
    assert_eq!(page.runs().await.len(), 1);
}

#[tokio::test]
async fn the_dyno_of_a_process_type_is_found_too() {
    let emulator = Emulator::start(App::python("import time\nprint('begun')\ntime.sleep(600)\n")).await;
    let page = lost_answer(&emulator, "serverless", "").await;
    page.click("Follow").await;
    page.shows_line("begun").await;
    page.click("Stop").await;
    assert_eq!(page.ends().await.0.as_deref(), Some("143"));
}

#[tokio::test]
async fn the_dyno_can_be_stopped() {
    let mark = "end-to-end unclear the_dyno_can_be_stopped";
    let emulator = Emulator::start(App::empty()).await;
    let page = lost_answer(&emulator, "echo begun; exec sleep 600", mark).await;
    page.until("the process runs", async || match processes_with("NAME", mark) {
        processes if processes.is_empty() => Err("there is none".to_owned()),
        _ => Ok(()),
    })
    .await;
    page.script("document.querySelector('[data-dyno] [aria-label^=Stop]').click()").await;
    assert_eq!(page.ends().await.0.as_deref(), Some("143"));
    assert_eq!(processes_with("NAME", mark), [""; 0]);
}

#[tokio::test]
async fn dynos_of_other_commands_are_not_offered() {
    let emulator = Emulator::start(App::empty()).await;
    emulator
        .fault(json!({"method": "POST", "path": "/apps/*/dynos", "skip": 1, "times": 1, "reset": "before"}))
        .await;
    let page = Page::open(&emulator.page).await;
    page.run_command("echo begun; exec sleep 601").await;
    page.shows_line("begun").await;
    page.fill("command", "exec sleep 602").await;
    page.run().await;
    page.shows_error("unreachable").await;
    page.shows_text("Heroku lists no dyno that may be this run's.").await;
    assert_eq!(page.count("[data-dyno]").await, 0);
}
