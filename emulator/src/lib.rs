//! The Heroku Platform API and its log streams on loopback, for people without an account and for tests. One-off dynos
//! are real processes, started from an app's folder by the rules of its Procfile.
//!
//! Three listeners: the API, the streams (on Heroku they have hosts of their own too), and the built page. A request
//! comes over a `connection` that a `listener` took, passes `request_log`, `host` and then `api`, `stream` or `page`. What goes wrong on demand,
//! in the API and in streams, is in `faults`.
//!
//! An `app` has releases (`release`), each of a `slug` and `config_vars`, `dynos`, a `formation` that keeps some of them
//! running, and a `log`, which `stream` reads. A `dyno` runs in a `folder` of its own, with an `environment` of its own,
//! under a process of its own (`supervisor`), and its `output` becomes lines of the log. What all apps share of the
//! machine is in `machine`.
//!
//! Where it differs from Heroku on purpose: a slow reader loses lines only after 256 MiB, not after 1,024 messages; no
//! two lines have the same time stamp; a dyno's name is not soon given again; dynos of all sizes get what the machine
//! has, with the caller's PATH; a release is made when somebody asks for something and the folder has changed, and what
//! the API sets of config vars is not written to `.env`; process types begin with no dynos, `web` too, and what crashes
//! twice waits for 10 seconds at first and 5 minutes in the end, not for 20 minutes and hours; a bad line in a Procfile is
//! an error; there is an endpoint `/emulator/faults`.

mod account;
mod api;
mod app;
mod behaviour;
mod config_vars;
mod connection;
mod dyno;
mod dynos;
mod environment;
mod faults;
mod folder;
mod formation;
mod generation;
mod host;
mod listener;
mod log;
mod machine;
mod output;
mod page;
#[cfg(target_os = "linux")]
mod process_table;
mod procfile;
mod rate_limit;
mod release;
mod request_log;
mod server;
mod session;
mod sizes;
mod slug;
mod stream;
mod supervisor;
mod timestamp;

pub use behaviour::Behaviour;
pub use faults::AtExpiry;
pub use generation::Generation;
pub use host::parse_loopback;
pub use server::{AppConfig, Config, Emulator, PageConfig, StartError};

use std::process::ExitCode;

/// Is a dyno's supervisor, if this process was started as one, and returns its exit code then.
///
/// A program that starts an [`Emulator`] calls this first thing in `main`, before it has threads or reads arguments.
pub fn supervise() -> Option<ExitCode> {
    let argument = std::env::args_os().nth(1)?;
    (argument == supervisor::ARGUMENT).then(supervisor::run)
}
