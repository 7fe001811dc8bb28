//! The last line of the panel: state, lines, bytes, dyno.

use yew::prelude::*;

use super::format;
use crate::domain::run::{End, Phase, Run, Stop};
use crate::domain::time::Time;

/// Lines and bytes are those that came for the log; `memory_bound` is the field for what is kept of them.
pub(super) fn status_line(run: &Run, lines: usize, bytes: u64, memory_bound: Html, now: Time) -> Html {
    let dyno = run.dyno.as_ref();
    let size =
        dyno.and_then(|dyno| dyno.size.as_deref()).map(|size| format!(" on {size}")).unwrap_or_default();
    let note = match (run.reopening(), run.exit_status) {
        (Some(reason), _) => reason.what.clone(),
        (None, Some(status)) => format!("exit status {status}{}", meaning(status)),
        (None, None) => String::new(),
    };
    // Up to the next second, so that the last one is not shown as none.
    let left = run.time_left(now).map(|left| (left.as_millis() as u64).div_ceil(1000));
    html! {
        <footer class="status" data-run-state={run.state_name()} data-run-end={run.end_reason().map(End::name)}>
            <span class="status__state">{ state_in_words(run) }</span>
            <span>{ format::count(lines, "line") }{ " · " }{ format::bytes(bytes) }</span>
            { memory_bound }
            <span class="status__note">{ note }</span>
            <span>{ left.map(|left| format::seconds(left) + " left").unwrap_or_default() }</span>
            <span>{ dyno.map(|dyno| dyno.name.clone()).unwrap_or_default() }{ size }</span>
        </footer>
    }
}

/// A run's state as sentences for screen readers.
pub(super) fn announcement(run: &Run) -> String {
    [&run.name(), ": ", state_in_words(run), ". ", &run.end_in_words().unwrap_or_default()].concat()
}

pub(super) fn state_in_words(run: &Run) -> &'static str {
    match (run.phase, run.stop) {
        (Phase::Failed, _) if run.unclear.is_some() => "Unclear whether it started",
        (Phase::Failed, _) => "Not started",
        (Phase::Ended, _) => "Ended",
        (Phase::Creating, _) => "Asking for a dyno",
        (_, Stop::Requested | Stop::Doubtful | Stop::Accepted) => "Stopping",
        _ if run.reopening().is_some() => "Reconnecting",
        (Phase::Starting, _) => "Starting",
        (Phase::Up, _) => "Up",
    }
}

/// What an exit status means by convention (platform-api.md 6.2).
fn meaning(status: i32) -> &'static str {
    match status {
        126 => ": not executable",
        127 => ": command not found",
        130 => ": interrupted by SIGINT",
        137 => ": ended by SIGKILL",
        143 => ": ended by SIGTERM",
        _ => "",
    }
}
