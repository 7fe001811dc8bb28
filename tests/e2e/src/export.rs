//! A log out of the page: copied, and saved as a file.

use serde_json::{Value, json};

use crate::harness::{APP, App, Emulator, Gate, Page};

/// Takes what is put on the clipboard and what is saved, since reading them needs permissions that most browsers have no
/// way to give to a test.
const TAKEN: &str = "window.copied = null;
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: {
        writeText: async (text) => { window.copied = text; },
    } });
    window.saved = null;
    let blob = null;
    const address = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (object) => { blob = object; return address(object); };
    HTMLElement.prototype.click = function () {
        const { download, href } = this;
        blob.text().then((text) => { window.saved = { download, href, text }; });
    };";

async fn taken(page: &Page, what: &str) -> Value {
    page.until(what, async || {
        let taken = page.script(&format!("return window.{what}")).await;
        if taken.is_null() { Err("nothing yet".to_owned()) } else { Ok(taken) }
    })
    .await
}

fn messages(log: &str) -> Vec<&str> {
    log.lines().map(|line| line.split_once("]: ").map_or(line, |(_, message)| message)).collect()
}

#[tokio::test]
async fn copied_and_saved_is_the_whole_log_as_it_came() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    // The stream is open when `ready` is on screen: history has no more than 1,500 lines.
    let gate = Gate::closed();
    let output = r"printf '\033[31mred\033[0m grüße 世界\n'; seq -f 'item %.0f' 20000";
    page.run_command(&format!("echo ready; {}; {output}", gate.wait())).await;
    page.shows_line("ready").await;
    gate.open();
    page.ends().await;
    page.script(TAKEN).await;
    page.click("Copy log").await;
    let copied = taken(&page, "copied").await;
    let copied = copied.as_str().unwrap();
    page.button("Copied").await;

    let messages = messages(copied);
    let output = messages.iter().position(|it| *it == "\u{1b}[31mred\u{1b}[0m grüße 世界").unwrap();
    for item in 1..=20_000 {
        assert_eq!(messages[output + item], format!("item {item}"));
    }
    assert!(messages.contains(&"Process exited with status 0"), "{:?}", messages.last());
    assert!(copied.ends_with('\n'));

    page.click("Download log").await;
    let saved = taken(&page, "saved").await;
    assert!(saved["text"] == copied, "the file has other text");
    assert!(saved["href"].as_str().unwrap().starts_with("blob:"), "{}", saved["href"]);
    let name = saved["download"].as_str().unwrap();
    assert!(
        name.starts_with(&format!("{APP}-run.")) && name.ends_with("Z.log") && !name.contains(':'),
        "{name}"
    );
}

#[tokio::test]
async fn a_log_without_lines_has_nothing_to_copy_or_to_save() {
    let emulator = Emulator::start(App::empty()).await;
    emulator.fault(json!({"path": "/apps/*/log-sessions", "answer": {"status": 503}})).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("sleep 60").await;
    page.shows_text("Waiting for the first line").await;
    let disabled = "return [...document.querySelectorAll('.tools button:disabled:not(.search *)')].map((it) => it.textContent)";
    assert_eq!(page.script(disabled).await, json!(["Copy log", "Download log"]));
}

mod chromium_only {
    //! The folder for files is set by DevTools.

    use super::*;

    #[tokio::test]
    async fn the_browser_saves_the_file() {
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let to_folder = json!({ "behavior": "allow", "downloadPath": folder.path() });
        page.browser.devtools("Browser.setDownloadBehavior", to_folder).await;
        page.run_command("seq 1000").await;
        page.ends().await;
        page.click("Download log").await;
        let file = page
            .until("the file", async || {
                let files = std::fs::read_dir(folder.path()).into_iter().flatten().flatten();
                let logs =
                    files.map(|file| file.path()).find(|path| path.extension().is_some_and(|it| it == "log"));
                logs.ok_or_else(|| "no file yet".to_owned())
            })
            .await;
        let text = std::fs::read_to_string(&file).expect("the file");
        assert!(messages(&text).contains(&"1000"), "{text}");
    }
}
