//! The page's own address, as far as it can be changed without loading another page.

use web_sys::{Location, Window};

use crate::domain::link::Address;

/// What the address bar holds.
pub fn read() -> Address {
    let part = |part: fn(&Location) -> Option<String>, mark: char| {
        let text = location().and_then(|location| part(&location)).unwrap_or_default();
        text.strip_prefix(mark).map(str::to_owned).unwrap_or(text)
    };
    Address { query: part(|it| it.search().ok(), '?'), fragment: part(|it| it.hash().ok(), '#') }
}

/// Puts another query and fragment into the address bar and into the entry of the history.
pub fn replace(address: &Address) {
    let Some((window, location)) = web_sys::window().zip(location()) else { return };
    let mut url = location.pathname().unwrap_or_default();
    for (mark, part) in [('?', &address.query), ('#', &address.fragment)] {
        if !part.is_empty() {
            url.push(mark);
            url.push_str(part);
        }
    }
    if replace_state(&window, &url).is_err() {
        // No browser is known to refuse this; the key must not stay in the address bar all the same.
        let _ = location.set_hash("");
    }
}

/// The page's address without query and fragment.
pub fn page() -> String {
    let location = location();
    let part = |part: fn(&Location) -> Option<String>| location.as_ref().and_then(part).unwrap_or_default();
    part(|it| it.origin().ok()) + &part(|it| it.pathname().ok())
}

fn replace_state(window: &Window, url: &str) -> Result<(), wasm_bindgen::JsValue> {
    window.history()?.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(url))
}

fn location() -> Option<Location> {
    web_sys::window().map(|window| window.location())
}
