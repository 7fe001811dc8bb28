//! A run in a few words: for the title of the browser's tab, and for a notification.

use super::run::{Phase, Run};

/// `● run.8361 up`, `✓ run.8361 exit 0`, `✗ run.8361 exit 1`.
pub fn headline(run: &Run) -> String {
    let name = run.name();
    let (sign, state) = match (run.phase, run.exit_status) {
        (_, Some(status)) => (if status == 0 { "✓" } else { "✗" }, format!("exit {status}")),
        (Phase::Ended, None) => ("■", "ended".to_owned()),
        (phase, None) => (if phase == Phase::Failed { "✗" } else { "●" }, phase.name().to_owned()),
    };
    format!("{sign} {name} {state}")
}
