//! A server that serves the built page and answers its calls as a test says: for answers that no right server gives.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::environment::dist;
use super::observers;

/// What the built page calls.
const PUBLISHED_API: &str = r#"<meta name="heroku-api" content="https://api.heroku.com">"#;

/// The folder that the page is served below as well: GitHub Pages serves it below the repository's name.
pub(crate) const SUBFOLDER: &str = "/some/folder";

/// A dyno of the app of all tests, as the Platform API describes it (platform-api.md 3.2).
pub(crate) const DYNO: &str = r#"{"id":"01234567-89ab-cdef-0123-456789abcdef","name":"run.8361","state":"starting",
    "type":"run","size":"Basic","command":"serverless","created_at":"2026-01-02T03:04:05Z"}"#;

/// An answer to a call.
pub(crate) struct Answer {
    status: u16,
    content_type: &'static str,
    location: Option<&'static str>,
    body: Vec<u8>,
    /// Whether the answer goes on without an end, until the client closes the connection.
    is_open: bool,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::new(status, "application/json", body.into())
    }

    pub(crate) fn text(content_type: &'static str, body: &str) -> Self {
        Self::new(200, content_type, body.into())
    }

    /// The wish that the same request goes elsewhere (RFC 9110, 15.4.8).
    pub(crate) fn redirect(location: &'static str) -> Self {
        Self { location: Some(location), ..Self::new(307, "text/plain", Vec::new()) }
    }

    /// Plain lines, after which the stream stays open.
    pub(crate) fn open_stream(lines: &str) -> Self {
        Self { is_open: true, ..Self::text("text/plain", lines) }
    }

    fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status, content_type, location: None, body, is_open: false }
    }
}

/// A call as the server got it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A server on a free port of this machine, which ends with the test.
pub(crate) struct ScriptedServer {
    /// Page, API and streams alike; without a slash at the end.
    pub(crate) address: String,
    notes: Arc<Notes>,
}

/// What the server noted.
#[derive(Default)]
struct Notes {
    calls: Mutex<Vec<Received>>,
    closed_streams: AtomicUsize,
}

impl ScriptedServer {
    /// `script` gets a path below `/apps` or `/stream` and this server's address, and gives the answer.
    pub(crate) async fn start(script: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        let script = Arc::new(script);
        let (own_address, notes) = (address.clone(), Arc::<Notes>::default());
        let noted = Arc::clone(&notes);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, address, noted) = (Arc::clone(&script), own_address.clone(), Arc::clone(&noted));
                // A connection that breaks is the browser's affair.
                tokio::spawn(async move { answer(stream, &address, &noted, &*script).await });
            }
        });
        Self { address, notes }
    }

    /// What it was asked below `/apps` and `/stream`, in the order in which the requests were complete.
    pub(crate) fn calls(&self) -> Vec<Received> {
        self.notes.calls.lock().expect("the calls").clone()
    }

    /// How many of its open streams a client has closed.
    pub(crate) fn closed_streams(&self) -> usize {
        self.notes.closed_streams.load(Ordering::Relaxed)
    }
}

async fn answer(
    mut stream: TcpStream,
    address: &str,
    notes: &Notes,
    script: &(impl Fn(&str, &str) -> Answer + ?Sized),
) -> std::io::Result<()> {
    let Some(request) = read_request(&mut stream).await? else { return Ok(()) };
    let path = request.path.clone();
    let Answer { status, content_type, location, body, is_open } =
        if path.starts_with("/apps/") || path.starts_with("/stream") {
            notes.calls.lock().expect("the calls").push(request);
            script(&path, address)
        } else {
            file(&path, address)
        };
    let location = location.map(|location| format!("Location: {location}\r\n")).unwrap_or_default();
    // Without a length, an answer goes on until the connection is closed.
    let length = if is_open { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\nContent-Type: {content_type}\r\n{location}{length}Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    if is_open {
        // Its end or a reset: the client has closed it, whatever comes before.
        let _ = stream.read(&mut [0]).await;
        notes.closed_streams.fetch_add(1, Ordering::Relaxed);
        return Ok(());
    }
    stream.shutdown().await
}

/// Reads a request to its end; `None` for a connection without one.
pub(super) async fn read_request(stream: &mut TcpStream) -> std::io::Result<Option<Received>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).await?;
    let [method, path, _] = line.split(' ').collect::<Vec<_>>()[..] else { return Ok(None) };
    let mut request = Received { method: method.to_owned(), path: path.to_owned(), ..Received::default() };
    loop {
        line.clear();
        reader.read_line(&mut line).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        request.headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = request.headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some(request))
}

/// A file of the page. Its API becomes this server; the policy allows that as `'self'`.
fn file(path: &str, address: &str) -> Answer {
    let path = path.strip_prefix(SUBFOLDER).unwrap_or(path);
    let name = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
    if observers::are_served() && name == observers::FILE {
        return Answer::text("text/javascript", observers::SCRIPT);
    }
    let Ok(mut body) = std::fs::read(dist().join(name)) else {
        return Answer::new(404, "text/plain", Vec::new());
    };
    if name == "index.html" {
        let html = String::from_utf8(body).expect("index.html is text");
        assert_eq!(html.matches(PUBLISHED_API).count(), 1, "index.html has to name the API once");
        let html = html.replace(PUBLISHED_API, &PUBLISHED_API.replace("https://api.heroku.com", address));
        body = if observers::are_served() { observers::added_to(&html) } else { html }.into();
    }
    Answer::new(200, content_type(name), body)
}

pub(super) fn content_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
