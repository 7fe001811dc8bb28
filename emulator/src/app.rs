//! An app: its releases, its formation, its dynos and its log.

use std::path::PathBuf;
use std::sync::Arc;

use uuid::Uuid;

use crate::account::EMAIL;
use crate::dyno::{self, Dyno, DynoLog, DynoRequest, Supervisor, Then};
use crate::dynos::{AddError, Dynos};
use crate::formation::{self, Formation};
use crate::generation::Generation;
use crate::log::{Log, Source};
use crate::machine::Machine;
use crate::release::{Deployment, Releases};
use crate::timestamp;

/// An app.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) generation: Generation,
    pub(crate) created_at: String,
    pub(crate) releases: Releases,
    pub(crate) formation: Formation,
    pub(crate) dynos: Dynos,
    pub(crate) log: Arc<Log>,
    pub(crate) machine: Arc<Machine>,
}

/// Why an app has no release to run, as a sentence.
#[derive(Debug)]
pub(crate) enum DeployError {
    /// The folder is not one of an app: a bad Procfile, a file that cannot be read.
    Build(String),
    /// No release has succeeded yet.
    NoRelease(String),
}

/// Why a dyno was not started.
#[derive(Debug)]
pub(crate) enum CreateError {
    Deploy(DeployError),
    /// As many are running as may be.
    TooMany,
    /// The machine or the emulator cannot start one now.
    Unavailable(String),
}

impl App {
    /// An app without a release, whose source is `source`.
    pub(crate) fn new(name: String, source: PathBuf, machine: Arc<Machine>, generation: Generation) -> Self {
        Self {
            id: Uuid::new_v4(),
            name,
            generation,
            created_at: timestamp::now(),
            releases: Releases::new(source, machine.folder.path().to_owned()),
            formation: Formation::default(),
            dynos: Dynos::new(generation),
            log: Arc::default(),
            machine,
        }
    }

    /// Whether `id_or_name` means this app.
    pub(crate) fn is(&self, id_or_name: &str) -> bool {
        self.name == id_or_name || self.id.to_string() == id_or_name
    }

    /// What dynos run now, after a look whether the folder has changed.
    pub(crate) async fn deployment(self: &Arc<Self>) -> Result<Deployment, DeployError> {
        if let Some(new) = self.releases.look().await.map_err(DeployError::Build)? {
            self.release(new).await;
        }
        self.releases.current().ok_or_else(|| DeployError::NoRelease("no release has succeeded".to_owned()))
    }

    /// Sets config vars, or removes those without a value.
    pub(crate) async fn set_config_vars(self: &Arc<Self>, changes: Vec<(String, Option<String>)>) {
        if let Some(new) = self.releases.set(changes).await {
            self.release(new).await;
        }
    }

    /// Takes a new release into use.
    async fn release(self: &Arc<Self>, new: Deployment) {
        // The first is there from the beginning.
        if new.release.version > 1 {
            self.announce(&new.release.description);
            self.announce(&format!("Release v{} created", new.release.version));
        }
        self.releases.settle(&new, true);
        formation::reconcile(self, &new);
    }

    /// Starts a one-off dyno.
    pub(crate) async fn create(self: &Arc<Self>, request: DynoRequest) -> Result<Arc<Dyno>, CreateError> {
        let deployment = self.deployment().await.map_err(CreateError::Deploy)?;
        let supervisor = Supervisor::start(&self.machine.supervisor)
            .map_err(|error| CreateError::Unavailable(error.to_string()))?;
        let typed = request.command.clone();
        let command = self.generation.expand(&deployment.slug.procfile, &typed);
        let dyno = self.dynos.add_one_off(command, deployment, request).map_err(|error| match error {
            AddError::TooMany => CreateError::TooMany,
            AddError::Closed => CreateError::Unavailable("the emulator is stopping".to_owned()),
        })?;
        self.announce(&format!("Starting process with command `{typed}`"));
        tokio::spawn(run_one_off(Arc::clone(self), Arc::clone(&dyno), supervisor));
        Ok(dyno)
    }

    /// Restarts dynos of the formation; a one-off among them just ends (platform-api.md 3.6).
    pub(crate) fn restart(&self, wanted: impl Fn(&Dyno) -> bool) {
        for dyno in self.dynos.all().iter().filter(|dyno| wanted(dyno)) {
            dyno.stop(if dyno.number.is_some() { Then::Restart } else { Then::Remove });
        }
    }

    /// Stops dynos; those of the formation stay down until they are restarted.
    pub(crate) fn stop(&self, wanted: impl Fn(&Dyno) -> bool) {
        for dyno in self.dynos.all().iter().filter(|dyno| wanted(dyno)) {
            dyno.stop(if dyno.number.is_some() { Then::Down } else { Then::Remove });
        }
    }

    /// Starts no more dynos and asks all to stop.
    pub(crate) fn shut_down(&self) {
        self.dynos.close();
        self.dynos.all().iter().for_each(|dyno| dyno.stop(Then::Remove));
    }

    /// Starts no more dynos and kills all.
    pub(crate) fn kill(&self) {
        self.dynos.close();
        self.dynos.all().iter().for_each(|dyno| dyno.kill());
    }

    /// Writes what the user did into the log, `app[api]: Scaled to web@1:Basic by user user@example.com`.
    pub(crate) fn announce(&self, what: &str) {
        self.log.append(Source::App, &"api".into(), format!("{what} by user {EMAIL}").as_bytes());
    }

    /// The log as `dyno` writes it.
    pub(crate) fn log_of(&self, dyno: &Dyno) -> DynoLog {
        DynoLog::new(&self.log, &dyno.name)
    }
}

async fn run_one_off(app: Arc<App>, dyno: Arc<Dyno>, supervisor: Supervisor) {
    let log = app.log_of(&dyno);
    if let Err(error) = dyno::run(&app, &dyno, supervisor).await {
        log.platform(&format!("The process could not be started: {error}"));
    }
    log.platform(&format!("State changed from {} to complete", dyno.status().state));
    app.dynos.remove(&dyno);
}
