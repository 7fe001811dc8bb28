//! Chromium, driven by chromedriver: what WebDriver offers, and two things of Chromium's own.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::child::ChildProcess;
use super::environment;

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

/// A browser with a profile of its own; both end with this value.
pub(crate) struct Browser {
    pub(crate) client: Client,
    _driver: Driver,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let mut driver = Driver::start().await;
        let capabilities = json!({
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": { "binary": environment::chromium(), "args": ARGUMENTS },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("it is an object") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .expect("a browser session");
        driver.session = client.session_id().await.expect("the session's id");
        Self { client, _driver: driver }
    }

    /// Runs a function's body in the page.
    pub(crate) async fn run_script(&self, script: &str, arguments: Vec<Value>) -> Value {
        let result = self.client.execute(script, arguments).await;
        result.unwrap_or_else(|error| panic!("a script failed: {error}\n{script}"))
    }

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

struct Driver {
    child: ChildProcess,
    port: u16,
    session: Option<String>,
    /// For the profile, and whatever else driver and browser put down. Removed after both have ended.
    _folder: TempDir,
}

impl Driver {
    async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let mut command = Command::new(environment::chromedriver());
        command.arg("--port=0").env("TMPDIR", folder.path()).stderr(Stdio::null());
        let (child, mut lines) = ChildProcess::start(&mut command);
        let mut driver = Self { child, port: 0, session: None, _folder: folder };
        while let Some(line) = lines.next_line().await.expect("chromedriver's output") {
            let port =
                line.trim_end_matches('.').split_once("successfully on port ").map(|(_, port)| port.parse());
            if let Some(port) = port {
                driver.port = port.expect("a port");
                // What it says later is not wanted, and must not fill the pipe.
                tokio::spawn(async move { tokio::io::copy(lines.get_mut(), &mut tokio::io::sink()).await });
                return driver;
            }
        }
        panic!("chromedriver named no port");
    }
}

impl Drop for Driver {
    /// The browser is the driver's child, so the driver has to end it.
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            // Whatever goes wrong here, the driver is ended below.
            let _ = end_session(self.port, &session);
        }
        self.child.end();
    }
}

/// Blocking, since a destructor cannot await.
fn end_session(port: u16, session: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    )?;
    // The answer comes when the browser has ended; the connection stays open after it, so its first byte has to do.
    stream.read_exact(&mut [0])
}
