//! The rows of environment variables.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::field::{Below, TextArea, described_by, input_value};
use crate::domain::app::{ADD_VARIABLE_ID, Event, State};
use crate::domain::form::Field;
use crate::domain::variables::{Direction, Variable, Variables};

const SET_BY_HEROKU: &str = "Heroku sets this variable itself; another value may break the function.";

#[derive(PartialEq, Properties)]
pub(super) struct VariableRowsProps {
    pub(super) state: Rc<State>,
    pub(super) dispatch: Callback<Event>,
}

#[component]
pub(super) fn VariableRows(props: &VariableRowsProps) -> Html {
    let VariableRowsProps { state, dispatch } = props;
    let count = state.form.variables.iter().count();
    let row = |(index, variable): (usize, &Variable)| {
        html! {
            <VariableRow key={variable.id.0} state={state.clone()} dispatch={dispatch.clone()}
                variable={variable.clone()} number={index + 1} {count} />
        }
    };
    html! {
        <fieldset class="variables">
            <legend class="field__label">{ "Environment variables" }</legend>
            <ol class="variables__rows">{ for state.form.variables.iter().enumerate().map(row) }</ol>
            <button class="button button--add" id={ADD_VARIABLE_ID} type="button"
                onclick={dispatch.reform(|_| Event::VariableAdded)}>
                { "Add variable" }
            </button>
        </fieldset>
    }
}

#[derive(PartialEq, Properties)]
struct VariableRowProps {
    state: Rc<State>,
    dispatch: Callback<Event>,
    variable: Variable,
    /// From 1, in the order shown.
    number: usize,
    count: usize,
}

#[component]
fn VariableRow(props: &VariableRowProps) -> Html {
    let VariableRowProps { state, dispatch, variable, number, count } = props;
    let Variable { id, name, value } = variable;
    let id = *id;
    let (name_field, value_field) = (Field::VariableName(id), Field::VariableValue(id));
    let name_id = AttrValue::from(state.form.element_id(name_field));
    let value_id = AttrValue::from(state.form.element_id(value_field));
    let (name_error, value_error) = (state.field_error(name_field), state.field_error(value_field));
    let below = AttrValue::from(described_by(&name_id));
    let label = if name.is_empty() { format!("variable {number}") } else { name.clone() };

    let on_name = dispatch.reform(move |event: InputEvent| Event::Edited(name_field, input_value(&event)));
    let on_value = dispatch.reform(move |text| Event::Edited(value_field, text));
    let shift = {
        let dispatch = dispatch.clone();
        move |direction| {
            keep_focus();
            dispatch.emit(Event::VariableMoved(id, direction));
        }
    };
    let onkeydown = {
        let shift = shift.clone();
        Callback::from(move |event: KeyboardEvent| {
            let direction = match event.key().as_str() {
                "ArrowUp" => Direction::Up,
                "ArrowDown" => Direction::Down,
                _ => return,
            };
            if event.alt_key() {
                event.prevent_default();
                shift(direction);
            }
        })
    };
    let button = |sign: &'static str, what: &str, shortcut: &str, disabled, onclick: Callback<MouseEvent>| {
        html! {
            <button class="variable__button" type="button" aria-label={format!("{what}: {label}")}
                title={format!("{what}{shortcut}")} {disabled} {onclick}>
                { sign }
            </button>
        }
    };
    let (up, down) = (shift.clone(), shift);
    html! {
        <li class="variable">
            <div class="variable__fields">
                <input class="input" id={&name_id} name={&name_id} type="text" value={name.clone()} oninput={on_name}
                    onkeydown={onkeydown.clone()} placeholder="NAME" autocomplete="off" autocapitalize="none"
                    spellcheck="false" autocorrect="off" aria-label={format!("Name of variable {number}")}
                    aria-describedby={&below} aria-invalid={name_error.is_some().to_string()} />
                <TextArea id={&value_id} label={Some(AttrValue::from(format!("Value of {label}")))}
                    value={value.clone()} is_invalid={value_error.is_some()} described_by={below.clone()}
                    on_edit={on_value} {onkeydown} />
                <div class="variable__buttons">
                    { button("↑", "Move up", " (Alt+↑)", *number == 1, Callback::from(move |_| up(Direction::Up))) }
                    { button("↓", "Move down", " (Alt+↓)", number == count, Callback::from(move |_| down(Direction::Down))) }
                    { button("×", "Remove", "", false, dispatch.reform(move |_| Event::VariableRemoved(id))) }
                </div>
            </div>
            <Below id={below} hint={if Variables::is_set_by_heroku(name) { SET_BY_HEROKU } else { "" }}
                error={name_error.or(value_error).cloned()} />
        </li>
    }
}

/// An element that moves on the page loses the focus; it gets it back once it has moved.
fn keep_focus() {
    let document = web_sys::window().and_then(|window| window.document());
    let focused = document.and_then(|document| document.active_element());
    if let Some(element) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        Timeout::new(0, move || {
            // A button at the end of the list is disabled by now and cannot take it.
            let _ = element.focus();
        })
        .forget();
    }
}
