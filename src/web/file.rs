//! Files that the browser saves.

use gloo_timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlElement, Url};

/// How long the file's address stays, in milliseconds: some browsers read it long after the click.
const ADDRESS_MILLISECONDS: u32 = 60_000;

/// Saves a file that consists of these pieces, where the browser saves files.
pub fn save<'a>(name: &str, pieces: impl Iterator<Item = &'a [u8]>) {
    let parts: Array = pieces.map(Uint8Array::from).collect();
    // There is nothing that could fail but memory, and then the browser shows that no file came.
    let _ = offer(name, &parts);
}

fn offer(name: &str, parts: &JsValue) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(&Blob::new_with_u8_array_sequence(parts)?)?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let link = document.create_element("a")?;
    link.set_attribute("href", &address)?;
    link.set_attribute("download", name)?;
    link.unchecked_into::<HtmlElement>().click();
    Timeout::new(ADDRESS_MILLISECONDS, move || {
        // An address that is gone already is what is wanted.
        let _ = Url::revoke_object_url(&address);
    })
    .forget();
    Ok(())
}
