//! Each dyno has a copy of the app's folder, which is gone afterwards.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use rustix::process::Signal;
use serde_json::json;

use crate::support::{APP, Emulator, Folder, KEY, command, eventually};

/// An emulator whose temporary files are in `temporary`.
fn start_in(temporary: &Folder, source: &Path) -> Emulator {
    let mut command = command();
    command.args(["--app", APP, "--key", KEY, "--source"]).arg(source).env("TMPDIR", temporary.path());
    Emulator::spawn(command)
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_dyno_writes_into_its_own_copy() {
    let source = Folder::new().with("file", "mine\n");
    let emulator = Emulator::of(&source);
    let command =
        "test \"$HOME\" = \"$(pwd -P)\" && cat file && echo yours > file && echo x > new && cat file";
    for _ in 0..2 {
        let dyno = emulator.run(command);
        assert_eq!(emulator.result_of(&dyno), ("mine\nyours\n".to_owned(), 0));
    }
    assert_eq!(fs::read_to_string(source.path().join("file")).unwrap(), "mine\n");
    assert_eq!(entries(source.path()), 1);
}

#[test]
fn nothing_is_left_of_a_copy() {
    let (temporary, source) = (Folder::new(), Folder::new().with("file", "x"));
    let emulator = start_in(&temporary, source.path());
    let dyno = emulator.run("mkdir -p a/b; echo x > a/b/c; chmod 0 a/b a; pwd");
    let (output, status) = emulator.result_of(&dyno);
    let home = Path::new(output.trim());
    assert!(status == 0 && home.starts_with(temporary.path().canonicalize().unwrap()), "{output}");
    assert!(!home.exists());
    emulator.signal(Signal::TERM);
    emulator.ended();
    assert_eq!(entries(temporary.path()), 0);
}

#[test]
fn nothing_is_left_of_an_emulator_that_is_killed() {
    let (temporary, source) =
        (Folder::new(), Folder::new().with("Procfile", "write: while :; do echo x > $RANDOM; done\n"));
    let emulator = start_in(&temporary, source.path());
    let dynos = ["write", "sleep 600"].map(|command| emulator.run(command));
    eventually("both run", || {
        dynos.iter().all(|dyno| {
            let path = format!("/apps/{APP}/dynos/{dyno}");
            emulator.call("GET", &path, &serde_json::Value::Null).json()["state"] == "up"
        })
    });
    assert_eq!(entries(temporary.path()), 1);
    emulator.signal(Signal::KILL);
    emulator.ended();
    eventually("the folder is empty", || entries(temporary.path()) == 0);
}

#[test]
fn a_copy_has_what_a_push_and_a_slug_would_have() {
    let source = Folder::new()
        .with(".gitignore", "*.log\n")
        .with(".slugignore", "/docs\n*.psd\n")
        .with(".env", "A=b\n")
        .with(".profile", "")
        .with("package.json", "{}")
        .with("debug.log", "")
        .with("draft.psd", "")
        .with("run", "#!/bin/sh\necho ran\n");
    let top = source.path();
    for folder in [".git", "docs", "lib/docs", "node_modules", "venv", "target"] {
        fs::create_dir_all(top.join(folder)).unwrap();
        fs::write(top.join(folder).join("file"), "").unwrap();
    }
    fs::write(top.join("venv/pyvenv.cfg"), "").unwrap();
    fs::set_permissions(top.join("run"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    symlink("run", top.join("link")).unwrap();
    symlink("/no/such/file", top.join("dangling")).unwrap();
    let emulator = Emulator::of(&source);
    let dyno = emulator.run("./link; find . | sort; readlink dangling; ls node_modules");
    let expected = [
        "ran",
        ".",
        "./dangling",
        "./.gitignore",
        "./lib",
        "./lib/docs",
        "./lib/docs/file",
        "./link",
        // A link to the folder's own.
        "./node_modules",
        "./package.json",
        "./.profile",
        "./run",
        "./.slugignore",
        // No Cargo project's.
        "./target",
        "./target/file",
        "/no/such/file",
        "file",
    ];
    let (output, _) = emulator.result_of(&dyno);
    let sorted = |lines: &mut Vec<String>| lines.sort();
    let mut lines: Vec<String> = output.lines().map(str::to_owned).collect();
    let mut expected: Vec<String> = expected.iter().map(|&line| line.to_owned()).collect();
    sorted(&mut lines);
    sorted(&mut expected);
    assert_eq!(lines, expected);
}

#[test]
fn nothing_of_the_caller_s_environment_but_the_path_reaches_a_dyno() {
    let source = Folder::new().with(".env", "MINE=1\n");
    let mut caller = command();
    caller.args(["--app", APP, "--source"]).arg(source.path()).env("HEROKU_API_KEY", KEY);
    for name in
        ["AWS_SECRET_ACCESS_KEY", "LANG", "LC_ALL", "PYTHONPATH", "SHELL", "TERM", "TZ", "USER", "BASH_ENV"]
    {
        caller.env(name, "the caller's");
    }
    let emulator = Emulator::spawn(caller);
    let dyno = emulator.run_with(json!({"command": "env", "env": {"YOURS": "2"}}));
    let (output, _) = emulator.result_of(&dyno);
    assert!(!output.contains("the caller's"), "{output}");
    let mut names: Vec<&str> = output.lines().filter_map(|line| line.split('=').next()).collect();
    names.sort_unstable();
    // PWD, SHLVL and _ are the shell's own.
    let expected =
        ["DYNO", "HOME", "LANG", "MINE", "PATH", "PORT", "PWD", "PYTHONUNBUFFERED", "SHLVL", "YOURS", "_"];
    assert_eq!(names, expected);
}
