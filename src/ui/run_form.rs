//! The form that starts a run.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{HtmlButtonElement, HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::api_key_field::ApiKeyField;
use super::arrival::ArrivalView;
use super::choices::Choices;
use super::field::{FieldFrame, TextArea, TextField, described_by};
use super::run_panel::RUNS_ID;
use super::share::Share;
use super::variables::VariableRows;
use crate::domain::app::{Event, State};
use crate::domain::form::Field;
use crate::domain::run::{Run, RunEvent};
use crate::web::driver::Driver;

#[derive(PartialEq, Properties)]
pub(super) struct RunFormProps {
    pub(super) driver: Driver,
    pub(super) state: Rc<State>,
}

#[component]
pub(super) fn RunForm(props: &RunFormProps) -> Html {
    let RunFormProps { driver, state } = props;
    let form = &state.form;
    let selected = state.selected_run();
    let (can_submit, can_stop) = (state.can_submit(), selected.is_some_and(Run::can_stop));
    let (run_button, stop_button) = (use_node_ref(), use_node_ref());
    use_effect_with((can_submit, can_stop), {
        let buttons = [run_button.clone(), stop_button.clone()];
        move |_| keep_focus(&buttons)
    });

    let dispatch = use_callback(driver.clone(), |event: Event, driver| driver.dispatch(event));
    let on_edit = dispatch.reform(|(field, text)| Event::Edited(field, text));
    let onsubmit = dispatch.reform(|event: SubmitEvent| {
        event.prevent_default();
        Event::Submitted
    });
    let stop_run = selected.map(|run| run.id);
    let on_stop = {
        let dispatch = dispatch.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(id) = stop_run {
                dispatch.emit(Event::Run(id, RunEvent::StopClicked));
            }
        })
    };
    let text_field = |field, label: &'static str, hint: &'static str, value: &str| {
        html! {
            <TextField {field} id={form.element_id(field)} {label} {hint} value={value.to_owned()}
                error={state.field_error(field).cloned()} on_edit={on_edit.clone()} />
        }
    };

    html! {
        <form class="form" aria-label="Run a function" novalidate=true {onsubmit}>
            <div class="form__fields">
                <div class="form__arrival">
                    if let Some(arrival) = &state.arrival {
                        <ArrivalView arrival={arrival.clone()} dispatch={dispatch.clone()} />
                    }
                </div>
                { text_field(Field::App, "App name", "The app on Heroku that has the function.", &form.app) }
                <ApiKeyField state={state.clone()} dispatch={dispatch.clone()} />
                { text_field(
                    Field::Command, "Dyno command", "A process type of the Procfile, or a shell command.", &form.command,
                ) }
                <NameField state={state.clone()} {on_edit} />
                <VariableRows state={state.clone()} dispatch={dispatch.clone()} />
                <Choices state={state.clone()} {dispatch} />
                <Share state={state.clone()} />
            </div>
            <div class="form__actions">
                <button class="button button--primary" type="submit" ref={run_button} disabled={!can_submit}>
                    { "Run function" }
                </button>
                <button class="button button--stop" type="button" ref={stop_button} disabled={!can_stop} onclick={on_stop}>
                    { "Stop" }
                </button>
            </div>
        </form>
    }
}

/// A button that is disabled drops the keyboard's focus to the top of the page. The runs are what comes next.
fn keep_focus(buttons: &[NodeRef; 2]) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let focused = document.active_element();
    let disabled = buttons.iter().filter_map(NodeRef::cast::<HtmlButtonElement>).filter(|it| it.disabled());
    if disabled.into_iter().any(|button| focused.as_ref() == Some(button.as_ref()))
        && let Some(runs) = document.get_element_by_id(RUNS_ID)
        && let Ok(runs) = runs.dyn_into::<HtmlElement>()
    {
        // The form stays usable without it.
        let _ = runs.focus();
    }
}

#[derive(PartialEq, Properties)]
struct NameFieldProps {
    state: Rc<State>,
    on_edit: Callback<(Field, String)>,
}

/// A text area, since an input would lose line ends.
#[component]
fn NameField(props: &NameFieldProps) -> Html {
    let NameFieldProps { state, on_edit } = props;
    let id = AttrValue::from(state.form.element_id(Field::Name));
    let error = state.field_error(Field::Name);
    html! {
        <FieldFrame id={&id} label="NAME" note="empty greets the world"
            hint="Passed on as an environment variable. Shift+Enter makes a line." error={error.cloned()}>
            <TextArea id={&id} value={state.form.name.clone()} is_invalid={error.is_some()}
                described_by={described_by(&id)} on_edit={on_edit.reform(|text| (Field::Name, text))}
                onkeydown={Callback::from(submit_on_enter)} />
        </FieldFrame>
    }
}

/// As in the other fields of one line.
fn submit_on_enter(event: KeyboardEvent) {
    // An Enter that ends the composition of a character belongs to the input method.
    if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
        event.prevent_default();
        let area = event.target_dyn_into::<HtmlTextAreaElement>();
        if let Some(form) = area.and_then(|area| area.form()) {
            // A form that cannot be submitted now stays as it is.
            let _ = form.request_submit();
        }
    }
}
