//! The emulator's side of a [`supervisor`].

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::unix::pipe;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::supervisor;

/// A supervisor with its pipes.
#[derive(Debug)]
pub(crate) struct Supervisor {
    pub(crate) child: Child,
    pub(crate) orders: ChildStdin,
    pub(crate) reports: Lines<BufReader<ChildStdout>>,
    pub(crate) output: pipe::Receiver,
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

/// The supervisor ended without a report: killed by its own dyno, or by hand.
#[derive(Debug)]
pub(crate) struct SupervisorGone;

/// Gives an order.
pub(crate) async fn order(orders: &mut ChildStdin, order: &str) {
    // A supervisor that cannot take orders is noticed by the end of its reports.
    let _ = orders.write_all(format!("{order}\n").as_bytes()).await;
}

/// Waits for the report that begins with `what`, and returns the rest of it.
pub(crate) async fn report(
    reports: &mut Lines<BufReader<ChildStdout>>,
    what: &str,
) -> Result<String, SupervisorGone> {
    let report = reports.next_line().await.ok().flatten().ok_or(SupervisorGone)?;
    report.strip_prefix(what).map(str::to_owned).ok_or(SupervisorGone)
}
