//! One-off dynos: what one is, and its life from the supervisor's start to the last log line.

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
use crate::log::{Log, Source};
use crate::supervisor::{self, Launch};
use crate::{output, timestamp};

/// Exit status of a dyno whose supervisor was killed with it: 128 + SIGKILL.
const KILLED: &str = "137";

/// How long the output of a dyno without a supervisor is read.
const ABANDONED: Duration = Duration::from_secs(1);

/// What a client asked for (platform-api.md 3.1), checked.
#[derive(Debug)]
pub(crate) struct DynoRequest {
    pub(crate) command: String,
    pub(crate) process_type: String,
    pub(crate) env: BTreeMap<String, String>,
    /// As the API writes it, `Standard-1X`.
    pub(crate) size: &'static str,
    pub(crate) time_to_live: Option<Duration>,
}

/// A dyno that has been created and has not ended.
#[derive(Debug)]
pub(crate) struct Dyno {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) process_type: String,
    /// What runs: the command after the rules of the Procfile.
    pub(crate) command: String,
    pub(crate) size: &'static str,
    pub(crate) created_at: String,
    status: Mutex<Status>,
    end: watch::Sender<End>,
}

/// The part of a dyno that changes.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    /// `starting` or `up` (platform-api.md 3.3); a dyno that ended is no longer there.
    pub(crate) state: &'static str,
    pub(crate) updated_at: String,
}

/// Whether a dyno has to end, and how soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    NotNow,
    /// SIGTERM, and SIGKILL after the grace.
    Stop,
    /// SIGKILL.
    Kill,
}

impl Dyno {
    pub(crate) fn new(name: String, command: String, request: &DynoRequest) -> Self {
        let now = timestamp::now();
        Self {
            id: Uuid::new_v4(),
            name,
            process_type: request.process_type.clone(),
            command,
            size: request.size,
            created_at: now.clone(),
            status: Mutex::new(Status { state: "starting", updated_at: now }),
            end: watch::Sender::new(End::NotNow),
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
    pub(crate) fn stop(&self) {
        self.raise(End::Stop);
    }

    /// SIGKILL to its processes.
    pub(crate) fn kill(&self) {
        self.raise(End::Kill);
    }

    fn raise(&self, end: End) {
        self.end.send_if_modified(|current| {
            let sooner = end > *current;
            *current = (*current).max(end);
            sooner
        });
    }

    fn is_up(&self) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        *status = Status { state: "up", updated_at: timestamp::now() };
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
    /// Starts `binary`, which has to be the emulator's, in `folder` as a supervisor without orders yet.
    pub(crate) fn start(binary: &Path, folder: &Path) -> std::io::Result<Self> {
        let (output, write_end) = std::io::pipe()?;
        let mut child = Command::new(binary)
            .arg(supervisor::ARGUMENT)
            .current_dir(folder)
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

/// Runs a dyno to its end and writes its log (platform-api.md 6.2).
pub(crate) async fn run(app: Arc<App>, dyno: Arc<Dyno>, supervisor: Supervisor, request: DynoRequest) {
    let Supervisor { mut child, mut orders, mut reports, output } = supervisor;
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let log = DynoLog::new(&app.log, &dyno.name);
    log.platform(&format!("Starting process with command `{}`", dyno.command));

    let launch = Launch {
        shell: app.environment.shell().to_owned(),
        command: dyno.command.clone(),
        environment: app.environment.for_dyno(&dyno.name, &request.env),
    };
    // Strings are all there is in it: it has a JSON form.
    order(&mut orders, &serde_json::to_string(&launch).unwrap_or_default()).await;
    if report(&mut reports, supervisor::STARTED).await.is_ok() {
        dyno.is_up();
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
        never = end(&dyno, &log, &mut orders, request.time_to_live, app.stop_grace) => match never {},
    };
    drop(orders);
    let _ = child.wait().await;
    log.platform(&format!("Process exited with status {status}"));
    log.platform(&format!("State changed from {} to complete", dyno.status().state));
    app.remove(&dyno);
}

/// Ends the dyno when somebody asks for it or its time is over. Goes on for as long as the dyno does.
async fn end(
    dyno: &Dyno,
    log: &DynoLog,
    orders: &mut ChildStdin,
    time_to_live: Option<Duration>,
    grace: Duration,
) -> Infallible {
    let mut wanted = dyno.end.subscribe();
    let expiry = async {
        match time_to_live {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = wanted.wait_for(|end| *end >= End::Stop) => {}
        () = expiry => {}
    }
    if *dyno.end.borrow() < End::Kill {
        log.platform("Stopping all processes with SIGTERM");
        order(orders, supervisor::TERMINATE).await;
        tokio::select! {
            _ = wanted.wait_for(|end| *end >= End::Kill) => {}
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
    fn new(log: &Arc<Log>, name: &str) -> Self {
        Self { log: Arc::clone(log), process: name.into() }
    }

    /// What the dyno printed.
    pub(crate) fn output(&self, text: &[u8]) {
        self.log.append(Source::App, &self.process, text);
    }

    fn platform(&self, message: &str) {
        self.log.append(Source::Heroku, &self.process, message.as_bytes());
    }
}
