//! The runs: tabs, and phases, result and console of the selected one.

use std::rc::Rc;

use web_sys::Element;
use yew::prelude::*;

use super::console::Console;
use super::hooks::use_line_frames;
use super::notice::NoticeView;
use super::phases::Phases;
use super::result::ResultView;
use super::run_tabs::RunTabs;
use super::status_line::{StatusLine, announcement};
use crate::domain::app::State;
use crate::domain::run::Run;
use crate::web::driver::Driver;

/// Id of the panel.
pub(super) const RUNS_ID: &str = "runs";

#[derive(PartialEq, Properties)]
pub(super) struct RunPanelProps {
    pub(super) driver: Driver,
    pub(super) state: Rc<State>,
}

#[component]
pub(super) fn RunPanel(props: &RunPanelProps) -> Html {
    let RunPanelProps { driver, state } = props;
    let selected = state.selected_run();
    let panel = use_node_ref();
    use_effect_with((panel.clone(), state.selected), |(panel, selected)| {
        // On a narrow screen the panel is below the form.
        if let Some(panel) = panel.cast::<Element>().filter(|_| selected.is_some()) {
            panel.scroll_into_view();
        }
    });
    html! {
        <section class="panel" ref={panel} id={RUNS_ID} tabindex="-1" aria-label="Runs">
            <RunTabs driver={driver.clone()} state={state.clone()} />
            <div class="panel__body">
                {
                    match selected {
                        Some(run) => html! {
                            <RunView key={run.id.0} driver={driver.clone()} run={run.clone()} />
                        },
                        None => html! { <NoRun key="none" /> },
                    }
                }
            </div>
            <p class="visually-hidden" role="status">{ selected.map(announcement).unwrap_or_default() }</p>
        </section>
    }
}

#[component]
fn NoRun() -> Html {
    html! {
        <div class="empty">
            <p class="empty__title">{ "No run yet" }</p>
            <p>{ "Fill in the form and press Run function. The log of the dyno appears here while it runs." }</p>
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct RunViewProps {
    driver: Driver,
    run: Run,
}

#[component]
fn RunView(props: &RunViewProps) -> Html {
    let RunViewProps { driver, run } = props;
    use_line_frames(driver, run.id);
    let log = driver.log(run.id);
    let lines = log.as_ref().map_or(0, |log| log.borrow().lines().len());
    let bytes = log.as_ref().map_or(0, |log| log.borrow().lines().bytes());
    let printed = log.as_ref().map_or(0, |log| log.borrow().printed().bytes());
    let notices = run.problem.iter().chain(&run.question_problem).chain(&run.stop_problem);
    html! {
        <div class="run">
            <div class="run__summary">
                <Phases run={run.clone()} />
                <ResultView driver={driver.clone()} run={run.id} complete={run.is_over()} {printed} />
            </div>
            <div class="run__notices" aria-live="assertive">
                { for notices.map(|notice| html! { <NoticeView notice={notice.clone()} /> }) }
            </div>
            <Console driver={driver.clone()} run={run.id} {lines} waiting={!run.is_over()} />
            <StatusLine run={run.clone()} {lines} {bytes} />
        </div>
    }
}
