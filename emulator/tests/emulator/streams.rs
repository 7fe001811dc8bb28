//! What a reader of a log session gets: which lines, in which form, and every one once.

use std::io::Read;

use serde_json::{Value, json};

use crate::support::{APP, Emulator, Stream, request, split};

/// The messages of a dyno's output, read from a stream to the dyno's end.
fn output(stream: &mut Stream) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    loop {
        let line = stream.bytes().unwrap();
        let header = memchr::memmem::find(&line, b"]: ").unwrap();
        let message = line[header + 3..].to_vec();
        if memchr::memmem::find(&line[..header], b" app[").is_some() {
            messages.push(message);
        } else if message.starts_with(b"Process exited") {
            return messages;
        }
    }
}

fn output_of(emulator: &Emulator, command: &str) -> Vec<Vec<u8>> {
    let dyno = emulator.run(command);
    output(&mut emulator.stream(&json!({"dyno": dyno, "lines": 1500, "tail": true})))
}

#[test]
fn events_or_plain_lines_are_a_matter_of_accept() {
    let emulator = Emulator::start();
    let dyno = emulator.run("echo hello");
    emulator.lines_of(&dyno);
    let url = emulator.session(&json!({"dyno": dyno, "source": "app"}));

    let mut plain = Stream::open(&url, "text/plain");
    let line = plain.line().unwrap();
    assert!(line.ends_with(&format!("+00:00 app[{dyno}]: hello")), "{line}");
    assert_eq!(plain.line(), None);

    let mut events = Stream::open(&url, "text/event-stream, */*;q=0.1");
    let mut body = String::new();
    events.body.read_to_string(&mut body).unwrap();
    let (id, rest) = body.split_once('\n').unwrap();
    assert!(id.strip_prefix("id: ").unwrap().parse::<u64>().is_ok(), "{id}");
    assert_eq!(rest, format!("data: {line}\n\n"));

    for (stream, content_type) in [(plain, "text/plain; charset=utf-8"), (events, "text/event-stream")] {
        for header in [
            ("content-type", content_type),
            ("cache-control", "no-store"),
            ("access-control-allow-origin", "*"),
        ] {
            assert!(stream.headers.contains(&(header.0.to_owned(), header.1.to_owned())), "{header:?}");
        }
    }
}

#[test]
fn a_stream_that_is_opened_again_goes_on_behind_the_last_event() {
    let emulator = Emulator::start();
    let dyno = emulator.run("seq 500; sleep 1; seq 501 1000");
    // Two lines of history, or else it would be clear why nothing is missing.
    let url = emulator.session(&json!({"dyno": dyno, "lines": 2, "tail": true, "source": "app"}));
    let (address, path) = split(&url);
    let mut seen: Vec<String> = Vec::new();
    let mut last = String::new();
    while seen.last().is_none_or(|line| !line.ends_with("]: 1000")) {
        let headers = [("Accept", "text/event-stream"), ("Last-Event-ID", &*last)];
        let mut stream =
            Stream::send(&address, "GET", &path, &headers[..if last.is_empty() { 1 } else { 2 }], b"");
        assert_eq!(stream.status, 200);
        // A connection that breaks after a few lines.
        for _ in 0..if seen.is_empty() { 2 } else { 97 } {
            let id = stream.line().unwrap();
            seen.push(stream.line().unwrap());
            assert_eq!(stream.line().unwrap(), "");
            last = id.strip_prefix("id: ").unwrap().to_owned();
            if seen.last().unwrap().ends_with("]: 1000") {
                break;
            }
        }
    }
    let numbers: Vec<u32> =
        seen.iter().map(|line| line.rsplit_once("]: ").unwrap().1.parse().unwrap()).collect();
    assert!(numbers.is_sorted_by(|earlier, later| earlier + 1 == *later), "{numbers:?}");
}

#[test]
fn an_event_id_that_is_not_the_log_s_means_nothing() {
    let emulator = Emulator::start();
    let dyno = emulator.run("echo hello");
    emulator.lines_of(&dyno);
    let (address, path) = split(&emulator.session(&json!({"dyno": dyno, "source": "app"})));
    for id in ["", "x", "-1", "1.5", "99999999999999999999999"] {
        let mut stream = Stream::send(&address, "GET", &path, &[("Last-Event-ID", id)], b"");
        assert!(stream.line().unwrap().ends_with("]: hello"), "{id}");
    }
}

#[test]
fn a_stream_without_its_token_is_not_found() {
    let emulator = Emulator::start();
    let (address, _) = split(&emulator.session(&json!({})));
    for (method, path) in [
        ("GET", "/stream?token=00000000000000000000000000000000"),
        ("GET", "/stream?token=1&token=2"),
        ("GET", "/stream"),
        ("POST", "/stream"),
        ("OPTIONS", "/stream"),
        ("GET", "/"),
    ] {
        let response = request(&address, method, path, &[], b"");
        assert_eq!(
            (response.status, response.header("access-control-allow-origin")),
            (404, Some("*")),
            "{path}"
        );
    }
}

#[test]
fn the_api_s_key_is_no_right_to_the_stream_and_the_stream_is_not_at_the_api() {
    let emulator = Emulator::start();
    let (address, path) = split(&emulator.session(&json!({})));
    assert_ne!(address, emulator.api);
    assert_eq!(request(&emulator.api, "GET", &path, &[], b"").status, 401);
    assert_eq!(request(&address, "GET", "/account", &[], b"").status, 404);
}

