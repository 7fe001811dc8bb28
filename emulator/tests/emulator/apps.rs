//! Several apps in one emulator.

use serde_json::{Value, json};

use crate::support::{Emulator, Folder, KEY, Stream, command};

#[test]
fn apps_have_folders_dynos_and_logs_of_their_own() {
    let (one, two) = (
        Folder::new().with("Procfile", "who: echo one\n"),
        Folder::new().with("Procfile", "who: echo two\n"),
    );
    let mut command = command();
    command.args(["--key", KEY, "--app", "app-one", "--source"]).arg(one.path());
    command.arg("--app").arg(format!("app-two={}", two.path().display()));
    let emulator = Emulator::spawn(command);
    for (app, says) in [("app-one", "one"), ("app-two", "two")] {
        let created = emulator.call("POST", &format!("/apps/{app}/dynos"), &json!({"command": "who"})).json();
        assert_eq!(created["app"]["name"], app);
        let session = json!({"dyno": created["name"], "lines": 1500, "tail": true});
        let session = emulator.call("POST", &format!("/apps/{app}/log-sessions"), &session).json();
        let mut stream = Stream::open(session["logplex_url"].as_str().unwrap(), "*/*");
        stream.line_ending_with(&format!("]: {says}"));
        stream.line_ending_with(" to complete");
    }
    // Of the other app there is nothing.
    let session = emulator.call("POST", "/apps/app-one/log-sessions", &Value::Null).json();
    let mut stream = Stream::open(session["logplex_url"].as_str().unwrap(), "*/*");
    let lines: Vec<String> = std::iter::from_fn(|| stream.line()).collect();
    assert!(
        lines.iter().any(|line| line.contains("`who`")) && !lines.iter().any(|line| line.ends_with("two"))
    );
    let (by_one, by_two) = ("/apps/app-one", "/apps/app-two");
    let id = |path: &str| emulator.call("GET", path, &Value::Null).json()["id"].clone();
    assert_ne!(id(by_one), id(by_two));
    assert_eq!(id(&format!("/apps/{}", id(by_two).as_str().unwrap())), id(by_two));
}

#[test]
fn what_cannot_be_an_app_is_told_at_the_start() {
    let good = Folder::new().with("Procfile", "web: x\n");
    let procfile = Folder::new().with("Procfile", "web: x\nworker y\n");
    let variables = Folder::new().with("Procfile", "web: x\n").with(".env", "A=1\n\nhunter2\n");
    let large = Folder::new();
    std::fs::File::create(large.path().join("data")).unwrap().set_len(501 << 20).unwrap();
    let app = |name: &str, folder: &Folder| format!("{name}={}", folder.path().display());
    let source = good.path().to_str().unwrap();
    for (arguments, told) in [
        (vec!["--app", &*app("app-one", &procfile)], "app-one in "),
        (vec!["--app", &*app("app-one", &procfile)], "Procfile, line 2: \"worker y\""),
        (vec!["--app", &*app("app-one", &variables)], ".env, line 3: "),
        (
            vec!["--app", &*app("app-one", &good), "--app", &*app("app-one", &variables)],
            "another app of this name",
        ),
        (vec!["--app", &*app("app-one", &large)], "more than 500 MB"),
        (vec!["--app", "app-one=/no/such/folder"], "/no/such/folder: there is no such folder"),
        (vec!["--app", &*app("No", &good)], "3 to 30 lower-case letters"),
        (vec!["--app", &*app("app-one", &good), "--source", source], "leave --source out"),
    ] {
        let mut command = command();
        let output =
            command.args(["--key", KEY, "--listen", "127.0.0.1:0"]).args(&arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        assert!(error.contains(told) && !error.contains("hunter2"), "{arguments:?}: {error}");
    }
}

#[test]
fn a_folder_without_a_procfile_is_told_and_runs_commands_as_typed() {
    let folder = Folder::new();
    let emulator = Emulator::of(&folder);
    let dyno = emulator.run("echo web");
    assert_eq!(emulator.result_of(&dyno), ("web\n".to_owned(), 0));
    emulator.signal(rustix::process::Signal::TERM);
    let (_, log) = emulator.ended();
    assert!(log.contains(&format!("{} has no Procfile", folder.path().display())), "{log}");
}
