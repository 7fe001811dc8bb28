//! One field of the form: label, input, and the error or the hint below it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::domain::form::{Field, FieldError};

#[derive(PartialEq, Properties)]
pub(super) struct FieldProps {
    pub(super) field: Field,
    pub(super) label: AttrValue,
    /// Stands beside the label.
    #[prop_or_default]
    pub(super) note: AttrValue,
    /// Stands below the input while there is no error.
    #[prop_or_default]
    pub(super) hint: AttrValue,
    pub(super) error: Option<FieldError>,
    /// The input.
    pub(super) children: Html,
}

/// The frame around an input, which must have the field's id and the attributes of [`described_by`].
#[component]
pub(super) fn FieldFrame(props: &FieldProps) -> Html {
    let id = props.field.id();
    let below = match &props.error {
        Some(error) => html! {
            <p class="field__error" id={described_by(props.field)} data-error={error.code.clone()}>
                { &error.message }
            </p>
        },
        None => html! { <p class="field__hint" id={described_by(props.field)}>{ &props.hint }</p> },
    };
    html! {
        <div class="field">
            <label class="field__label" for={id}>
                { &props.label }
                <small class="field__note">{ &props.note }</small>
            </label>
            { props.children.clone() }
            <div class="field__below" aria-live="polite">{ below }</div>
        </div>
    }
}

/// The id of the text that describes a field.
pub(super) fn described_by(field: Field) -> String {
    format!("{}-description", field.id())
}

#[derive(PartialEq, Properties)]
pub(super) struct TextFieldProps {
    pub(super) field: Field,
    pub(super) label: AttrValue,
    #[prop_or_default]
    pub(super) hint: AttrValue,
    pub(super) value: AttrValue,
    pub(super) error: Option<FieldError>,
    pub(super) on_edit: Callback<(Field, String)>,
}

/// A field of one line.
#[component]
pub(super) fn TextField(props: &TextFieldProps) -> Html {
    let field = props.field;
    let oninput = props.on_edit.reform(move |event: InputEvent| (field, input_value(&event)));
    html! {
        <FieldFrame {field} label={&props.label} hint={&props.hint} error={props.error.clone()}>
            <input class="input" id={field.id()} name={field.id()} type="text" value={&props.value} {oninput}
                autocomplete="off" autocapitalize="none" spellcheck="false" autocorrect="off"
                aria-describedby={described_by(field)} aria-invalid={props.error.is_some().to_string()} />
        </FieldFrame>
    }
}

/// The text of the input that an event comes from.
pub(super) fn input_value(event: &InputEvent) -> String {
    event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
}
