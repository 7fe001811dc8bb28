//! What the scenarios share: a browser, an emulator, app folders, and a server that answers as a test says.

mod app;
mod browser;
mod child;
mod emulator;
mod environment;
mod observers;
mod page;
mod pages;
mod processes;
mod scripted;
mod traffic;

use std::time::{Duration, Instant};

pub(crate) use self::app::{App, Gate};
pub(crate) use self::browser::Engine;
pub(crate) use self::emulator::{APP, Emulator, KEY};
pub(crate) use self::environment::{change_module, copy_of_dist, dist};
pub(crate) use self::page::{Page, Row, control};
pub(crate) use self::pages::Pages;
pub(crate) use self::processes::processes_with;
pub(crate) use self::scripted::{Answer, DYNO, Received, SUBFOLDER, ScriptedServer};
pub(crate) use self::traffic::Request;

/// How long a condition may take. Far more than any takes: only a failing test waits for it.
const DEADLINE: Duration = Duration::from_secs(30);

/// Between two looks at a condition.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks until `condition` gives a value; `Err` is what was seen instead. Past the deadline the last look's error
/// comes back.
async fn wait<T>(mut condition: impl AsyncFnMut() -> Result<T, String>) -> Result<T, String> {
    let start = Instant::now();
    loop {
        match condition().await {
            Ok(value) => return Ok(value),
            Err(seen) if start.elapsed() > DEADLINE => return Err(seen),
            Err(_) => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}
