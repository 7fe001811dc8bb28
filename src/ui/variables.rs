//! The rows of environment variables.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::field::{TextArea, below, described_by, input_value, text_area};
use crate::domain::app::{ADD_VARIABLE_ID, Event, State};
use crate::domain::form::Field;
use crate::domain::variables::{Direction, Variable, Variables};

const SET_BY_HEROKU: &str = "Heroku sets this variable itself; another value may break the function.";

pub(super) fn variable_rows(state: &State, dispatch: &Callback<Event>) -> Html {
    let rows = state.form.variables.iter().enumerate();
    html! {
        <fieldset class="variables">
            <legend class="field__label">{ "Environment variables" }</legend>
            <ol class="variables__rows">
                { for rows.map(|(index, variable)| row(state, dispatch, index + 1, variable)) }
            </ol>
            <button class="button button--add" id={ADD_VARIABLE_ID} type="button"
                onclick={dispatch.reform(|_| Event::VariableAdded)}>
                { "Add variable" }
            </button>
        </fieldset>
    }
}

/// The row with this number, counted from 1 in the order shown.
fn row(state: &State, dispatch: &Callback<Event>, number: usize, variable: &Variable) -> Html {
    let Variable { id, name, value } = variable;
    let (id, count) = (*id, state.form.variables.iter().count());
    let (name_field, value_field) = (Field::VariableName(id), Field::VariableValue(id));
    let name_id = state.form.element_id(name_field);
    let (name_error, value_error) = (state.field_error(name_field), state.field_error(value_field));
    let described_by = described_by(&name_id);
    let label = if name.is_empty() { format!("variable {number}") } else { name.clone() };
    let hint = if Variables::is_set_by_heroku(name) { SET_BY_HEROKU } else { "" };

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
        <li class="variable" key={id.0}>
            <div class="variable__fields">
                <input class="input" id={name_id.clone()} name={name_id} type="text" value={name.clone()}
                    oninput={on_name} onkeydown={onkeydown.clone()} placeholder="name" autocomplete="off"
                    autocapitalize="none" spellcheck="false" autocorrect="off"
                    aria-label={format!("Name of variable {number}")} aria-describedby={described_by.clone()}
                    aria-invalid={name_error.is_some().to_string()} />
                { text_area(TextArea {
                    id: state.form.element_id(value_field),
                    label: Some(format!("Value of {label}")),
                    value,
                    is_invalid: value_error.is_some(),
                    described_by: described_by.clone(),
                    on_edit: on_value,
                    onkeydown,
                }) }
                <div class="variable__buttons">
                    { button("↑", "Move up", " (Alt+↑)", number == 1, Callback::from(move |_| up(Direction::Up))) }
                    { button("↓", "Move down", " (Alt+↓)", number == count, Callback::from(move |_| down(Direction::Down))) }
                    { button("×", "Remove", "", false, dispatch.reform(move |_| Event::VariableRemoved(id))) }
                </div>
            </div>
            { below(described_by, hint, name_error.or(value_error)) }
        </li>
    }
}

/// An element that moves on the page loses the focus; it gets it back once it has moved.
fn keep_focus() {
    let document = web_sys::window().and_then(|window| window.document());
    let focused = document.and_then(|document| document.active_element());
    if let Some(element) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        Timeout::new(0, move || {
            // A button at the end of the list is disabled by now and cannot take it; the row's name can.
            let name =
                element.closest("li").ok().flatten().and_then(|row| row.query_selector("input").ok()?);
            let can_take_it = !element.matches(":disabled").unwrap_or(false);
            let target = if can_take_it { Some(element) } else { name.and_then(|name| name.dyn_into().ok()) };
            let _ = target.map(|target| target.focus());
        })
        .forget();
    }
}
