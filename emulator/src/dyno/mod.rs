//! Dynos: what one is, and how it is asked to end.

mod run;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

pub(crate) use self::run::run;
use crate::log::{Log, Source};
use crate::release::Deployment;
use crate::sizes::Size;
use crate::timestamp;

/// What to start: what a client asked for (platform-api.md 3.1), checked, or a process type of the formation.
#[derive(Clone, Debug)]
pub(crate) struct DynoRequest {
    pub(crate) command: String,
    pub(crate) process_type: String,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) size: &'static Size,
    pub(crate) time_to_live: Option<Duration>,
}

/// A dyno that has been created and has not ended.
#[derive(Debug)]
pub(crate) struct Dyno {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) request: DynoRequest,
    /// Of the dynos of its process type, if it belongs to the formation.
    pub(crate) number: Option<u64>,
    /// What runs: the command after the rules of the Procfile.
    pub(crate) command: String,
    pub(crate) deployment: Deployment,
    pub(crate) created_at: String,
    status: Mutex<Status>,
    end: watch::Sender<End>,
}

/// The part of a dyno that changes.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    /// `starting`, `up`, `crashed` or `down` (platform-api.md 3.3); a dyno that was removed is no longer there.
    pub(crate) state: &'static str,
    pub(crate) updated_at: String,
}

/// Whether a dyno has to end, how soon, and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    how: How,
    then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    NotNow,
    /// SIGTERM, and SIGKILL after the grace.
    Stop,
    Kill,
}

/// What becomes of a dyno when its process has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It ended by itself: a one-off is complete, a dyno of the formation has crashed.
    Ended,
    /// It is started again.
    Restart,
    /// It stays, but does not run.
    Down,
    Remove,
}

impl Dyno {
    pub(crate) fn new(
        name: String,
        number: Option<u64>,
        command: String,
        deployment: Deployment,
        request: DynoRequest,
    ) -> Self {
        let now = timestamp::now();
        Self {
            id: Uuid::new_v4(),
            name,
            request,
            number,
            command,
            deployment,
            created_at: now.clone(),
            status: Mutex::new(Status { state: "starting", updated_at: now }),
            end: watch::Sender::new(End { how: How::NotNow, then: Then::Ended }),
        }
    }

    /// Whether `id_or_name` means this dyno.
    pub(crate) fn is(&self, id_or_name: &str) -> bool {
        self.name == id_or_name || self.id.to_string() == id_or_name
    }

    pub(crate) fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// SIGTERM to its processes, SIGKILL after the grace.
    pub(crate) fn stop(&self, then: Then) {
        self.raise(How::Stop, then);
    }

    /// SIGKILL to its processes, and no more of it.
    pub(crate) fn kill(&self) {
        self.raise(How::Kill, Then::Remove);
    }

    /// What was asked for last.
    pub(crate) fn then(&self) -> Then {
        self.end.borrow().then
    }

    /// Waits until something is asked for other than `then`.
    pub(crate) async fn asked_other_than(&self, then: Then) {
        // The sender is this dyno's own, so there is always an answer.
        let _ = self.end.subscribe().wait_for(|end| end.then != then).await;
    }

    /// Waits until it has to end at least as soon as `how` says.
    async fn asked(&self, how: How) {
        let _ = self.end.subscribe().wait_for(|end| end.how >= how).await;
    }

    fn raise(&self, how: How, then: Then) {
        self.end.send_if_modified(|current| {
            let wanted = End { how: current.how.max(how), then };
            let changed = wanted != *current;
            *current = wanted;
            changed
        });
    }

    /// Changes the state and returns the former one.
    pub(crate) fn set_state(&self, state: &'static str) -> &'static str {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let former = status.state;
        *status = Status { state, updated_at: timestamp::now() };
        former
    }
}

/// The app's log as one dyno writes it.
#[derive(Clone, Debug)]
pub(crate) struct DynoLog {
    log: Arc<Log>,
    process: Arc<str>,
}

impl DynoLog {
    pub(crate) fn new(log: &Arc<Log>, name: &str) -> Self {
        Self { log: Arc::clone(log), process: name.into() }
    }

    /// What the dyno printed.
    pub(crate) fn output(&self, text: &[u8]) {
        self.log.append(Source::App, &self.process, text);
    }

    pub(crate) fn platform(&self, message: &str) {
        self.log.append(Source::Heroku, &self.process, message.as_bytes());
    }
}
