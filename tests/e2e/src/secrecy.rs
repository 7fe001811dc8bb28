//! The key: where it is, and that it is nowhere else (design.md 6).

use serde_json::json;

use crate::harness::{App, Emulator, KEY, Page};

/// Everything that a page can leave a string in, except for what its fields hold.
const LEFT_BEHIND: &str = "
    const text = async () => ({
        document: document.documentElement.outerHTML,
        words: document.body.innerText,
        title: document.title,
        address: location.href,
        history: JSON.stringify(history.state),
        windowName: window.name,
        localStorage: JSON.stringify({ ...localStorage }),
        sessionStorage: JSON.stringify({ ...sessionStorage }),
        cookies: document.cookie,
        databases: JSON.stringify(await indexedDB.databases()),
        caches: JSON.stringify(await caches.keys()),
        resources: JSON.stringify(performance.getEntries()),
    });
    return text();";

async fn assert_key_is_not_left_behind(page: &Page, when: &str) {
    let left_behind = page.script(LEFT_BEHIND).await;
    let places = left_behind.as_object().expect("an object");
    assert_eq!(places.len(), 12);
    for (place, text) in places {
        assert!(!text.as_str().unwrap_or_default().contains(KEY), "{when}, the key is in {place}: {text}");
    }
}

#[tokio::test]
async fn the_key_is_not_left_behind_by_a_run() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("command", "echo begun; sleep 600").await;
    assert_key_is_not_left_behind(&page, "before the click").await;
    page.run().await;
    page.shows_line("begun").await;
    assert_key_is_not_left_behind(&page, "during the run").await;
    page.click("Stop").await;
    page.ends().await;
    assert_key_is_not_left_behind(&page, "after the run").await;
    assert_eq!(page.value("api_key").await, KEY);
}

#[tokio::test]
async fn the_key_stays_secret_when_it_is_refused() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("app", "unknown-app").await;
    page.click("Show").await;
    assert_key_is_not_left_behind(&page, "while it is shown").await;
    page.run().await;
    page.run_is("failed").await;
    let kind = page.script("return document.getElementById('api_key').type").await;
    assert_eq!(kind, json!("password"), "it is masked again");
    assert_key_is_not_left_behind(&page, "after the error").await;
}

#[tokio::test]
async fn a_run_keeps_to_the_policy() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    let policy = page.script("return document.head.querySelector('meta[http-equiv]').content").await;
    let policy = policy.as_str().expect("a policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
    page.fill_in_app_and_key().await;
    page.fill("NAME", "Daniela").await;
    page.run().await;
    page.ends().await;
    assert_eq!(page.policy_violations().await, [""; 0]);
}

#[tokio::test]
async fn the_policy_is_in_force() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    let script = "const image = new Image(); image.src = 'http://127.0.0.1:9/' + arguments[0];";
    page.browser.run_script(script, vec![json!("anything")]).await;
    page.until("the policy blocks another origin", async || match page.policy_violations().await {
        violations if violations.is_empty() => Err("nothing was blocked".to_owned()),
        _ => Ok(()),
    })
    .await;
}

mod chromium_only {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;

    /// The places below `value` whose text contains the key, as paths.
    fn places_of_key(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
        match value {
            Value::String(text) if text.contains(KEY) => found.push((path.to_owned(), text.clone())),
            Value::Array(items) => items.iter().for_each(|item| places_of_key(item, path, found)),
            Value::Object(fields) => {
                for (name, field) in fields {
                    if name.contains(KEY) {
                        found.push((path.to_owned(), name.clone()));
                    }
                    places_of_key(field, &format!("{path}/{}", name.to_lowercase()), found);
                }
            }
            _ => {}
        }
    }

    #[tokio::test]
    async fn the_key_is_in_the_authorization_of_api_calls_alone() {
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        page.run_command("echo begun; sleep 600").await;
        page.shows_line("begun").await;
        page.click("Stop").await;
        page.ends().await;

        let urls: BTreeMap<String, String> =
            page.requests().await.into_iter().map(|request| (request.id, request.url)).collect();
        let mut uses = 0;
        for event in page.events().await {
            let mut found = Vec::new();
            places_of_key(&event, "", &mut found);
            for (path, text) in found {
                assert!(path.ends_with("/headers/authorization"), "the key is in {path}: {event:#}");
                assert_eq!(text, format!("Bearer {KEY}"));
                let id = event["params"]["requestId"].as_str().unwrap_or_default();
                let url = urls.get(id).unwrap_or_else(|| panic!("no request {id}: {event:#}"));
                assert!(url.starts_with(&format!("{}/apps/", emulator.api)), "the key went to {url}");
                uses += 1;
            }
        }
        assert!(uses >= 3, "creating, reading and stopping need the key, but it was seen {uses} times");

        for message in page.console().await {
            assert!(!message.contains(KEY), "{message}");
        }
    }

    #[tokio::test]
    async fn a_key_that_the_function_prints_is_neither_copied_nor_left_behind() {
        let emulator = Emulator::start(App::python(&format!("print('the key: {KEY}')"))).await;
        let page = Page::open(&emulator.page).await;
        let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        page.browser.devtools("Browser.grantPermissions", permissions).await;
        page.fill_in_app_and_key().await;
        page.run().await;
        let masked = format!("the key: {}", "*".repeat(KEY.len()));
        assert_eq!(page.ends().await.1, masked);
        page.click("Copy result").await;
        page.button("Copied").await;
        assert_eq!(page.script("return navigator.clipboard.readText()").await, json!(masked));
        assert_key_is_not_left_behind(&page, "after it was printed").await;
        for message in page.console().await {
            assert!(!message.contains(KEY), "{message}");
        }
    }

    #[tokio::test]
    async fn a_key_that_is_refused_is_not_in_the_console() {
        let emulator = Emulator::start(App::Tutorial).await;
        let page = Page::open(&emulator.page).await;
        page.fill_in_app_and_key().await;
        page.fill("app", "unknown-app").await;
        page.click("Show").await;
        page.run().await;
        page.run_is("failed").await;
        for message in page.console().await {
            assert!(!message.contains(KEY), "{message}");
        }
    }

    #[tokio::test]
    async fn the_console_stays_empty() {
        let emulator = Emulator::start(App::Tutorial).await;
        let page = Page::open(&emulator.page).await;
        page.fill_in_app_and_key().await;
        page.fill("NAME", "Daniela").await;
        page.run().await;
        page.ends().await;
        assert_eq!(page.console().await, [""; 0]);
    }
}
