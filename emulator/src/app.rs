//! An app: its releases, its formation, its dynos and its log.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use uuid::Uuid;

use crate::account::EMAIL;
use crate::dyno::{self, Dyno, DynoLog, DynoRequest, Then};
use crate::dynos::{AddError, Dynos};
use crate::formation::{self, Formation};
use crate::generation::Generation;
use crate::log::{Log, Source};
use crate::machine::Machine;
use crate::release::{Deployment, RELEASE_PHASE, Releases};
use crate::slug::Slug;
use crate::supervision::Supervisor;
use crate::{sizes, timestamp};

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

/// Why an app has no release to run.
#[derive(Debug)]
pub(crate) enum DeployError {
    /// The folder is not one of an app: a bad Procfile, a file that cannot be read. As a sentence.
    Build(String),
    /// No release has succeeded yet.
    NoRelease,
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

    /// Makes a release if the folder has changed. If it has, this waits for the release phase, as whoever pushes to Heroku
    /// does.
    pub(crate) async fn look(self: &Arc<Self>) -> Result<(), DeployError> {
        if let Some(new) = self.releases.look().await.map_err(DeployError::Build)? {
            self.release(new).await;
        }
        Ok(())
    }

    /// What dynos run now, after a [`Self::look`].
    pub(crate) async fn deployment(self: &Arc<Self>) -> Result<Deployment, DeployError> {
        self.look().await?;
        self.releases.current().ok_or(DeployError::NoRelease)
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
        let app = Arc::clone(self);
        // It goes on if whoever asks does not wait for it.
        let _ = tokio::spawn(async move { app.take_into_use(new).await }).await;
    }

    async fn take_into_use(self: Arc<Self>, new: Deployment) {
        if let Some(command) = new.slug.procfile.command(RELEASE_PHASE) {
            let result = self.release_phase(&new, command).await;
            self.releases.settle(&new, result.is_ok());
            if let Err(reason) = result {
                let told = format!("Release v{} failed: {reason}", new.release.version);
                tracing::error!("app {}: {told}", self.name);
                self.log.append(Source::App, &"api".into(), told.as_bytes());
            }
        }
        if let Some(current) = self.releases.current() {
            formation::reconcile(&self, &current);
        }
    }

    /// Runs the command that has to succeed before a release is used.
    async fn release_phase(self: &Arc<Self>, new: &Deployment, command: &str) -> Result<(), String> {
        let supervisor = Supervisor::start(&self.machine.supervisor).map_err(|error| error.to_string())?;
        let request = DynoRequest {
            command: command.to_owned(),
            process_type: RELEASE_PHASE.to_owned(),
            env: BTreeMap::new(),
            size: sizes::DEFAULT,
            time_to_live: None,
        };
        let dyno = self.dynos.add_one_off(command.to_owned(), new.clone(), request);
        let dyno = dyno.map_err(|_| "its command cannot be run now".to_owned())?;
        self.announce(&format!("Running release v{} commands", new.release.version));
        match run_one_off(Arc::clone(self), dyno, supervisor).await {
            Some(status) if status == "0" => Ok(()),
            Some(status) => Err(format!("its command `{command}` exited with status {status}")),
            None => Err("its command could not be started".to_owned()),
        }
    }

    /// The folder of the programs that the app's packages bring, which are installed if they are not; then `waiting` is
    /// called first.
    pub(crate) async fn packages(
        &self,
        slug: &Slug,
        waiting: impl FnOnce(),
    ) -> Result<Option<PathBuf>, String> {
        self.machine.packages.of(&self.name, slug, &self.machine, waiting).await
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

/// Runs a one-off dyno to its end. Returns its exit status, unless it could not be started.
async fn run_one_off(app: Arc<App>, dyno: Arc<Dyno>, supervisor: Supervisor) -> Option<String> {
    let log = app.log_of(&dyno);
    let status = dyno::run(&app, &dyno, supervisor).await;
    if let Err(error) = &status {
        log.platform(&format!("The process could not be started: {error}"));
    }
    log.platform(&format!("State changed from {} to complete", dyno.status().state));
    app.dynos.remove(&dyno);
    status.ok()
}
