//! What a command is, what it finds, and how its output and exit status come out.

use serde_json::json;

use crate::support::{APP, Emulator, Folder, command, one_off_dyno};

#[test]
fn the_tutorial_s_function_greets() {
    let emulator = Emulator::start();
    for (env, greeting) in [
        (json!({}), "Hello World!\n"),
        (json!({"NAME": " \n"}), "Hello World!\n"),
        (json!({"NAME": "Ada"}), "Hello Ada!\n"),
        (json!({"NAME": "  Ada\t"}), "Hello Ada!\n"),
    ] {
        let dyno = emulator.run_with(json!({"command": "serverless", "env": env}));
        assert_eq!(emulator.result_of(&dyno), (greeting.to_owned(), 0), "{env}");
    }
}

#[test]
fn values_of_variables_reach_the_function_unchanged() {
    let emulator = Emulator::start();
    for value in [
        "\"double\" 'single' `back`",
        "$HOME ${X} $(id) \\n \\",
        "one\ntwo\n\nend",
        "Zoë 日本語 🦀",
        "a=b; c & d",
        "",
    ] {
        let dyno = emulator.run_with(json!({"command": "printf '%s|' \"$VALUE\"", "env": {"VALUE": value}}));
        assert_eq!(emulator.result_of(&dyno), (format!("{value}|\n"), 0));
    }
}

#[test]
fn a_dyno_writes_the_life_of_a_one_off() {
    let emulator = Emulator::start();
    let dyno = emulator.run("serverless");
    let lines = emulator.lines_of(&dyno);
    let expected = [
        format!("heroku[{dyno}]: Starting process with command `python serverless-task.py`"),
        format!("heroku[{dyno}]: State changed from starting to up"),
        format!("app[{dyno}]: Hello World!"),
        format!("heroku[{dyno}]: Process exited with status 0"),
        format!("heroku[{dyno}]: State changed from up to complete"),
    ];
    assert_eq!(lines, expected);
    let mut whole = emulator.stream(&json!({}));
    let announcement = whole.line().unwrap();
    assert_eq!(
        announcement.split_once(' ').unwrap().1,
        "app[api]: Starting process with command `serverless` by user user@example.com"
    );
}

#[test]
fn exit_statuses_are_told() {
    let emulator = Emulator::start();
    for (command, status) in [
        ("exit 3", 3),
        ("true", 0),
        ("no-such-command-anywhere", 127),
        ("./Procfile", 126),
        ("kill -9 $$", 137),
        ("kill -TERM $$", 143),
        ("serverless; exit 4", 4),
    ] {
        let dyno = emulator.run(command);
        assert_eq!(emulator.result_of(&dyno).1, status, "{command}");
    }
}

#[test]
fn a_process_type_takes_the_rest_of_the_command_as_arguments() {
    let source = Folder::new().with("Procfile", "show: printf '[%s]'\n");
    let emulator = Emulator::start_with(&["--source", source.path().to_str().unwrap()]);
    let dyno = emulator.run("show a \"b  c\" $HOME_OF_NOBODY d");
    assert_eq!(emulator.result_of(&dyno).0, "[a][b  c][d]\n");
}

#[test]
fn both_outputs_are_one_in_the_order_of_writing() {
    let emulator = Emulator::start();
    let dyno = emulator.run("for i in 1 2 3; do echo out $i; echo err $i >&2; done");
    assert_eq!(emulator.result_of(&dyno).0, "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n");
}

#[test]
fn a_dyno_starts_in_the_source_folder_without_input_or_terminal() {
    let emulator = Emulator::start();
    let dyno = emulator.run("cat; ls Procfile; (: </dev/tty) 2>/dev/null || echo no terminal");
    assert_eq!(emulator.result_of(&dyno).0, "Procfile\nno terminal\n");
}

#[test]
fn the_environment_is_the_app_s_and_the_request_s_and_nothing_of_the_caller() {
    let mut caller = command();
    caller.args(["--app", APP, "--source"]).arg(one_off_dyno());
    caller.env("HEROKU_API_KEY", crate::support::KEY).env("AWS_SECRET_ACCESS_KEY", "secret");
    let emulator = Emulator::spawn(caller);
    let dyno = emulator.run_with(json!({
        "command": "env",
        "env": {"COLUMNS": 80, "PYTHONUNBUFFERED": "", "MINE": "x"},
    }));
    let (output, _) = emulator.result_of(&dyno);
    let variables: Vec<&str> = output.lines().collect();
    let own = format!("DYNO={dyno}");
    for expected in [&*own, "PORT=5000", "COLUMNS=80", "PYTHONUNBUFFERED=", "MINE=x"] {
        assert!(variables.contains(&expected), "{expected}: {output}");
    }
    assert!(!output.contains("HEROKU_API_KEY") && !output.contains("AWS_"), "{output}");
}

#[test]
fn python_writes_each_line_at_once() {
    let emulator = Emulator::start();
    let dyno = emulator.run("python -c 'import time; print(\"ready\"); time.sleep(600)'");
    let mut stream = emulator.stream(&json!({"dyno": dyno, "lines": 1500, "tail": true}));
    stream.line_ending_with("ready");
    assert!(emulator.is_alive(&dyno));
}

#[test]
fn there_is_a_python_where_there_is_only_a_python3() {
    let python =
        std::process::Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    let python = String::from_utf8(python.unwrap().stdout).unwrap();
    let programs = Folder::new();
    std::os::unix::fs::symlink(python.trim(), programs.path().join("python3")).unwrap();
    let temporary = Folder::new();
    let mut caller = command();
    caller.args(["--app", APP, "--key", crate::support::KEY, "--source"]).arg(one_off_dyno());
    caller.env("PATH", programs.path()).env("TMPDIR", temporary.path());
    let emulator = Emulator::spawn(caller);
    let dyno = emulator.run("serverless");
    assert_eq!(emulator.result_of(&dyno), ("Hello World!\n".to_owned(), 0));
    emulator.signal(rustix::process::Signal::TERM);
    emulator.ended();
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn two_dynos_at_once_do_not_mix() {
    let emulator = Emulator::start();
    let mut stream = emulator.stream(&json!({"dyno": "run", "lines": 0, "tail": true}));
    let command = |word: &str| format!("for i in $(seq 2000); do echo {word} $i; done");
    let dynos = [("one", emulator.run(&command("one"))), ("two", emulator.run(&command("two")))];
    let (mut printed, mut ended) = ([0, 0], 0);
    while ended < 2 {
        let line = stream.line().unwrap();
        let (_, line) = line.split_once(' ').unwrap();
        ended += usize::from(line.ends_with("Process exited with status 0"));
        for (count, (word, dyno)) in printed.iter_mut().zip(&dynos) {
            if let Some(message) = line.strip_prefix(&format!("app[{dyno}]: ")) {
                *count += 1;
                assert_eq!(message, format!("{word} {count}"));
            }
        }
    }
    assert_eq!(printed, [2_000, 2_000]);
}
