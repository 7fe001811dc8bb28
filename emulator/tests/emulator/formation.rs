//! Process types that run: scaling, restarts, crashes, stops.
#![cfg(target_os = "linux")]

use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

use crate::support::{APP, Emulator, Folder, eventually, request};

const PROCFILE: &str = "clock: exec sleep 600\nworker: echo id $$ of $DYNO; exec sleep 600\n";

fn scale(emulator: &Emulator, process_type: &str, change: &Value) -> Value {
    let response = emulator.call("PATCH", &format!("/apps/{APP}/formation/{process_type}"), change);
    assert_eq!(response.status, 200, "{}", response.text());
    response.json()
}

/// Names and states of the dynos, sorted.
fn dynos(emulator: &Emulator) -> Vec<(String, String)> {
    let dynos = emulator.call("GET", &format!("/apps/{APP}/dynos"), &Value::Null).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut dynos: Vec<_> =
        dynos.as_array().unwrap().iter().map(|dyno| (text(&dyno["name"]), text(&dyno["state"]))).collect();
    dynos.sort();
    dynos
}

fn are_up(emulator: &Emulator, expected: &[&str]) {
    let expected: Vec<_> = expected.iter().map(|&name| (name.to_owned(), "up".to_owned())).collect();
    eventually(&format!("{expected:?}"), || dynos(emulator) == expected);
}

#[test]
fn process_types_are_scaled_up_and_down() {
    let source = Folder::new().with("Procfile", PROCFILE);
    let emulator = Emulator::of(&source);
    assert_eq!(dynos(&emulator), []);
    let scaled = scale(&emulator, "worker", &json!({"quantity": 3, "size": "standard-2x"}));
    assert_eq!(
        (&scaled["type"], &scaled["quantity"], &scaled["size"], &scaled["dyno_size"]["name"]),
        (&json!("worker"), &json!(3), &json!("Standard-2X"), &json!("Standard-2X"))
    );
    are_up(&emulator, &["worker.1", "worker.2", "worker.3"]);
    let mut stream = emulator.stream(&json!({"dyno": "worker.3", "lines": 1500, "tail": true}));
    // As the CLI asks.
    let updates = json!({"updates": [{"type": "worker", "quantity": "-1"}, {"type": "clock", "quantity": "1", "size": ""}]});
    let all = emulator.call("PATCH", &format!("/apps/{APP}/formation"), &updates).json();
    let quantities: Vec<_> =
        all.as_array().unwrap().iter().map(|entry| (&entry["type"], &entry["quantity"])).collect();
    assert_eq!(quantities, [(&json!("clock"), &json!(1)), (&json!("worker"), &json!(2))]);
    are_up(&emulator, &["clock.1", "worker.1", "worker.2"]);
    for expected in [
        "State changed from up to down",
        "Stopping all processes with SIGTERM",
        "Process exited with status 143",
    ] {
        stream.line_ending_with(expected);
    }
    let mut whole = emulator.stream(&json!({"dyno": "api", "lines": 1500}));
    whole.line_ending_with("Scaled to clock@0:Basic worker@3:Standard-2X by user user@example.com");
    whole.line_ending_with("Scaled to clock@1:Basic worker@2:Standard-2X by user user@example.com");
    scale(&emulator, "clock", &json!({"quantity": 0}));
    are_up(&emulator, &["worker.1", "worker.2"]);
}

#[test]
fn what_cannot_be_scaled_is_refused() {
    let source = Folder::new().with("Procfile", PROCFILE);
    let emulator = Emulator::of(&source);
    for (process_type, change, status, id) in [
        ("none", json!({"quantity": 1}), 404, "not_found"),
        ("clock", json!({"quantity": -1}), 422, "invalid_params"),
        ("clock", json!({"quantity": 1.5}), 422, "invalid_params"),
        ("clock", json!({"quantity": "many"}), 422, "invalid_params"),
        ("clock", json!({"quantity": "+18446744073709551615"}), 422, "cannot_update_above_limit"),
        ("clock", json!({"quantity": 101}), 422, "cannot_update_above_limit"),
        ("clock", json!({"quantity": 1, "size": "Huge"}), 422, "invalid_params"),
    ] {
        let path = format!("/apps/{APP}/formation/{process_type}");
        let response = emulator.call("PATCH", &path, &change);
        assert_eq!((response.status, &response.json()["id"]), (status, &json!(id)), "{change}");
    }
    for body in [json!({}), json!({"updates": [1]}), json!({"updates": [{"quantity": 1}]})] {
        let response = emulator.call("PATCH", &format!("/apps/{APP}/formation"), &body);
        assert_eq!(response.status, 422, "{body}");
    }
    assert_eq!(dynos(&emulator), []);
}

