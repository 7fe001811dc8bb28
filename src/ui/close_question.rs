//! The question before the tab of a live run is closed.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::button::{button, on_click};
use crate::domain::app::{Event, State};

const TITLE_ID: &str = "close-title";

/// A dialog above everything, so that nothing moves for it.
#[hook]
pub(super) fn use_close_question(state: &State, dispatch: &Callback<Event>) -> Html {
    let dialog = use_node_ref();
    use_effect_with((dialog.clone(), state.closing.asked), |(dialog, _)| {
        if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
            // Fails only where it is open already.
            let _ = dialog.show_modal();
        }
    });
    let Some(run) = state.closing.asked.and_then(|id| state.run(id)) else { return Html::default() };
    let (title, words) = if run.is_over() {
        (" has ended", "")
    } else {
        (
            " is still running",
            "The function goes on running on Heroku; its log is no longer read. Stop it first?",
        )
    };
    let id = run.id;
    html! {
        // The Escape key closes it, too.
        <dialog class="question" ref={dialog} aria-labelledby={TITLE_ID} onclose={dispatch.reform(|_| Event::Kept)}>
            <h2 class="question__title" id={TITLE_ID}>{ run.name() + title }</h2>
            <p>{ words }</p>
            <p class="question__answers">
                { button(
                    "button button--stop", "Stop and close", !run.can_stop(),
                    on_click(dispatch, move || Event::StopAndCloseClicked(id)),
                ) }
                { button("button", "Close", false, on_click(dispatch, move || Event::Closed(id))) }
                { button("button button--primary", "Keep", false, on_click(dispatch, || Event::Kept)) }
            </p>
        </dialog>
    }
}
