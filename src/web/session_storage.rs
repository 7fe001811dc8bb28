//! What outlives a reload, as long as the browser's tab is open. It can be switched off, full, or hold another page's
//! rubbish; the page works all the same.

use web_sys::Storage;

use crate::domain::adoption::{Remembered, from_text, to_text};

/// Other pages of the origin have names of their own.
const NAME: &str = "serverless-on-heroku live runs";

pub fn remember(runs: &[Remembered]) {
    let Some(storage) = storage() else { return };
    // What cannot be kept is not offered later.
    let _ = if runs.is_empty() {
        storage.remove_item(NAME)
    } else {
        storage.set_item(NAME, &to_text(runs.iter()))
    };
}

pub fn remembered() -> Vec<Remembered> {
    let text = storage().and_then(|storage| storage.get_item(NAME).ok().flatten());
    from_text(&text.unwrap_or_default())
}

fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}
