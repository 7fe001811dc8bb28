//! Buttons that copy, and say so for a moment.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::button::button;
use crate::domain::ids::RunId;
use crate::web::clipboard;

/// How long the button says that it has copied, in milliseconds.
const COPIED_MILLISECONDS: u32 = 2000;

/// A button that copies what `text` makes when it is clicked. `run` is the run that is shown: what was copied of another
/// is not said.
#[hook]
pub(super) fn use_copy_button(
    run: RunId,
    label: &'static str,
    disabled: bool,
    text: Rc<dyn Fn() -> Option<String>>,
) -> Html {
    let (said, copy) = use_copy(run, text);
    button("button button--small", said.unwrap_or(label), disabled, copy.reform(|_| ()))
}

/// Copies what `text` makes, and for a moment afterwards has words for how that went.
#[hook]
pub(super) fn use_copy(
    run: RunId,
    text: Rc<dyn Fn() -> Option<String>>,
) -> (Option<&'static str>, Callback<()>) {
    let copied = use_state(|| None::<(RunId, bool, Timeout)>);
    let copy = {
        let copied = copied.setter();
        Callback::from(move |()| {
            let Some(text) = text() else { return };
            let copied = copied.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let done = clipboard::copy(text).await;
                let reset = copied.clone();
                let timeout = Timeout::new(COPIED_MILLISECONDS, move || reset.set(None));
                copied.set(Some((run, done, timeout)));
            });
        })
    };
    let said = match copied.as_ref() {
        Some((of, true, _)) if *of == run => Some("Copied"),
        Some((of, false, _)) if *of == run => Some("Could not copy"),
        _ => None,
    };
    (said, copy)
}
