//! The runs: tabs, and phases, result and console of the selected one.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::adoption::adoptions;
use super::button::dispatcher;
use super::console::{Console, LogView};
use super::hooks::{use_line_frames, use_now};
use super::memory::use_memory_bound;
use super::notice::{notice_view, time_left};
use super::phases::phases;
use super::result::use_result;
use super::run_end::run_end;
use super::run_tabs::{RUN_PANEL_ID, use_run_tabs};
use super::status_line::{announcement, status_line};
use super::unclear::unclear_view;
use crate::domain::app::{Event, RUNS_ID, State, tab_id};
use crate::domain::ids::RunId;
use crate::domain::notice::{Action, Notice};
use crate::domain::run::{Phase, Run, RunEvent};
use crate::domain::time::Time;
use crate::web::clock;
use crate::web::driver::Driver;
use crate::web::search::LogSearch;

#[derive(PartialEq, Properties)]
pub(super) struct RunPanelProps {
    pub(super) driver: Driver,
    /// Of the state.
    pub(super) revision: u32,
}

#[component]
pub(super) fn RunPanel(props: &RunPanelProps) -> Html {
    let driver = &props.driver;
    let state = &*driver.state();
    let selected = state.selected_run();
    let is_alive = !state.runs.iter().all(Run::is_over);
    let now = use_now(is_alive || selected.is_some_and(needs_clock));
    let tabs = use_run_tabs(driver, state, now);
    let panel = use_node_ref();
    use_effect_with((panel.clone(), state.selected), |(panel, selected)| {
        // On a narrow screen the panel is below the form.
        if let Some(panel) = panel.cast::<Element>().filter(|_| selected.is_some()) {
            panel.scroll_into_view();
        }
    });
    let view = use_run_view(driver, state, now);
    html! {
        <section class="panel" ref={panel} id={RUNS_ID} tabindex="-1" aria-label="Runs">
            { tabs }
            { adoptions(state, &dispatcher(driver)) }
            <div class="panel__body" id={RUN_PANEL_ID} role={selected.map(|_| "tabpanel")}
                aria-labelledby={selected.map(|run| tab_id(run.id))}>
                { view }
            </div>
            <p class="visually-hidden" role="status">{ selected.map(announcement).unwrap_or_default() }</p>
        </section>
    }
}

fn no_run() -> Html {
    html! {
        <div class="empty" key="none">
            <p class="empty__title">{ "No run yet" }</p>
            <p>{ "Fill in the form and press Run function. The log of the dyno appears here while it runs." }</p>
        </div>
    }
}

/// The selected run. A hook rather than a component, because it changes whenever the panel does.
#[hook]
fn use_run_view(driver: &Driver, state: &State, now: Time) -> Html {
    let selected = state.selected_run();
    let has_exited = selected.is_some_and(|run| run.exit_status.is_some() || run.is_over());
    let lines = use_line_frames(driver, state.selected, has_exited);
    let log = state.selected.and_then(|id| driver.log(id));
    let revision =
        log.as_ref().map_or(0, |log| log.borrow().lines().revision() + log.borrow().gaps().revision());
    let bytes = log.as_ref().map_or(0, |log| log.borrow().lines().bytes());
    let printed = log.as_ref().map_or(0, |log| log.borrow().printed().bytes());
    let id = state.selected.unwrap_or(RunId(0));
    let result = use_result(driver, id, selected.is_some_and(Run::is_over), printed);
    let memory_bound = use_memory_bound(driver, id);
    let log_view = use_state(LogView::default);
    let search = use_memo((), |()| LogSearch::default());
    let Some(run) = selected else { return no_run() };
    let dispatch = {
        let (driver, id) = (driver.clone(), run.id);
        Callback::from(move |event| {
            driver.dispatch(Event::Run(id, event));
            focus_runs();
        })
    };
    let notice = |notice: &Notice| {
        let on_action = can_act(notice, run, state.can_submit()).then(|| on_action(driver, run.id));
        notice_view(notice, on_action, now)
    };
    html! {
        <div class="run" key={run.id.0}>
            <div class="run__summary">
                { phases(run, now) }
                { run_end(run) }
                <div>
                    if run.phase != Phase::Failed {
                        { result }
                    }
                </div>
            </div>
            <div class="run__console">
                if run.phase != Phase::Failed {
                    <Console driver={driver.clone()} run={run.id} {lines} {revision} waiting={!run.is_over()}
                        view={log_view} search={(*search).clone()} />
                }
            </div>
            // Below the log, which stays where it is when a notice appears.
            <div class="run__notices" aria-live="assertive">
                <div>{ for notices(run).map(notice) }</div>
                <div>
                    if let Some(unclear) = &run.unclear {
                        { unclear_view(unclear, &dispatch, now) }
                    }
                </div>
            </div>
            { status_line(run, lines, bytes, memory_bound, now) }
        </div>
    }
}

fn notices(run: &Run) -> impl Iterator<Item = &Notice> {
    run.problem.iter().chain(&run.question_problem).chain(&run.stop_problem)
}

/// Whether something in the view of a run that is over changes with the time alone.
fn needs_clock(run: &Run) -> bool {
    notices(run).any(|notice| time_left(notice, clock::now()).is_some())
}

/// Whether a notice's next step can be taken now.
fn can_act(notice: &Notice, run: &Run, can_submit: bool) -> bool {
    notice.action.is_some_and(|action| match action {
        Action::GoTo(_) => true,
        Action::RunAgain => can_submit,
        Action::OpenLogAgain => run.can_open_log(),
        Action::StopAgain => run.can_stop(),
        Action::AskAgain => !run.is_over(),
    })
}

fn on_action(driver: &Driver, run: RunId) -> Callback<Action> {
    let driver = driver.clone();
    Callback::from(move |action| {
        driver.dispatch(match action {
            Action::GoTo(field) => {
                driver.dispatch(Event::FieldWanted(field));
                return;
            }
            Action::RunAgain => Event::Submitted,
            Action::OpenLogAgain => Event::Run(run, RunEvent::OpenLogClicked),
            Action::StopAgain => Event::Run(run, RunEvent::StopClicked),
            Action::AskAgain => Event::Run(run, RunEvent::AskClicked),
        });
        focus_runs();
    })
}

/// A button that goes away with its notice, or is disabled, drops the focus to the top of the page.
pub(super) fn focus_runs() {
    let document = web_sys::window().and_then(|window| window.document());
    let runs = document.and_then(|document| document.get_element_by_id(RUNS_ID));
    if let Some(runs) = runs.and_then(|runs| runs.dyn_into::<HtmlElement>().ok()) {
        // The page stays usable without it.
        let _ = runs.focus();
    }
}
