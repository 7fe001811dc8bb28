//! The Heroku Platform API and its log streams on loopback, for people without an account and for tests. One-off dynos
//! are real processes, started from an app's folder by the rules of its Procfile.
//!
//! Three listeners: the API, the streams (on Heroku they have hosts of their own too), and the built page. A request
//! comes over a `connection` that a `listener` took, passes `request_log`, `host` and then `api`, `stream` or `page`. What
//! goes wrong on demand, in the API and in streams, is in `faults`; limits that can be chosen are in `behaviour`, and what
//! the newer platform does otherwise is in `generation`. All apps belong to one `account`, which has a `rate_limit`.
//!
//! An `app` has releases (`release`), each of a `slug` and `config_vars`; `dynos`; a `formation` that keeps some of them
//! running; and a `log`, which `stream` reads. A `dyno` gets the `packages` of its app, a `folder` and an `environment` of
//! its own, and a process that watches over it (`supervisor`, `supervision` from here; `process_table` finds what it
//! starts); its `output` becomes lines of the log, its `memory` is sampled, and `web` says whether it listens. What all
//! apps share of the machine is in `machine`. A `keeper` removes what an emulator that is killed leaves.
//!
//! Where it differs from Heroku on purpose:
//!
//! - A slow reader loses lines only after 256 MiB, not after 1,024 messages. No two lines have the same time stamp. A
//!   dyno's name is not soon given again.
//! - Nobody pushes: a release is made when the emulator starts, and when somebody asks for something and the folder has
//!   changed; whoever asks waits for the release phase. A slug has what git would have without a look into git: what
//!   `.gitignore` names is left out even if it was committed. `node_modules` and a Cargo project's `target` are links to
//!   the folder's own, since no buildpack fills them; what a dyno writes there stays. A bad line in a Procfile is an error.
//! - Config vars come from `.env` in the folder. What the API sets of them lasts as long as the emulator.
//! - Packages are installed for Python alone, with the machine's own, when the first dyno needs them; `runtime.txt` and
//!   its like mean nothing. Apps in other languages run with what the machine has, found by the caller's PATH.
//! - Process types begin with no dynos, `web` too. What crashes is started again at once, and when it crashes again after
//!   a pause of 10 seconds that doubles up to 5 minutes; on Heroku 20 minutes are the shortest.
//! - There is no router: each web dyno listens at a PORT of its own. Dynos share the machine's network and its temporary
//!   files.
//! - Dynos of all sizes get the processors that the machine has. Their memory is sampled twice a second, and only on
//!   Linux. Elsewhere, too, a process that leaves its dyno's process group is not found when the dyno ends.
//! - Log sessions expire as they did in 2013, but their streams go on unless told otherwise.
//! - Apps of Fir are an option, with Cedar's dyno sizes, formation names and log sources.
//! - A reader of events that comes back with `Last-Event-ID` gets what it has missed, as long as the history has it,
//!   which Heroku promises for the output of releases alone.
//! - There are endpoints `/emulator/faults` and `/emulator/streams`.

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
mod keeper;
mod listener;
mod log;
mod machine;
#[cfg(target_os = "linux")]
mod memory;
mod output;
mod packages;
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
mod supervision;
mod supervisor;
mod timestamp;
mod web;

pub use behaviour::Behaviour;
pub use faults::AtExpiry;
pub use generation::Generation;
pub use host::parse_loopback;
pub use server::{AppConfig, Config, Emulator, PageConfig, StartError};

use std::process::ExitCode;

/// Is one of the emulator's own helpers, a dyno's supervisor or the keeper of its folder, if this process was started as
/// one, and returns its exit code then.
///
/// A program that starts an [`Emulator`] calls this first thing in `main`, before it has threads or reads arguments.
pub fn supervise() -> Option<ExitCode> {
    match std::env::args_os().nth(1)?.to_str()? {
        supervisor::ARGUMENT => Some(supervisor::run()),
        keeper::ARGUMENT => Some(keeper::run()),
        _ => None,
    }
}
