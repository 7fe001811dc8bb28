//! Closing a run's tab: at once when the run has ended, else after a question.

use super::ids::RunId;
use super::run::Run;

/// The tabs that are to be closed and are still there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// The live run about which the question is on screen.
    pub asked: Option<RunId>,
    /// Runs that were stopped so that their tabs can be closed.
    once_over: Vec<RunId>,
}

impl Closing {
    /// The tab goes once the run is over.
    pub(super) fn wait_for(&mut self, id: RunId) {
        self.asked = None;
        self.once_over.push(id);
    }

    /// A run whose tab can be closed now. One that could not be stopped stays, with the reason.
    pub(super) fn due(&mut self, runs: &[Run]) -> Option<RunId> {
        let run = |id: RunId| runs.iter().find(|run| run.id == id);
        self.once_over.retain(|id| run(*id).is_some_and(|run| run.stop_problem.is_none()));
        self.once_over.iter().copied().find(|id| run(*id).is_some_and(Run::is_over))
    }

    pub(super) fn forget(&mut self, id: RunId) {
        self.asked = self.asked.filter(|asked| *asked != id);
        self.once_over.retain(|it| *it != id);
    }
}
