//! The form: what is told at its fields, what starts a run, and what does not.

use fantoccini::key::Key;
use serde_json::json;

use crate::harness::{APP, Answer, App, Emulator, KEY, Page, SUBFOLDER, ScriptedServer, control};

#[tokio::test]
async fn faults_are_told_at_their_fields_and_nothing_is_sent() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill("command", "").await;
    page.run().await;
    page.shows_error("empty").await;
    for field in ["app", "api_key", "command"] {
        assert_eq!(page.field_error(field).await.as_deref(), Some("empty"), "{field}");
    }
    assert_eq!(page.field_error("NAME").await, None);
    page.has_focus("app").await;

    page.fill("app", "My App").await;
    page.fill("api_key", "two keys").await;
    page.fill("command", "serverless").await;
    page.run().await;
    page.shows_error("invalid").await;
    assert_eq!(page.field_error("app").await.as_deref(), Some("invalid"));
    assert_eq!(page.field_error("api_key").await.as_deref(), Some("invalid"));
    assert_eq!(page.field_error("command").await, None);
    page.has_focus("app").await;

    page.fill("app", APP).await;
    page.run().await;
    page.has_focus("api_key").await;
    assert_eq!(page.errors().await, ["invalid"]);
    assert_eq!(page.value("api_key").await, "two keys");
    assert_eq!(page.runs().await, []);
    assert_eq!(emulator.api_calls(), [""; 0]);
}

#[tokio::test]
async fn a_line_break_pasted_into_the_key_is_told() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.insert_text("NAME", &format!("{KEY}\n{KEY}")).await;
    page.press_keys("NAME", &[control('a'), control('c')].concat()).await;
    page.fill("app", APP).await;
    page.press_keys("api_key", &control('v')).await;
    assert_ne!(page.value("api_key").await, "");
    page.run().await;
    page.shows_error("invalid").await;
    assert_eq!(page.field_error("api_key").await.as_deref(), Some("invalid"));
    assert_eq!(page.runs().await, []);
}

#[tokio::test]
async fn the_app_is_asked_about_once_when_its_fields_are_left_and_nothing_else_is_sent_before_the_click() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    let calls = || {
        let mut calls = emulator.api_calls();
        calls.retain(|call| !call.starts_with("OPTIONS "));
        calls
    };
    let tab = char::from(Key::Tab).to_string();
    page.fill("app", APP).await;
    page.press_keys("app", &tab).await;
    page.fill("api_key", KEY).await;
    assert_eq!(calls(), [""; 0]);
    page.press_keys("api_key", &tab).await;
    let question = format!("GET /apps/{APP}");
    page.until("the app is asked about", async || match calls() {
        calls if calls == [question.as_str()] => Ok(()),
        calls => Err(format!("{calls:?}")),
    })
    .await;
    page.fill("command", "serverless").await;
    page.press_keys("app", &tab).await;
    page.press_keys("api_key", &tab).await;
    page.fill("NAME", "Daniela").await;
    page.press_keys("NAME", &tab).await;
    assert_eq!(calls(), [question.as_str()]);
    page.run().await;
    page.ends().await;
    let questions = calls().iter().filter(|call| **call == question).count();
    assert_eq!(questions, 1);
}

#[tokio::test]
async fn enter_starts_a_run_from_each_field() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    for (runs, field) in (1..).zip(["app", "api_key", "command", "NAME"]) {
        page.press_keys(field, &char::from(Key::Enter).to_string()).await;
        page.until(&format!("Enter in {field} starts run {runs}"), async || match page.runs().await.len() {
            count if count == runs => Ok(()),
            count => Err(format!("{count} runs")),
        })
        .await;
        assert_eq!(page.ends().await, (Some("0".to_owned()), "Hello World!".to_owned()));
    }
    assert_eq!(page.value("NAME").await, "");
}

#[tokio::test]
async fn space_around_app_and_key_does_not_matter() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill("app", &format!(" {APP} ")).await;
    page.fill("api_key", &format!("  {KEY} ")).await;
    page.run().await;
    assert_eq!(page.ends().await, (Some("0".to_owned()), "Hello World!".to_owned()));
}

#[tokio::test]
async fn the_key_is_masked_until_shown_and_masked_again_by_a_run() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    let kind = async || page.script("return document.getElementById('api_key').type").await;
    page.fill_in_app_and_key().await;
    assert_eq!(kind().await, json!("password"));
    page.click("Show").await;
    page.button("Hide").await;
    assert_eq!(kind().await, json!("text"));
    page.click("Hide").await;
    page.button("Show").await;
    assert_eq!(kind().await, json!("password"));
    page.click("Show").await;
    page.run().await;
    page.ends().await;
    assert_eq!(kind().await, json!("password"));
    assert_eq!(page.value("api_key").await, KEY);
}

#[tokio::test]
async fn fields_have_labels_and_keep_what_is_typed_from_spell_checkers() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    for field in ["app", "api_key", "command", "NAME"] {
        let labels = page.script(&format!("return document.getElementById('{field}').labels.length")).await;
        assert_eq!(labels, json!(1), "{field}");
    }
    for field in ["app", "api_key", "command"] {
        let attributes = format!(
            "const field = document.getElementById('{field}');
             return ['autocomplete', 'autocapitalize', 'spellcheck'].map((name) => field.getAttribute(name))"
        );
        assert_eq!(page.script(&attributes).await, json!(["off", "none", "false"]), "{field}");
    }
    assert_eq!(page.value("command").await, "serverless");
}

#[tokio::test]
async fn the_page_works_below_any_folder() {
    let server =
        ScriptedServer::start(|_, _| Answer::json(404, r#"{"id":"not_found","message":"No app."}"#)).await;
    let page = Page::open(&format!("{}{SUBFOLDER}/", server.address)).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page.run_is("failed").await;
    assert_eq!(page.field_error("app").await.as_deref(), Some("not_found"));
}
