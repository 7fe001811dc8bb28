//! Which lines of a stream are a run's.

use super::header::Header;
use crate::domain::time::Time;

/// Which lines speak of this run: names of dynos are reused, and a log session may bring an earlier one's lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The dyno's name, as in `app[run.8361]`.
    pub dyno: String,
    /// The dyno's `created_at`, in whole seconds; lines stamped before it are no facts about this run.
    pub created_at: Option<Time>,
}

impl Scope {
    pub(super) fn covers(&self, header: &Header<'_>) -> bool {
        header.process == Some(self.dyno.as_bytes())
            && self.created_at.is_none_or(|created| header.time >= created)
    }
}

/// What a run's streams bring, and what of it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The session brings the lines of this dyno, the platform's among them: all are kept.
    All,
    /// The same, but what the function prints alone (`source: "app"`): its beginning cannot be recognised.
    AllOutput,
    /// The session brings lines of other dynos too, as shared ones and those of Fir do: lines of this dyno since its
    /// creation are kept, and those of the log system that tell of loss. A line without a header cannot be attributed
    /// and is dropped.
    OwnLines,
    /// The same of a dyno that was there before the session, so that its first lines may be missing.
    OwnLinesOfFound,
}

impl Selection {
    /// Whether lines of other dynos come, too.
    pub(super) fn is_mixed(self) -> bool {
        matches!(self, Self::OwnLines | Self::OwnLinesOfFound)
    }

    /// Whether the first lines may be missing, and would be recognised.
    pub(super) fn seeks_beginning(self) -> bool {
        matches!(self, Self::All | Self::OwnLinesOfFound)
    }
}
