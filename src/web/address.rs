//! The page's own address, as far as it can be changed without loading another page.

use wasm_bindgen::JsValue;
use web_sys::{Location, Window};

use crate::domain::link::Address;

/// In the history entry of an address that held a key when the page was loaded. Like the mark of static/recovery.js, it
/// outlives a reload.
const KEY_REMOVED: &str = "key-removed";

/// What the address bar holds, and whether it held a key before the page was loaded again.
pub fn read() -> Address {
    Address { had_key: take_mark(), ..address_bar() }
}

fn address_bar() -> Address {
    let part = |part: fn(&Location) -> Option<String>, mark: char| {
        let text = location().and_then(|location| part(&location)).unwrap_or_default();
        text.strip_prefix(mark).map(str::to_owned).unwrap_or(text)
    };
    Address {
        query: part(|it| it.search().ok(), '?'),
        fragment: part(|it| it.hash().ok(), '#'),
        had_key: false,
    }
}

/// The number of the line of the log that the address names, from 1.
pub fn line() -> Option<usize> {
    address_bar().line()
}

/// Names a line of the log.
pub fn set_line(number: usize) {
    let mut address = address_bar();
    address.set_line(number);
    replace(&address);
}

/// Puts another query and fragment into the address bar and into the entry of the history.
pub fn replace(address: &Address) {
    replace_with_state(address, &JsValue::NULL);
}

/// Takes what looks like a key out of the address bar.
pub fn remove_key() {
    if let Some(clean) = address_bar().without_key() {
        replace(&clean);
    }
}

/// Loads the page again without the key in its address, if there is one: what the browser notes about a page's loading
/// keeps the address. Answers whether another page is on its way.
pub fn reload_without_key() -> bool {
    let (Some(clean), Some(location)) = (address_bar().without_key(), location()) else { return false };
    replace_with_state(&clean, &JsValue::from_str(KEY_REMOVED));
    location.reload().is_ok()
}

/// The page's address without query and fragment.
pub fn page() -> String {
    let location = location();
    let part = |part: fn(&Location) -> Option<String>| location.as_ref().and_then(part).unwrap_or_default();
    part(|it| it.origin().ok()) + &part(|it| it.pathname().ok())
}

fn replace_with_state(address: &Address, state: &JsValue) {
    let Some((window, location)) = web_sys::window().zip(location()) else { return };
    let mut url = location.pathname().unwrap_or_default();
    for (mark, part) in [('?', &address.query), ('#', &address.fragment)] {
        if !part.is_empty() {
            url.push(mark);
            url.push_str(part);
        }
    }
    if replace_state(&window, state, Some(&url)).is_err() {
        // No browser is known to refuse this; the key must not stay in the address bar all the same.
        let _ = location.set_hash("");
    }
}

/// Whether the mark is there, which then is gone.
fn take_mark() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let state = window.history().and_then(|history| history.state());
    let is_there = state.is_ok_and(|state| state.as_string().as_deref() == Some(KEY_REMOVED));
    // A mark that stays makes the notice appear once more, no worse.
    is_there && replace_state(&window, &JsValue::NULL, None).is_ok()
}

fn replace_state(window: &Window, state: &JsValue, url: Option<&str>) -> Result<(), JsValue> {
    window.history()?.replace_state_with_url(state, "", url)
}

fn location() -> Option<Location> {
    web_sys::window().map(|window| window.location())
}
