//! Faults of streams, from the command line and by the endpoints.

use std::io::Read;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{APP, Emulator, Stream, eventually, request, split};

/// An emulator whose streams have faults.
fn emulator_with(stream: &Value) -> Emulator {
    Emulator::start_with(&["--fault", &json!({"stream": stream}).to_string()])
}

/// A dyno that has printed the numbers from 1 to 5 and ended.
fn numbers(emulator: &Emulator) -> String {
    let dyno = emulator.run("seq 5");
    eventually("the dyno's end", || !emulator.is_alive(&dyno));
    dyno
}

/// Opens a stream with a dyno's history that goes on.
fn open(emulator: &Emulator, dyno: &str, accept: &str) -> Stream {
    Stream::open(&emulator.session(&json!({"dyno": dyno, "lines": 1500, "tail": true})), accept)
}

/// All that comes until the stream ends, and whether it ended as it should.
fn rest(stream: &mut Stream) -> (String, bool) {
    let mut body = Vec::new();
    let clean = stream.body.read_to_end(&mut body).is_ok();
    (String::from_utf8(body).unwrap(), clean)
}

/// The messages of plain lines, in the order they came.
fn messages(lines: &str) -> Vec<&str> {
    lines.lines().map(|line| line.split_once("]: ").unwrap().1).collect()
}

const LIFE: [&str; 9] = [
    "Starting process with command `seq 5`",
    "State changed from starting to up",
    "1",
    "2",
    "3",
    "4",
    "5",
    "Process exited with status 0",
    "State changed from up to complete",
];

#[test]
fn a_stream_breaks_off_after_so_many_bytes() {
    for (bytes, accept, clean) in [(1, "*/*", false), (100, "text/event-stream", false), (100, "*/*", true)] {
        let emulator = emulator_with(&json!({"cut": {"after_bytes": bytes, "clean": clean}}));
        let dyno = numbers(&emulator);
        for _ in 0..2 {
            let (body, ended_cleanly) = rest(&mut open(&emulator, &dyno, accept));
            assert_eq!((body.len(), ended_cleanly), (bytes, clean));
        }
    }
}

#[test]
fn a_stream_breaks_off_so_often() {
    let rule = json!({"stream": {"cut": {"after_lines": 3}}, "times": 2, "skip": 1});
    let emulator = Emulator::start_with(&["--fault", &rule.to_string()]);
    let dyno = numbers(&emulator);
    let url = emulator.session(&json!({"dyno": dyno, "lines": 1500}));
    let bodies: [_; 4] = std::array::from_fn(|_| rest(&mut Stream::open(&url, "*/*")));
    let counts = bodies
        .map(|(body, clean)| (messages(&body) == LIFE[..body.lines().count()], body.lines().count(), clean));
    assert_eq!(counts, [(true, 9, true), (true, 3, false), (true, 3, false), (true, 9, true)]);
}

