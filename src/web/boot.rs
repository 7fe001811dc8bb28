//! The border to static/recovery.js, which shows a plain message when the page can no longer run.

use std::panic::PanicHookInfo;

use web_sys::{Document, Event, console};

/// The event that makes that script take the form away and show its message.
pub const FAILED_EVENT: &str = "app-failed";

/// Makes a panic end the page in an orderly way: a form without its handler would put the key into the URL.
pub fn on_panic(panic: &PanicHookInfo<'_>) {
    announce_failure();
    // The place alone: a message could hold anything.
    if let Some(place) = panic.location() {
        console::error_1(&format!("panicked at {}:{}", place.file(), place.line()).into());
    }
}

/// Whether that script's message is shown already: a stylesheet can turn out to be missing while the wasm is compiled.
pub fn has_failed(document: &Document) -> bool {
    document.get_element_by_id("failure").is_some_and(|message| !message.has_attribute("hidden"))
}

/// Tells that script that the page can no longer run.
pub fn announce_failure() {
    if let Some(document) = web_sys::window().and_then(|window| window.document())
        && let Ok(event) = Event::new(FAILED_EVENT)
    {
        // Nothing is left to do when even this fails.
        let _ = document.dispatch_event(&event);
    }
}
