//! A tab for each run, after the tabs pattern of the ARIA Authoring Practices: one stop for the Tab key, arrows between
//! the tabs, Delete closes.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use super::button::{dispatcher, on_click};
use super::close_question::use_close_question;
use super::format;
use super::status_line::state_in_words;
use crate::domain::app::{Event, State, tab_id};
use crate::domain::headline::in_short;
use crate::domain::ids::RunId;
use crate::domain::run::{End, Run};
use crate::domain::time::Time;
use crate::web::driver::Driver;

/// Id of what the tabs show.
pub(super) const RUN_PANEL_ID: &str = "run";

#[hook]
pub(super) fn use_run_tabs(driver: &Driver, state: &State, now: Time) -> Html {
    use_effect_with(state.selected, |selected| {
        if let Some(tab) = selected.and_then(tab_of) {
            scroll_to(&tab);
        }
    });
    let dispatch = dispatcher(driver);
    let question = use_close_question(state, &dispatch);
    let onkeydown = {
        let ids: Vec<RunId> = state.runs.iter().map(|run| run.id).collect();
        let (selected, dispatch) = (state.selected, dispatch.clone());
        Callback::from(move |event: KeyboardEvent| on_key(&event, &ids, selected, &dispatch))
    };
    let tabs = state.runs.iter().map(|run| tab(run, state.selected == Some(run.id), now, &dispatch));
    let closers = state.runs.iter().map(|run| close_button(run, state.selected == Some(run.id), &dispatch));
    // The buttons are no part of the list, in which nothing but tabs may be; the grid lays them over the tabs.
    html! {
        <div class="tabs">
            <div class="tabs__list" role={state.selected.map(|_| "tablist")} aria-label="Runs, oldest first" {onkeydown}>
                { for tabs }
            </div>
            <div class="tabs__closers">{ for closers }</div>
            { question }
        </div>
    }
}

fn tab(run: &Run, is_selected: bool, now: Time, dispatch: &Callback<Event>) -> Html {
    let id = run.id;
    // From the exit on, although stragglers are still waited for.
    let outcome = match run.exit_status {
        Some(status) if !run.is_over() => format!("exit {status}"),
        _ if run.is_over() => in_short(run),
        _ => format::duration(run.times.total(now)),
    };
    html! {
        <button class="tab" key={id.0} id={tab_id(id)} type="button" role="tab" aria-selected={is_selected.to_string()}
            aria-controls={RUN_PANEL_ID} title={state_in_words(run)} tabindex={tab_index(is_selected)} onclick={on_click(dispatch, move || Event::Selected(id))}
            data-run-id={id.to_string()} data-run-state={run.state_name()} data-run-end={run.end_reason().map(End::name)}
            data-exit-status={run.exit_status.map(|status| status.to_string())}>
            <span class="tab__dot" aria-hidden="true"></span>
            <span class="tab__name">{ run.name() }</span>
            <span class="tab__outcome">{ outcome }</span>
        </button>
    }
}

fn close_button(run: &Run, is_selected: bool, dispatch: &Callback<Event>) -> Html {
    let id = run.id;
    let label = format!("Close {}", run.name());
    html! {
        <button class="tab__close" key={id.0} type="button" title={label.clone()} aria-label={label}
            tabindex={tab_index(is_selected)} onclick={on_click(dispatch, move || Event::CloseClicked(id))}>
            { "×" }
        </button>
    }
}

/// The Tab key stops at the selected one alone.
fn tab_index(is_selected: bool) -> &'static str {
    if is_selected { "0" } else { "-1" }
}

fn on_key(event: &KeyboardEvent, ids: &[RunId], selected: Option<RunId>, dispatch: &Callback<Event>) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let Some(at) = ids.iter().position(|id| Some(*id) == selected) else { return };
    let last = ids.len() - 1;
    let to = match event.key().as_str() {
        "ArrowLeft" => at.checked_sub(1).unwrap_or(last),
        "ArrowRight" if at == last => 0,
        "ArrowRight" => at + 1,
        "Home" => 0,
        "End" => last,
        "Delete" => {
            dispatch.emit(Event::CloseClicked(ids[at]));
            return;
        }
        _ => return,
    };
    event.prevent_default();
    dispatch.emit(Event::Selected(ids[to]));
    if let Some(tab) = tab_of(ids[to]) {
        let _ = tab.focus();
    }
}

fn scroll_to(tab: &HtmlElement) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_inline(ScrollLogicalPosition::Nearest);
    tab.scroll_into_view_with_scroll_into_view_options(&options);
}

fn tab_of(run: RunId) -> Option<HtmlElement> {
    web_sys::window()?.document()?.get_element_by_id(&tab_id(run))?.dyn_into().ok()
}
