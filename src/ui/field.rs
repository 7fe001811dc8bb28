//! One field of the form: label, input, and the error or the hint below it.

use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::domain::form::{Field, FieldError};

#[derive(PartialEq, Properties)]
pub(super) struct FieldProps {
    /// The input's id.
    pub(super) id: AttrValue,
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
    html! {
        <div class="field">
            <label class="field__label" for={&props.id}>
                { &props.label }
                <small class="field__note">{ &props.note }</small>
            </label>
            { props.children.clone() }
            <Below id={described_by(&props.id)} hint={&props.hint} error={props.error.clone()} />
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct BelowProps {
    pub(super) id: AttrValue,
    pub(super) hint: AttrValue,
    pub(super) error: Option<FieldError>,
}

/// The error of a field, or else its hint.
#[component]
pub(super) fn Below(props: &BelowProps) -> Html {
    let text = match &props.error {
        Some(error) => html! {
            <p class="field__error" id={&props.id} data-error={error.code.clone()}>{ &error.message }</p>
        },
        None => html! { <p class="field__hint" id={&props.id}>{ &props.hint }</p> },
    };
    html! { <div class="field__below" aria-live="polite">{ text }</div> }
}

/// The id of the text that describes the input of this id.
pub(super) fn described_by(id: &str) -> String {
    format!("{id}-description")
}

#[derive(PartialEq, Properties)]
pub(super) struct TextFieldProps {
    pub(super) field: Field,
    pub(super) id: AttrValue,
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
    let TextFieldProps { field, id, .. } = props;
    let field = *field;
    let oninput = props.on_edit.reform(move |event: InputEvent| (field, input_value(&event)));
    html! {
        <FieldFrame {id} label={&props.label} hint={&props.hint} error={props.error.clone()}>
            <input class="input" {id} name={id} type="text" value={&props.value} {oninput}
                autocomplete="off" autocapitalize="none" spellcheck="false" autocorrect="off"
                aria-describedby={described_by(id)} aria-invalid={props.error.is_some().to_string()} />
        </FieldFrame>
    }
}

/// The text of the input that an event comes from.
pub(super) fn input_value(event: &InputEvent) -> String {
    event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
}

#[derive(PartialEq, Properties)]
pub(super) struct TextAreaProps {
    pub(super) id: AttrValue,
    /// The name for screen readers, where no label has it.
    #[prop_or_default]
    pub(super) label: Option<AttrValue>,
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
