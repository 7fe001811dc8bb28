//! How the emulator stands load: `cargo bench -p heroku-emulator --bench load`, and with `-- --write` the table in
//! docs/performance.md is replaced by what was measured.
//!
//! Every case has an emulator of its own. While it lasts, one client asks the API for the dynos every 20 ms: the longest
//! time that this took is the worst answer. Memory is the emulator's alone, at its peak (VmHWM).
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(dead_code, reason = "the tests' client has more than is needed here")]

#[path = "../tests/emulator/support.rs"]
mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use crate::support::{APP, Emulator, Stream, request};

/// What a dyno prints in a line, without its end.
const MESSAGE_BYTES: usize = 80;

const GIGABYTE: usize = 1_000_000_000;

/// Between two questions to the API.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// What was measured.
struct Row {
    name: String,
    lines: usize,
    seconds: f64,
    memory: u64,
    worst_answer: Duration,
}

impl Row {
    fn show(&self) -> String {
        let Self { name, lines, seconds, memory, worst_answer } = self;
        let rate = if *lines == 0 { "–".to_owned() } else { thousands(*lines as f64 / seconds) };
        format!(
            "| {name} | {} | {seconds:.1} | {rate} | {} | {} |",
            if *lines == 0 { "–".to_owned() } else { thousands(*lines as f64) },
            memory / 1_000_000,
            worst_answer.as_millis()
        )
    }
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

/// Runs a case, which returns the lines that clients got.
fn measure(name: &str, arguments: &[&str], case: impl FnOnce(&Emulator) -> usize) -> Row {
    let emulator = Emulator::start_with(&[&["--quiet", "--rate-limit", "1000000000"], arguments].concat());
    let over = AtomicBool::new(false);
    let (lines, seconds, worst_answer) = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut worst = Duration::ZERO;
            while !over.load(Ordering::Relaxed) {
                let start = Instant::now();
                let answer = emulator.call("GET", &format!("/apps/{APP}/dynos"), &Value::Null);
                assert_eq!(answer.status, 200);
                worst = worst.max(start.elapsed());
                std::thread::sleep(ASK_EVERY);
            }
            worst
        });
        let start = Instant::now();
        let lines = case(&emulator);
        let seconds = start.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        (lines, seconds, asking.join().unwrap())
    });
    let row = Row { name: name.to_owned(), lines, seconds, memory: emulator.peak_memory(), worst_answer };
    eprintln!("{}", row.show());
    row
}

/// A command that prints so many bytes as fast as it can.
fn printing(bytes: usize) -> String {
    format!(
        "yes {} | head -c {}",
        "x".repeat(MESSAGE_BYTES),
        bytes / (MESSAGE_BYTES + 1) * (MESSAGE_BYTES + 1)
    )
}

/// Reads to the line that says `end`, and returns how many lines the stream had until then. Lines that were lost are
/// a failure.
fn drain(stream: &mut Stream, end: &str) -> usize {
    let mut lines = 0;
    let mut tail = Vec::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = stream.body.read(&mut buffer).unwrap();
        assert!(read > 0, "the stream ended");
        lines += memchr::memchr_iter(b'\n', &buffer[..read]).count();
        tail.extend_from_slice(&buffer[..read]);
        tail.drain(..tail.len().saturating_sub(1_000));
        if memchr::memmem::find(&tail, end.as_bytes()).is_some() {
            return lines;
        }
        assert!(memchr::memmem::find(&tail, b"Error L11").is_none(), "lines were lost");
    }
}

/// Follows one dyno that prints `bytes`, and returns the lines that it printed.
fn follow(emulator: &Emulator, bytes: usize, accept: &str) -> usize {
    let url = emulator.session(&json!({"lines": 0, "tail": true, "dyno": "run"}));
    let mut stream = Stream::open(&url, accept);
    emulator.run(&printing(bytes));
    let lines = drain(&mut stream, "Process exited");
    let expected = bytes / (MESSAGE_BYTES + 1);
    // An event has three lines; the platform adds three before the end's.
    let lines = if accept == "*/*" { lines } else { lines / 3 };
    assert!((expected..expected + 5).contains(&lines), "{lines} lines of {expected}");
    expected
}

