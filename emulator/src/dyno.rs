//! Dynos: what one is, and one run of its command from the supervisor's start to the exit line.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::unix::pipe;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;
use uuid::Uuid;

use crate::app::App;
use crate::environment::DynoEnvironment;
use crate::folder::Folder;
use crate::log::{Log, Source};
use crate::release::Deployment;
use crate::sizes::Size;
use crate::supervisor::{self, Launch};
use crate::{output, timestamp};

/// Exit status of a dyno whose supervisor was killed with it: 128 + SIGKILL.
const KILLED: &str = "137";

/// How long the output of a dyno without a supervisor is read.
const ABANDONED: Duration = Duration::from_secs(1);

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

/// A dyno's supervisor with its pipes.
#[derive(Debug)]
pub(crate) struct Supervisor {
    child: Child,
    orders: ChildStdin,
    reports: Lines<BufReader<ChildStdout>>,
    output: pipe::Receiver,
}

impl Supervisor {
    /// Starts `binary`, which has to be the emulator's, as a supervisor without orders yet.
    pub(crate) fn start(binary: &Path) -> std::io::Result<Self> {
        let (output, write_end) = std::io::pipe()?;
        let mut child = Command::new(binary)
            .arg(supervisor::ARGUMENT)
            .current_dir("/")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(write_end)
            .spawn()?;
        let (Some(orders), Some(reports)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(std::io::Error::other("a process without pipes"));
        };
        let reports = BufReader::new(reports).lines();
        Ok(Self { child, orders, reports, output: pipe::Receiver::from_owned_fd(output.into())? })
    }
}

/// Runs a dyno's command to its end and writes its log (platform-api.md 6.2), up to the exit line.
pub(crate) async fn run(app: &App, dyno: &Dyno, supervisor: Supervisor) -> std::io::Result<()> {
    let Supervisor { mut child, mut orders, mut reports, output } = supervisor;
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let log = app.log_of(dyno);
    log.platform(&format!("Starting process with command `{}`", dyno.command));

    let home = Folder::create(app.machine.folder.path())?;
    let launch = Launch {
        shell: app.machine.environment.shell().to_owned(),
        command: dyno.command.clone(),
        slug: dyno.deployment.slug.path().to_owned(),
        home: home.path().to_owned(),
        environment: app.machine.environment.of(&DynoEnvironment {
            name: &dyno.name,
            home: home.path(),
            port: None,
            config_vars: &dyno.deployment.config_vars,
            request: &dyno.request.env,
        }),
    };
    // Strings are all there is in it: it has a JSON form.
    order(&mut orders, &serde_json::to_string(&launch).unwrap_or_default()).await;
    if report(&mut reports, supervisor::STARTED).await.is_ok() {
        // Unless it has been asked to end, which has set another state.
        if dyno.then() == Then::Ended {
            dyno.set_state("up");
        }
        log.platform("State changed from starting to up");
    }

    let mut copying = tokio::spawn(output::copy(output, log.clone()));
    let life = async {
        let status = match report(&mut reports, supervisor::EXITED).await {
            Ok(status) => {
                // The output ends with the last process that could write to it: the exit line comes behind all of it.
                let _ = (&mut copying).await;
                status
            }
            Err(SupervisorGone) => {
                let _ = id.map(supervisor::end_session);
                // Processes that left the session may still hold the output, and nobody is left to find them.
                let _ = tokio::time::timeout(ABANDONED, &mut copying).await;
                KILLED.to_owned()
            }
        };
        copying.abort();
        status
    };
    let status = tokio::select! {
        status = life => status,
        never = end(dyno, &log, &mut orders, app.machine.stop_grace) => match never {},
    };
    drop(orders);
    let _ = child.wait().await;
    // It can be large. Nothing of the dyno is left when its end is told.
    let _ = tokio::task::spawn_blocking(move || drop(home)).await;
    log.platform(&format!("Process exited with status {status}"));
    Ok(())
}

/// Ends the dyno when somebody asks for it or its time is over. Goes on for as long as the dyno does.
async fn end(dyno: &Dyno, log: &DynoLog, orders: &mut ChildStdin, grace: Duration) -> Infallible {
    let mut wanted = dyno.end.subscribe();
    let expiry = async {
        match dyno.request.time_to_live {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = wanted.wait_for(|end| end.how >= How::Stop) => {}
        () = expiry => {}
    }
    let End { how, then } = *dyno.end.borrow();
    if dyno.number.is_some() {
        let state = if then == Then::Restart { "starting" } else { "down" };
        if then == Then::Restart {
            log.platform("Restarting");
        }
        log.platform(&format!("State changed from {} to {state}", dyno.set_state(state)));
    }
    if how < How::Kill {
        log.platform("Stopping all processes with SIGTERM");
        order(orders, supervisor::TERMINATE).await;
        tokio::select! {
            _ = wanted.wait_for(|end| end.how >= How::Kill) => {}
            () = tokio::time::sleep(grace) => {
                // The platform's words, whatever the grace is here.
                log.platform(
                    "Error R12 (Exit timeout) -> At least one process failed to exit within 30 seconds of SIGTERM",
                );
            }
        }
    }
    log.platform("Stopping remaining processes with SIGKILL");
    order(orders, supervisor::KILL).await;
    std::future::pending().await
}

/// The supervisor ended without a report: killed by its own dyno, or by hand.
#[derive(Debug)]
struct SupervisorGone;

async fn order(orders: &mut ChildStdin, order: &str) {
    // A supervisor that cannot take orders is noticed by the end of its reports.
    let _ = orders.write_all(format!("{order}\n").as_bytes()).await;
}

/// Waits for the report that begins with `what`, and returns the rest of it.
async fn report(reports: &mut Lines<BufReader<ChildStdout>>, what: &str) -> Result<String, SupervisorGone> {
    let report = reports.next_line().await.ok().flatten().ok_or(SupervisorGone)?;
    report.strip_prefix(what).map(str::to_owned).ok_or(SupervisorGone)
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
