//! The tutorial's function, and what reaches a function of NAME.

use fantoccini::key::Key;

use crate::harness::{App, Emulator, Page};

/// Prints its NAME byte by byte, so that nothing on the way back can hide a difference.
const PRINTS_BYTES_OF_NAME: &str = "import os\nprint('NAME', os.environb[b'NAME'].hex(' '))\n";

fn bytes_of(name: &str) -> String {
    let bytes: Vec<String> = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("NAME {}", bytes.join(" "))
}

#[tokio::test]
async fn greets_the_person_by_name() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("NAME", "Daniela").await;
    page.run().await;
    assert_eq!(page.ends().await, (Some("0".to_owned()), "Hello Daniela!".to_owned()));
}

#[tokio::test]
async fn greets_the_world_without_a_name() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    assert_eq!(page.ends().await, (Some("0".to_owned()), "Hello World!".to_owned()));
}

#[tokio::test]
async fn name_reaches_the_function_unchanged() {
    let name = " Zoë 世界 🙂 \"double\" 'single' `back` $HOME ${NAME} $(id) \\n %s & ; | # * ~ ";
    let emulator = Emulator::start(App::python(PRINTS_BYTES_OF_NAME)).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.insert_text("NAME", name).await;
    assert_eq!(page.value("NAME").await, name);
    page.run().await;
    assert_eq!(page.ends().await, (Some("0".to_owned()), bytes_of(name)));
}

#[tokio::test]
async fn shift_enter_makes_a_line_in_name() {
    let emulator = Emulator::start(App::python(PRINTS_BYTES_OF_NAME)).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    let [shift, enter, release] = [Key::Shift, Key::Enter, Key::Null].map(char::from);
    page.press_keys("NAME", &format!("one{shift}{enter}{release}two{enter}")).await;
    assert_eq!(page.ends().await, (Some("0".to_owned()), bytes_of("one\ntwo")));
    assert_eq!(page.value("NAME").await, "one\ntwo");
}
