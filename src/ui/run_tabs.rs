//! A tab for each run.

use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use super::format;
use super::hooks::use_now;
use crate::domain::app::{Event, State};
use crate::domain::ids::RunId;
use crate::domain::run::{Phase, Run};
use crate::domain::time::Time;
use crate::web::driver::Driver;

#[hook]
pub(super) fn use_run_tabs(driver: &Driver, state: &State) -> Html {
    let now = use_now(!state.runs.iter().all(Run::is_over));
    use_effect_with(state.selected, |selected| {
        if let Some(tab) = selected.and_then(tab_of) {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            options.set_inline(ScrollLogicalPosition::Nearest);
            tab.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
    let tab = |run: &Run| {
        let (driver, id) = (driver.clone(), run.id);
        let onclick = Callback::from(move |_| driver.dispatch(Event::Selected(id)));
        tab(run, state.selected == Some(id), now, onclick)
    };
    html! { <div class="tabs" role="group" aria-label="Runs, oldest first">{ for state.runs.iter().map(tab) }</div> }
}

fn tab(run: &Run, is_selected: bool, now: Time, onclick: Callback<MouseEvent>) -> Html {
    let name = run.dyno.as_ref().map_or_else(|| format!("run {}", run.id), |dyno| dyno.name.clone());
    let outcome = match (run.phase, run.exit_status) {
        (Phase::Failed, _) if run.unclear.is_some() => "unclear".to_owned(),
        (Phase::Failed, _) => "failed".to_owned(),
        (_, Some(status)) => format!("exit {status}"),
        (Phase::Ended, None) => "exit unknown".to_owned(),
        _ => format::duration(run.times.total(now)),
    };
    html! {
        <button class="tab" key={run.id.0} id={tab_id(run.id)} type="button" aria-pressed={is_selected.to_string()}
            {onclick} data-run-id={run.id.to_string()} data-run-state={run.state_name()}
            data-exit-status={run.exit_status.map(|status| status.to_string())}>
            <span class="tab__dot" aria-hidden="true"></span>
            <span>{ name }</span>
            <span class="tab__outcome">{ outcome }</span>
        </button>
    }
}

fn tab_id(run: RunId) -> String {
    format!("run-{run}")
}

fn tab_of(run: RunId) -> Option<Element> {
    web_sys::window()?.document()?.get_element_by_id(&tab_id(run))
}
