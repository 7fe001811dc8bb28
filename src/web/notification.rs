//! Notifications of the browser.

use gloo_events::EventListener;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationPermission};

/// Whether the browser has any: pages from another machine over http have none.
pub fn are_there() -> bool {
    web_sys::window().is_some_and(|window| {
        js_sys::Reflect::has(&window, &JsValue::from_str("Notification")).unwrap_or(false)
    })
}

/// Asks the person, unless the browser knows the answer.
pub async fn ask() -> bool {
    if let Ok(answer) = Notification::request_permission() {
        // The answer is what the permission is then.
        let _ = JsFuture::from(answer).await;
    }
    Notification::permission() == NotificationPermission::Granted
}

/// Shows a notification unless the page is in view. A click on it brings the page to the front.
pub fn show(title: &str, on_click: impl FnOnce() + 'static) {
    let hidden = web_sys::window().and_then(|window| window.document()).is_some_and(|it| it.hidden());
    // Chrome on Android has the constructor and refuses it.
    let Some(notification) = hidden.then(|| Notification::new(title).ok()).flatten() else { return };
    let clicked = notification.clone();
    EventListener::once(&notification, "click", move |_| {
        if let Some(window) = web_sys::window() {
            // Where the browser does not bring it to the front, it shows the run all the same.
            let _ = window.focus();
        }
        clicked.close();
        on_click();
    })
    .forget();
}
