//! Selecting in the log and copying: characters and lines, by mouse, keys and address, on screen or not.

mod lines;
mod mouse;

use std::time::Duration;

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use serde_json::{Value, json};

use crate::harness::{Emulator, Gate, Page, Row, control};

/// A point of the screen.
type Point = (f64, f64);

/// A page whose run has printed `ready` and then this, and the row of `ready`.
async fn page_after(emulator: &Emulator, address: &str, output: &str) -> (Page, Row) {
    let page = Page::open(address).await;
    // The stream is open when `ready` is on screen: history has no more than 1,500 lines.
    let gate = Gate::closed();
    page.run_command(&format!("echo ready; {}; {output}", gate.wait())).await;
    let ready = page.shows_line("ready").await;
    gate.open();
    page.ends().await;
    page.shows_line("Process exited with status 0").await;
    assert!(address.starts_with(&emulator.page));
    (page, ready)
}

/// Where a character of a line's text is on screen: the left part of it, near its edge.
async fn character(page: &Page, line: u64, offset: u64) -> Point {
    let script = "const text = document.querySelector(`[data-line='${arguments[0]}'] .row__text`);
        const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        let [node, offset] = [nodes.nextNode(), arguments[1]];
        while (offset >= node.length) {
            offset -= node.length;
            node = nodes.nextNode();
        }
        const range = new Range();
        range.setStart(node, offset);
        range.setEnd(node, offset + 1);
        const box = range.getBoundingClientRect();
        return [box.left + 1, (box.top + box.bottom) / 2]";
    point(&page.browser.run_script(script, vec![json!(line), json!(offset)]).await)
}

fn point(value: &Value) -> Point {
    (value[0].as_f64().expect("x"), value[1].as_f64().expect("y"))
}

fn to((x, y): Point) -> PointerAction {
    PointerAction::MoveTo { duration: Some(Duration::ZERO), x: x.round(), y: y.round() }
}

const DOWN: PointerAction = PointerAction::Down { button: MOUSE_BUTTON_LEFT };

const UP: PointerAction = PointerAction::Up { button: MOUSE_BUTTON_LEFT };

async fn mouse(page: &Page, actions: impl IntoIterator<Item = PointerAction>) {
    let mouse = MouseActions::new("mouse".to_owned());
    let mouse = actions.into_iter().fold(mouse, |mouse, action| mouse.then(action));
    page.browser.client.perform_actions(mouse).await.expect("the mouse moves");
}

/// Clicks so many times in a row; the pauses let no click be one of the last ones'.
async fn click(page: &Page, place: Point, times: usize) {
    let clicks = std::iter::repeat_n([DOWN, UP], times).flatten();
    mouse(page, [to((place.0, place.1 + 40.0)), to(place)].into_iter().chain(clicks)).await;
}

async fn shift_click(page: &Page, place: Point) {
    // A press with Shift as the page hears of it: the drivers' own keyboards do not reach the mouse in each engine.
    let script = "const [clientX, clientY] = arguments;
        const target = document.elementFromPoint(clientX, clientY);
        const init = { bubbles: true, cancelable: true, clientX, clientY, detail: 1, shiftKey: true };
        for (const type of ['mousedown', 'mouseup', 'click']) target.dispatchEvent(new MouseEvent(type, init));";
    page.browser.run_script(script, vec![json!(place.0), json!(place.1)]).await;
}

async fn scroll_to(page: &Page, share: f64) {
    let script = "const log = document.querySelector('[role=log]');
        log.scrollTop = (log.scrollHeight - log.clientHeight) * arguments[0];";
    page.browser.run_script(script, vec![json!(share)]).await;
}

/// Takes what is put on the clipboard, since reading it needs permissions that most browsers have no way to give to a
/// test.
async fn take_clipboard(page: &Page) {
    page.script(
        "window.copied = [];
        Object.defineProperty(navigator, 'clipboard', { configurable: true, value: {
            writeText: async (text) => { window.copied.push(text); },
        } });",
    )
    .await;
}

/// What is copied by the keyboard.
async fn copied(page: &Page) -> String {
    page.press_keys_in_console(&control('c')).await;
    last_copied(page).await
}

async fn last_copied(page: &Page) -> String {
    page.until("a copied text", async || {
        let copied = page.script("return window.copied.pop() ?? null").await;
        copied.as_str().map(str::to_owned).ok_or_else(|| "nothing yet".to_owned())
    })
    .await
}

/// Waits until the button says that so much can be copied.
async fn offers(page: &Page, lines: &str) {
    page.until(&format!("a button that copies {lines}"), async || {
        let label =
            page.script("return document.querySelector('.console__selection')?.innerText ?? ''").await;
        if label.as_str().is_some_and(|label| label.starts_with(&format!("Copy {lines}"))) {
            Ok(())
        } else {
            Err(label.to_string())
        }
    })
    .await;
}

async fn offers_nothing(page: &Page) {
    page.until("no button that copies", async || match page.count(".console__selection").await {
        0 => Ok(()),
        _ => Err("there is one".to_owned()),
    })
    .await;
}

/// What is drawn as selected: the numbers of whole lines, and the texts of parts of lines.
async fn drawn(page: &Page) -> Value {
    page.script(
        "return [[...document.querySelectorAll('.row--selected')].map((row) => Number(row.dataset.line)),
            [...CSS.highlights.get('selection')].map((range) => range.toString())]",
    )
    .await
}
