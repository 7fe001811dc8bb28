//! Parts of the form's fields. Functions rather than components where no hook is needed: a component costs kilobytes.

use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::domain::form::FieldError;

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
        <div class="field__below" aria-live="polite"><p {class} {id} data-error={code}>{ text }</p></div>
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

#[derive(PartialEq, Properties)]
pub(super) struct TextAreaProps {
    pub(super) id: AttrValue,
    /// The name for screen readers, where no label has it.
    #[prop_or_default]
    pub(super) label: Option<String>,
    pub(super) value: AttrValue,
    pub(super) is_invalid: bool,
    pub(super) described_by: AttrValue,
    pub(super) on_edit: Callback<String>,
    #[prop_or_default]
    pub(super) onkeydown: Callback<KeyboardEvent>,
}

/// A text area of one line that grows with its text.
#[component]
pub(super) fn TextArea(props: &TextAreaProps) -> Html {
    let TextAreaProps { id, label, value, onkeydown, .. } = props;
    let area = use_node_ref();
    let oninput = props.on_edit.reform(|event: InputEvent| {
        let area = event.target_dyn_into::<HtmlTextAreaElement>();
        area.map(|area| area.value()).unwrap_or_default()
    });
    use_effect_with((area.clone(), value.clone()), |(area, _)| {
        if let Some(area) = area.cast::<HtmlTextAreaElement>() {
            grow(&area);
        }
    });
    html! {
        <textarea class="input input--area" ref={area} {id} name={id} rows="1" {value} {oninput} {onkeydown}
            autocomplete="off" autocapitalize="none" spellcheck="false" aria-label={label.clone()}
            aria-describedby={&props.described_by} aria-invalid={props.is_invalid.to_string()} />
    }
}

/// Fits the height to the text. By the object model: the policy blocks style attributes.
fn grow(area: &HtmlTextAreaElement) {
    let style = area.style();
    // A style that cannot be set leaves an area that scrolls.
    let _ = style.set_property("height", "auto");
    let borders = area.offset_height() - area.client_height();
    let _ = style.set_property("height", &format!("{}px", area.scroll_height() + borders));
}
