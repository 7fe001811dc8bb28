//! The tabs of the runs: by the keyboard, and how they are closed.

use fantoccini::key::Key;
use serde_json::json;

use crate::harness::{App, Emulator, Gate, Page, processes_with};

fn key(key: Key) -> String {
    char::from(key).to_string()
}

/// The name of the selected tab, and whether it is the one that has the focus.
async fn selected(page: &Page) -> (String, bool) {
    let script = "const tab = document.querySelector('[role=tab][aria-selected=true]');
        return tab && [tab.dataset.runId, tab === document.activeElement]";
    let tab = page.script(script).await;
    (tab[0].as_str().unwrap_or_default().to_owned(), tab[1].as_bool().unwrap_or_default())
}

async fn selects(page: &Page, run: &str) {
    page.until(&format!("run {run} is selected and has the focus"), async || match selected(page).await {
        (id, true) if id == run => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
}

/// Runs one command after the other, until all have ended.
async fn run_all(page: &Page, commands: &[&str]) {
    for (count, command) in (1..).zip(commands) {
        page.run_command(command).await;
        page.until("the run has ended", async || match page.runs().await {
            runs if runs.len() == count && runs[count - 1].state == "ended" => Ok(()),
            runs => Err(format!("{runs:?}")),
        })
        .await;
    }
}

async fn close(page: &Page, run: &str) {
    let script = "const tabs = [...document.querySelectorAll('[role=tab]')];
        const at = tabs.findIndex((tab) => tab.dataset.runId === arguments[0]);
        document.querySelectorAll('.tab__close')[at].click()";
    page.browser.run_script(script, vec![json!(run)]).await;
}

async fn has_runs(page: &Page, ids: &[&str]) {
    page.until(&format!("the runs {ids:?}"), async || {
        let runs = page.runs().await;
        let found: Vec<&str> = runs.iter().map(|run| run.id.as_str()).collect();
        if found == ids { Ok(()) } else { Err(format!("{found:?}")) }
    })
    .await;
}

/// Whether the question is on screen.
async fn asks(page: &Page) -> bool {
    page.script("return document.querySelector('dialog[open]') !== null").await == json!(true)
}

async fn waits_for_question(page: &Page) {
    page.until("a question", async || if asks(page).await { Ok(()) } else { Err("none".to_owned()) }).await;
}

#[tokio::test]
async fn the_arrow_keys_go_from_tab_to_tab() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    run_all(&page, &["echo first", "echo second; exit 2", "echo third"]).await;

    // One stop of the Tab key, so only one tab can be reached by it.
    assert_eq!(page.count("[role=tablist] [role=tab]").await, 3);
    assert_eq!(page.count("[role=tab][tabindex='0']").await, 1);
    assert_eq!(page.count("[role=tabpanel]#run").await, 1);
    page.select_run("3").await;
    selects(&page, "3").await;
    for (pressed, run, result) in [
        (Key::Right, "1", "first"),
        (Key::Right, "2", "second"),
        (Key::Left, "1", "first"),
        (Key::Left, "3", "third"),
        (Key::Home, "1", "first"),
        (Key::End, "3", "third"),
    ] {
        page.press_focused(&key(pressed)).await;
        selects(&page, run).await;
        assert_eq!(page.result().await, result);
    }
    let labelled =
        page.script("return document.querySelector('[role=tabpanel]').getAttribute('aria-labelledby')").await;
    assert_eq!(labelled, json!("run-3"));
    let ends: Vec<Option<String>> = page.runs().await.into_iter().map(|run| run.end).collect();
    assert_eq!(ends, vec![Some("exited".to_owned()); 3]);
}

#[tokio::test]
async fn the_delete_key_closes_a_run_that_has_ended() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    run_all(&page, &["echo first", "echo second", "echo third"]).await;
    page.select_run("2").await;
    page.press_focused(&key(Key::Delete)).await;
    has_runs(&page, &["1", "3"]).await;
    selects(&page, "3").await;
    page.press_focused(&key(Key::Delete)).await;
    selects(&page, "1").await;
    assert_eq!(page.result().await, "first");
    page.press_focused(&key(Key::Delete)).await;
    has_runs(&page, &[]).await;
    page.shows_text("No run yet").await;
    page.until("the focus is where the runs were", async || match page.focused().await.as_str() {
        "runs" => Ok(()),
        other => Err(other.to_owned()),
    })
    .await;

    page.run().await;
    page.ends().await;
    has_runs(&page, &["4"]).await;
}

#[tokio::test]
async fn a_live_run_is_closed_after_a_question() {
    let gate = Gate::closed();
    let mark = "end-to-end a_live_run_is_closed_after_a_question";
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill("NAME", mark).await;
    page.run_command(&format!("echo begun; {}", gate.wait())).await;
    page.shows_line("begun").await;

    close(&page, "1").await;
    waits_for_question(&page).await;
    page.shows_text("is still running").await;
    page.click("Keep").await;
    selects(&page, "1").await;
    assert!(!asks(&page).await);

    page.press_focused(&key(Key::Delete)).await;
    waits_for_question(&page).await;
    page.press_focused(&key(Key::Escape)).await;
    selects(&page, "1").await;
    assert_eq!(page.run_is("up").await.id, "1");

    close(&page, "1").await;
    waits_for_question(&page).await;
    page.click("Close").await;
    has_runs(&page, &[]).await;
    assert_ne!(processes_with("NAME", mark), [""; 0], "it goes on running");
    gate.open();
}

#[tokio::test]
async fn a_live_run_can_be_stopped_and_closed() {
    let mark = "end-to-end a_live_run_can_be_stopped_and_closed";
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill("NAME", mark).await;
    page.run_command("echo begun; sleep 600").await;
    page.shows_line("begun").await;
    close(&page, "1").await;
    waits_for_question(&page).await;
    page.click("Stop and close").await;
    has_runs(&page, &[]).await;
    assert_eq!(processes_with("NAME", mark), [""; 0]);
}
