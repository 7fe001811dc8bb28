//! The phases of a run on a line, with the time that each took.

use std::time::Duration;

use yew::prelude::*;

use super::format;
use crate::domain::run::{End, Phase, Run, Stop};
use crate::domain::time::Time;

pub(super) fn phases(run: &Run, now: Time) -> Html {
    html! {
        <ol class="phases">
            if run.phase != Phase::Failed {
                { steps(run, now) }
            } else if run.unclear.is_some() {
                { step("unknown", "Unclear whether it started", None) }
            } else {
                { step("failed", "Not started", None) }
            }
        </ol>
    }
}

fn steps(run: &Run, now: Time) -> Html {
    let Run { phase, times, exit_status, .. } = run;
    // The process may be over while stragglers are still waited for.
    let phase = if times.ended.is_some() { Phase::Ended } else { *phase };
    let since = |began: Option<Time>| began.map(|began| now.since(began));
    let creating = if phase == Phase::Creating { "Creating" } else { "Created" };
    let up = match run.stop {
        Stop::NotRequested => "Up",
        _ if phase == Phase::Ended => "Up",
        Stop::Requested | Stop::Doubtful | Stop::Accepted => "Stopping",
    };
    let created = times.creating().or_else(|| since(Some(times.clicked)));
    let starting = if phase == Phase::Starting { since(times.created) } else { times.starting() };
    let running = match phase {
        Phase::Up => since(times.up),
        Phase::Ended => times.running(),
        Phase::Creating | Phase::Starting | Phase::Failed => None,
    };
    html! {
        <>
            { step(state(phase, Phase::Creating), creating, created) }
            { step(state(phase, Phase::Starting), "Starting", starting) }
            { step(state(phase, Phase::Up), up, running) }
            { end_step(run, *exit_status) }
        </>
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

fn end_step(run: &Run, exit_status: Option<i32>) -> Html {
    match run.end_reason() {
        Some(End::Stopped) => return step("done", "Stopped", None),
        Some(End::TimeLimit) => return step("failed", "Time limit", None),
        Some(End::Crashed) => return step("failed", "Crashed", None),
        _ => {}
    }
    match (run.phase, exit_status) {
        (_, Some(0)) => step("done", "Exit 0", None),
        (_, Some(status)) => step("failed", &format!("Exit {status}"), None),
        (Phase::Ended, None) => step("unknown", "Exit unknown", None),
        _ => step("ahead", "Exit", None),
    }
}

fn step(state: &'static str, name: &str, took: Option<Duration>) -> Html {
    // The mark is a picture; these are its words.
    let words = match state {
        "ahead" => "not yet: ",
        "current" => "now: ",
        "done" => "done: ",
        _ => "",
    };
    html! {
        <li class="phase" data-state={state} aria-current={(state == "current").then_some("step")}>
            <span class="phase__mark" aria-hidden="true"></span>
            <span class="visually-hidden">{ words }</span>
            <b class="phase__name">{ name.to_owned() }</b>
            <span class="phase__time">{ took.map(format::duration).unwrap_or_default() }</span>
        </li>
    }
}
