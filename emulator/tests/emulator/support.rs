//! A running emulator, and the plainest HTTP client that shows what is on the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Nothing takes this long unless it never comes.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const APP: &str = "demo-app";
pub(crate) const KEY: &str = "HRKU-test-key";

/// The tutorial's function.
pub(crate) fn one_off_dyno() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../one-off-dyno")
}

/// Waits for a condition.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A folder that vanishes with the test.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("emulator-test-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn with(self, name: &str, content: &str) -> Self {
        std::fs::write(self.0.join(name), content).unwrap();
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The emulator's command, without what the person who runs the tests has in the environment for it.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heroku-emulator"));
    command.env_remove("HEROKU_API_KEY").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running emulator. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Emulator {
    child: Child,
    log: Option<JoinHandle<String>>,
    /// `127.0.0.1:1234`
    pub(crate) api: String,
    pub(crate) page: Option<String>,
}

impl Emulator {
    /// Serves the tutorial's function.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let source = one_off_dyno();
        let mut command = command();
        command.args(["--app", APP, "--key", KEY, "--source"]).arg(source).args(arguments);
        Self::spawn(command)
    }

    /// Serves the app in `folder`.
    pub(crate) fn of(folder: &Folder) -> Self {
        Self::start_with(&["--source", folder.path().to_str().unwrap()])
    }

    /// Adds what every test wants and waits until it serves.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command
            .args(["--json", "--listen", "127.0.0.1:0", "--page-listen", "127.0.0.1:0"])
            .spawn()
            .unwrap();
        let mut greeting = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut greeting).unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        if greeting.is_empty() {
            panic!("it did not start: {}", log.join().unwrap());
        }
        let greeting: Value = serde_json::from_str(&greeting).unwrap();
        let address =
            |name: &str| greeting[name].as_str().map(|url| url.strip_prefix("http://").unwrap().to_owned());
        Self { child, log: Some(log), api: address("api").unwrap(), page: address("page") }
    }

    /// A request as the page makes it.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Response {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let authorization = format!("Bearer {KEY}");
        let headers = [
            ("Accept", "application/vnd.heroku+json; version=3"),
            ("Authorization", &*authorization),
            ("Content-Type", "application/json"),
        ];
        request(&self.api, method, path, &headers, body.as_bytes())
    }

    /// Creates a dyno and returns its name.
    pub(crate) fn run(&self, command: &str) -> String {
        self.run_with(json!({"command": command}))
    }

    pub(crate) fn run_with(&self, parameters: Value) -> String {
        let created = self.call("POST", &format!("/apps/{APP}/dynos"), &parameters);
        assert_eq!(created.status, 201, "{}", created.text());
        created.json()["name"].as_str().unwrap().to_owned()
    }

    pub(crate) fn stop(&self, dyno: &str) {
        let stopped = self.call("POST", &format!("/apps/{APP}/dynos/{dyno}/actions/stop"), &Value::Null);
        assert_eq!((stopped.status, stopped.json()), (202, json!({})));
    }

    pub(crate) fn is_alive(&self, dyno: &str) -> bool {
        self.call("GET", &format!("/apps/{APP}/dynos/{dyno}"), &Value::Null).status == 200
    }

    /// Creates a log session and returns its URL.
    pub(crate) fn session(&self, parameters: &Value) -> String {
        let created = self.call("POST", &format!("/apps/{APP}/log-sessions"), parameters);
        assert_eq!(created.status, 201, "{}", created.text());
        created.json()["logplex_url"].as_str().unwrap().to_owned()
    }

    /// Reads the log as plain lines.
    pub(crate) fn stream(&self, parameters: &Value) -> Stream {
        Stream::open(&self.session(parameters), "*/*")
    }

    /// All lines of a dyno, from its start to its end, without their time stamps.
    pub(crate) fn lines_of(&self, dyno: &str) -> Vec<String> {
        let mut stream = self.stream(&json!({"dyno": dyno, "lines": 1500, "tail": true}));
        let mut lines = Vec::new();
        while !lines.last().is_some_and(|line: &String| line.ends_with(" to complete")) {
            lines.push(stream.line().unwrap().split_once(' ').unwrap().1.to_owned());
        }
        lines
    }

    /// What a dyno printed, each line ended, and its exit status.
    pub(crate) fn result_of(&self, dyno: &str) -> (String, i32) {
        let lines = self.lines_of(dyno);
        let header = format!("app[{dyno}]: ");
        let output =
            lines.iter().filter_map(|line| line.strip_prefix(&header)).map(|line| format!("{line}\n"));
        let exit = lines.iter().find_map(|line| line.split_once("]: Process exited with status "));
        (output.collect(), exit.unwrap().1.parse().unwrap())
    }

    /// The most memory that it has had so far, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Waits until it has ended by itself; also returns what it wrote to stderr.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        (status, self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The ids of the living processes that have `marker` in their environment.
