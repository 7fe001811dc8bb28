//! Size of the dyno and source of the log.

use fantoccini::Locator;

use crate::harness::{App, Emulator, Page};

async fn choose_size(page: &Page, size: &str) {
    let select = page.browser.client.find(Locator::Css("select#size")).await.expect("the sizes");
    select.select_by_value(size).await.expect("the size can be chosen");
}

#[tokio::test]
async fn the_chosen_size_is_the_dyno_s() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    let sizes = page.script("return document.getElementById('size').innerText").await;
    let sizes = sizes.as_str().unwrap();
    for text in ["Default of the account", "Basic, $0.010 an hour", "Performance-2XL, $2.083 an hour"] {
        assert!(sizes.contains(text), "no {text:?} in {sizes}");
    }
    page.fill_in_app_and_key().await;
    choose_size(&page, "Standard-2X").await;
    page.run().await;
    page.ends().await;
    page.shows_text(" on Standard-2X").await;
}

#[tokio::test]
async fn a_size_that_the_app_cannot_use_is_told_at_the_field() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    // The emulator's app is in no Private Space.
    choose_size(&page, "Private-S").await;
    page.run().await;
    page.shows_error("invalid_params").await;
    assert_eq!(page.field_error("size").await.as_deref(), Some("invalid_params"));
    page.run_is("failed").await;
    assert_eq!(page.value("size").await, "Private-S");
    page.click("Go to the dyno size").await;
    page.until("the field has the focus", async || match page.focused().await.as_str() {
        "size" => Ok(()),
        other => Err(other.to_owned()),
    })
    .await;
    choose_size(&page, "").await;
    assert_eq!(page.field_error("size").await, None);
    page.run().await;
    assert_eq!(page.ends().await.1, "Hello World!");
}

#[tokio::test]
async fn function_output_only_ends_without_a_status_and_says_why() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.script("document.getElementById('output_only').click()").await;
    page.run().await;
    assert_eq!(page.ends().await, (None, "Hello World!".to_owned()));
    page.shows_text("Function output only” leaves out").await;
    let rows = page.rows().await;
    assert!(rows.len() == 1 && rows[0].text.ends_with("Hello World!"), "{rows:?}");
    assert_eq!(page.errors().await, [""; 0]);
}

#[tokio::test]
async fn output_that_pauses_is_read_to_its_end() {
    let emulator = Emulator::start_with_arguments(App::empty(), &["--timings", "questions=200"]).await;
    let page = Page::open(&emulator.page).await;
    page.script("document.getElementById('output_only').click()").await;
    page.run_command("echo first; sleep 2; echo second").await;
    page.shows_line("first").await;
    assert_eq!(page.ends().await, (None, "first\nsecond".to_owned()));
}
