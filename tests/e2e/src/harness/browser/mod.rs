//! A browser, driven by its driver: what WebDriver offers in every engine. What is an engine's own is in its file.

mod chromium;
mod firefox;
mod webkit;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;

use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{BufReader, Lines};
use tokio::net::unix::pipe;

use super::child::ChildProcess;

/// The time zone of every browser: no whole hour away from the one in which logs are stamped.
const TIME_ZONE: &str = "Asia/Kolkata";

/// What the tests run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl Engine {
    /// The one that the environment names; Chromium when it names none.
    pub(crate) fn chosen() -> Self {
        match std::env::var("E2E_BROWSER").as_deref() {
            Err(_) | Ok("chromium") => Self::Chromium,
            Ok("firefox") => Self::Firefox,
            Ok("webkit") => Self::WebKit,
            Ok(other) => panic!("E2E_BROWSER is {other:?}, and not chromium, firefox or webkit"),
        }
    }
}

/// A browser with a profile of its own; both end with this value.
pub(crate) struct Browser {
    pub(crate) client: Client,
    _driver: Driver,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let (mut driver, capabilities) = match Engine::chosen() {
            Engine::Chromium => (chromium::start_driver().await, chromium::capabilities()),
            Engine::Firefox => (firefox::start_driver().await, firefox::capabilities()),
            Engine::WebKit => (webkit::start_driver().await, webkit::capabilities()),
        };
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
        let mut result = self.client.execute(script, arguments.clone()).await;
        // On a loaded machine WebKit's driver now and then cannot read the answer to a script ("Could not parse script
        // result", or no word at all), or loses it when the page reloads meanwhile. The script itself may have run, so
        // it is one that may run twice.
        if Engine::chosen() == Engine::WebKit && result.as_ref().is_err_and(is_drivers_own) {
            result = self.client.execute(script, arguments).await;
        }
        result.unwrap_or_else(|error| panic!("a script failed: {error:?}\n{script}"))
    }
}

/// Whether the driver failed rather than the script.
fn is_drivers_own(error: &CmdError) -> bool {
    matches!(error, CmdError::Standard(error)
        if ["", "Could not parse script result", "Callback was not called before the unload event."]
            .contains(&error.message.as_ref()))
}

/// A running driver, which listens on a port of its own choice.
struct Driver {
    child: ChildProcess,
    port: u16,
    session: Option<String>,
    /// What an engine without a headless mode shows its window on.
    x_server: Option<ChildProcess>,
    /// For the profile, and whatever else driver and browser put down. Removed after all have ended.
    _folder: TempDir,
}

impl Driver {
    fn new(child: ChildProcess, port: u16, folder: TempDir) -> Self {
        Self { child, port, session: None, x_server: None, _folder: folder }
    }
}

/// Starts a driver that says its port behind `mark`. It chooses a free one, and ends when another program has taken that
/// meanwhile, so it gets three attempts.
async fn start_driver(command: &mut Command, mark: &str, folder: TempDir) -> Driver {
    let mut outputs = Vec::new();
    while outputs.len() < 3 {
        let (child, lines) = ChildProcess::start(command);
        match port_in(lines, mark).await {
            Ok(port) => return Driver::new(child, port, folder),
            Err(output) => outputs.push(output),
        }
    }
    panic!("{command:?} named no port: {outputs:#?}");
}

impl Drop for Driver {
    /// The browser is the driver's child, so the driver has to end it.
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            // Whatever goes wrong here, the driver is ended below.
            let _ = end_session(self.port, &session);
        }
        self.child.end();
        if let Some(x_server) = &mut self.x_server {
            x_server.end_after(Duration::from_secs(5));
        }
    }
}

/// Reads a driver's output up to the port, which stands behind `mark`; without one, all of it is the error.
async fn port_in(mut lines: Lines<BufReader<pipe::Receiver>>, mark: &str) -> Result<u16, String> {
    let mut output = String::new();
    while let Some(line) = lines.next_line().await.expect("the driver's output") {
        if let Some((_, port)) = line.trim_end_matches('.').split_once(mark) {
            // What it says later is not wanted, and must not fill the pipe.
            tokio::spawn(async move { tokio::io::copy(lines.get_mut(), &mut tokio::io::sink()).await });
            return Ok(port.parse().expect("a port"));
        }
        output += &line;
        output.push('\n');
    }
    Err(output)
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
