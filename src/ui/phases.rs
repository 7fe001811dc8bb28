//! The phases of a run on a line, with the time that each took.

use std::time::Duration;

use yew::prelude::*;

use super::format;
use super::hooks::use_now;
use crate::domain::run::{Phase, Stop, Times};

#[derive(PartialEq, Properties)]
pub(super) struct PhasesProps {
    pub(super) phase: Phase,
    pub(super) times: Times,
    pub(super) exit_status: Option<i32>,
    pub(super) stop: Stop,
}

#[component]
pub(super) fn Phases(props: &PhasesProps) -> Html {
    let PhasesProps { phase, times, exit_status, stop } = *props;
    let over = matches!(phase, Phase::Ended | Phase::Failed);
    let now = use_now(!over);
    let since = |began: Option<crate::domain::time::Time>| began.map(|began| now.since(began));
    let created = if phase == Phase::Creating { ("current", "Creating") } else { ("done", "Created") };
    let up = match (phase, stop) {
        (Phase::Starting | Phase::Up, Stop::Requested | Stop::Accepted) => "Stopping",
        _ => "Up",
    };
    html! {
        <ol class="phases">
            if phase == Phase::Failed {
                { step("failed", "Not started", None) }
            } else {
                { step(created.0, created.1, times.creating().or_else(|| since(Some(times.clicked)))) }
                { step(state(phase, Phase::Starting), "Starting", times.starting().or_else(|| {
                    (phase == Phase::Starting).then(|| since(times.created)).flatten()
                })) }
                { step(state(phase, Phase::Up), up, match phase {
                    Phase::Up => since(times.up),
                    Phase::Ended => times.running(),
                    _ => None,
                }) }
                { end_step(phase, exit_status) }
            }
        </ol>
    }
}

/// Whether a phase lies before, at or after the run's own.
fn state(now: Phase, phase: Phase) -> &'static str {
    let order = |phase| match phase {
        Phase::Creating | Phase::Failed => 0,
        Phase::Starting => 1,
        Phase::Up => 2,
        Phase::Ended => 3,
    };
    match order(now).cmp(&order(phase)) {
        std::cmp::Ordering::Less => "ahead",
        std::cmp::Ordering::Equal => "current",
        std::cmp::Ordering::Greater => "done",
    }
}

fn end_step(phase: Phase, exit_status: Option<i32>) -> Html {
    match (phase, exit_status) {
        (_, Some(0)) => step("done", "Exit 0", None),
        (_, Some(status)) => step("failed", &format!("Exit {status}"), None),
        (Phase::Ended, None) => step("unknown", "Exit unknown", None),
        _ => step("ahead", "Exit", None),
    }
}

fn step(state: &'static str, name: &str, took: Option<Duration>) -> Html {
    html! {
        <li class="phase" data-state={state}>
            <span class="phase__mark" aria-hidden="true"></span>
            <b class="phase__name">{ name }</b>
            <span class="phase__time">{ took.map(format::duration).unwrap_or_default() }</span>
        </li>
    }
}
