//! A page that cannot run (any more): a plain message, no form, and a way back.

use std::path::Path;

use serde_json::json;

use crate::harness::{App, Emulator, KEY, Page, change_module, copy_of_dist};

/// A run needs new elements, and the view panics when it gets none.
const OUT_OF_ELEMENTS: &str = "document.createElement = () => { throw new Error('out of elements'); };";

async fn shows_failure(page: &Page) {
    page.until("the message that the page does not work", async || {
        let shown = page.script("return document.getElementById('failure')?.checkVisibility()").await;
        if shown == json!(true) { Ok(()) } else { Err("it is hidden".to_owned()) }
    })
    .await;
    // A form without its handler would put the key into the address.
    assert_eq!(page.count("form, input, textarea").await, 0);
}

/// Changes the files of a page that end with `end`.
fn break_files(page: &Path, end: &str, break_file: impl Fn(&Path)) {
    let entries = std::fs::read_dir(page).expect("the copy of the page");
    let paths: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    let broken: Vec<_> = paths.iter().filter(|path| path.to_string_lossy().ends_with(end)).collect();
    assert!(!broken.is_empty(), "no file ends with {end}: {paths:?}");
    broken.into_iter().for_each(|path| break_file(path));
}

/// Opens the page with its module changed on the disk.
async fn fails_with_module(change: impl Fn(&Path)) {
    let dist = copy_of_dist();
    break_files(dist.path(), ".lzma", change);
    let emulator = Emulator::start_with_page(App::Tutorial, dist.path()).await;
    let page = Page::load(&emulator.page).await;
    shows_failure(&page).await;
}

/// No instruction that a browser knows, nor the packed form of one.
fn spoil_middle(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8].fill(0xff);
}

#[tokio::test]
async fn a_module_that_cannot_start_is_told() {
    fails_with_module(|path| {
        let packed = std::fs::read(path).expect("the module");
        let changed = change_module(&packed, |module| spoil_middle(module));
        std::fs::write(path, changed).expect("the broken module");
    })
    .await;
}

#[tokio::test]
async fn a_module_that_arrives_changed_is_told() {
    fails_with_module(|path| {
        let mut packed = std::fs::read(path).expect("the module");
        spoil_middle(&mut packed);
        std::fs::write(path, packed).expect("the broken module");
    })
    .await;
}

#[tokio::test]
async fn a_module_that_was_cut_is_told() {
    fails_with_module(|path| {
        let packed = std::fs::read(path).expect("the module");
        std::fs::write(path, &packed[..packed.len() / 2]).expect("half of it");
    })
    .await;
}

#[tokio::test]
async fn a_module_that_is_gone_is_told() {
    fails_with_module(|path| std::fs::remove_file(path).expect("the module")).await;
}

#[tokio::test]
async fn a_panic_takes_the_form_away() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.script(OUT_OF_ELEMENTS).await;
    page.run().await;
    shows_failure(&page).await;
}

#[tokio::test]
async fn a_trap_takes_the_form_away_and_reloading_brings_it_back() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    // The smallest module that traps: a function `f` of one instruction, `unreachable`. It belongs to the page, and is
    // called by it: in Firefox, a test's script has objects of its own.
    let trap = "const { Uint8Array, WebAssembly } = window;
        const module = new Uint8Array([
            0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
            0x01, 0x04, 0x01, 0x60, 0x00, 0x00,
            0x03, 0x02, 0x01, 0x00,
            0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00,
            0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b,
        ]);
        setTimeout(new WebAssembly.Instance(new WebAssembly.Module(module)).exports.f);";
    page.script(trap).await;
    shows_failure(&page).await;
    let html = page.script("return document.documentElement.outerHTML + location.href").await;
    assert!(!html.as_str().unwrap().contains(KEY));

    page.click("Reload").await;
    page.waits_for_form().await;
    assert_eq!(
        page.script("return document.getElementById('failure').checkVisibility()").await,
        json!(false)
    );
    page.fill_in_app_and_key().await;
    page.run().await;
    assert_eq!(page.ends().await.1, "Hello World!");
}

mod chromium_only {
    use super::*;

    /// What it says could hold anything. An optimised page does not even tell the place.
    #[tokio::test]
    async fn a_panic_prints_no_more_than_its_place() {
        let emulator = Emulator::start(App::Tutorial).await;
        let page = Page::open(&emulator.page).await;
        page.fill_in_app_and_key().await;
        page.script(OUT_OF_ELEMENTS).await;
        page.run().await;
        shows_failure(&page).await;
        let console = page.console().await;
        let tells_of_it =
            |message: &String| message.contains("unreachable") || message.contains("panicked at");
        assert!(console.iter().any(tells_of_it), "{console:#?}");
        assert!(!console.iter().any(|message| message.contains("out of elements")), "{console:#?}");
        for panic in console.iter().filter(|message| message.contains("panicked at")) {
            let place = panic.trim_end_matches('"');
            assert!(place.ends_with(|last: char| last.is_ascii_digit()), "more than a place: {panic}");
        }
    }
}
