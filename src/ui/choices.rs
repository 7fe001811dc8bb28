//! Size of the dyno, time limit, and source of the log.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::button::{button, on_click};
use super::field::{Frame, described_by, input_value, text_input};
use crate::domain::app::{Event, State};
use crate::domain::dyno_size::{DYNO_SIZES, DynoSize, Family};
use crate::domain::form::Field;
use crate::domain::notifications::Notifications;

/// What the button beside the time limit sets.
const OFFERED_LIMIT: &str = "15 min";

/// Shows the chosen size in the element. Attributes of its options would count only until a person has chosen one.
#[hook]
pub(super) fn use_size_select(size: Option<DynoSize>) -> NodeRef {
    let select = use_node_ref();
    use_effect_with((select.clone(), size.map(|size| size.name)), |(select, name)| {
        if let Some(select) = select.cast::<HtmlSelectElement>() {
            select.set_value(name.unwrap_or_default());
        }
    });
    select
}

pub(super) fn choices(state: &State, dispatch: &Callback<Event>, select: &NodeRef) -> Html {
    let id = state.form.element_id(Field::Size);
    let error = state.field_error(Field::Size);
    let onchange = dispatch.reform(|event: yew::Event| {
        let select = event.target_dyn_into::<HtmlSelectElement>();
        Event::Edited(Field::Size, select.map(|select| select.value()).unwrap_or_default())
    });
    let option = |size: &DynoSize| {
        html! {
            <option key={size.name} value={size.name}>
                { format!("{}, {}", size.name, size.cost()) }
            </option>
        }
    };
    let group = |family: &Family| {
        let sizes = DYNO_SIZES.iter().filter(|size| size.family == *family);
        html! { <optgroup key={family.apps()} label={family.apps()}>{ for sizes.map(option) }</optgroup> }
    };
    let frame = Frame {
        id: &id,
        label: "Dyno size",
        note: "billed by the second",
        hint: "An app can use the sizes of its own kind alone.",
        error,
    };
    let size = html! {
        <select class="input" ref={select.clone()} id={id.clone()} name={id.clone()} {onchange} aria-describedby={described_by(&id)}
            aria-invalid={error.is_some().to_string()}>
            <option value="">{ "Default of the account and the app" }</option>
            { for Family::ALL.iter().map(group) }
        </select>
    };
    html! {
        <>
            { frame.around(size) }
            { time_limit(state, dispatch) }
            { check(
                "output_only", "Function output only", state.form.output_only,
                "Leaves out the platform's lines, and with them the exit status.",
                dispatch.reform(Event::OutputOnly),
            ) }
            if state.config.can_notify {
                { check(
                    "notify", "Notify me when a run ends", state.notifications == Notifications::On,
                    match state.notifications {
                        Notifications::Off => "If it took over 20 seconds and this tab is in the background.",
                        Notifications::Asked => "The browser asks whether this page may.",
                        Notifications::On => "On until this page is closed.",
                        Notifications::Denied => "The browser does not allow it: its settings for this page can.",
                    },
                    dispatch.reform(Event::NotificationsWanted),
                ) }
            }
        </>
    }
}

fn time_limit(state: &State, dispatch: &Callback<Event>) -> Html {
    let id = state.form.element_id(Field::TimeLimit);
    let error = state.field_error(Field::TimeLimit);
    let frame = Frame {
        id: &id,
        label: "Time limit",
        note: "none unless one is set",
        hint: "Heroku ends the dyno after it: 90 s, 15 min, 2 h. After a day it does in any case.",
        error,
    };
    let oninput = dispatch.reform(|event: InputEvent| Event::Edited(Field::TimeLimit, input_value(&event)));
    let offer = on_click(dispatch, || Event::Edited(Field::TimeLimit, OFFERED_LIMIT.to_owned()));
    frame.around(html! {
        <div class="input-with-button input-with-button--wide">
            { text_input(&id, &state.form.time_limit, error.is_some(), oninput) }
            { button("input-with-button__button", "15 minutes", false, offer) }
        </div>
    })
}

fn check(
    id: &'static str,
    label: &'static str,
    checked: bool,
    hint: &'static str,
    on_change: Callback<bool>,
) -> Html {
    let onchange = on_change.reform(|event: yew::Event| {
        event.target_dyn_into::<HtmlInputElement>().is_some_and(|input| input.checked())
    });
    let described_by = described_by(id);
    html! {
        <div class="check">
            <input class="check__box" {id} name={id} type="checkbox" {checked} {onchange}
                aria-describedby={described_by.clone()} />
            <label class="check__label" for={id}>{ label }</label>
            <p class="field__hint check__hint" id={described_by} aria-live="polite">{ hint }</p>
        </div>
    }
}
