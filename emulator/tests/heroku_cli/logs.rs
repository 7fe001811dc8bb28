//! Reading the log: its history, its filters, its tail, and a tail that breaks.

use std::io::Read;

use serde_json::{Value, json};

use crate::cli::Cli;
use crate::support::{APP, Emulator, Stream};

/// The lines of a session's history.
fn history(emulator: &Emulator, parameters: &Value) -> Vec<String> {
    let mut stream = emulator.stream(parameters);
    std::iter::from_fn(|| stream.line()).collect()
}

#[test]
fn the_history_is_filtered() {
    let emulator = Emulator::start();
    let Some(cli) = Cli::of(&emulator) else { return };
    let first = emulator.run("echo one; echo two");
    emulator.lines_of(&first);
    let second = emulator.run_with(json!({"command": "echo three", "type": "job"}));
    emulator.lines_of(&second);
    // Each call ends three seconds late, because it waits to connect again.
    std::thread::scope(|scope| {
        for (arguments, parameters, count) in [
            (vec!["-n", "3"], json!({"lines": 3}), 3),
            (vec!["--source", "app", "--dyno-name", &second], json!({"source": "app", "dyno": second}), 1),
            (vec!["--process-type", "run"], json!({"dyno": first}), 6),
        ] {
            let (cli, emulator) = (&cli, &emulator);
            scope.spawn(move || {
                let expected = history(emulator, &parameters);
                assert_eq!(expected.len(), count, "{expected:?}");
                let arguments = [&["logs", "--app", APP][..], &arguments].concat();
                assert_eq!(cli.says(&arguments).lines().collect::<Vec<_>>(), expected);
            });
        }
    });
}

#[test]
fn a_tail_goes_on_with_what_comes() {
    let emulator = Emulator::start();
    let Some(cli) = Cli::of(&emulator) else { return };
    let first = emulator.run("echo first");
    emulator.lines_of(&first);
    let tail = cli.follow(&["logs", "--tail", "--source", "app", "--process-type", "run", "--app", APP]);
    assert_eq!(tail.lines_to("]: first").len(), 1);
    emulator.run("echo second");
    assert_eq!(tail.lines_to("]: second").len(), 1);
}

#[test]
fn a_tail_that_breaks_goes_on_without_repeats() {
    let emulator = Emulator::start();
    let Some(cli) = Cli::of(&emulator) else { return };
    let dyno = emulator.run("seq 20");
    emulator.lines_of(&dyno);
    let parameters = json!({"dyno": dyno, "lines": 1500});
    let mut events = String::new();
    Stream::open(&emulator.session(&parameters), "text/event-stream")
        .body
        .read_to_string(&mut events)
        .unwrap();
    let begin: Vec<&str> = events.split_inclusive("\n\n").take(7).collect();
    // The first time, the stream ends after seven lines. The command line waits for three seconds and connects again.
    let answer =
        json!({"status": 200, "headers": {"Content-Type": "text/event-stream"}, "body": begin.concat()});
    let rule = json!({"path": "/stream", "times": 1, "answer": answer});
    assert_eq!(emulator.call("POST", "/emulator/faults", &rule).status, 201);
    let tail = cli.follow(&["logs", "--tail", "--dyno-name", &dyno, "-n", "1500", "--app", APP]);
    let lines = tail.lines_to("State changed from up to complete");
    assert_eq!(emulator.call("GET", "/emulator/faults", &Value::Null).json()[0]["used"], 1);
    assert_eq!(lines, history(&emulator, &parameters));
}

#[test]
fn a_function_of_an_app_of_the_newer_generation_is_followed() {
    let emulator = Emulator::start_with(&["--generation", "fir"]);
    let Some(cli) = Cli::of(&emulator) else { return };
    // There is no history: it prints until somebody has read something.
    let command = "while true; do echo tick; sleep 0.2; done";
    let tail = cli.follow(&["run:detached", "--tail", "--app", APP, command]);
    let lines = tail.lines_to("]: tick");
    let dyno = lines.last().unwrap().split_once("app[run-").unwrap().1.split_once(']').unwrap().0;
    emulator.stop(&format!("run-{dyno}"));
    tail.lines_to(&format!("heroku[run-{dyno}]: State changed from up to complete"));
}
