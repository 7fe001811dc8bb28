//! What JavaScript throws, as plain data. Anything can be thrown, so the conversion is total.

use wasm_bindgen::{JsCast, JsValue};

/// A thrown value: an `Error`'s name and message, or whatever else it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsError {
    /// `TypeError`, `AbortError`; empty for a value that is no `Error`.
    pub name: String,
    pub message: String,
}

impl From<JsValue> for JsError {
    fn from(thrown: JsValue) -> Self {
        match thrown.dyn_ref::<js_sys::Error>() {
            Some(error) => Self { name: error.name().into(), message: error.message().into() },
            None => Self { name: String::new(), message: thrown.as_string().unwrap_or_default() },
        }
    }
}
