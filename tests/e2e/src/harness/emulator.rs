//! The emulator as a child process.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::{NamedTempFile, TempDir};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
        Self::start_with_arguments(app, &[]).await
    }

    /// With another page than the built one.
    pub(crate) async fn start_with_page(app: App, page: &Path) -> Self {
        Self::start_with(app, page, &[]).await
    }

    /// With more arguments than it has anyway.
    pub(crate) async fn start_with_arguments(app: App, arguments: &[&str]) -> Self {
        if !observers::are_served() {
            return Self::start_with(app, &environment::dist(), arguments).await;
        }
        let page = environment::copy_with_observers();
        let mut emulator = Self::start_with(app, page.path(), arguments).await;
        emulator._page = Some(page);
        emulator
    }

    async fn start_with(app: App, page: &Path, arguments: &[&str]) -> Self {
        let log = NamedTempFile::new().expect("a temporary file");
        let mut command = Command::new(environment::emulator());
        command
            .args(["--json", "--app", APP, "--key", KEY, "--stop-grace", "1"])
            .args(["--listen", "127.0.0.1:0", "--page-listen", "127.0.0.1:0"])
            .arg("--source")
            .arg(app.folder())
            .arg("--page")
            .arg(page)
            .args(arguments)
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

    /// Lets requests go wrong: a rule for `/emulator/faults`, or an array of them. A rule with a `reset` has to be there
    /// before the page calls the API, or the browser may send that request again by itself.
    pub(crate) async fn fault(&self, rule: Value) {
        self.call_faults("POST", &rule.to_string(), 201).await;
    }

    /// Lets requests go right again.
    pub(crate) async fn clear_faults(&self) {
        self.call_faults("DELETE", "", 200).await;
    }

    async fn call_faults(&self, method: &str, body: &str, status: u16) {
        self.call(method, "/emulator/faults", body, status).await;
    }

    /// Lets the open streams go wrong, as a rule's `stream` says, and answers how many these are.
    pub(crate) async fn fault_streams(&self, faults: Value) -> u64 {
        let answer = self.call("POST", "/emulator/streams", &faults.to_string(), 200).await;
        answer["streams"].as_u64().unwrap_or_else(|| panic!("no number of streams: {answer}"))
    }

    /// How many streams are open.
    pub(crate) async fn open_streams(&self) -> u64 {
        let answer = self.call("GET", "/emulator/streams", "", 200).await;
        answer["streams"].as_u64().unwrap_or_else(|| panic!("no number of streams: {answer}"))
    }

    /// Sends a request with the key, and gives the answer's body.
    async fn call(&self, method: &str, path: &str, body: &str, status: u16) -> Value {
        let address = self.api.strip_prefix("http://").expect("an address of the API with http");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {KEY}\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut connection = TcpStream::connect(address).await.expect("a connection to the emulator");
        connection.write_all(request.as_bytes()).await.expect("a request to the emulator");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.expect("the emulator's answer");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{body}: {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").expect("an answer with a body");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
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
