//! Apps of the newer generation, Fir.

use std::io::Read;

use serde_json::{Value, json};

use crate::support::{APP, Emulator, Stream, eventually};

/// The next message of a stream of events.
fn event(stream: &mut Stream) -> String {
    loop {
        if let Some(line) = stream.line().unwrap().strip_prefix("data: ") {
            return line.split_once("+00:00 ").unwrap().1.to_owned();
        }
    }
}

#[test]
fn apps_are_of_the_generation_that_was_chosen() {
    for (arguments, generation, stack) in
        [(&[][..], "cedar", "heroku-24"), (&["--generation", "fir"], "fir", "cnb")]
    {
        let app = Emulator::start_with(arguments).call("GET", &format!("/apps/{APP}"), &Value::Null).json();
        assert_eq!((&app["generation"]["name"], &app["stack"]["name"]), (&json!(generation), &json!(stack)));
    }
}

#[test]
fn on_fir_a_log_has_no_history_and_goes_on() {
    let emulator = Emulator::start_with(&["--generation", "fir"]);
    let before = emulator.run("echo before");
    eventually("the dyno's end", || !emulator.is_alive(&before));
    let url = emulator.session(&json!({"type": "run", "lines": 1500, "tail": false}));
    let mut stream = Stream::open(&url, "text/event-stream");
    // The function is found behind the launcher alone.
    let dyno = emulator.run("launcher serverless");
    let mut lines = Vec::new();
    while !lines.last().is_some_and(|line: &String| line.ends_with(" to complete")) {
        lines.push(event(&mut stream));
    }
    assert!(dyno.starts_with("run-") && lines.iter().all(|line| line.contains(&dyno)), "{lines:?}");
    assert!(lines.contains(&format!("app[{dyno}]: Hello World!")), "{lines:?}");

    let after = emulator.run("serverless");
    while event(&mut stream) != format!("heroku[{after}]: Process exited with status 127") {}
}

#[test]
fn on_fir_plain_lines_have_no_ends() {
    let emulator = Emulator::start_with(&["--generation", "fir", "--heartbeat", "0.05"]);
    let mut stream = emulator.stream(&json!({}));
    let dyno = emulator.run("echo one; echo two");
    eventually("the dyno's end", || !emulator.is_alive(&dyno));
    let cut = json!({"cut": {"after_ms": 500, "clean": true}});
    emulator.call("POST", "/emulator/streams", &cut);
    let mut body = String::new();
    stream.body.read_to_string(&mut body).unwrap();
    let body = body.replace('\0', "");
    assert!(body.contains(&format!(" app[{dyno}]: one20")) && !body.contains('\n'), "{body}");
}
