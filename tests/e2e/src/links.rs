//! Links that fill in the form, and keys in links.

use serde_json::json;

use crate::harness::{App, Emulator, Engine, KEY, Page};

async fn address(page: &Page) -> String {
    page.script("return location.href").await.as_str().unwrap().to_owned()
}

/// The form as it is filled in, without the key.
async fn form(page: &Page) -> Vec<String> {
    let script =
        "return ['app', 'command', 'NAME', 'env_name_1', 'env_value_1', 'env_name_2', 'env_value_2', 'size']
        .map((name) => document.getElementById(name)?.value ?? '-')";
    let form = page.script(script).await;
    form.as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

const LINK: &str = "#app=sleepy-meadow&command=echo+%24NAME%2C+%24T_A&NAME=Zo%C3%AB%20%F0%9F%99%82&env.T_A=1%0A2&env.T_B=&size=basic";

#[tokio::test]
async fn a_link_fills_in_the_form_and_starts_nothing() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&format!("{}/{LINK}", emulator.page)).await;
    page.shows_text("A link filled in this form, and nothing has run.").await;
    let expected = ["sleepy-meadow", "echo $NAME, $T_A", "Zoë 🙂", "T_A", "1\n2", "T_B", "", "Basic"];
    assert_eq!(form(&page).await, expected);
    assert_eq!((page.value("api_key").await.as_str(), page.runs().await), ("", vec![]));
    assert!(address(&page).await.ends_with(LINK));
    page.click("Close").await;
    page.until("the banner is gone", async || match page.count("[data-notice]").await {
        0 => Ok(()),
        count => Err(format!("{count} are there")),
    })
    .await;

    page.fill("api_key", KEY).await;
    page.run().await;
    assert_eq!(page.ends().await.1, "Zoë 🙂, 1 2");
}

#[tokio::test]
async fn a_changed_fragment_fills_in_the_form_again() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    assert_eq!(page.count("[data-notice]").await, 0);
    page.script("location.hash = '#NAME=from+the+link&env.X=1'").await;
    page.shows_text("A link filled in this form, and nothing has run.").await;
    let expected = ["sleepy-meadow", "serverless", "from the link", "X", "1", "-", "-", ""];
    assert_eq!(form(&page).await, expected);
    assert_eq!(page.value("api_key").await, KEY);
    // A fragment of another kind changes nothing.
    page.script("location.hash = '#line=3'").await;
    assert_eq!(form(&page).await, expected);
    assert_eq!(page.runs().await, []);
}

#[tokio::test]
async fn a_key_in_a_link_is_removed_and_told() {
    let emulator = Emulator::start(App::Tutorial).await;
    for (link, clean) in [
        (format!("?x=1#app=sleepy-meadow&api_key={KEY}"), "?x=1#app=sleepy-meadow"),
        ("#Token=anything-else".to_owned(), ""),
        (format!("?key={KEY}"), ""),
        (format!("#NAME={KEY}&app=sleepy-meadow"), "#app=sleepy-meadow"),
    ] {
        let page = Page::open(&format!("{}/{link}", emulator.page)).await;
        page.shows_error("key_in_link").await;
        page.shows_text("heroku authorizations:revoke").await;
        assert_eq!(address(&page).await, format!("{}/{clean}", emulator.page));
        assert_eq!((page.value("api_key").await, page.value("NAME").await), (String::new(), String::new()));
        let left = page
            .script(
                "return document.documentElement.outerHTML
                    + JSON.stringify([history.state, { ...sessionStorage }, performance.getEntries()])",
            )
            .await;
        assert!(!left.as_str().unwrap().contains(KEY) && !left.as_str().unwrap().contains("anything-else"));
        // In Firefox the first page takes the place of the empty one.
        let entries = if Engine::chosen() == Engine::Firefox { 1 } else { 2 };
        assert_eq!(page.script("return history.length").await, json!(entries), "no entry was added");
    }

    let page = Page::open(&emulator.page).await;
    page.script(&format!("location.hash = '#NAME=x&token={KEY}'")).await;
    page.shows_error("key_in_link").await;
    assert_eq!(address(&page).await, format!("{}/#NAME=x", emulator.page));
    assert_eq!(page.value("NAME").await, "x");
}

mod chromium_only {
    //! Reading the clipboard needs a permission that only Chromium's DevTools give.

    use super::*;

    #[tokio::test]
    async fn a_copied_link_fills_in_the_same_form_without_secrets() {
        let emulator = Emulator::start(App::Tutorial).await;
        let page =
            Page::open(&format!("{}/{LINK}&env.API_TOKEN=x&env.T_C={}", emulator.page, &KEY[1..])).await;
        let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        page.browser.devtools("Browser.grantPermissions", permissions).await;
        page.fill("api_key", &KEY[1..]).await;
        page.click("Copy link").await;
        page.shows_text("Left out, because it looks secret: API_TOKEN, T_C, and the key.").await;
        let link = page.script("return navigator.clipboard.readText()").await;
        let link = link.as_str().unwrap();
        assert!(link.starts_with(&format!("{}/#app=", emulator.page)), "{link}");
        assert!(!link.contains(&KEY[1..]) && !link.contains("API_TOKEN"), "{link}");
        let expected = form(&page).await;
        let other = Page::open(link).await;
        assert_eq!(form(&other).await, expected);
        assert_eq!(other.count("[name=env_name_3]").await, 0);

        page.click("Copy badge").await;
        page.shows_text("The badge is copied.").await;
        let badge = page.script("return navigator.clipboard.readText()").await;
        assert_eq!(badge, json!(format!("[![Run on Heroku]({}/badge.svg)]({link})", emulator.page)));
    }
}
