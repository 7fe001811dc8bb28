//! The clipboard.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Clipboard;

/// Puts text on the clipboard; `false` when the browser refuses, or has none: a page from another machine over http.
pub async fn copy(text: String) -> bool {
    let Some(clipboard) = clipboard() else { return false };
    JsFuture::from(clipboard.write_text(&text)).await.is_ok()
}

/// Whether there is a clipboard to put text on.
pub fn is_there() -> bool {
    clipboard().is_some()
}

fn clipboard() -> Option<Clipboard> {
    let navigator = web_sys::window()?.navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard")).ok()?;
    (!clipboard.is_undefined()).then(|| clipboard.into())
}
