//! The process between the emulator and a dyno: it starts the dyno's command, ends the dyno's whole tree, and
//! outlives the emulator just long enough to do so.
//!
//! It is the emulator's own binary, started with [`ARGUMENT`]. Its stdin is the emulator's orders, one a line: first a
//! [`Launch`] as JSON, then [`TERMINATE`] and [`KILL`]; its end means that the emulator is gone. Its stdout tells what
//! became of them: [`STARTED`], then [`EXITED`] with the exit status. Its stderr is the pipe for the dyno's output, which
//! therefore ends when the last process of the dyno and the supervisor have ended.
//!
//! On Linux it is a child subreaper: whatever the dyno leaves behind, in whatever session or process group, becomes
//! its child and is found and ended. Elsewhere the dyno's process group has to do.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};
use serde::{Deserialize, Serialize};

#[cfg(target_os = "linux")]
use crate::process_table;
use crate::slug;

/// First argument of the binary when it is to be a supervisor.
pub(crate) const ARGUMENT: &str = "supervise-dyno";

/// Order: SIGTERM to every process of the dyno.
pub(crate) const TERMINATE: &str = "terminate";
/// Order: SIGKILL to every process of the dyno.
pub(crate) const KILL: &str = "kill";
/// Report: the command runs.
pub(crate) const STARTED: &str = "started";
/// Report: the command ended and so did all it left behind; its exit status follows, 128 + N for signal N.
pub(crate) const EXITED: &str = "exited ";

/// Exit status of a command that could not be started, by the shells' convention.
const CANNOT_EXECUTE: i32 = 126;

/// How long to wait for killed processes before looking for more.
const BETWEEN_KILLS: Duration = Duration::from_millis(2);

/// What to start. It comes through the pipe, so that neither its environment nor its command is the supervisor's own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Launch {
    pub(crate) shell: String,
    pub(crate) command: String,
    /// What the home is a copy of.
    pub(crate) slug: PathBuf,
    /// An empty folder, in which the command starts.
    pub(crate) home: PathBuf,
    pub(crate) environment: BTreeMap<String, String>,
}

/// The whole life of a supervisor. Its exit code says only whether it was used as it is meant to be.
pub(crate) fn run() -> ExitCode {
    match supervise() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "The dyno could not be run: {error}");
            ExitCode::FAILURE
        }
    }
}

fn supervise() -> std::io::Result<()> {
    // Away from the terminal: its Ctrl-C is for the emulator, and a dyno has no terminal to read from.
    rustix::process::setsid()?;
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;

    let mut orders = BufReader::new(std::io::stdin());
    let mut first = String::new();
    if orders.read_line(&mut first)? == 0 {
        return Ok(());
    }
    let launch: Launch = serde_json::from_str(&first)?;
    let started = start(&launch);
    report(STARTED);
    let status = match started {
        Ok(command) => {
            std::thread::spawn(move || follow(orders, command));
            wait(command)?
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            CANNOT_EXECUTE
        }
    };
    report(&format!("{EXITED}{status}"));
    Ok(())
}

/// Starts the command in a process group of its own, whose id is the command's.
fn start(launch: &Launch) -> std::io::Result<Pid> {
    slug::copy_all(&launch.slug, &launch.home).map_err(std::io::Error::other)?;
    let output = std::io::stderr().as_fd().try_clone_to_owned()?;
    let child = Command::new(&launch.shell)
        .arg("-c")
        .arg(&launch.command)
        .current_dir(&launch.home)
        .env_clear()
        .envs(&launch.environment)
        .stdin(Stdio::null())
        .stdout(output)
        .process_group(0)
        .spawn()
        .map_err(|error| std::io::Error::other(format!("{}: {error}", launch.shell)))?;
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    id.ok_or_else(|| std::io::Error::other("a process without an id"))
}

fn report(report: &str) {
    // If the emulator is gone, nobody needs to know; the end of its orders does the rest.
    let mut reports = std::io::stdout();
    let _ = writeln!(reports, "{report}").and_then(|()| reports.flush());
}

/// Carries out orders until they end. A dyno that is killed here is seen to end by [`wait`], which ends the supervisor.
fn follow(orders: impl BufRead, command: Pid) {
    for order in orders.lines().map_while(Result::ok) {
        match order.as_str() {
            TERMINATE => signal(command, Signal::TERM),
            KILL => signal(command, Signal::KILL),
            _ => {}
        }
    }
    signal(command, Signal::KILL);
}

/// Waits for the command, then ends what it left behind, as Heroku ends a dyno with its process.
fn wait(command: Pid) -> std::io::Result<i32> {
    let status = loop {
        match retry(|| rustix::process::wait(WaitOptions::empty()))? {
            Some((process, status)) if process == command => break status,
            // An orphan that ended.
            _ => {}
        }
    };
    loop {
        signal(command, Signal::KILL);
        loop {
            match retry(|| rustix::process::wait(WaitOptions::NOHANG)) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                // No child left, dead or alive, means no process of the dyno left: orphans become our children at once.
                Err(_) => return Ok(number(status)),
            }
        }
        std::thread::sleep(BETWEEN_KILLS);
    }
}

fn number(status: WaitStatus) -> i32 {
    let by_signal = || 128 + status.terminating_signal().unwrap_or_default();
    status.exit_status().unwrap_or_else(by_signal)
}

fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}

/// Kills what a supervisor left that was itself killed, by its own dyno or by hand. Processes that left its session are
/// not found any more.
#[cfg(target_os = "linux")]
pub(crate) fn end_session(supervisor: i32) {
    // Some may fork while they are looked for; each round leaves fewer.
    for _ in 0..100 {
        let members = process_table::session(supervisor);
        if members.is_empty() {
            break;
        }
        for process in members {
            let _ = rustix::process::kill_process(process, Signal::KILL);
        }
    }
}

/// Without `/proc` there is no way to find them.
#[cfg(not(target_os = "linux"))]
pub(crate) fn end_session(_supervisor: i32) {}

/// Sends a signal to every process of the dyno that can be found.
#[cfg(target_os = "linux")]
fn signal(_command: Pid, signal: Signal) {
    for process in process_table::descendants() {
        // A failure is a process that ended in between.
        let _ = rustix::process::kill_process(process, signal);
    }
}

/// Sends a signal to the command's process group.
#[cfg(not(target_os = "linux"))]
fn signal(command: Pid, signal: Signal) {
    let _ = rustix::process::kill_process_group(command, signal);
}
