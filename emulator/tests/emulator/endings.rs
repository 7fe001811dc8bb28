//! How dynos end, and that nothing of them is left.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;
use uuid::Uuid;

use crate::support::{APP, Emulator, Folder, Stream, eventually, processes_with};

/// A dyno with a marker in its environment by which its processes are found.
struct Marked {
    name: String,
    marker: String,
}

impl Marked {
    fn start(emulator: &Emulator, command: &str) -> Self {
        let marker = Uuid::new_v4().to_string();
        let name = emulator.run_with(json!({"command": command, "env": {"MARKER": marker}}));
        Self { name, marker }
    }

    fn tail(&self, emulator: &Emulator) -> Stream {
        emulator.stream(&json!({"dyno": self.name, "lines": 1500, "tail": true}))
    }

    fn processes(&self) -> usize {
        processes_with(&self.marker).len()
    }

    fn is_gone(&self) {
        eventually("the dyno's processes are gone", || self.processes() == 0);
    }
}

/// Children that left the group, the session and the terminal, and ignore what can be ignored.
const ESCAPES: &str = "setsid sleep 600 & \
    nohup sleep 600 >/dev/null 2>&1 & \
    setsid bash -c 'trap \"\" TERM HUP INT; (sleep 600 & sleep 600 & wait); sleep 600' & \
    bash -c 'setsid nohup sleep 600 >/dev/null 2>&1 & disown' ; \
    ";

#[test]
fn stop_ends_the_process_and_the_dyno_is_gone() {
    let emulator = Emulator::start();
    let dyno = Marked::start(&emulator, "echo ready; exec sleep 600");
    let mut stream = dyno.tail(&emulator);
    stream.line_ending_with("ready");
    // While a process becomes another program, it has no environment.
    eventually("it runs", || dyno.processes() == 1);
    emulator.stop(&dyno.name);
    for expected in [
        "Stopping all processes with SIGTERM",
        "Process exited with status 143",
        "State changed from up to complete",
    ] {
        assert_eq!(stream.line().unwrap().split_once("]: ").unwrap().1, expected);
    }
    assert_eq!(dyno.processes(), 0);
    eventually("the API forgets the dyno", || !emulator.is_alive(&dyno.name));
}

#[test]
fn stop_reaches_children_that_left_the_group() {
    let emulator = Emulator::start_with(&["--stop-grace", "0.2"]);
    let dyno = Marked::start(&emulator, &format!("{ESCAPES} echo ready; sleep 600"));
    let mut stream = dyno.tail(&emulator);
    stream.line_ending_with("ready");
    eventually("all have started", || dyno.processes() >= 8);
    emulator.stop(&dyno.name);
    stream.line_ending_with("to complete");
    assert_eq!(dyno.processes(), 0);
}

#[test]
fn what_a_function_leaves_behind_ends_with_it() {
    let emulator = Emulator::start();
    let dyno = Marked::start(&emulator, &format!("{ESCAPES} echo last; exit 5"));
    assert_eq!(emulator.result_of(&dyno.name), ("last\n".to_owned(), 5));
    assert_eq!(dyno.processes(), 0);
}

#[test]
fn a_process_that_ignores_sigterm_is_killed_after_the_grace() {
    let emulator = Emulator::start_with(&["--stop-grace", "0.3"]);
    let dyno = Marked::start(&emulator, "trap 'echo no' TERM; echo ready; while :; do sleep 0.05; done");
    let mut stream = dyno.tail(&emulator);
    stream.line_ending_with("ready");
    let stopped = Instant::now();
    emulator.stop(&dyno.name);
    let mut messages = Vec::new();
    while messages.last().is_none_or(|message| message != "State changed from up to complete") {
        let line = stream.line().unwrap();
        let (header, message) = line.split_once("]: ").unwrap();
        // What bash prints about its children is its own affair.
        if header.contains(" heroku[") {
            messages.push(message.to_owned());
        }
    }
    assert!(stopped.elapsed() >= Duration::from_millis(300));
    assert_eq!(
        messages,
        [
            "Stopping all processes with SIGTERM",
            "Error R12 (Exit timeout) -> At least one process failed to exit within 30 seconds of SIGTERM",
            "Stopping remaining processes with SIGKILL",
            "Process exited with status 137",
            "State changed from up to complete",
        ]
    );
    assert_eq!(dyno.processes(), 0);
}