#[test]
fn a_stream_breaks_off_after_a_time() {
    let emulator = emulator_with(&json!({"cut": {"after_ms": 300}}));
    let dyno = emulator.run("echo first; exec sleep 600");
    let start = Instant::now();
    let (body, clean) = rest(&mut open(&emulator, &dyno, "*/*"));
    assert!(body.contains("]: first\n") && !clean, "{body}");
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[test]
fn all_of_a_long_log_comes_before_it_breaks_off() {
    let bytes = 3_000_001;
    let emulator = emulator_with(&json!({"cut": {"after_bytes": bytes}}));
    let url = emulator.session(&json!({"dyno": "run", "lines": 0, "tail": true}));
    let mut stream = Stream::open(&url, "*/*");
    emulator.run("seq 1000000");
    let (body, clean) = rest(&mut stream);
    assert_eq!((body.len(), clean), (bytes, false));
}

#[test]
fn open_streams_are_cut_on_demand() {
    let emulator = Emulator::start();
    let dyno = emulator.run("echo first; exec sleep 600");
    let mut streams: Vec<Stream> = (0..3).map(|_| open(&emulator, &dyno, "*/*")).collect();
    for stream in &mut streams {
        stream.line_ending_with("first");
    }
    let count = |emulator: &Emulator| emulator.call("GET", "/emulator/streams", &Value::Null).json();
    assert_eq!(count(&emulator), json!({"streams": 3}));
    let cut = emulator.call("POST", "/emulator/streams", &json!({"cut": {}}));
    assert_eq!((cut.status, cut.json()), (200, json!({"streams": 3})));
    for mut stream in streams {
        assert!(!rest(&mut stream).1);
    }
    eventually("no stream is open", || count(&emulator) == json!({"streams": 0}));

    let mut stream = open(&emulator, &dyno, "*/*");
    stream.line_ending_with("first");
    emulator.call("POST", "/emulator/streams", &json!({"cut": {"clean": true}}));
    assert_eq!(rest(&mut stream), (String::new(), true));
}

#[test]
fn only_faults_that_an_open_stream_can_have_are_sent_to_it() {
    let emulator = Emulator::start();
    for (faults, named) in [
        (json!({"format": "plain"}), "`format`"),
        (json!({"cut": {"after": 1}}), "`after`"),
        (json!({"flood": {"lines": 1, "per_second": 0}}), "zero"),
        (json!({"flood": {"lines": 1, "per_second": 1, "bytes": 10_001}}), "10000"),
        (json!({"omit": [""]}), "empty"),
    ] {
        let response = emulator.call("POST", "/emulator/streams", &faults);
        let message = response.json()["message"].as_str().unwrap().to_owned();
        assert!(response.status == 422 && message.contains(named), "{faults}: {message}");
    }
    assert_eq!(emulator.call("POST", "/emulator/streams", &json!([])).status, 400);
}

#[test]
fn chunks_have_the_given_sizes() {
    let emulator =
        emulator_with(&json!({"chunk_bytes": [1, 7, 40], "cut": {"after_bytes": 100, "clean": true}}));
    let dyno = numbers(&emulator);
    let (address, path) = split(&emulator.session(&json!({"dyno": dyno, "lines": 1500})));
    let response = crate::support::sent(&address, "GET", &path, &[], b"");
    let response = String::from_utf8(response).unwrap();
    let (_, mut body) = response.split_once("\r\n\r\n").unwrap();
    let mut sizes = Vec::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        sizes.push(size);
        body = &rest[size + 2..];
    }
    assert_eq!(sizes, [1, 7, 40, 1, 7, 40, 1, 3, 0]);
}

#[test]
fn a_stream_falls_silent_with_and_without_heartbeats() {
    for (accept, beat) in [("*/*", "\0"), ("text/event-stream", ": heartbeat\n\n")] {
        let emulator = emulator_with(&json!({
            "silence": {"after_lines": 3}, "heartbeat_ms": 50, "cut": {"after_ms": 1500, "clean": true},
        }));
        let dyno = emulator.run("while true; do echo on; sleep 0.01; done");
        let (body, _) = rest(&mut open(&emulator, &dyno, accept));
        let beats = body.matches(beat).count();
        let lines = body.replace(beat, "");
        assert_eq!(lines.matches(&dyno).count(), 3, "{body}");
        assert!(beats >= 2 && body.ends_with(beat), "{body}");
    }
    let emulator = emulator_with(&json!({
        "silence": {"after_bytes": 50, "heartbeats": false}, "heartbeat_ms": 50, "cut": {"after_ms": 1000},
    }));
    let dyno = numbers(&emulator);
    let (body, clean) = rest(&mut open(&emulator, &dyno, "*/*"));
    assert!(body.len() == 50 && !body.contains('\0') && !clean, "{body}");
}

#[test]
fn open_streams_fall_silent_on_demand() {
    let emulator = Emulator::start_with(&["--heartbeat", "0.05"]);
    let dyno = emulator.run("while true; do echo on; sleep 0.01; done");
    let mut stream = open(&emulator, &dyno, "*/*");
    stream.line_ending_with("on");
    emulator.call("POST", "/emulator/streams", &json!({"silence": {}}));
    let mut beats = [0; 2];
    // What was on its way when silence came ends somewhere.
    eventually("silence", || {
        stream.body.read_exact(&mut beats).unwrap();
        beats == [0; 2]
    });
}

