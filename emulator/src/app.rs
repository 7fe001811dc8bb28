//! The one app that the emulator serves: its source folder, its dynos and its log.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use crate::account::EMAIL;
use crate::dyno::{self, Dyno, DynoRequest, Supervisor};
use crate::environment::Environment;
use crate::log::{Log, Source};
use crate::procfile::Procfile;
use crate::timestamp;

/// One-off dynos that may run at once, as for Basic and Standard sizes (platform-api.md 3.7).
pub(crate) const MAXIMUM_DYNOS: usize = 50;

/// Of the 9,000 numbers of a process type, with room for those of living dynos.
const REMEMBERED_NAMES: usize = 8_000;

/// An app, in the place of a slug the folder that dynos start in.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) created_at: String,
    /// The id of its only release, version 1.
    pub(crate) release: Uuid,
    pub(crate) source: PathBuf,
    pub(crate) environment: Environment,
    pub(crate) log: Arc<Log>,
    pub(crate) stop_grace: Duration,
    /// The emulator's own binary.
    supervisor: PathBuf,
    dynos: watch::Sender<Dynos>,
}

#[derive(Debug, Default)]
struct Dynos {
    live: Vec<Arc<Dyno>>,
    /// Names that were given lately.
    used: HashSet<String>,
    /// No more are started.
    closed: bool,
}

/// Why a dyno was not started.
#[derive(Debug)]
pub(crate) enum CreateError {
    /// [`MAXIMUM_DYNOS`] are running.
    TooMany,
    /// The machine or the emulator cannot start one now.
    Unavailable(String),
}

impl App {
    pub(crate) fn new(
        name: String,
        source: PathBuf,
        supervisor: PathBuf,
        stop_grace: Duration,
    ) -> std::io::Result<Self> {
        Ok(Self {
            id: Uuid::new_v4(),
            name,
            created_at: timestamp::now(),
            release: Uuid::new_v4(),
            source,
            environment: Environment::of_this_process()?,
            log: Arc::default(),
            stop_grace,
            supervisor,
            dynos: watch::Sender::default(),
        })
    }

    /// Starts a one-off dyno.
    pub(crate) fn create(self: &Arc<Self>, request: DynoRequest) -> Result<Arc<Dyno>, CreateError> {
        let unavailable = |error: std::io::Error| CreateError::Unavailable(error.to_string());
        let command = Procfile::read(&self.source).map_err(unavailable)?.expand(&request.command);
        let supervisor = Supervisor::start(&self.supervisor, &self.source).map_err(unavailable)?;
        let mut created = Err(CreateError::TooMany);
        self.dynos.send_modify(|dynos| {
            if dynos.closed {
                created = Err(CreateError::Unavailable("the emulator is stopping".to_owned()));
            } else if dynos.live.len() < MAXIMUM_DYNOS {
                let dyno = Arc::new(Dyno::new(dynos.free_name(&request.process_type), command, &request));
                dynos.live.push(Arc::clone(&dyno));
                created = Ok(dyno);
            }
        });
        let dyno = created?;
        let announcement = format!("Starting process with command `{}` by user {EMAIL}", request.command);
        self.log.append(Source::App, &"api".into(), announcement.as_bytes());
        tokio::spawn(dyno::run(Arc::clone(self), Arc::clone(&dyno), supervisor, request));
        Ok(dyno)
    }

    /// The dynos that have not ended, oldest first.
    pub(crate) fn dynos(&self) -> Vec<Arc<Dyno>> {
        self.dynos.borrow().live.clone()
    }

    /// A dyno by its id or name.
    pub(crate) fn dyno(&self, id_or_name: &str) -> Option<Arc<Dyno>> {
        let dynos = self.dynos.borrow();
        dynos.live.iter().find(|dyno| dyno.is(id_or_name)).cloned()
    }

    /// Whether `id_or_name` means this app.
    pub(crate) fn is(&self, id_or_name: &str) -> bool {
        self.name == id_or_name || self.id.to_string() == id_or_name
    }

    /// Forgets a dyno that has ended.
    pub(crate) fn remove(&self, ended: &Arc<Dyno>) {
        self.dynos.send_modify(|dynos| dynos.live.retain(|dyno| !Arc::ptr_eq(dyno, ended)));
    }

    /// Starts no more dynos and asks all to stop.
    pub(crate) fn stop(&self) {
        self.dynos.send_modify(|dynos| dynos.closed = true);
        self.dynos().iter().for_each(|dyno| dyno.stop());
    }

    /// Starts no more dynos and kills all.
    pub(crate) fn kill(&self) {
        self.dynos.send_modify(|dynos| dynos.closed = true);
        self.dynos().iter().for_each(|dyno| dyno.kill());
    }

    /// Waits until no dyno is left.
    pub(crate) async fn idle(&self) {
        // The sender is this app's own, so there is always an answer.
        let _ = self.dynos.subscribe().wait_for(|dynos| dynos.live.is_empty()).await;
    }
}

impl Dynos {
    /// A name like `run.8361` (platform-api.md 3.2) that no living dyno has. One is given again only after most others
    /// were: on Heroku too that is rare, and whoever reads back a dyno's log gets no other's.
    fn free_name(&mut self, process_type: &str) -> String {
        if self.used.len() >= REMEMBERED_NAMES {
            self.used.clear();
        }
        loop {
            let name = format!("{process_type}.{}", 1_000 + Uuid::new_v4().as_u128() % 9_000);
            if self.live.iter().all(|dyno| dyno.name != name) && self.used.insert(name.clone()) {
                return name;
            }
        }
    }
}
