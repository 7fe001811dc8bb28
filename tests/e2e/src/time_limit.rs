//! The time limit: what can be typed, what is sent, and what is told of it.

use crate::harness::{App, Emulator, Page};

#[tokio::test]
async fn a_limit_that_is_none_is_told_at_the_field() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    for text in ["soon", "0", "25 h", "-1", "1.5 h"] {
        page.fill("time_limit", text).await;
        page.run().await;
        page.shows_error("invalid").await;
        assert_eq!(page.field_error("time_limit").await.as_deref(), Some("invalid"), "{text}");
        assert_eq!(page.runs().await, []);
        page.until("the field has the focus", async || match page.focused().await.as_str() {
            "time_limit" => Ok(()),
            other => Err(other.to_owned()),
        })
        .await;
    }
    page.click("15 minutes").await;
    assert_eq!(page.value("time_limit").await, "15 min");
    assert_eq!(page.field_error("time_limit").await, None);
    page.run().await;
    let run = page.ends().await;
    assert_eq!(run.1, "Hello World!");
    assert_eq!(page.run_is("ended").await.end.as_deref(), Some("exited"));
}

#[tokio::test]
async fn what_is_left_of_the_limit_is_shown_and_its_end_told() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill("time_limit", "5 s").await;
    page.run_command("echo begun; exec sleep 600").await;
    page.until("the time left", async || {
        let shown = page.script("return document.body.innerText").await;
        let shown = shown.as_str().unwrap_or_default().to_owned();
        if (1..=5).any(|left| shown.contains(&format!("{left} s left"))) { Ok(()) } else { Err(shown) }
    })
    .await;
    page.ends().await;
    assert_eq!(page.run_is("ended").await.end.as_deref(), Some("time-limit"));
    page.shows_text("The time limit of this run was over.").await;
    let shown = page.script("return document.body.innerText").await;
    assert!(!shown.as_str().unwrap_or_default().contains(" s left"), "{shown}");
}

#[tokio::test]
async fn a_link_can_set_a_limit() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&format!("{}#time_limit=90+s", emulator.page)).await;
    page.shows_text("From the link: time limit.").await;
    assert_eq!(page.value("time_limit").await, "90 s");
}