#[test]
fn heartbeats_come_as_often_as_told_or_never() {
    let emulator = Emulator::start_with(&["--heartbeat", "0.05"]);
    let dyno = emulator.run("exec sleep 600");
    let mut stream = open(&emulator, &dyno, "*/*");
    stream.line_ending_with("to up");
    let mut beats = [1; 3];
    stream.body.read_exact(&mut beats).unwrap();
    assert_eq!(beats, [0; 3]);

    let never = json!({"stream": {"heartbeat_ms": null, "cut": {"after_ms": 400, "clean": true}}});
    emulator.call("POST", "/emulator/faults", &never);
    let (body, clean) = rest(&mut open(&emulator, &dyno, "*/*"));
    assert!(!body.contains('\0') && clean, "{body}");

    let emulator = Emulator::start_with(&["--heartbeat", "0"]);
    let dyno = numbers(&emulator);
    emulator.call("POST", "/emulator/faults", &json!({"stream": {"cut": {"after_ms": 400, "clean": true}}}));
    assert!(!rest(&mut open(&emulator, &dyno, "*/*")).0.contains('\0'));
}

#[test]
fn lines_are_missing_late_doubled_or_out_of_order() {
    let without = |texts: &[&str]| {
        LIFE.iter().copied().filter(|line| !texts.iter().any(|text| line.contains(text))).collect::<Vec<_>>()
    };
    let ordered = |order: [usize; 9]| order.map(|index| LIFE[index]).to_vec();
    for (faults, expected) in [
        (json!({"omit": ["Process exited"]}), without(&["Process exited"])),
        (json!({"omit": ["Process exited", "State changed"]}), without(&["Process exited", "State changed"])),
        (json!({"late": ["Process exited"]}), ordered([0, 1, 2, 3, 4, 5, 6, 8, 7])),
        (json!({"reverse": 3}), ordered([2, 1, 0, 5, 4, 3, 8, 7, 6])),
        (json!({"duplicate": 9}), LIFE.iter().copied().chain([LIFE[8]]).collect()),
    ] {
        let emulator = emulator_with(&faults);
        let dyno = numbers(&emulator);
        let (body, _) = rest(&mut emulator.stream(&json!({"dyno": dyno, "lines": 1500})));
        assert_eq!(messages(&body), expected, "{faults}");
    }
}

#[test]
fn a_line_that_waits_for_others_comes_in_the_end() {
    for faults in [json!({"late": ["to up"]}), json!({"reverse": 50})] {
        let emulator = emulator_with(&faults);
        let dyno = emulator.run("exec sleep 600");
        let mut stream = open(&emulator, &dyno, "*/*");
        stream.line_ending_with("State changed from starting to up");
    }
}

#[test]
fn lost_lines_are_told_by_an_l11_line() {
    let emulator = emulator_with(&json!({"lose": {"after_lines": 3, "lines": 4}}));
    let dyno = numbers(&emulator);
    for accept in ["*/*", "text/event-stream"] {
        let (body, _) =
            rest(&mut Stream::open(&emulator.session(&json!({"dyno": dyno, "lines": 1500})), accept));
        let lines: Vec<&str> =
            body.lines().filter_map(|line| line.split_once("+00:00 ")).map(|(_, line)| line).collect();
        assert_eq!(lines.len(), 6, "{body}");
        let told = "heroku[logplex]: Error L11 (Tail buffer overflow) -> This tail session dropped 4 messages since ";
        assert!(lines[2].ends_with("]: 1") && lines[3].starts_with(told), "{body}");
        assert!(
            lines[3].ends_with("+00:00.") && lines[4].ends_with("Process exited with status 0"),
            "{body}"
        );
    }
}

