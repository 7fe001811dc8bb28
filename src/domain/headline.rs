//! A run in a few words: for the title of the browser's tab, and for a notification.

use super::run::{End, Run};

/// `● run.8361 up`, `✓ run.8361 exit 0`, `✗ run.8361 exit 1`.
pub fn headline(run: &Run) -> String {
    let sign = match run.end_reason() {
        None => "●",
        Some(End::Exited(0)) => "✓",
        Some(End::Stopped | End::Unknown) => "■",
        Some(End::Exited(_) | End::TimeLimit | End::Crashed | End::Failed) => "✗",
    };
    format!("{sign} {} {}", run.name(), in_short(run))
}

/// The state, or how it ended, in a word or two.
pub fn in_short(run: &Run) -> String {
    match run.end_reason() {
        None => run.state_name(),
        Some(End::Exited(status)) => return format!("exit {status}"),
        Some(End::Stopped) => "stopped",
        Some(End::TimeLimit) => "time limit",
        Some(End::Crashed) => "crashed",
        Some(End::Unknown) => "ended",
        Some(End::Failed) if run.unclear.is_some() => "unclear",
        Some(End::Failed) => "failed",
    }
    .to_owned()
}
