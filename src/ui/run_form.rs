//! The form that starts a run.

use web_sys::{HtmlButtonElement, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::api_key_field::api_key_field;
use super::arrival::arrival_view;
use super::button::dispatcher;
use super::choices::{choices, use_size_select};
use super::field::{Frame, TextArea, described_by, input_value, text_area, text_input, use_growing_areas};
use super::run_panel::focus_runs;
use super::share::use_share;
use super::variables::variable_rows;
use crate::domain::app::{Event, State};
use crate::domain::form::Field;
use crate::domain::run::{Run, RunEvent};
use crate::web::driver::Driver;

/// The form. A hook rather than a component, because it changes whenever the app does.
#[hook]
pub(super) fn use_run_form(driver: &Driver, state: &State) -> Html {
    let form = &state.form;
    let selected = state.selected_run();
    let (can_submit, can_stop) = (state.can_submit(), selected.is_some_and(Run::can_stop));
    let size_select = use_size_select(form.size);
    let share = use_share(form);
    use_growing_areas(form);
    let (run_button, stop_button) = (use_node_ref(), use_node_ref());
    use_effect_with((can_submit, can_stop), {
        let buttons = [run_button.clone(), stop_button.clone()];
        move |_| keep_focus(&buttons)
    });

    let dispatch = dispatcher(driver);
    let on_edit = dispatch.reform(|(field, text)| Event::Edited(field, text));
    let onsubmit = dispatch.reform(|event: SubmitEvent| {
        event.prevent_default();
        Event::Submitted
    });
    let onfocusout = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: FocusEvent| {
            let left = event.target_dyn_into::<HtmlInputElement>().map(|input| input.name());
            match left.as_deref() {
                Some("app") => dispatch.emit(Event::FieldLeft(Field::App)),
                Some("api_key") => dispatch.emit(Event::FieldLeft(Field::ApiKey)),
                _ => {}
            }
        })
    };
    let stop_run = selected.map(|run| run.id);
    let on_stop = {
        let dispatch = dispatch.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(id) = stop_run {
                dispatch.emit(Event::Run(id, RunEvent::StopClicked));
            }
        })
    };
    let text_field = |field, label, hint, value: &str| {
        let id = form.element_id(field);
        let error = state.field_error(field);
        let oninput = on_edit.reform(move |event: InputEvent| (field, input_value(&event)));
        let input = text_input(&id, value, error.is_some(), oninput);
        Frame { id: &id, label, hint, error, ..Frame::default() }.around(input)
    };

    html! {
        <form class="form" aria-label="Run a function" novalidate=true {onsubmit} {onfocusout}>
            <div class="form__fields">
                <div class="form__arrival" role="status">
                    if let Some(arrival) = &state.arrival {
                        { arrival_view(arrival, &dispatch) }
                    }
                </div>
                { text_field(Field::App, "App name", "The app on Heroku that has the function.", &form.app) }
                { api_key_field(state, &dispatch) }
                { text_field(
                    Field::Command, "Dyno command", "A process type of the Procfile, or a shell command.", &form.command,
                ) }
                { name_field(state, &on_edit) }
                { variable_rows(state, &dispatch) }
                { choices(state, &dispatch, &size_select) }
                { share }
            </div>
            <div class="form__actions">
                <button class="button button--primary" type="submit" ref={run_button} disabled={!can_submit}
                    onclick={Callback::from(ignore_second_of_two)}>
                    { "Run function" }
                </button>
                <button class="button button--stop" type="button" ref={stop_button} disabled={!can_stop} onclick={on_stop}>
                    { "Stop" }
                </button>
            </div>
        </form>
    }
}

/// A double click is one click to a person, and a second run would cost money.
fn ignore_second_of_two(event: MouseEvent) {
    if event.detail() > 1 {
        event.prevent_default();
    }
}

/// The runs are what comes after a button that is disabled.
fn keep_focus(buttons: &[NodeRef; 2]) {
    let focused = web_sys::window().and_then(|window| window.document()?.active_element());
    let mut disabled =
        buttons.iter().filter_map(NodeRef::cast::<HtmlButtonElement>).filter(|it| it.disabled());
    if disabled.any(|button| focused.as_ref() == Some(button.as_ref())) {
        focus_runs();
    }
}

/// A text area, since an input would lose line ends.
fn name_field(state: &State, on_edit: &Callback<(Field, String)>) -> Html {
    let id = state.form.element_id(Field::Name);
    let error = state.field_error(Field::Name);
    let frame = Frame {
        id: &id,
        label: "NAME",
        note: "empty greets the world",
        hint: "Passed on as an environment variable. Shift+Enter makes a line.",
        error,
    };
    frame.around(text_area(TextArea {
        id: id.clone(),
        label: None,
        value: &state.form.name,
        is_invalid: error.is_some(),
        described_by: described_by(&id),
        on_edit: on_edit.reform(|text| (Field::Name, text)),
        onkeydown: Callback::from(submit_on_enter),
    }))
}

/// As in the other fields of one line.
fn submit_on_enter(event: KeyboardEvent) {
    // An Enter that ends the composition of a character belongs to the input method.
    // One that is held down must not start a run each time the last one has failed.
    if event.key() == "Enter" && !event.shift_key() && !event.is_composing() && !event.repeat() {
        event.prevent_default();
        let area = event.target_dyn_into::<HtmlTextAreaElement>();
        if let Some(form) = area.and_then(|area| area.form()) {
            // A form that cannot be submitted now stays as it is.
            let _ = form.request_submit();
        }
    }
}
