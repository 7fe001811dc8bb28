//! A reload while a run lives: what is kept for it, and how the run is taken up.

use serde_json::{Value, json};

use crate::harness::{APP, App, Emulator, Gate, KEY, Page};

/// Under which name the page keeps what it keeps.
const KEPT: &str = "serverless-on-heroku live runs";

/// All that the page keeps beyond a reload.
async fn kept(page: &Page) -> Value {
    let script = "return [{ ...sessionStorage }, { ...localStorage }, document.cookie, window.name]";
    page.script(script).await
}

async fn reload(page: &Page) {
    page.browser.client.refresh().await.expect("the page loads");
    page.waits_for_form().await;
}

/// The page after it was loaded with this in its storage.
async fn keeping(emulator: &Emulator, text: &str) -> Page {
    let page = Page::open(&emulator.page).await;
    let script = "sessionStorage.setItem(arguments[0], arguments[1])";
    page.browser.run_script(script, vec![json!(KEPT), json!(text)]).await;
    reload(&page).await;
    page
}

#[tokio::test]
async fn a_live_run_is_taken_up_after_a_reload() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill("NAME", "Daniela").await;
    page.run_command(&format!("echo begun; {}; echo $NAME", gate.wait())).await;
    page.shows_line("begun").await;

    // App, dyno and click, and nothing else.
    let dyno = page.script("return document.querySelector('.tab__name').textContent").await;
    let dyno = dyno.as_str().unwrap().to_owned();
    let kept_now = kept(&page).await;
    let text = kept_now[0][KEPT].as_str().unwrap_or_else(|| panic!("{kept_now}")).to_owned();
    assert_eq!(kept_now, json!([{ KEPT: text }, {}, "", ""]));
    let parts: Vec<&str> = text.split_whitespace().collect();
    assert_eq!(parts[..2], [APP, &dyno]);
    assert!(parts.len() == 3 && parts[2].parse::<u64>().is_ok(), "{text:?}");

    reload(&page).await;
    page.shows_text("A run of this page may still live").await;
    assert_eq!(page.runs().await, []);
    page.click("Follow").await;
    page.shows_error("empty").await;
    assert_eq!(page.field_error("api_key").await.as_deref(), Some("empty"));
    page.fill("api_key", KEY).await;
    page.click("Follow").await;
    page.shows_line("begun").await;
    gate.open();
    assert_eq!(page.ends().await, (Some("0".to_owned()), "begun\nDaniela".to_owned()));
    assert_eq!(page.count("[data-adoption]").await, 0);
    assert_eq!(kept(&page).await, json!([{}, {}, "", ""]));
}

#[tokio::test]
async fn a_dyno_that_no_answer_had_named_is_looked_for_after_a_reload() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    emulator.fault(json!({"method": "POST", "path": "/apps/*/dynos", "times": 1, "reset": "after"})).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("echo begun; {}; echo done", gate.wait())).await;
    page.shows_text("These were started since the click.").await;
    reload(&page).await;
    page.shows_text("A run of this page may still live").await;
    page.fill("api_key", KEY).await;
    page.click("Follow").await;
    page.shows_text("These were started since the click.").await;
    page.click("Follow").await;
    page.shows_line("begun").await;
    gate.open();
    assert_eq!(page.ends().await, (Some("0".to_owned()), "begun\ndone".to_owned()));
    assert_eq!(kept(&page).await, json!([{}, {}, "", ""]));
}

#[tokio::test]
async fn a_run_that_has_ended_meanwhile_is_told() {
    let emulator = Emulator::start(App::empty()).await;
    let page = keeping(&emulator, &format!("{APP} run.1 1767323045678\n")).await;
    page.fill("api_key", KEY).await;
    page.click("Follow").await;
    page.shows_text("Heroku knows its dyno no more").await;
    assert_eq!(page.runs().await, []);
    assert_eq!(kept(&page).await, json!([{}, {}, "", ""]));
    page.click("Forget").await;
    page.until("it is forgotten", async || match page.count("[data-adoption]").await {
        0 => Ok(()),
        count => Err(format!("{count} are offered")),
    })
    .await;
}

#[tokio::test]
async fn rubbish_in_the_storage_is_no_run() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = keeping(&emulator, "<b>My App</b> run.1 soon\n{}\0").await;
    assert_eq!(page.count("[data-adoption]").await, 0);
    page.fill_in_app_and_key().await;
    page.run().await;
    assert_eq!(page.ends().await.1, "Hello World!");
}