#[test]
fn a_reader_that_is_too_slow_loses_lines_beyond_the_bound() {
    // More than what waits on the way to a client that does not read.
    let count = 100_000;
    for arguments in [
        &["--queue-lines", "1024"][..],
        &["--queue-bytes", "100000"],
        &["--fault", r#"{"stream": {"queue_lines": 10}}"#],
    ] {
        let emulator = Emulator::start_with(arguments);
        let url = emulator.session(&json!({"lines": 0, "tail": true, "dyno": "run", "source": "app"}));
        let mut stream = Stream::open(&url, "*/*");
        let dyno = emulator.run(&format!("seq -f '%0200.0f' {count}"));
        eventually("the dyno's end", || !emulator.is_alive(&dyno));
        let (mut came, mut missing) = (0, 0);
        while came + missing < count {
            let line = stream.line().unwrap();
            match line.split_once(" (Tail buffer overflow) -> This tail session dropped ") {
                Some((_, told)) => missing += told.split_once(' ').unwrap().0.parse::<usize>().unwrap(),
                None => came += 1,
            }
        }
        assert_eq!(came + missing, count, "{arguments:?}");
        assert!(missing > 0, "{arguments:?}");
    }
}

#[test]
fn the_history_can_be_shorter() {
    let emulator = Emulator::start_with(&["--history", "4"]);
    let dyno = numbers(&emulator);
    let (body, _) = rest(&mut emulator.stream(&json!({"dyno": dyno, "lines": 1500})));
    assert_eq!(messages(&body), LIFE[5..]);
}

#[test]
fn events_and_lines_are_a_matter_of_the_fault() {
    let dyno_lines = |faults: Value, accept: &str| {
        let emulator = Emulator::start_with(&["--fault", &faults.to_string()]);
        let dyno = numbers(&emulator);
        let url = emulator.session(&json!({"dyno": dyno, "lines": 1500}));
        let mut stream = Stream::open(&url, accept);
        let content_type =
            stream.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.clone());
        let body = rest(&mut stream).0;
        (content_type, body.starts_with("id: "), body.starts_with("data: "), body.lines().count())
    };
    let plain = |content_type: Option<&str>| (content_type.map(str::to_owned), false, false, 9);
    let events = |content_type: Option<&str>| (content_type.map(str::to_owned), true, false, 27);
    for (faults, accept, expected) in [
        (
            json!({"stream": {"format": "plain"}}),
            "text/event-stream",
            plain(Some("text/plain; charset=utf-8")),
        ),
        (json!({"stream": {"format": "events"}}), "*/*", events(Some("text/event-stream"))),
        (
            json!({"stream": {}, "headers": {"Content-Type": "text/html"}}),
            "text/event-stream",
            events(Some("text/html")),
        ),
        (json!({"path": "/stream", "headers": {"content-type": null}}), "*/*", plain(None)),
        (
            json!({"stream": {"event_ids": false}}),
            "text/event-stream",
            (Some("text/event-stream".to_owned()), false, true, 18),
        ),
    ] {
        assert_eq!(dyno_lines(faults.clone(), accept), expected, "{faults}");
    }
}

#[test]
fn a_flood_has_its_rate() {
    let flood = json!({"lines": 1000, "per_second": 1000, "bytes": 100});
    let rule = json!({"stream": {"flood": flood, "heartbeat_ms": null}, "skip": 1});
    let emulator = Emulator::start_with(&["--fault", &rule.to_string()]);
    let dyno = emulator.run("exec sleep 600");
    open(&emulator, &dyno, "*/*").line_ending_with("to up");
    let start = Instant::now();
    let mut stream = open(&emulator, &dyno, "*/*");
    stream.line_ending_with("to up");
    for number in 1..=1000 {
        let line = stream.line().unwrap();
        let (header, message) = line.split_once("]: ").unwrap();
        assert!(header.ends_with(&format!(" app[{dyno}")), "{line}");
        assert!(message.starts_with(&format!("flood line {number} of 1000 ..")), "{line}");
        assert_eq!(message.len(), 100);
    }
    assert!(start.elapsed() >= Duration::from_secs(1));
    // It is in the history as well.
    let history = emulator.stream(&json!({"dyno": dyno, "lines": 3})).line().unwrap();
    assert!(history.contains(" of 1000 .."), "{history}");
}

