//! Chromium, driven by chromedriver, and two things of its own: the DevTools protocol and the browser's log.

use std::process::{Command, Stdio};

use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::{Browser, Driver, TIME_ZONE};
use crate::harness::environment;

const ARGUMENTS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // A turn of the wheel is over when it has been reported.
    "--disable-smooth-scrolling",
    "--window-size=1280,900",
];

pub(super) fn capabilities() -> Value {
    json!({
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        "goog:chromeOptions": { "binary": environment::chromium(), "args": ARGUMENTS },
    })
}

pub(super) async fn start_driver() -> Driver {
    let folder = TempDir::new().expect("a temporary folder");
    let mut command = Command::new(environment::chromedriver());
    command.arg("--port=0").env("TMPDIR", folder.path()).env("TZ", TIME_ZONE).stderr(Stdio::null());
    super::start_driver(&mut command, "successfully on port ", folder).await
}

impl Browser {
    /// Calls a method of the DevTools protocol.
    pub(crate) async fn devtools(&self, method: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": method, "params": parameters });
        self.vendor("goog/cdp/execute", body).await
    }

    /// What the browser noted since the last call: `performance` is the events of the DevTools protocol, `browser` is
    /// the console.
    pub(crate) async fn new_log_entries(&self, kind: &'static str) -> Vec<Value> {
        match self.vendor("se/log", json!({ "type": kind })).await {
            Value::Array(entries) => entries,
            other => panic!("the log {kind} is no list: {other}"),
        }
    }

    async fn vendor(&self, path: &'static str, body: Value) -> Value {
        let result = self.client.issue_cmd(VendorCommand { path, body: body.to_string() }).await;
        result.unwrap_or_else(|error| panic!("{path} failed: {error}\n{body}"))
    }
}

/// A command below the session that WebDriver does not know.
#[derive(Debug)]
struct VendorCommand {
    path: &'static str,
    body: String,
}

impl WebDriverCompatibleCommand for VendorCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.clone()))
    }
}
