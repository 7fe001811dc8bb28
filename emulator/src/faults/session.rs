//! Log sessions that expire as told.

use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;

use super::milliseconds;

/// The expiry of the log session that a request makes; what is left out stays as the command line has it.
///
/// `{"unused_ms": 1000, "used_ms": 2000, "expired_status": 403, "open_streams": "end"}`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionFaults {
    unused_ms: Option<u64>,
    used_ms: Option<u64>,
    /// What is answered after it.
    pub(crate) expired_status: Option<u16>,
    pub(crate) open_streams: Option<AtExpiry>,
}

/// What becomes of the open streams of a session that expires (platform-api.md 4.3, 5.4: all of these were seen).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum AtExpiry {
    /// They go on.
    Stay,
    /// They end as if nothing more were to come.
    End,
    /// They break off.
    Cut,
    /// They bring nothing more but heartbeats.
    Silence,
}

impl SessionFaults {
    pub(super) fn check(self) -> Result<Self, String> {
        match self.expired_status {
            None | Some(400..600) => Ok(self),
            Some(_) => Err("`expired_status` has to be between 400 and 599".to_owned()),
        }
    }

    /// How long it waits for its first reader.
    pub(crate) fn unused(&self) -> Option<Duration> {
        self.unused_ms.map(milliseconds)
    }

    /// How long it can be read from its first reader on.
    pub(crate) fn used(&self) -> Option<Duration> {
        self.used_ms.map(milliseconds)
    }
}
