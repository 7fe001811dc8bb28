//! The Heroku Platform API and its log streams on loopback, for people without an account and for tests. One-off dynos
//! are real processes, started from an app's folder by the rules of its Procfile.
//!
//! Three listeners: the API, the streams (on Heroku they have hosts of their own too), and the built page. A request
//! comes over a `connection`, passes `request_log`, `host` and then `api`, `stream` or `page`. `api::dynos` starts a
//! `dyno`, which runs under a process of its own (`supervisor`), and whose `output` becomes lines of the `log`, which
//! `stream` reads. What goes wrong on demand, in the API and in streams, is in `faults`.
//!
//! Where it differs from Heroku on purpose: a slow reader loses lines only after 256 MiB, not after 1,024 messages; no
//! two lines have the same time stamp; a dyno's name is not soon given again; dynos of all
//! sizes get what the machine has, in the source folder itself, with the caller's HOME and PATH; there is an endpoint
//! `/emulator/faults`.

mod account;
mod api;
mod app;
mod connection;
mod dyno;
mod environment;
mod faults;
mod host;
mod log;
mod output;
mod page;
#[cfg(target_os = "linux")]
mod process_table;
mod procfile;
mod rate_limit;
mod request_log;
mod server;
mod session;
mod sizes;
mod stream;
mod supervisor;
mod timestamp;

pub use host::parse_loopback;
pub use server::{Config, Emulator, PageConfig, StartError};

use std::process::ExitCode;

/// Is a dyno's supervisor, if this process was started as one, and returns its exit code then.
///
/// A program that starts an [`Emulator`] calls this first thing in `main`, before it has threads or reads arguments.
pub fn supervise() -> Option<ExitCode> {
    let argument = std::env::args_os().nth(1)?;
    (argument == supervisor::ARGUMENT).then(supervisor::run)
}
