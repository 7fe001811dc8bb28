//! Firefox, driven by geckodriver.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Driver, TIME_ZONE};
use crate::harness::environment;

pub(super) fn capabilities() -> Value {
    json!({
        "moz:firefoxOptions": {
            "binary": environment::firefox(),
            "args": ["-headless", "--width=1280", "--height=900"],
            // A turn of the wheel is over when it has been reported.
            "prefs": { "general.smoothScroll": false },
        },
    })
}

pub(super) async fn start_driver() -> Driver {
    let folder = TempDir::new().expect("a temporary folder");
    let mut command = Command::new(environment::geckodriver());
    // Firefox looks into the home folder, too, whatever its profile.
    command.arg("--port=0").env("TMPDIR", folder.path()).env("HOME", folder.path()).env("TZ", TIME_ZONE);
    command.stderr(Stdio::null());
    super::start_driver(&mut command, "Listening on 127.0.0.1:", folder).await
}
