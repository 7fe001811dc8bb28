//! What the browser's tab tells of a run: its title, the warning when it is closed, and a notification.

use serde_json::{Value, json};

use crate::harness::{App, Emulator, Gate, Page};

async fn has_title(page: &Page, title: &str) {
    page.until(&format!("the title {title:?}"), async || match page.script("return document.title").await {
        Value::String(found) if found == title => Ok(()),
        found => Err(found.to_string()),
    })
    .await;
}

/// Whether the page asks a person who is about to leave it. Drivers answer the browser's question themselves.
async fn warns(page: &Page) -> bool {
    let script = "const leaving = new Event('beforeunload', { cancelable: true });
        window.dispatchEvent(leaving);
        return leaving.defaultPrevented";
    page.script(script).await == json!(true)
}

#[tokio::test]
async fn leaving_is_warned_of_while_a_run_lives_alone() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    assert!(!warns(&page).await);
    page.run_command(&format!("echo begun; {}", gate.wait())).await;
    page.shows_line("begun").await;
    assert!(warns(&page).await);
    gate.open();
    page.ends().await;
    assert!(!warns(&page).await);
}

#[tokio::test]
async fn the_title_tells_the_state_of_the_selected_run() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    has_title(&page, "Serverless on Heroku").await;
    page.run_command(&format!("echo begun; {}; exit 3", gate.wait())).await;
    page.shows_line("begun").await;
    let dyno = page.script("return document.querySelector('.tab__name').textContent").await;
    let dyno = dyno.as_str().unwrap();
    has_title(&page, &format!("● {dyno} up – Serverless on Heroku")).await;
    gate.open();
    page.ends().await;
    has_title(&page, &format!("✗ {dyno} exit 3 – Serverless on Heroku")).await;
    page.fill("command", "true").await;
    page.run().await;
    page.second_run_ends().await;
    let title = page.script("return document.title").await;
    assert!(title.as_str().unwrap().starts_with("✓ run."), "{title}");
    page.select_run("1").await;
    has_title(&page, &format!("✗ {dyno} exit 3 – Serverless on Heroku")).await;
}

/// Puts another `Notification` in the place of the browser's, which asks a person and shows what no test can look at.
async fn with_notifications(page: &Page, permission: &str) {
    let script = "const answer = arguments[0];
        window.notified = [];
        window.Notification = class extends EventTarget {
            static permission = 'default';
            static requestPermission() {
                Notification.permission = answer;
                return Promise.resolve(answer);
            }
            constructor(title) {
                super();
                window.notified.push([title, this]);
            }
            close() {}
        };";
    page.browser.run_script(script, vec![json!(permission)]).await;
}

async fn wants_notifications(page: &Page) {
    page.script("document.getElementById('notify').click()").await;
}

async fn is_checked(page: &Page) -> bool {
    page.script("return document.getElementById('notify').checked").await == json!(true)
}

#[tokio::test]
async fn a_browser_that_does_not_allow_notifications_is_told_of() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    with_notifications(&page, "denied").await;
    wants_notifications(&page).await;
    page.shows_text("The browser does not allow it").await;
    assert!(!is_checked(&page).await);
}

/// What a test tells Firefox of the time and of being hidden does not reach the page.
mod chromium_only {
    use super::*;

    #[tokio::test]
    async fn the_end_of_a_long_run_in_the_background_is_notified() {
        let gate = Gate::closed();
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        with_notifications(&page, "granted").await;
        wants_notifications(&page).await;
        page.shows_text("On until this page is closed.").await;
        page.run_command(&format!("echo begun; {}; exit 3", gate.wait())).await;
        page.shows_line("begun").await;
        let in_background = "Object.defineProperty(document, 'hidden', { value: true });
            const now = Date.now;
            Date.now = () => now() + 21_000;";
        page.script(in_background).await;
        gate.open();
        page.ends().await;
        page.fill("command", "true").await;
        page.run().await;
        page.second_run_ends().await;

        let titles = page.script("return notified.map(([title]) => title)").await;
        let titles = titles.as_array().unwrap();
        assert_eq!(titles.len(), 1, "{titles:?}");
        assert!(
            titles[0].as_str().unwrap().starts_with("✗ run.")
                && titles[0].as_str().unwrap().ends_with(" exit 3")
        );
        page.script("notified[0][1].dispatchEvent(new Event('click'))").await;
        page.until("a click on it shows the run", async || {
            let script = "return document.querySelector('[aria-selected=true]').dataset.runId";
            match page.script(script).await {
                Value::String(run) if run == "1" => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .await;
    }
}