#[cfg(target_os = "linux")]
pub(crate) fn processes_with(marker: &str) -> Vec<u32> {
    let holds = |id: &u32| {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        memchr::memmem::find(&environment, marker.as_bytes()).is_some()
    };
    let ids = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(holds).collect()
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }
}

/// One request over a connection of its own.
pub(crate) fn request(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Response {
    let mut stream = Stream::send(address, method, path, headers, body);
    let mut body = Vec::new();
    stream.body.read_to_end(&mut body).unwrap();
    Response { status: stream.status, headers: stream.headers, body }
}

/// All bytes that come for a request until the connection is closed, however that happens.
pub(crate) fn sent(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    match connect(address, method, path, headers, body).read_to_end(&mut bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => panic!("{error}"),
        _ => bytes,
    }
}

/// Sends a request over a new connection. `Host` and `Connection` are added unless `headers` has them.
fn connect(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> TcpStream {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in [("Host", address), ("Connection", "close")] {
        if !headers.iter().any(|(given, _)| *given == name) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    connection.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    // A server that refuses a body may close before it has all of it.
    let _ = connection.write_all(body);
    connection
}

/// A response whose body is read as it comes.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: BufReader<Body>,
}

impl Stream {
    pub(crate) fn open(url: &str, accept: &str) -> Self {
        let (address, path) = split(url);
        let stream = Self::send(&address, "GET", &path, &[("Accept", accept)], b"");
        assert_eq!(stream.status, 200);
        stream
    }

    pub(crate) fn send(
        address: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Self {
        let mut connection = BufReader::new(connect(address, method, path, headers, body));
        let mut line = || {
            let mut line = String::new();
            connection.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let status = line().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        while let Some((name, value)) = line().split_once(": ") {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = Body { connection, chunk: chunked.then_some(0) };
        Self { status, headers, body: BufReader::new(body) }
    }

    /// The next line without its end, as bytes; `None` at the end of the stream.
    pub(crate) fn bytes(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        self.body.read_until(b'\n', &mut line).unwrap();
        line.pop()?;
        Some(line)
    }

    /// The next line without its end; `None` at the end of the stream.
    pub(crate) fn line(&mut self) -> Option<String> {
        Some(String::from_utf8(self.bytes()?).unwrap())
    }

    /// Reads to the line that ends with `text`, and returns it.
    pub(crate) fn line_ending_with(&mut self, text: &str) -> String {
        loop {
            let line = self.line().unwrap_or_else(|| panic!("the stream ended before {text:?}"));
            if line.ends_with(text) {
                return line;
            }
        }
    }
}

/// Address and path of a URL.
pub(crate) fn split(url: &str) -> (String, String) {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    (address.to_owned(), format!("/{path}"))
}

/// A body, chunks put together.
#[derive(Debug)]
pub(crate) struct Body {
    connection: BufReader<TcpStream>,
    /// What is left of the current chunk; `None` when the body is not chunked and goes on to the connection's end.
    chunk: Option<usize>,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some(left) = &mut self.chunk else { return self.connection.read(buffer) };
        if *left == 0 {
            let mut size = String::new();
            while size.trim().is_empty() && self.connection.read_line(&mut size)? > 0 {}
            *left = usize::from_str_radix(size.trim(), 16).map_err(std::io::Error::other)?;
            if *left == 0 {
                self.chunk = None;
                return self.connection.read(&mut [0; 2]).map(|_| 0);
            }
        }
        let wanted = buffer.len().min(*left);
        let read = self.connection.read(&mut buffer[..wanted])?;
        *left -= read;
        Ok(read)
    }
}