#[test]
fn sessions_expire_as_told() {
    let expiry = |open_streams: &str| json!({"session": {"unused_ms": 60_000, "used_ms": 300, "expired_status": 403, "open_streams": open_streams}});
    for (open_streams, clean) in [("end", true), ("cut", false)] {
        let emulator = Emulator::start_with(&["--fault", &expiry(open_streams).to_string()]);
        let dyno = emulator.run("exec sleep 600");
        let url = emulator.session(&json!({"dyno": dyno, "tail": true}));
        assert_eq!(rest(&mut Stream::open(&url, "*/*")).1, clean, "{open_streams}");
        let (address, path) = split(&url);
        assert_eq!(request(&address, "GET", &path, &[], b"").status, 403);
    }

    let emulator = Emulator::start_with(&["--fault", &expiry("silence").to_string(), "--heartbeat", "0.1"]);
    let dyno = emulator.run("while true; do echo on; sleep 0.01; done");
    let mut stream = open(&emulator, &dyno, "*/*");
    let mut beats = [1; 2];
    eventually("silence", || {
        stream.body.read_exact(&mut beats).unwrap();
        beats == [0; 2]
    });

    let flags = [
        "--session-unused",
        "60",
        "--session-used",
        "0.2",
        "--expired-status",
        "410",
        "--open-streams",
        "stay",
    ];
    let emulator = Emulator::start_with(&flags);
    let dyno = emulator.run("sleep 1; echo late; exec sleep 600");
    let url = emulator.session(&json!({"dyno": dyno, "tail": true}));
    let mut stream = Stream::open(&url, "*/*");
    stream.line_ending_with("late");
    let (address, path) = split(&url);
    assert_eq!(request(&address, "GET", &path, &[], b"").status, 410);

    let emulator = Emulator::start_with(&["--session-unused", "0"]);
    let (address, path) = split(&emulator.session(&json!({})));
    assert_eq!(request(&address, "GET", &path, &[], b"").status, 404);
}

#[test]
fn an_answer_comes_late() {
    let passing = json!({"method": "GET", "path": format!("/apps/{APP}/dynos"), "delay_ms": 300, "times": 1});
    let failing = json!({"path": "/account", "delay_ms": 300, "answer": {"status": 503}});
    let emulator = Emulator::start_with(&["--fault", &passing.to_string(), "--fault", &failing.to_string()]);
    for (path, status) in [(format!("/apps/{APP}/dynos"), 200), ("/account".to_owned(), 503)] {
        let start = Instant::now();
        assert_eq!(emulator.call("GET", &path, &Value::Null).status, status);
        assert!(start.elapsed() >= Duration::from_millis(300), "{path}");
    }
}

#[test]
fn any_page_s_right_to_read_can_be_left_out() {
    let rule = json!({"path": "/**", "headers": {"Access-Control-Allow-Origin": null}});
    let emulator = Emulator::start_with(&["--fault", &rule.to_string()]);
    let answer = emulator.call("GET", "/account", &Value::Null);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
    assert!(answer.header("request-id").is_some());
    let stream = Stream::open(&emulator.session(&json!({})), "*/*");
    assert!(stream.headers.iter().all(|(name, _)| name != "access-control-allow-origin"));
    // A preflight is answered as ever.
    let preflight = request(&emulator.api, "OPTIONS", "/account", &[], b"");
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn a_wrong_fault_on_the_command_line_is_told() {
    for (fault, named) in [
        ("{", "--fault <JSON>"),
        ("{\"stream\": {\"cut_after\": 1}}", "--fault: Rule 1: unknown field `cut_after`"),
        ("[{\"stream\": {}}, {}]", "--fault: Rule 2"),
    ] {
        let output =
            crate::support::command().args(["--listen", "127.0.0.1:0", "--fault", fault]).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(named), "{error}");
    }
}
