//! The form that starts a run.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{
    ClipboardEvent, HtmlButtonElement, HtmlElement, HtmlInputElement, HtmlTextAreaElement, SelectionMode,
};
use yew::prelude::*;

use super::field::{FieldFrame, TextField, described_by, input_value};
use super::run_panel::RUNS_ID;
use crate::domain::app::{Event, State};
use crate::domain::form::Field;
use crate::domain::run::{Run, RunEvent};
use crate::domain::secret::as_one_line;
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
    let on_stop = Callback::from(move |_: MouseEvent| {
        if let Some(id) = stop_run {
            dispatch.emit(Event::Run(id, RunEvent::StopClicked));
        }
    });

    html! {
        <form class="form" aria-label="Run a function" novalidate=true {onsubmit}>
            <div class="form__fields">
                <TextField field={Field::App} label="App name" hint="The app on Heroku that has the function."
                    value={form.app.clone()} error={state.field_error(Field::App).cloned()}
                    on_edit={on_edit.clone()} />
                <ApiKeyField driver={driver.clone()} state={state.clone()} />
                <TextField field={Field::Command} label="Dyno command"
                    hint="A process type of the Procfile, or a shell command." value={form.command.clone()}
                    error={state.field_error(Field::Command).cloned()} on_edit={on_edit.clone()} />
                <NameField value={form.name.clone()} {on_edit} />
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

#[component]
fn ApiKeyField(props: &RunFormProps) -> Html {
    let RunFormProps { driver, state } = props;
    let shown = state.api_key_shown;
    let error = state.field_error(Field::ApiKey);

    let dispatch = use_callback(driver.clone(), |event: Event, driver| driver.dispatch(event));
    let oninput = dispatch.reform(|event: InputEvent| Event::Edited(Field::ApiKey, input_value(&event)));
    let onpaste = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: yew::Event| {
            if let Some(value) = paste_as_one_line(&event) {
                dispatch.emit(Event::Edited(Field::ApiKey, value));
            }
        })
    };
    let on_show = dispatch.reform(move |_: MouseEvent| Event::ApiKeyShown(!shown));

    html! {
        <FieldFrame field={Field::ApiKey} label="API key" note="stays in the memory of this tab"
            hint="Make one with heroku authorizations:create." error={error.cloned()}>
            <div class="input-with-button">
                <input class="input" id={Field::ApiKey.id()} name={Field::ApiKey.id()}
                    type={if shown { "text" } else { "password" }} value={state.form.api_key.0.clone()} {oninput} {onpaste}
                    autocomplete="off" autocapitalize="none" spellcheck="false" autocorrect="off"
                    aria-describedby={described_by(Field::ApiKey)} aria-invalid={error.is_some().to_string()} />
                <button class="input-with-button__button" type="button"
                    aria-label={if shown { "Hide the API key" } else { "Show the API key" }} onclick={on_show}>
                    { if shown { "Hide" } else { "Show" } }
                </button>
            </div>
        </FieldFrame>
    }
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

#[derive(PartialEq, Properties)]
struct NameFieldProps {
    value: AttrValue,
    on_edit: Callback<(Field, String)>,
}

/// A text area, since an input would lose line ends; it grows with its text.
#[component]
fn NameField(props: &NameFieldProps) -> Html {
    let area = use_node_ref();
    let oninput = props.on_edit.reform(|event: InputEvent| {
        let area = event.target_dyn_into::<HtmlTextAreaElement>();
        (Field::Name, area.map(|area| area.value()).unwrap_or_default())
    });
    let onkeydown = {
        let area = area.clone();
        Callback::from(move |event: KeyboardEvent| {
            // An Enter that ends the composition of a character belongs to the input method.
            if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
                event.prevent_default();
                if let Some(form) = area.cast::<HtmlTextAreaElement>().and_then(|area| area.form()) {
                    // A form that cannot be submitted now stays as it is.
                    let _ = form.request_submit();
                }
            }
        })
    };
    use_effect_with((area.clone(), props.value.clone()), |(area, _)| {
        if let Some(area) = area.cast::<HtmlTextAreaElement>() {
            grow(&area);
        }
    });
    html! {
        <FieldFrame field={Field::Name} label="NAME" note="empty greets the world"
            hint="Passed on as an environment variable. Shift+Enter makes a line." error={None}>
            <textarea class="input input--area" ref={area} id={Field::Name.id()} name={Field::Name.id()} rows="1"
                value={&props.value} {oninput} {onkeydown} autocomplete="off"
                aria-describedby={described_by(Field::Name)} />
        </FieldFrame>
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
