//! The emulator as a child process.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::{NamedTempFile, TempDir};

use super::app::App;
use super::child::ChildProcess;
use super::{environment, observers};

/// The name of every test's app.
pub(crate) const APP: &str = "sleepy-meadow";

/// The key of every test. Looked for in all that the page leaves behind, so it must not occur by chance.
pub(crate) const KEY: &str = "HRKU-5ca1ab1e-0ddb-411e-a5e1-f0ca1bead5e7";

/// A running emulator, which ends with this value, and all its dynos with it.
pub(crate) struct Emulator {
    /// Without a slash at the end.
    pub(crate) api: String,
    pub(crate) page: String,
    child: ChildProcess,
    app: App,
    log: NamedTempFile,
    /// The page that it serves, where that is a copy.
    _page: Option<TempDir>,
}

impl Emulator {
    pub(crate) async fn start(app: App) -> Self {
        if observers::are_served() {
            let page = environment::copy_of_dist();
            let mut emulator = Self::start_with_page(app, page.path()).await;
            emulator._page = Some(page);
            emulator
        } else {
            Self::start_with_page(app, &environment::dist()).await
        }
    }

    /// With another page than the built one.
    pub(crate) async fn start_with_page(app: App, page: &Path) -> Self {
        let log = NamedTempFile::new().expect("a temporary file");
        let mut command = Command::new(environment::emulator());
        command
            .args(["--json", "--app", APP, "--key", KEY, "--stop-grace", "1"])
            .args(["--listen", "127.0.0.1:0", "--page-listen", "127.0.0.1:0"])
            .arg("--source")
            .arg(app.folder())
            .arg("--page")
            .arg(page)
            .stderr(log.reopen().expect("the temporary file"));
        let (child, mut stdout) = ChildProcess::start(&mut command);
        let mut emulator = Self { api: String::new(), page: String::new(), child, app, log, _page: None };
        let greeting = stdout.next_line().await.expect("the emulator's output").unwrap_or_default();
        let greeting: Value = serde_json::from_str(&greeting)
            .unwrap_or_else(|error| panic!("the emulator's first line is no JSON ({error}): {greeting:?}"));
        let address = |name: &str| {
            let address = greeting[name].as_str().unwrap_or_else(|| panic!("no {name} in {greeting}"));
            address.trim_end_matches('/').to_owned()
        };
        (emulator.api, emulator.page) = (address("api"), address("page"));
        emulator
    }

    /// Method and path of the API's calls that it has answered, in order, preflights included.
    pub(crate) fn api_calls(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.log.path()).expect("the emulator's log");
        let call = |line: &str| {
            let (_, call) = line.split_once(" api: ")?;
            Some(call.split(' ').take(2).collect::<Vec<_>>().join(" "))
        };
        log.lines().filter_map(call).collect()
    }

    /// Ends it at once, as a machine that goes away does.
    pub(crate) fn end(&mut self) {
        self.child.end();
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.log.path()).unwrap_or_default();
            println!("--- the emulator of {}:\n{log}", self.app.folder().display());
        }
    }
}
