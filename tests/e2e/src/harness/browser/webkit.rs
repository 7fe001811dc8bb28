//! WebKit: WebKitGTK's small browser, driven by WebKitWebDriver, on an X server of its own, since it has no headless
//! mode.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Driver, TIME_ZONE};
use crate::harness::child::ChildProcess;
use crate::harness::processes::listening_port;
use crate::harness::{environment, wait};

pub(super) fn capabilities() -> Value {
    json!({
        "webkitgtk:browserOptions": {
            "binary": environment::mini_browser(),
            // A turn of the wheel is over when it has been reported.
            "args": ["--automation", "--geometry=1280x900", "--enable-smooth-scrolling=false"],
        },
    })
}

pub(super) async fn start_driver() -> Driver {
    let folder = TempDir::new().expect("a temporary folder");
    let mut command = Command::new(environment::xvfb());
    // It takes a free display and says which. It ends with its last window, and then removes its files.
    command.args(["-displayfd", "1", "-terminate", "-nolisten", "tcp", "-screen", "0", "1280x1024x24"]);
    let (x_server, mut lines) = ChildProcess::start(command.stderr(Stdio::null()));
    let display = lines.next_line().await.expect("the X server's output").expect("the X server starts");

    let mut command = Command::new(environment::webkit_driver());
    command
        .arg("--port=0")
        .env("DISPLAY", format!(":{display}"))
        .env("TMPDIR", folder.path())
        .env("HOME", folder.path())
        .env("TZ", TIME_ZONE)
        // A container cannot start the sandbox, and the pages are our own.
        .env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1")
        .stderr(Stdio::null());
    let (child, _) = ChildProcess::start(&mut command);
    // It does not say which port it took.
    let port = wait(async || listening_port(child.id()).ok_or("it does not listen".to_owned())).await;
    let mut driver = Driver::new(child, port.expect("WebKitWebDriver's port"), folder);
    driver.x_server = Some(x_server);
    driver
}
