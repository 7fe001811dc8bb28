//! What pages of other origins, other users of the machine and hostile clients get: little, and never the others' turn.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use crate::support::{APP, Emulator, KEY, Stream, command, eventually, one_off_dyno, request, split};

const ACCEPT: (&str, &str) = ("Accept", "application/vnd.heroku+json; version=3");

/// Nothing that a client without a key does may take so much of the emulator's memory.
#[cfg(target_os = "linux")]
const MEMORY: u64 = 100 * 1024 * 1024;

/// Lets this process have as many files open as it may, and returns how many these are.
fn raise_file_limit() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[test]
fn a_page_of_any_origin_gets_what_it_has_the_key_for_and_nothing_else() {
    let emulator = Emulator::start();
    let authorization = format!("Bearer {KEY}");
    for origin in [None, Some("null"), Some("https://evil.example"), Some("http://localhost:8080")] {
        let ask = |authorization: Option<&str>| {
            let origin = origin.map(|origin| ("Origin", origin));
            let authorization = authorization.map(|key| ("Authorization", key));
            let headers: Vec<_> = [Some(ACCEPT), origin, authorization].into_iter().flatten().collect();
            request(&emulator.api, "GET", &format!("/apps/{APP}/config-vars"), &headers, b"")
        };
        let (with, without) = (ask(Some(&authorization)), ask(None));
        assert_eq!((with.status, without.status), (200, 401), "{origin:?}");
        for answer in [with, without] {
            // The page is let in by its key, never by what the browser has stored.
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{origin:?}");
            assert_eq!(answer.header("access-control-allow-credentials"), None, "{origin:?}");
            assert_eq!(answer.header("set-cookie"), None, "{origin:?}");
            assert_eq!(answer.header("access-control-expose-headers"), None, "{origin:?}");
        }
    }
    // A form of another page can send this without a preflight, and has no key.
    let headers = [ACCEPT, ("Origin", "https://evil.example"), ("Content-Type", "text/plain")];
    let body = json!({"command": "touch /tmp/evil"}).to_string();
    let answer = request(&emulator.api, "POST", &format!("/apps/{APP}/dynos"), &headers, body.as_bytes());
    assert_eq!(answer.status, 401);
    assert_eq!(emulator.call("GET", &format!("/apps/{APP}/dynos"), &Value::Null).json(), json!([]));
}

#[test]
fn a_stream_is_opened_by_its_whole_token_alone() {
    let emulator = Emulator::start();
    let url = emulator.session(&json!({}));
    let (address, path) = split(&url);
    assert_eq!(request(&address, "GET", &path, &[], b"").status, 200);
    let (start, token) = path.split_once("token=").unwrap();
    assert_eq!(token.len(), 32);
    for guess in [&token[..31], &token[1..], &token.to_uppercase(), &format!("{token}0"), "%00", "*", KEY] {
        let status = request(&address, "GET", &format!("{start}token={guess}"), &[], b"").status;
        assert!(status == 404 || guess == token, "{guess}: {status}");
    }
}

