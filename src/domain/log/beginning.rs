//! Whether the beginning of a run is there: a fast dyno can print more than a log session's history holds before the
//! session is open.

use super::header::Lifecycle;

/// Lines of the dyno among which the platform's first ones are sought: as many as a history has (platform-api.md 4.2).
const LINES: usize = 1_500;

/// Watches the first lines of a run.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    own_lines: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Sought,
    Missing,
    /// It is there, or cannot be told, or was told.
    Settled,
}

impl Beginning {
    /// A stream has begun that may not bring it.
    pub(super) fn seek(&mut self) {
        *self = Self::default();
    }

    pub(super) fn settle(&mut self) {
        self.state = State::Settled;
    }

    pub(super) fn is_sought(&self) -> bool {
        self.state == State::Sought
    }

    /// A line that is older than the run: the history reaches further back.
    pub(super) fn see_other(&mut self) {
        if self.own_lines == 0 && self.is_sought() {
            self.settle();
        }
    }

    /// A line of the dyno; with its message when the platform wrote it.
    pub(super) fn see_own(&mut self, platform_message: Option<&[u8]>) {
        self.own_lines += 1;
        if let Some(message) = platform_message {
            let is_first = message.starts_with(b"Starting process with command ")
                || (message.starts_with(b"State changed from ")
                    && !message.starts_with(b"State changed from up "));
            if is_first {
                self.settle();
                return;
            }
            if matches!(Lifecycle::parse(message), Some(Lifecycle::Exited(_) | Lifecycle::Final { .. })) {
                self.state = State::Missing;
            }
        }
        if self.own_lines == LINES {
            self.state = State::Missing;
        }
    }

    /// Whether the lines before the first one are missing; told once.
    pub(super) fn take_missing(&mut self) -> bool {
        let is_missing = self.state == State::Missing;
        if is_missing {
            self.settle();
        }
        is_missing
    }
}