fn wait_for_no_dyno(emulator: &Emulator) {
    while emulator.call("GET", &format!("/apps/{APP}/dynos"), &Value::Null).json() != json!([]) {
        std::thread::sleep(ASK_EVERY);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let rows = [
        measure("1 GB printed, nobody reads", &[], |emulator| {
            emulator.run(&printing(GIGABYTE));
            wait_for_no_dyno(emulator);
            0
        }),
        measure("1 GB printed, read as plain lines", &[], |emulator| follow(emulator, GIGABYTE, "*/*")),
        measure("1 GB printed, read as events", &[], |emulator| {
            follow(emulator, GIGABYTE, "text/event-stream")
        }),
        measure("1 GB printed, one reader stands still", &[], |emulator| {
            let url = emulator.session(&json!({"lines": 0, "tail": true}));
            let _still = Stream::open(&url, "*/*");
            emulator.run(&printing(GIGABYTE));
            wait_for_no_dyno(emulator);
            0
        }),
        measure("50 dynos at once, each prints 1 MB, read as one stream", &[], |emulator| {
            let url = emulator.session(&json!({"lines": 0, "tail": true, "source": "app", "dyno": "run"}));
            let mut stream = Stream::open(&url, "*/*");
            for _ in 0..50 {
                emulator.run(&printing(1_000_000));
            }
            let expected = 50 * (1_000_000 / (MESSAGE_BYTES + 1));
            for _ in 0..expected {
                stream.bytes().unwrap();
            }
            wait_for_no_dyno(emulator);
            expected
        }),
        measure("100 readers of a dyno that prints 10 MB", &[], |emulator| {
            let url = emulator.session(&json!({"lines": 0, "tail": true, "dyno": "run"}));
            let streams: Vec<Stream> = (0..100).map(|_| Stream::open(&url, "*/*")).collect();
            emulator.run(&printing(10_000_000));
            let read = |mut stream: Stream| move || drain(&mut stream, "Process exited");
            let readers: Vec<_> =
                streams.into_iter().map(|stream| std::thread::spawn(read(stream))).collect();
            readers.into_iter().map(|reader| reader.join().unwrap()).sum()
        }),
        measure("10,000 connections that send half a head", &[], |emulator| {
            let mut idle: Vec<TcpStream> = Vec::new();
            for _ in 0..10_000 {
                let mut connection = TcpStream::connect(&emulator.api).unwrap();
                // It may have to give way to the next.
                let _ = connection.write_all(b"GET / HTTP/1.1\r\n");
                idle.push(connection);
            }
            emulator.lines_of(&emulator.run("echo on"));
            0
        }),
        measure("a body of 1 GB", &[], |emulator| {
            let body = vec![b' '; GIGABYTE];
            let answer = request(&emulator.api, "POST", &format!("/apps/{APP}/dynos"), &[], &body);
            assert_eq!(answer.status, 401);
            0
        }),
    ];
    let cores = std::thread::available_parallelism().unwrap();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let today = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let mut report = format!(
        "Measured on {} on a machine with {cores} cores; its load average at the end was {load}.\n\n\
         | | lines to clients | seconds | lines a second | peak memory, MB | worst API answer, ms |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
        &today[..10]
    );
    for row in rows {
        report.push_str(&row.show());
        report.push('\n');
    }
    println!("{report}");
    if arguments.iter().any(|argument| argument == "--write") {
        write(&report);
    }
}

/// Replaces the table in docs/performance.md.
fn write(report: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("<!-- load -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end of load -->").unwrap();
    std::fs::write(path, format!("{before}<!-- load -->\n{report}<!-- end of load -->{after}")).unwrap();
}
