//! A tab for each run.

use std::rc::Rc;

use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use super::format;
use super::hooks::use_now;
use crate::domain::app::{Event, State};
use crate::domain::run::{Phase, Run};
use crate::web::driver::Driver;

#[derive(PartialEq, Properties)]
pub(super) struct RunTabsProps {
    pub(super) driver: Driver,
    pub(super) state: Rc<State>,
}

#[component]
pub(super) fn RunTabs(props: &RunTabsProps) -> Html {
    let RunTabsProps { driver, state } = props;
    let on_select = use_callback(driver.clone(), |id, driver| driver.dispatch(Event::Selected(id)));
    let tab = |run: &Run| {
        let id = run.id;
        html! {
            <RunTab key={id.0} run={run.clone()} selected={state.selected == Some(id)}
                on_select={on_select.reform(move |()| id)} />
        }
    };
    html! { <div class="tabs" role="group" aria-label="Runs, oldest first">{ for state.runs.iter().map(tab) }</div> }
}

#[derive(PartialEq, Properties)]
struct RunTabProps {
    run: Run,
    selected: bool,
    on_select: Callback<()>,
}

#[component]
fn RunTab(props: &RunTabProps) -> Html {
    let run = &props.run;
    let now = use_now(!run.is_over());
    let tab = use_node_ref();
    use_effect_with((tab.clone(), props.selected), |(tab, selected)| {
        if let Some(tab) = tab.cast::<Element>().filter(|_| *selected) {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            options.set_inline(ScrollLogicalPosition::Nearest);
            tab.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
    let name = run.dyno.as_ref().map_or_else(|| format!("run {}", run.id), |dyno| dyno.name.clone());
    let outcome = match (run.phase, run.exit_status) {
        (Phase::Failed, _) if run.unclear.is_some() => "unclear".to_owned(),
        (Phase::Failed, _) => "failed".to_owned(),
        (_, Some(status)) => format!("exit {status}"),
        (Phase::Ended, None) => "exit unknown".to_owned(),
        _ => format::duration(run.times.total(now)),
    };
    html! {
        <button class="tab" ref={tab} type="button" aria-pressed={props.selected.to_string()}
            onclick={props.on_select.reform(|_| ())} data-run-id={run.id.to_string()}
            data-run-state={run.phase.name()} data-exit-status={run.exit_status.map(|status| status.to_string())}>
            <span class="tab__dot" aria-hidden="true"></span>
            <span>{ name }</span>
            <span class="tab__outcome">{ outcome }</span>
        </button>
    }
}
