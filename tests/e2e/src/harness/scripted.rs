//! A server that serves the built page and answers its calls as a test says: for answers that no right server gives.

use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::environment::dist;

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

    fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status, content_type, location: None, body }
    }
}

/// A server on a free port of this machine, which ends with the test.
pub(crate) struct ScriptedServer {
    /// Page, API and streams alike; without a slash at the end.
    pub(crate) address: String,
}

impl ScriptedServer {
    /// `script` gets a path below `/apps` or `/stream` and this server's address, and gives the answer.
    pub(crate) async fn start(script: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        let script = Arc::new(script);
        let own_address = address.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, address) = (Arc::clone(&script), own_address.clone());
                // A connection that breaks is the browser's affair.
                tokio::spawn(async move { answer(stream, &address, &*script).await });
            }
        });
        Self { address }
    }
}

async fn answer(
    mut stream: TcpStream,
    address: &str,
    script: &(impl Fn(&str, &str) -> Answer + ?Sized),
) -> std::io::Result<()> {
    let Some(path) = read_request(&mut stream).await? else { return Ok(()) };
    let Answer { status, content_type, location, body } =
        if path.starts_with("/apps/") || path.starts_with("/stream") {
            script(&path, address)
        } else {
            file(&path, address)
        };
    let location = location.map(|location| format!("Location: {location}\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\nContent-Type: {content_type}\r\n{location}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    stream.shutdown().await
}

/// Reads a request to its end, and gives its path; `None` for a connection without one.
pub(super) async fn read_request(stream: &mut TcpStream) -> std::io::Result<Option<String>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).await?;
    let Some(path) = line.split(' ').nth(1).map(str::to_owned) else { return Ok(None) };
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    reader.read_exact(&mut vec![0; length]).await?;
    Ok(Some(path))
}

/// A file of the page. Its API becomes this server; the policy allows that as `'self'`.
fn file(path: &str, address: &str) -> Answer {
    let path = path.strip_prefix(SUBFOLDER).unwrap_or(path);
    let name = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
    let Ok(mut body) = std::fs::read(dist().join(name)) else {
        return Answer::new(404, "text/plain", Vec::new());
    };
    if name == "index.html" {
        let html = String::from_utf8(body).expect("index.html is text");
        assert_eq!(html.matches(PUBLISHED_API).count(), 1, "index.html has to name the API once");
        body = html.replace(PUBLISHED_API, &PUBLISHED_API.replace("https://api.heroku.com", address)).into();
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
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