#[test]
fn lines_count_before_the_filter() {
    let emulator = Emulator::start();
    let first = emulator.run("echo first");
    emulator.lines_of(&first);
    let second = emulator.run("echo second");
    emulator.lines_of(&second);
    // The second dyno's life is six lines, the announcement included.
    let count = |parameters: Value| {
        let mut stream = emulator.stream(&parameters);
        std::iter::from_fn(|| stream.line()).count()
    };
    assert_eq!(count(json!({})), 12);
    assert_eq!(count(json!({"lines": 7})), 7);
    assert_eq!(count(json!({"lines": 0})), 0);
    assert_eq!(count(json!({"dyno": first, "lines": 6})), 0);
    assert_eq!(count(json!({"dyno": first, "lines": 8})), 2);
    assert_eq!(count(json!({"dyno_name": first})), 5);
    assert_eq!(count(json!({"dyno": "run"})), 10);
    assert_eq!(count(json!({"dyno": "ru"})), 0);
    assert_eq!(count(json!({"type": "run"})), 10);
    assert_eq!(count(json!({"type": "run", "dyno": second})), 5);
    assert_eq!(count(json!({"type": "web"})), 0);
    assert_eq!(count(json!({"source": "app"})), 4);
    assert_eq!(count(json!({"source": "heroku", "dyno": second})), 4);
    assert_eq!(count(json!({"source": "her"})), 0);
}

#[test]
fn the_history_holds_1500_lines() {
    let emulator = Emulator::start();
    let dyno = emulator.run("seq 2000");
    emulator.stream(&json!({"lines": 1, "tail": true})).line_ending_with("to complete");
    let mut stream = emulator.stream(&json!({"lines": 100_000, "dyno": dyno}));
    // 1,500 less the two lines of the end.
    assert_eq!(output(&mut stream).len(), 1_498);
}

#[test]
fn no_line_is_lost_or_doubled_between_history_and_live() {
    let emulator = Emulator::start();
    let count = 1_400;
    let dyno = emulator.run(&format!("for i in $(seq {count}); do echo $i; done"));
    let readers: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = emulator.stream(&json!({"dyno": dyno, "lines": 1500, "tail": true}));
            std::thread::spawn(move || output(&mut stream))
        })
        .collect();
    let expected: Vec<Vec<u8>> = (1..=count).map(|number: u32| number.to_string().into_bytes()).collect();
    for reader in readers {
        assert!(reader.join().unwrap() == expected);
    }
}

#[test]
fn a_flood_arrives_whole_and_in_order() {
    let emulator = Emulator::start();
    let url = emulator.session(&json!({"lines": 0, "tail": true, "source": "app", "dyno": "run"}));
    for accept in ["*/*", "text/event-stream"] {
        let mut stream = Stream::open(&url, accept);
        emulator.run("seq -f 'line %.0f of a flood' 100000");
        let (mut last_id, mut last_stamp) = (0, String::new());
        for number in 1..=100_000 {
            let line = match accept {
                "*/*" => stream.line().unwrap(),
                _ => {
                    let id: u64 = stream.line().unwrap().strip_prefix("id: ").unwrap().parse().unwrap();
                    assert!(id > last_id, "{id} after {last_id}");
                    last_id = id;
                    let line = stream.line().unwrap();
                    assert_eq!(stream.line().unwrap(), "");
                    line.strip_prefix("data: ").unwrap().to_owned()
                }
            };
            assert!(line.ends_with(&format!("]: line {number} of a flood")), "{line}");
            let stamp = line.split_once(' ').unwrap().0;
            assert!(stamp > &*last_stamp, "{stamp} after {last_stamp}");
            last_stamp = stamp.to_owned();
        }
    }
}

#[test]
fn long_lines_are_cut_at_10000_bytes() {
    let emulator = Emulator::start();
    let pieces = output_of(&emulator, "printf '%025000d\\n' 7; printf '%010000d\\n' 8; printf '%010001d' 9");
    let lengths: Vec<usize> = pieces.iter().map(Vec::len).collect();
    assert_eq!(lengths, [10_000, 10_000, 5_000, 10_000, 10_000, 1]);
    assert_eq!(pieces.iter().map(|piece| piece[piece.len() - 1]).collect::<Vec<u8>>(), *b"007809");
}

#[test]
fn bytes_pass_unchanged() {
    let emulator = Emulator::start();
    let messages = output_of(&emulator, r"printf '10%%\r20%%\r\n\n\377\376 \303\n  \033[1mx\033[0m\tend'");
    let expected: [&[u8]; 4] = [b"10%\r20%\r", b"", b"\xff\xfe \xc3", b"  \x1b[1mx\x1b[0m\tend"];
    assert_eq!(messages, expected);
}

#[test]
fn a_part_of_a_line_waits_for_its_end() {
    let emulator = Emulator::start();
    let messages = output_of(&emulator, "printf one; sleep 0.1; printf two; sleep 0.1; echo three");
    assert_eq!(messages, [b"onetwothree"]);
}

#[test]
fn a_command_of_several_lines_is_announced_in_several() {
    let emulator = Emulator::start();
    let dyno = emulator.run("echo a\necho b");
    let lines = emulator.lines_of(&dyno);
    assert_eq!(lines[0], format!("heroku[{dyno}]: Starting process with command `echo a"));
    assert_eq!(lines[1], format!("heroku[{dyno}]: echo b`"));
}

#[test]
fn a_session_takes_no_other_types() {
    let emulator = Emulator::start();
    for parameters in [json!({"lines": "5"}), json!({"tail": "yes"}), json!({"dyno": 1})] {
        let response = emulator.call("POST", &format!("/apps/{APP}/log-sessions"), &parameters);
        assert_eq!(
            (response.status, &response.json()["id"]),
            (422, &json!("invalid_params")),
            "{parameters}"
        );
    }
}
