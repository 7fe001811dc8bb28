//! Child processes: their output is read asynchronously, and they end with the value that stands for them.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::unix::pipe;

/// A running child.
pub(crate) struct ChildProcess(Child);

impl ChildProcess {
    /// Starts a program, without standard input, and gives the lines of its standard output.
    pub(crate) fn start(command: &mut Command) -> (Self, Lines<BufReader<pipe::Receiver>>) {
        let (sender, receiver) = pipe::pipe().expect("a pipe");
        let stdout = sender.into_blocking_fd().expect("the pipe's end");
        let child = command.stdin(Stdio::null()).stdout(stdout).spawn();
        let child = child.unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
        // Now the pipe's other end is the child's alone, and its end is the end of the output.
        command.stdout(Stdio::null());
        (Self(child), BufReader::new(receiver).lines())
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Lets it end by itself for as long as this, and ends it then. Blocking, for destructors.
    pub(crate) fn end_after(&mut self, patience: Duration) {
        let start = Instant::now();
        while start.elapsed() < patience && self.0.try_wait().is_ok_and(|status| status.is_none()) {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.end();
    }

    /// Ends it at once. Again changes nothing.
    pub(crate) fn end(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        self.end();
    }
}
