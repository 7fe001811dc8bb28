//! A choice that outlives the page. Storage can be switched off, full, or hold another page's rubbish; nothing secret is
//! kept there, since all pages of the origin can read it.

use web_sys::Storage;

use crate::domain::memory_bound::MemoryBound;

/// Other pages of the origin have names of their own.
const NAME: &str = "serverless-on-heroku log memory";

pub fn memory_bound() -> MemoryBound {
    let text = storage().and_then(|storage| storage.get_item(NAME).ok().flatten());
    text.and_then(|text| MemoryBound::parse(&text)).unwrap_or_default()
}

pub fn keep_memory_bound(bound: MemoryBound) {
    if let Some(storage) = storage() {
        // What cannot be kept counts until the page is left.
        let _ = storage.set_item(NAME, &bound.megabytes().to_string());
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}