#[test]
fn a_dyno_that_crashes_is_started_again_and_then_waits() {
    let source = Folder::new().with("Procfile", PROCFILE);
    let emulator = Emulator::of(&source);
    let mut stream = emulator.stream(&json!({"dyno": "worker.1", "lines": 0, "tail": true}));
    scale(&emulator, "worker", &json!({"quantity": 1}));
    let mut kill = |state_after: &[&str]| {
        let line = stream.line_ending_with(" of worker.1");
        let id: i32 = line.split(' ').nth_back(2).unwrap().parse().unwrap();
        rustix::process::kill_process(Pid::from_raw(id).unwrap(), Signal::SEGV).unwrap();
        for expected in state_after {
            stream.line_ending_with(expected);
        }
    };
    let crash = ["Process exited with status 139", "State changed from up to crashed"];
    kill(
        &[&crash[..], &["State changed from crashed to starting", "State changed from starting to up"]]
            .concat(),
    );
    kill(&crash);
    let crashed = [("worker.1".to_owned(), "crashed".to_owned())];
    eventually("it is shown", || dynos(&emulator) == crashed);
    let stop = format!("/apps/{APP}/dynos/worker.1/actions/stop");
    assert_eq!(emulator.call("POST", &stop, &Value::Null).status, 202);
    stream.line_ending_with("State changed from crashed to down");
    // Nobody has to wait who wants it now.
    assert_eq!(emulator.call("DELETE", &format!("/apps/{APP}/dynos"), &Value::Null).status, 202);
    stream.line_ending_with("State changed from down to starting");
    are_up(&emulator, &["worker.1"]);
}

#[test]
fn dynos_are_restarted_and_stopped_by_name_and_by_type() {
    let source = Folder::new().with("Procfile", PROCFILE);
    let emulator = Emulator::of(&source);
    scale(&emulator, "worker", &json!({"quantity": 2}));
    are_up(&emulator, &["worker.1", "worker.2"]);
    let one_off = emulator.run("exec sleep 600");
    let id = |dyno: &str| {
        emulator.call("GET", &format!("/apps/{APP}/dynos/{dyno}"), &Value::Null).json()["id"].clone()
    };
    let (first, second) = (id("worker.1"), id("worker.2"));
    let mut stream = emulator.stream(&json!({"dyno": "worker.1", "lines": 0, "tail": true}));
    emulator.call("DELETE", &format!("/apps/{APP}/dynos/worker.1"), &Value::Null);
    for expected in [
        "Restarting",
        "State changed from up to starting",
        "Stopping all processes with SIGTERM",
        "Process exited with status 143",
        "Starting process with command `echo id $$ of $DYNO; exec sleep 600`",
        "State changed from starting to up",
    ] {
        let line = stream.line().unwrap();
        assert!(line.ends_with(expected), "{line}");
    }
    are_up(&emulator, &[&one_off, "worker.1", "worker.2"]);
    assert!(id("worker.1") != first && id("worker.2") == second);

    let stop = format!("/apps/{APP}/formations/worker/actions/stop");
    assert_eq!(emulator.call("POST", &stop, &Value::Null).status, 202);
    let down = |name: &str| (name.to_owned(), "down".to_owned());
    let expected = [(one_off.clone(), "up".to_owned()), down("worker.1"), down("worker.2")];
    eventually("both are down", || dynos(&emulator) == expected);
    assert_eq!(emulator.call("DELETE", &format!("/apps/{APP}/formations/worker"), &Value::Null).status, 202);
    are_up(&emulator, &[&one_off, "worker.1", "worker.2"]);
}

#[test]
fn a_new_release_restarts_what_runs() {
    let source = Folder::new().with("Procfile", "clock: cat word; exec sleep 600\n").with("word", "one\n");
    let emulator = Emulator::of(&source);
    let mut stream = emulator.stream(&json!({"dyno": "clock", "lines": 0, "tail": true}));
    scale(&emulator, "clock", &json!({"quantity": 1}));
    stream.line_ending_with("]: one");
    let source = source.with("word", "two\n");
    emulator.call("GET", &format!("/apps/{APP}/formation"), &Value::Null);
    stream.line_ending_with("Restarting");
    stream.line_ending_with("]: two");
    // A type that is gone does not run.
    let _source = source.with("Procfile", "worker: sleep 600\n");
    emulator.call("GET", &format!("/apps/{APP}/formation"), &Value::Null);
    stream.line_ending_with("Process exited with status 143");
    eventually("it is gone", || dynos(&emulator).is_empty());
}

#[test]
fn web_processes_have_ports_of_their_own_and_are_up_when_they_listen() {
    let source = Folder::new()
        .with("Procfile", "web: echo port $PORT; exec python -m http.server --bind 127.0.0.1 $PORT\n")
        .with("index.html", "page\n");
    let emulator = Emulator::of(&source);
    scale(&emulator, "web", &json!({"quantity": 2}));
    are_up(&emulator, &["web.1", "web.2"]);
    let mut ports = Vec::new();
    for dyno in ["web.1", "web.2"] {
        let mut stream = emulator.stream(&json!({"dyno": dyno, "lines": 1500}));
        let lines: Vec<String> = std::iter::from_fn(|| stream.line()).collect();
        let port = lines.iter().find_map(|line| line.split_once("]: port ")).unwrap().1;
        assert!(lines.iter().any(|line| line.ends_with("State changed from starting to up")), "{lines:?}");
        let answer = request(&format!("127.0.0.1:{port}"), "GET", "/", &[], b"");
        assert_eq!((answer.status, answer.text()), (200, "page\n".to_owned()));
        ports.push(port.to_owned());
    }
    assert_ne!(ports[0], ports[1]);
    emulator.signal(Signal::TERM);
    let (_, log) = emulator.ended();
    for port in ports {
        assert!(log.contains(&format!(" listens at http://127.0.0.1:{port}")), "{log}");
    }
}
