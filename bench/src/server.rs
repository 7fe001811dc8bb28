//! The servers that the page meets: its own files, the Platform API's answers, and the log as fast as sockets take it.
//!
//! Each has a port of its own, as the hosts differ on Heroku: calls to the API have preflights.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};

use crate::payload::{Body, CREATED_AT, DYNO, Encoding, push_line};

/// The page waits this long for lines after the exit, in place of a second: the runs are many.
const TIMINGS: &str = "grace=100";

/// Read by the page where its addresses are rewritten.
const PUBLISHED_SOURCES: &str = "https://api.heroku.com https://*.heroku.com";
const PUBLISHED_API: &str = r#"<meta name="heroku-api" content="https://api.heroku.com">"#;
const NO_TIMINGS: &str = r#"<meta name="timings" content="">"#;

/// A page that drains the stream and does nothing with it: what there is to compare with.
const DRAIN: &str = "<!doctype html><title>drain</title><body><div class=panel></div>";

/// What the next streams bring.
#[derive(Clone, Debug)]
pub(crate) enum Log {
    /// All of it, as fast as it is taken.
    Whole(Arc<Body>),
    /// The middle again and again, until the dyno is stopped.
    UntilStopped(Arc<Body>),
    /// So many lines in a second, each sent by itself, for so long.
    Paced { lines_a_second: u32, duration: Duration },
}

/// What was noted of the newest run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    /// When the request to stop the dyno had arrived.
    pub(crate) stopped: Option<SystemTime>,
    /// When each paced line was sent, the platform's first two included.
    pub(crate) sent: Vec<SystemTime>,
}

struct Shared {
    log: Mutex<Log>,
    notes: Mutex<Notes>,
    is_stopped: Condvar,
    dist: PathBuf,
    page: String,
    api: String,
    stream: String,
}

pub(crate) struct Servers(Arc<Shared>);

impl Servers {
    /// Serves the built page in `dist`, until the process ends.
    pub(crate) fn start(dist: &Path, log: Log) -> Result<Self> {
        let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port");
        let (page, api, stream) = (listen()?, listen()?, listen()?);
        let origin = |listener: &TcpListener| -> Result<String> {
            Ok(format!("http://127.0.0.1:{}", listener.local_addr()?.port()))
        };
        let shared = Arc::new(Shared {
            log: Mutex::new(log),
            notes: Mutex::default(),
            is_stopped: Condvar::new(),
            dist: dist.to_owned(),
            page: origin(&page)?,
            api: origin(&api)?,
            stream: origin(&stream)?,
        });
        shared.index()?;
        accept(page, &shared, Shared::answer_page);
        accept(api, &shared, Shared::answer_api);
        accept(stream, &shared, Shared::answer_stream);
        Ok(Self(shared))
    }

    pub(crate) fn page(&self) -> String {
        format!("{}/", self.0.page)
    }

    pub(crate) fn drain(&self) -> String {
        format!("{}/drain", self.0.page)
    }

    /// The address that the log is streamed from.
    pub(crate) fn stream(&self) -> String {
        format!("{}/stream/0", self.0.stream)
    }

    /// From now on runs bring this log. What was noted is forgotten.
    pub(crate) fn bring(&self, log: Log) {
        *lock(&self.0.log) = log;
        *lock(&self.0.notes) = Notes::default();
    }

    pub(crate) fn notes(&self) -> Notes {
        lock(&self.0.notes).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Request {
    method: String,
    path: String,
}

fn accept(
    listener: TcpListener,
    shared: &Arc<Shared>,
    answer: fn(&Shared, &Request, TcpStream) -> Result<()>,
) {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || {
                // A connection that the browser gives up is its own affair.
                let _ = read_request(&connection).and_then(|request| answer(&shared, &request, connection));
            });
        }
    });
}

fn read_request(connection: &TcpStream) -> Result<Request> {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { bail!("no request: {line:?}") };
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    Ok(Request { method, path })
}

fn send(mut connection: TcpStream, status: &str, content_type: &str, body: &[u8]) -> Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nAccess-Control-Allow-Origin: *\r\n\
         Access-Control-Allow-Headers: authorization, content-type, accept\r\n\
         Access-Control-Allow-Methods: GET, POST\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
        body.len()
    );
    connection.write_all(&[head.as_bytes(), body].concat())?;
    Ok(())
}

