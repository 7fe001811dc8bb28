//! Parts of the form's fields. Functions rather than components where no hook is needed: a component costs kilobytes.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::domain::form::{FieldError, Form};

/// What stands around an input.
#[derive(Default)]
pub(super) struct Frame<'a> {
    /// The input's id.
    pub(super) id: &'a str,
    pub(super) label: &'static str,
    /// Stands beside the label.
    pub(super) note: &'static str,
    /// Stands below the input while there is no error.
    pub(super) hint: &'static str,
    pub(super) error: Option<&'a FieldError>,
}

impl Frame<'_> {
    /// The frame around an input, which must have the id and the description of [`described_by`].
    pub(super) fn around(&self, input: Html) -> Html {
        html! {
            <div class="field">
                <label class="field__label" for={self.id.to_owned()}>
                    { self.label }
                    <small class="field__note">{ self.note }</small>
                </label>
                { input }
                { below(described_by(self.id), self.hint, self.error) }
            </div>
        }
    }
}

/// The error of a field, or else its hint.
pub(super) fn below(id: String, hint: &'static str, error: Option<&FieldError>) -> Html {
    let (class, code, text) = match error {
        Some(error) => ("field__error", Some(error.code.clone()), error.message.clone()),
        None => ("field__hint", None, hint.to_owned()),
    };
    html! {
        <div class="field__below" aria-live="polite"><p ~className={class} {id} data-error={code}>{ text }</p></div>
    }
}

/// The id of the text that describes the input of this id.
pub(super) fn described_by(id: &str) -> String {
    format!("{id}-description")
}

/// The text of the input that an event comes from.
pub(super) fn input_value(event: &InputEvent) -> String {
    event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
}

/// An input of one line, for what no spell checker may send away.
pub(super) fn text_input(id: &str, value: &str, is_invalid: bool, oninput: Callback<InputEvent>) -> Html {
    html! {
        <input class="input" id={id.to_owned()} name={id.to_owned()} type="text" value={value.to_owned()} {oninput}
            autocomplete="off" autocapitalize="none" spellcheck="false" autocorrect="off"
            aria-describedby={described_by(id)} aria-invalid={is_invalid.to_string()} />
    }
}

/// What a text area shows, and whom it tells of edits.
pub(super) struct TextArea<'a> {
    pub(super) id: String,
    /// The name for screen readers, where no label has it.
    pub(super) label: Option<String>,
    pub(super) value: &'a str,
    pub(super) is_invalid: bool,
    pub(super) described_by: String,
    pub(super) on_edit: Callback<String>,
    pub(super) onkeydown: Callback<KeyboardEvent>,
}

/// A text area of one line; see [`use_growing_areas`].
pub(super) fn text_area(area: TextArea<'_>) -> Html {
    let TextArea { id, label, value, is_invalid, described_by, on_edit, onkeydown } = area;
    let oninput = on_edit.reform(|event: InputEvent| {
        let area = event.target_dyn_into::<HtmlTextAreaElement>();
        area.map(|area| area.value()).unwrap_or_default()
    });
    html! {
        <textarea class="input input--area" id={id.clone()} name={id} rows="1" value={value.to_owned()}
            {oninput} {onkeydown} autocomplete="off" autocapitalize="none" spellcheck="false" aria-label={label}
            aria-describedby={described_by} aria-invalid={is_invalid.to_string()} />
    }
}

/// Has the text areas of the page grow with their texts.
#[hook]
pub(super) fn use_growing_areas(form: &Form) {
    use_effect_with(form.clone(), |_| {
        let document = web_sys::window().and_then(|window| window.document());
        let areas = document.map(|document| document.get_elements_by_tag_name("textarea"));
        let Some(areas) = areas else { return };
        for index in 0..areas.length() {
            if let Some(area) = areas.item(index).and_then(|area| area.dyn_into().ok()) {
                grow(&area);
            }
        }
    });
}

/// Fits the height to the text. By the object model: the policy blocks style attributes.
fn grow(area: &HtmlTextAreaElement) {
    let style = area.style();
    // A style that cannot be set leaves an area that scrolls.
    let _ = style.set_property("height", "auto");
    let borders = area.offset_height() - area.client_height();
    let _ = style.set_property("height", &format!("{}px", area.scroll_height() + borders));
}
