//! Variables beside NAME: rows that are added, removed, moved and checked, and reach the function as they are shown.

use fantoccini::key::Key;

use crate::harness::{App, Emulator, Page};

/// Prints all variables whose name begins with `T_`, and NAME, byte by byte.
const PRINTS_ENVIRONMENT: &str = "import os\nfor name, value in sorted(os.environb.items()):\n    \
    if name.startswith(b'T_') or name == b'NAME':\n        print(name.decode(), value.hex(' '))\n";

fn line(name: &str, value: &str) -> String {
    let bytes: Vec<String> = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{name} {}", bytes.join(" "))
}

/// The names in the order shown.
async fn names(page: &Page) -> Vec<String> {
    let script = "return [...document.querySelectorAll('[name^=env_name_]')].map((field) => `${field.name} ${field.value}`)";
    let names = page.script(script).await;
    names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

async fn add(page: &Page, number: usize, name: &str, value: &str) {
    page.click("Add variable").await;
    let field = format!("env_name_{number}");
    page.until("the new row has the focus", async || match page.focused().await {
        focused if focused == field => Ok(()),
        other => Err(other),
    })
    .await;
    page.press_keys(&field, name).await;
    page.put(&format!("env_value_{number}"), value).await;
}

#[tokio::test]
async fn exactly_what_is_shown_reaches_the_function() {
    let emulator = Emulator::start(App::python(PRINTS_ENVIRONMENT)).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    let text = " several\nlines\twith 世界 🙂 \"$HOME\" 'x' \\ ";
    add(&page, 1, "T_TEXT", text).await;
    add(&page, 2, "T_EMPTY", "").await;
    add(&page, 3, "T_GONE", "x").await;
    page.script("document.querySelector('[aria-label=\"Remove: T_GONE\"]').click()").await;
    page.run().await;
    let expected = [line("T_EMPTY", ""), line("T_TEXT", text)].join("\n");
    assert_eq!(page.ends().await, (Some("0".to_owned()), expected.clone()));

    page.fill("NAME", "Daniela").await;
    page.run().await;
    page.until("the second run's result", async || match page.result().await {
        result if result == format!("{}\n{expected}", line("NAME", "Daniela")) => Ok(()),
        other => Err(other),
    })
    .await;
}

#[tokio::test]
async fn faults_are_told_at_the_rows() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("NAME", "Daniela").await;
    for (number, name) in (1..).zip(["", "1ST", "T_A", "T_A", "NAME", "PORT"]) {
        add(&page, number, name, "value").await;
    }
    let hint = page.script("return document.getElementById('env_name_6-description').innerText").await;
    assert!(hint.as_str().unwrap().contains("Heroku sets this variable itself"), "{hint}");
    page.run().await;
    page.shows_error("empty").await;
    for (number, code) in
        (1..).zip([Some("empty"), Some("invalid"), None, Some("invalid"), Some("invalid"), None])
    {
        assert_eq!(page.field_error(&format!("env_name_{number}")).await.as_deref(), code, "{number}");
    }
    assert_eq!(page.runs().await, []);
    page.until("the first fault has the focus", async || match page.focused().await.as_str() {
        "env_name_1" => Ok(()),
        other => Err(other.to_owned()),
    })
    .await;
    page.press_keys("env_name_1", "T_B").await;
    assert_eq!(page.field_error("env_name_1").await, None);
    assert_eq!(page.value("env_value_1").await, "value");
}

#[tokio::test]
async fn rows_are_moved_by_the_keyboard() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    for (number, name) in (1..).zip(["A", "B", "C"]) {
        add(&page, number, name, "").await;
    }
    let alt = |key: Key| format!("{}{}{}", char::from(Key::Alt), char::from(key), char::from(Key::Null));
    let are = async |expected: [&str; 3]| {
        page.until(&format!("{expected:?}"), async || match names(&page).await {
            names if names == expected => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await;
    };
    let focus_is = async |id: &str| {
        page.until(&format!("the focus at {id}"), async || match page.focused().await {
            focused if focused == id => Ok(()),
            other => Err(other),
        })
        .await;
    };
    page.press_keys("env_name_3", &alt(Key::Up)).await;
    are(["env_name_1 A", "env_name_2 C", "env_name_3 B"]).await;
    // The focus goes with the row.
    focus_is("env_name_2").await;
    page.press_keys("env_name_2", &alt(Key::Up)).await;
    are(["env_name_1 C", "env_name_2 A", "env_name_3 B"]).await;
    page.press_keys("env_value_2", &alt(Key::Down)).await;
    are(["env_name_1 C", "env_name_2 B", "env_name_3 A"]).await;
    focus_is("env_value_3").await;
    // By its buttons, too.
    page.script("document.querySelector('[aria-label=\"Move up: A\"]').focus()").await;
    page.press_focused(&char::from(Key::Enter).to_string()).await;
    are(["env_name_1 C", "env_name_2 A", "env_name_3 B"]).await;
    page.until("the focus goes with the row", async || {
        match page.script("return document.activeElement.getAttribute('aria-label')").await {
            label if label == "Move up: A" => Ok(()),
            other => Err(other.to_string()),
        }
    })
    .await;
    page.script("document.querySelector('[aria-label=\"Remove: A\"]').click()").await;
    focus_is("env_name_2").await;
    assert_eq!(names(&page).await, ["env_name_1 C", "env_name_2 B"]);
}