impl Shared {
    /// The built page with these servers' addresses.
    fn index(&self) -> Result<String> {
        let path = self.dist.join("index.html");
        let html =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let api = PUBLISHED_API.replace("https://api.heroku.com", &self.api);
        let replacements = [
            (PUBLISHED_SOURCES, format!("{} {}", self.api, self.stream)),
            (PUBLISHED_API, api),
            (NO_TIMINGS, NO_TIMINGS.replace("\"\"", &format!("{TIMINGS:?}"))),
        ];
        replacements.iter().try_fold(html, |html, (published, own)| {
            if html.matches(published).count() != 1 {
                bail!("{} has to contain {published:?} once", path.display());
            }
            Ok(html.replace(published, own))
        })
    }

    fn answer_page(&self, request: &Request, connection: TcpStream) -> Result<()> {
        match request.path.trim_start_matches('/') {
            "" => send(connection, "200 OK", "text/html; charset=utf-8", self.index()?.as_bytes()),
            "drain" => send(connection, "200 OK", "text/html; charset=utf-8", DRAIN.as_bytes()),
            name => match std::fs::read(self.dist.join(name)) {
                Ok(file) => send(connection, "200 OK", content_type(name), &file),
                Err(_) => send(connection, "404 Not Found", "text/plain", b""),
            },
        }
    }

    fn answer_api(&self, request: &Request, connection: TcpStream) -> Result<()> {
        let Request { method, path } = request;
        if method == "OPTIONS" {
            return send(connection, "200 OK", "text/plain", b"");
        }
        let dyno = format!(
            r#"{{"id":"01234567-89ab-cdef-0123-456789abcdef","name":"{DYNO}","state":"up","type":"run","size":"Basic","command":"serverless","created_at":"{CREATED_AT}"}}"#
        );
        let body = if path.ends_with("/log-sessions") {
            format!(r#"{{"logplex_url":"{}/stream/1"}}"#, self.stream)
        } else if path.ends_with("/actions/stop") {
            lock(&self.notes).stopped = Some(SystemTime::now());
            self.is_stopped.notify_all();
            "{}".to_owned()
        } else if path.ends_with("/dynos") && method == "GET" {
            format!("[{dyno}]")
        } else if path.contains("/dynos") {
            dyno
        } else if path.starts_with("/account/rate-limits") {
            r#"{"remaining":4500}"#.to_owned()
        } else {
            r#"{"name":"bench","generation":{"name":"cedar"},"stack":{"name":"heroku-24"}}"#.to_owned()
        };
        send(connection, "200 OK", "application/json", body.as_bytes())
    }

    fn answer_stream(&self, _: &Request, mut connection: TcpStream) -> Result<()> {
        connection.set_nodelay(true)?;
        let log = lock(&self.log).clone();
        let encoding = match &log {
            Log::Whole(body) | Log::UntilStopped(body) => body.encoding,
            Log::Paced { .. } => Encoding::Events,
        };
        let content_type = match encoding {
            Encoding::Plain => "text/plain",
            Encoding::Events => "text/event-stream",
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\
             Access-Control-Allow-Origin: *\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        );
        connection.write_all(head.as_bytes())?;
        match log {
            Log::Whole(body) => {
                for part in [&body.begin, &body.middle, &body.end] {
                    connection.write_all(part)?;
                }
            }
            Log::UntilStopped(body) => {
                connection.write_all(&body.begin)?;
                while lock(&self.notes).stopped.is_none() {
                    connection.write_all(&body.middle)?;
                }
                connection.write_all(&body.end)?;
            }
            Log::Paced { lines_a_second, duration } => {
                self.pace(&mut connection, lines_a_second, duration)?
            }
        }
        connection.write_all(b"0\r\n\r\n")?;
        Ok(())
    }

    fn pace(&self, connection: &mut TcpStream, lines_a_second: u32, duration: Duration) -> Result<()> {
        let mut number = 0;
        let mut send_line = |source: &str, message: &str| -> Result<()> {
            number += 1;
            let now = SystemTime::now();
            lock(&self.notes).sent.push(now);
            let time = humantime::format_rfc3339_micros(now);
            let mut frame = Vec::new();
            push_line(&mut frame, number, &format!("{time} {source}[{DYNO}]: {message}"), Encoding::Events);
            // A whole chunk: a line is not held back for the next one.
            let chunk = format!("{:x}\r\n", frame.len());
            connection.write_all(&[chunk.as_bytes(), &frame, b"\r\n"].concat())?;
            Ok(())
        };
        send_line("heroku", "Starting process with command `serverless`")?;
        send_line("heroku", "State changed from starting to up")?;
        let begin = Instant::now();
        for index in 0..u64::from(lines_a_second) * duration.as_secs() {
            let due = Duration::from_secs(index) / lines_a_second;
            std::thread::sleep(due.saturating_sub(begin.elapsed()));
            send_line("app", &crate::payload::output(index as usize))?;
        }
        send_line("heroku", "Process exited with status 0")?;
        send_line("heroku", "State changed from up to complete")
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
