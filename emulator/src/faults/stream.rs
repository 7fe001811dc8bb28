//! Faults of streams: what they look like as JSON, and the way to those that are open already.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::broadcast;

use super::milliseconds;
use super::rule::null_too;

/// Orders that wait for one stream. It takes them when it sends: more than this many at a time are a mistake.
const WAITING_ORDERS: usize = 64;

/// What goes wrong with one stream. All fields can be combined.
///
/// | field | what happens |
/// | --- | --- |
/// | `"cut": {"after_bytes": 4096}` | The connection breaks off after so many bytes of the body. `after_lines` and `after_ms` (from the stream's begin) in its place or with it: what comes first; none: at once. With `"clean": true` it ends as if nothing more were to come. |
/// | `"silence": {"after_lines": 3}` | Nothing more comes, whatever the dyno prints, but heartbeats; with `"heartbeats": false` not even these. Places as for `cut`. |
/// | `"lose": {"after_lines": 100, "lines": 50}` | So many lines are missing, and where they were an L11 line tells how many. |
/// | `"omit": ["Process exited", "State changed"]` | Lines that contain one of these texts are missing. |
/// | `"late": ["Process exited"]` | Lines that contain one of these texts come behind the next line. |
/// | `"duplicate": 3` | Every third line comes twice; with 1 every line. |
/// | `"reverse": 2` | Each two lines come in reverse order; lines wait for those that are to come before them for at most 0.2 s. |
/// | `"chunk_bytes": [1, 7, 100]` | The body is written in pieces of these sizes, again and again; `"chunk_pause_ms"` between them. |
/// | `"heartbeat_ms": 1000` | Heartbeats come so often; `null`: never. |
/// | `"format": "plain"`, `"format": "events"` | Lines come like this, whatever was asked for; the content type with them (`headers` of the rule can have it otherwise). |
/// | `"event_ids": false` | Events have no ids. |
/// | `"queue_lines": 1024` | Lines that may wait for the client; more are lost, and an L11 line tells how many. |
/// | `"flood": {"lines": 100000, "per_second": 2000, "bytes": 80}` | From the stream's begin so many lines are added to the app's log at this rate, as if the dyno that the session asks for (else `run.1`) had printed them. `bytes` is the length of a message; without it as long as the text is. |
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StreamFaults {
    pub(crate) cut: Option<Cut>,
    pub(crate) silence: Option<Silence>,
    pub(crate) lose: Option<Loss>,
    pub(crate) omit: Vec<String>,
    pub(crate) late: Vec<String>,
    pub(crate) duplicate: Option<NonZeroU64>,
    pub(crate) reverse: Option<NonZeroUsize>,
    pub(crate) chunk_bytes: Vec<NonZeroUsize>,
    pub(crate) chunk_pause_ms: u64,
    #[serde(deserialize_with = "null_too")]
    pub(crate) heartbeat_ms: Option<Option<NonZeroU64>>,
    pub(crate) format: Option<Format>,
    pub(crate) event_ids: Option<bool>,
    pub(crate) queue_lines: Option<usize>,
    pub(crate) flood: Option<Flood>,
}

/// Where something happens: at what comes first, and without all at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct After {
    pub(crate) bytes: Option<u64>,
    pub(crate) lines: Option<u64>,
    pub(crate) time: Option<Duration>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cut {
    after_bytes: Option<u64>,
    after_lines: Option<u64>,
    after_ms: Option<u64>,
    #[serde(default)]
    pub(crate) clean: bool,
}

impl Cut {
    pub(crate) fn after(&self) -> After {
        let time = self.after_ms.map(milliseconds);
        After { bytes: self.after_bytes, lines: self.after_lines, time }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Silence {
    after_bytes: Option<u64>,
    after_lines: Option<u64>,
    after_ms: Option<u64>,
    #[serde(default = "yes")]
    pub(crate) heartbeats: bool,
}

impl Silence {
    pub(crate) fn after(&self) -> After {
        let time = self.after_ms.map(milliseconds);
        After { bytes: self.after_bytes, lines: self.after_lines, time }
    }
}

fn yes() -> bool {
    true
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Loss {
    #[serde(default)]
    pub(crate) after_lines: u64,
    pub(crate) lines: NonZeroU64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Plain,
    Events,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flood {
    pub(crate) lines: u64,
    pub(crate) per_second: NonZeroU64,
    #[serde(default)]
    pub(crate) bytes: usize,
}

impl StreamFaults {
    pub(super) fn check(self) -> Result<Self, String> {
        let longest = crate::log::MESSAGE_BYTES;
        if self.flood.as_ref().is_some_and(|flood| flood.bytes > longest) {
            return Err(format!("`bytes` of a flood cannot be more than {longest}"));
        }
        if self.omit.iter().chain(&self.late).any(String::is_empty) {
            return Err("every line contains an empty text".to_owned());
        }
        Ok(self)
    }
}

/// The streams that are open, as far as faults can reach them: what they are sent counts from then on.
#[derive(Debug)]
pub(crate) struct OpenStreams(broadcast::Sender<StreamFaults>);

impl Default for OpenStreams {
    fn default() -> Self {
        Self(broadcast::Sender::new(WAITING_ORDERS))
    }
}

impl OpenStreams {
    /// For a stream that opens.
    pub(crate) fn enter(&self) -> broadcast::Receiver<StreamFaults> {
        self.0.subscribe()
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.0.receiver_count()
    }

    /// Gives faults to all of them, and returns how many these are; the error is a sentence.
    pub(crate) fn send(&self, faults: StreamFaults) -> Result<usize, String> {
        let faults = faults.check()?;
        if faults.format.is_some() {
            return Err("a stream that is open cannot change its `format`".to_owned());
        }
        // An error means that there is none.
        Ok(self.0.send(faults).unwrap_or_default())
    }
}