#[test]
fn time_to_live_ends_a_dyno() {
    let emulator = Emulator::start();
    let created = Instant::now();
    let dyno = emulator.run_with(json!({"command": "sleep 600", "time_to_live": 1}));
    assert_eq!(emulator.result_of(&dyno), (String::new(), 143));
    assert!(created.elapsed() >= Duration::from_secs(1));
}

#[test]
fn nothing_outlives_an_emulator_that_is_killed() {
    let emulator = Emulator::start();
    let dyno = Marked::start(&emulator, &format!("trap '' TERM HUP; {ESCAPES} echo ready; sleep 600"));
    dyno.tail(&emulator).line_ending_with("ready");
    eventually("all have started", || dyno.processes() >= 8);
    emulator.signal(Signal::KILL);
    dyno.is_gone();
}

#[test]
fn a_signal_ends_the_emulator_with_its_dynos() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let emulator = Emulator::start();
        let dyno = Marked::start(&emulator, &format!("{ESCAPES} echo ready; sleep 600"));
        let mut stream = dyno.tail(&emulator);
        stream.line_ending_with("ready");
        emulator.signal(signal);
        // The stream tells the end and then ends itself.
        stream.line_ending_with("State changed from up to complete");
        assert_eq!(stream.line(), None);
        let (status, _) = emulator.ended();
        assert!(status.success(), "{status}");
        assert_eq!(dyno.processes(), 0);
    }
}

#[test]
fn a_second_signal_kills_dynos_that_take_their_time() {
    let emulator = Emulator::start();
    let dyno = Marked::start(&emulator, "trap '' TERM; echo ready; while :; do sleep 0.05; done");
    let mut stream = dyno.tail(&emulator);
    stream.line_ending_with("ready");
    emulator.signal(Signal::INT);
    stream.line_ending_with("Stopping all processes with SIGTERM");
    emulator.signal(Signal::INT);
    let (status, _) = emulator.ended();
    assert!(status.success(), "{status}");
    assert_eq!(dyno.processes(), 0);
}

#[test]
fn fifty_dynos_run_at_once_and_none_outlives_the_emulator() {
    for signal in [Signal::KILL, Signal::INT] {
        let marker = Uuid::new_v4().to_string();
        let source = Folder::new()
            .with("Procfile", "worker: exec sleep 600\n")
            .with(".env", &format!("MARKER={marker}\n"));
        let emulator = Emulator::of(&source);
        let formation = format!("/apps/{APP}/formation/worker");
        assert_eq!(emulator.call("PATCH", &formation, &json!({"quantity": 5})).status, 200);
        let mut stream = emulator.stream(&json!({"dyno": "run", "lines": 0, "tail": true}));
        for number in 0..50 {
            emulator.run(&format!("echo ready {number}; exec sleep 600"));
        }
        let mut ready: Vec<u32> = (0..50)
            .map(|_| {
                loop {
                    let line = stream.line().unwrap();
                    if let Some((header, message)) = line.split_once("]: ready ")
                        && header.contains(" app[run.")
                    {
                        break message.parse().unwrap();
                    }
                }
            })
            .collect();
        ready.sort_unstable();
        assert!(ready.into_iter().eq(0..50));
        eventually("all have started", || processes_with(&marker).len() == 55);
        emulator.signal(signal);
        eventually("all are gone", || processes_with(&marker).is_empty());
        emulator.ended();
    }
}

#[test]
fn a_dyno_that_kills_its_supervisor_ends_too() {
    let emulator = Emulator::start();
    let dyno = Marked::start(&emulator, "echo ready; kill -9 $PPID; sleep 600");
    assert_eq!(emulator.result_of(&dyno.name), ("ready\n".to_owned(), 137));
    dyno.is_gone();
}