/// Sends a body until the emulator wants no more of it, and returns the answer's status line.
fn send_without_end(emulator: &Emulator, key: &str, framing: &str, part: &[u8]) -> String {
    let mut connection = TcpStream::connect(&emulator.api).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let head = format!(
        "POST /apps/{APP}/dynos HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\n{}: {}\r\n{framing}\r\n\r\n",
        emulator.api, ACCEPT.0, ACCEPT.1
    );
    connection.write_all(head.as_bytes()).unwrap();
    let mut sender = connection.try_clone().unwrap();
    let part = part.to_vec();
    let sending = std::thread::spawn(move || (0..1024).all(|_| sender.write_all(&part).is_ok()));
    let mut answer = Vec::new();
    // It may be cut off by the reset that comes for what was sent too much.
    let _ = connection.read_to_end(&mut answer);
    assert!(!sending.join().unwrap(), "all of it was taken");
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_body_of_a_gigabyte_is_refused() {
    let emulator = Emulator::start();
    let mebibyte = vec![b' '; 1024 * 1024];
    let chunk = [b"100000\r\n", &mebibyte[..], b"\r\n"].concat();
    for (framing, part) in [("Content-Length: 1073741824", &mebibyte), ("Transfer-Encoding: chunked", &chunk)]
    {
        for key in [KEY, "wrong"] {
            let status = send_without_end(&emulator, key, framing, part);
            let expected = if key == KEY { "413" } else { "401" };
            // What was sent too much can make the system throw the answer away.
            assert!(status.is_empty() || status.starts_with(&format!("HTTP/1.1 {expected} ")), "{status}");
        }
    }
    assert_eq!(emulator.call("GET", "/account", &Value::Null).status, 200);
    #[cfg(target_os = "linux")]
    assert!(emulator.peak_memory() < MEMORY, "{}", emulator.peak_memory());
}

#[test]
fn a_head_without_end_is_refused() {
    let emulator = Emulator::start();
    let mut connection = TcpStream::connect(&emulator.api).unwrap();
    let line = format!("X-Y: {}\r\n", "z".repeat(10_000));
    connection.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    assert!((0..1000).any(|_| connection.write_all(line.as_bytes()).is_err()), "all of it was taken");
    assert_eq!(emulator.call("GET", "/account", &Value::Null).status, 200);
}

#[test]
fn thousands_of_connections_are_open_and_others_are_served() {
    // Each has an end here, too.
    let count = usize::try_from(raise_file_limit().saturating_sub(500).min(2_000)).unwrap();
    let emulator = Emulator::start();
    let dyno = emulator.run("exec sleep 600");
    let (stream, _) = split(&emulator.session(&json!({})));
    let idle: Vec<TcpStream> = (0..count)
        .map(|index| {
            let address = if index % 2 == 0 { &emulator.api } else { &stream };
            let mut connection = TcpStream::connect(address).unwrap();
            connection.write_all(b"GET /account HTTP/1.1\r\n").unwrap();
            connection
        })
        .collect();
    assert_eq!(emulator.call("GET", &format!("/apps/{APP}/dynos/{dyno}"), &Value::Null).status, 200);
    let another = emulator.run("echo on");
    assert_eq!(emulator.result_of(&another), ("on\n".to_owned(), 0));
    #[cfg(target_os = "linux")]
    assert!(emulator.peak_memory() < MEMORY, "{}", emulator.peak_memory());
    drop(idle);
}

#[test]
fn where_files_are_few_idle_connections_give_way_to_others() {
    let mut shell = Command::new("bash");
    shell.env_remove("HEROKU_API_KEY").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.args(["-c", "ulimit -n 200; exec \"$@\"", "bash"]).arg(command().get_program());
    shell.args(["--app", APP, "--key", KEY, "--source"]).arg(one_off_dyno());
    let emulator = Emulator::spawn(shell);
    let dyno = emulator.run("echo on; exec sleep 600");
    let mut follower = emulator.stream(&json!({"dyno": dyno, "lines": 1500, "tail": true}));
    follower.line_ending_with("on");
    let idle: Vec<TcpStream> = (0..300).map(|_| TcpStream::connect(&emulator.api).unwrap()).collect();
    assert_eq!(emulator.call("GET", "/account", &Value::Null).status, 200);
    assert_eq!(emulator.result_of(&emulator.run("echo there is room")), ("there is room\n".to_owned(), 0));
    // A stream that goes on is none of them.
    emulator.stop(&dyno);
    follower.line_ending_with("Stopping all processes with SIGTERM");
    let mut closed = 0;
    for mut connection in &idle {
        connection.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        closed += usize::from(matches!(connection.read(&mut [0]), Ok(0)));
    }
    assert!(closed >= 200, "{closed}");
}

#[test]
fn a_reader_that_stands_still_holds_nobody_up() {
    let emulator = Emulator::start_with(&["--queue-bytes", "1000000"]);
    let url = emulator.session(&json!({"lines": 0, "tail": true, "dyno": "run"}));
    let still: Vec<Stream> = (0..20).map(|_| Stream::open(&url, "*/*")).collect();
    let dyno = emulator.run("seq -f '%0100.0f' 200000");
    eventually("the dyno's end", || !emulator.is_alive(&dyno));
    assert_eq!(emulator.result_of(&emulator.run("echo on")), ("on\n".to_owned(), 0));
    #[cfg(target_os = "linux")]
    assert!(emulator.peak_memory() < MEMORY, "{}", emulator.peak_memory());
    drop(still);
}
