//! The question before the tab of a live run is closed.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::domain::app::{Event, State};
use crate::domain::run::Run;
use crate::web::driver::Driver;

const TITLE_ID: &str = "close-title";

/// A dialog above everything, so that nothing moves for it.
#[hook]
pub(super) fn use_close_question(driver: &Driver, state: &State) -> Html {
    let dialog = use_node_ref();
    let asked = state.closing.asked.and_then(|id| state.run(id));
    use_effect_with((dialog.clone(), state.closing.asked), |(dialog, asked)| {
        if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
            if asked.is_none() {
                dialog.close();
            } else if !dialog.open() {
                // Fails only where it is open already or not on the page.
                let _ = dialog.show_modal();
            }
        }
    });
    let dispatch = {
        let driver = driver.clone();
        Callback::from(move |event: Event| driver.dispatch(event))
    };
    // Also by the Escape key.
    let onclose = dispatch.reform(|_: yew::Event| Event::Kept);
    html! {
        <dialog class="question" ref={dialog} aria-labelledby={TITLE_ID} {onclose}>
            if let Some(run) = asked {
                { question(run, &dispatch) }
            }
        </dialog>
    }
}

fn question(run: &Run, dispatch: &Callback<Event>) -> Html {
    let id = run.id;
    let (title, words) = if run.is_over() {
        ("has ended", "")
    } else {
        (
            "is still running",
            "The function goes on running on Heroku; its log is no longer read. Stop it first?",
        )
    };
    let button = |class: &'static str,
                  label: &'static str,
                  disabled: bool,
                  event: fn(crate::domain::ids::RunId) -> Event| {
        html! {
            <button class={classes!("button", class)} type="button" {disabled} onclick={dispatch.reform(move |_: MouseEvent| event(id))}>
                { label }
            </button>
        }
    };
    html! {
        <>
            <h2 class="question__title" id={TITLE_ID}>{ format!("{} {title}", run.name()) }</h2>
            <p>{ words }</p>
            <p class="question__answers">
                { button("button--stop", "Stop and close", !run.can_stop(), Event::StopAndCloseClicked) }
                { button("", "Close", false, Event::Closed) }
                { button("button--primary", "Keep", false, |_| Event::Kept) }
            </p>
        </>
    }
}
