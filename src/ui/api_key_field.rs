//! The field of the API key: masked unless a person asks to see it.

use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, HtmlInputElement, SelectionMode};
use yew::prelude::*;

use super::field::{Frame, described_by, input_value};
use crate::domain::app::{Event, State};
use crate::domain::form::Field;
use crate::domain::secret::{TypedKey, as_one_line};

pub(super) fn api_key_field(state: &State, dispatch: &Callback<Event>) -> Html {
    let id = state.form.element_id(Field::ApiKey);
    let shown = state.api_key_shown;
    let error = state.field_error(Field::ApiKey);

    let oninput = dispatch.reform(|event: InputEvent| Event::ApiKeyEdited(TypedKey(input_value(&event))));
    let onpaste = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: yew::Event| {
            if let Some(value) = paste_as_one_line(&event) {
                dispatch.emit(Event::ApiKeyEdited(TypedKey(value)));
            }
        })
    };
    let on_show = dispatch.reform(move |_: MouseEvent| Event::ApiKeyShown(!shown));

    let frame = Frame {
        id: &id,
        label: "API key",
        note: "stays in the memory of this tab",
        hint: "Make one with heroku authorizations:create.",
        error,
    };
    frame.around(html! {
        <div class="input-with-button">
            <input class="input" id={id.clone()} name={id.clone()} type={if shown { "text" } else { "password" }}
                value={state.form.api_key.0.clone()} {oninput} {onpaste}
                autocomplete="off" autocapitalize="none" spellcheck="false" autocorrect="off"
                aria-describedby={described_by(&id)} aria-invalid={error.is_some().to_string()} />
            <button class="input-with-button__button" type="button"
                aria-label={if shown { "Hide the API key" } else { "Show the API key" }} onclick={on_show}>
                { if shown { "Hide" } else { "Show" } }
            </button>
        </div>
    })
}

/// Pastes in place of the browser, which may drop line breaks. Answers the input's new value; `None` leaves the
/// paste to the browser.
fn paste_as_one_line(event: &yew::Event) -> Option<String> {
    let input = event.target_dyn_into::<HtmlInputElement>()?;
    let text = event.dyn_ref::<ClipboardEvent>()?.clipboard_data()?.get_data("text").ok()?;
    let start = input.selection_start().ok()??;
    let end = input.selection_end().ok()??;
    let text = as_one_line(&text);
    input.set_range_text_with_start_and_end_and_selection_mode(&text, start, end, SelectionMode::End).ok()?;
    event.prevent_default();
    Some(input.value())
}
