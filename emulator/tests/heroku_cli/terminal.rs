//! In a terminal the command line colours what it says, and tells a dyno the terminal's size.

use crate::cli::{Cli, TERMINAL};
use crate::support::{APP, Emulator};
use serde_json::json;

/// What a terminal shows of what it got: without escape sequences and carriage returns.
fn shown(got: &str) -> String {
    let mut parts = got.split("\x1b[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |end| end + 1);
        text.push_str(&part[end..]);
    }
    text.replace('\r', "")
}

#[test]
fn an_app_and_its_dynos_are_shown_in_colours() {
    let emulator = Emulator::start();
    let Some(cli) = Cli::of(&emulator) else { return };
    let dyno = emulator.run("exec sleep 600");
    for (arguments, expected) in [
        (&["apps"][..], "user@example.com Apps".to_owned()),
        (&["apps:info", "--app", APP], "heroku-24".to_owned()),
        (&["auth:whoami"], "user@example.com".to_owned()),
        (&["ps", "--app", APP], format!("{dyno} (Basic): up ")),
        (&["releases", "--app", APP], "Releases - Current: v1".to_owned()),
        (&["ps:stop", "--dyno-name", "run.1", "--app", APP], "Couldn't find that dyno.".to_owned()),
        (&["ps:stop", "--dyno-name", &dyno, "--app", APP], "... done".to_owned()),
    ] {
        let got = cli.in_terminal(arguments);
        assert!(got.contains("\x1b["), "{arguments:?}: {got}");
        assert!(shown(&got).contains(&expected), "{arguments:?}: {got}");
    }
}

#[test]
fn a_dyno_knows_the_terminal_s_size() {
    let emulator = Emulator::start();
    let Some(cli) = Cli::of(&emulator) else { return };
    let got = cli.in_terminal(&["run:detached", "--app", APP, "echo $COLUMNS times $LINES, $TERM"]);
    let said = shown(&got);
    let dyno = said.rsplit_once("--dyno ").unwrap().1.split_whitespace().next().unwrap();
    let (columns, lines) = TERMINAL;
    assert_eq!(emulator.result_of(dyno), (format!("{columns} times {lines}, xterm-256color\n"), 0));
    let log = cli.in_terminal(&["logs", "--app", APP, "--dyno-name", dyno]);
    let mut stream = emulator.stream(&json!({"dyno": dyno}));
    let expected: Vec<String> = std::iter::from_fn(|| stream.line()).collect();
    assert_eq!(shown(&log).lines().collect::<Vec<_>>(), expected);
}
