//! Rows of the console: colours, links, long lines and what screen readers are told.

use serde_json::json;

use crate::harness::{Answer, App, DYNO, Emulator, Page, ScriptedServer};

async fn page_after(program: &str) -> (Page, Emulator) {
    let emulator = Emulator::start(App::python(program)).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page.ends().await;
    (page, emulator)
}

#[tokio::test]
async fn colours_are_shown_and_can_be_read() {
    let program = r"
print('\x1b[1;38;5;208morange\x1b[m \x1b[4:3mwavy\x1b[m \x1b[38:2::1:2:3mdark\x1b[m')
print('\x1b[32mbegun')
print('carried\x1b[0m')
print('plain')
";
    let (page, _emulator) = page_after(program).await;
    page.shows_line("plain").await;
    let look = |text: &str, property: &str| {
        format!(
            "const found = [...document.querySelectorAll('.row__text span')]
                .find((span) => span.textContent === '{text}');
            return found ? getComputedStyle(found).getPropertyValue('{property}') : null"
        )
    };
    assert_eq!(page.script(&look("orange", "color")).await, json!("rgb(255, 135, 0)"));
    assert_eq!(page.script(&look("orange", "font-weight")).await, json!("700"));
    assert_eq!(page.script(&look("wavy", "text-decoration-style")).await, json!("wavy"));
    assert_ne!(page.script(&look("dark", "color")).await, json!("rgb(1, 2, 3)"));
    let begun = page.script(&look("begun", "color")).await;
    assert!(begun.is_string(), "{begun}");
    assert_eq!(page.script(&look("carried", "color")).await, begun);
    assert_eq!(page.script(&look("plain", "color")).await, json!(null));
    assert_eq!(page.policy_violations().await, [""; 0]);
}

#[tokio::test]
async fn links_of_http_and_https_open_apart() {
    let program = "print('see https://example.org/a?b=c, or (http://example.org) javascript:alert(1)')";
    let (page, _emulator) = page_after(program).await;
    page.shows_line("javascript:alert(1)").await;
    let links = "return [...document.querySelectorAll('[role=log] a')]
        .map((link) => [link.href, link.textContent, link.target, link.rel])";
    assert_eq!(
        page.script(links).await,
        json!([
            ["https://example.org/a?b=c", "https://example.org/a?b=c", "_blank", "noopener noreferrer"],
            ["http://example.org/", "http://example.org", "_blank", "noopener noreferrer"],
        ])
    );
}

/// How much of the long line is shown, and the labels of its buttons.
async fn shown_of_long_line(page: &Page) -> (u64, Vec<String>) {
    let script = "const text = document.querySelector('[data-line=\"1\"] .row__text').textContent;
        return [text.length, [...document.querySelectorAll('[data-part]')].map((part) => part.textContent)]";
    let shown = page.script(script).await;
    let labels = shown[1].as_array().unwrap().iter().map(|label| label.as_str().unwrap().to_owned());
    (shown[0].as_u64().unwrap(), labels.collect())
}

#[tokio::test]
async fn a_long_line_is_shown_in_parts() {
    let server = ScriptedServer::start(move |path, address| match path {
        "/apps/sleepy-meadow/dynos" => Answer::json(201, DYNO),
        "/apps/sleepy-meadow/log-sessions" => {
            Answer::json(201, &json!({ "logplex_url": format!("{address}/stream?token=1") }).to_string())
        }
        _ => Answer::text(
            "text/plain",
            &format!(
                "2026-01-02T03:04:09.000000+00:00 app[run.8361]: {}\n\
                 2026-01-02T03:04:10.200000+00:00 heroku[run.8361]: Process exited with status 0\n",
                "x".repeat(500_000)
            ),
        ),
    })
    .await;
    let page = Page::open(&server.address).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page.ends().await;
    assert_eq!(shown_of_long_line(&page).await, (5_000, vec!["… 495.0 KB more".to_owned()]));
    for (button, bytes, labels) in [
        ("more", 10_000, &["… 490.0 KB more"][..]),
        ("more", 20_000, &["… 480.0 KB more"]),
        ("more", 40_000, &["… 460.0 KB more"]),
        ("more", 80_000, &["… 420.0 KB more"]),
        ("more", 160_000, &["… 340.0 KB more"]),
        ("more", 160_000, &["… 160.0 KB before", "… 180.0 KB more"]),
        ("more", 160_000, &["… 320.0 KB before", "… 20.0 KB more"]),
        ("more", 20_000, &["… 480.0 KB before"]),
        ("before", 160_000, &["… 320.0 KB before", "… 20.0 KB more"]),
    ] {
        page.click(button).await;
        page.until(&format!("{bytes} bytes and {labels:?}"), async || {
            let shown = shown_of_long_line(&page).await;
            if shown.0 == bytes && shown.1 == labels { Ok(()) } else { Err(format!("{shown:?}")) }
        })
        .await;
    }
}

#[tokio::test]
async fn rows_are_the_items_of_a_list() {
    let (page, _emulator) = page_after("print('first')\nprint('second')").await;
    page.shows_line("second").await;
    let items = "return [...document.querySelectorAll('[role=log] > * > [role=list] > [role=listitem]')]
        .map((row, index, rows) => row.ariaPosInSet === String(index + 1)
            && row.ariaSetSize === String(rows.length) && row.dataset.line === String(index + 1))";
    let items = page.script(items).await;
    let items = items.as_array().unwrap();
    assert!(items.len() > 3 && items.iter().all(|item| *item == json!(true)), "{items:?}");
}
