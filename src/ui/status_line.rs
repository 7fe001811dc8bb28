//! The last line of the panel: state, lines, bytes, dyno.

use yew::prelude::*;

use super::format;
use crate::domain::run::{Phase, Run, Stop};

/// Lines and bytes are those of the log.
pub(super) fn status_line(run: &Run, lines: usize, bytes: u64) -> Html {
    let dyno = run.dyno.as_ref();
    let size =
        dyno.and_then(|dyno| dyno.size.as_deref()).map(|size| format!(" on {size}")).unwrap_or_default();
    let exit = run.exit_status.map(|status| match meaning(status) {
        Some(meaning) => format!("exit status {status}: {meaning}"),
        None => format!("exit status {status}"),
    });
    let exit = exit.or(run.why_exit_is_unknown().map(|why| format!("exit status unknown: {why}")));
    html! {
        <footer class="status" data-state={run.state_name()}>
            <span class="status__state">{ state_in_words(run) }</span>
            <span>{ format::count(lines, "line") }{ " · " }{ format::bytes(bytes) }</span>
            <span>{ exit.unwrap_or_default() }</span>
            <span class="status__dyno">{ dyno.map(|dyno| dyno.name.clone()).unwrap_or_default() }{ size }</span>
        </footer>
    }
}

/// A run's state as a sentence for screen readers.
pub(super) fn announcement(run: &Run) -> String {
    let state = state_in_words(run);
    match run.exit_status {
        Some(status) => format!("Run {}: {state}, exit status {status}", run.id),
        None => format!("Run {}: {state}", run.id),
    }
}

pub(super) fn state_in_words(run: &Run) -> &'static str {
    match (run.phase, run.stop) {
        (Phase::Failed, _) if run.unclear.is_some() => "Unclear whether it started",
        (Phase::Failed, _) => "Not started",
        (Phase::Ended, _) => "Ended",
        (Phase::Creating, _) => "Asking for a dyno",
        (_, Stop::Requested | Stop::Doubtful | Stop::Accepted) => "Stopping",
        (Phase::Starting, _) => "Starting",
        (Phase::Up, _) => "Up",
    }
}

/// What an exit status means by convention (platform-api.md 6.2).
fn meaning(status: i32) -> Option<&'static str> {
    match status {
        126 => Some("not executable"),
        127 => Some("command not found"),
        130 => Some("interrupted by SIGINT"),
        137 => Some("ended by SIGKILL"),
        143 => Some("ended by SIGTERM"),
        _ => None,
    }
}
