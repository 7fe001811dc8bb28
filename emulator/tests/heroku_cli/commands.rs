//! Looking at an app, and running, stopping and restarting its dynos.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::cli::Cli;
use crate::support::{APP, Emulator, Folder, eventually};

/// An app with a formation, a function and a config var.
fn source() -> Folder {
    Folder::new()
        .with("Procfile", "hello: echo Hello $NAME on $DYNO\nworker: exec sleep 700\n")
        .with(".env", "GREETING=good morning\n")
}

fn parsed(output: &str) -> Value {
    serde_json::from_str(output).unwrap_or_else(|_| panic!("not JSON: {output}"))
}

#[test]
fn an_app_is_shown_with_all_that_belongs_to_it() {
    let source = source();
    let emulator = Emulator::of(&source);
    let Some(cli) = Cli::of(&emulator) else { return };
    assert_eq!(cli.says(&["auth:whoami"]), "user@example.com\n");
    assert_eq!(cli.says(&["apps"]), "=== user@example.com Apps\n\ndemo-app\n");
    assert_eq!(parsed(&cli.says(&["apps", "--json"]))[0]["name"], APP);

    let shown = cli.says(&["apps:info", "--app", APP]);
    for line in ["=== demo-app", "Owner:          user@example.com", "Stack:          heroku-24"] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in {shown}");
    }
    let info = parsed(&cli.says(&["apps:info", "--app", APP, "--json"]));
    assert_eq!((&info["addons"], &info["dynos"]), (&json!([]), &json!([])));
    assert_eq!(info["pipeline_coupling"], Value::Null);
    assert_eq!(info["collaborators"][0]["user"]["email"], "user@example.com");

    assert_eq!(cli.says(&["config", "--app", APP]), "=== demo-app Config Vars\n\nGREETING: good morning\n");
    assert_eq!(cli.says(&["ps:scale", "--app", APP]), "hello=0:Basic worker=0:Basic\n");
    assert_eq!(cli.says(&["ps", "--app", APP]), "No dynos on demo-app\n");

    cli.says(&["config:set", "MORE=1", "--app", APP]);
    let releases = parsed(&cli.says(&["releases", "--app", APP, "--json"]));
    let versions: Vec<&Value> =
        releases.as_array().unwrap().iter().map(|release| &release["version"]).collect();
    assert_eq!(versions, [2, 1]);
    let releases = cli.says(&["releases", "--app", APP, "--num", "1"]);
    assert!(releases.starts_with("=== demo-app Releases - Current: v2\n"), "{releases}");
    assert!(releases.contains(" v2 ") && !releases.contains(" v1 "), "{releases}");
}

#[test]
fn dynos_are_stopped_and_restarted() {
    let source = source();
    let emulator = Emulator::of(&source);
    let Some(cli) = Cli::of(&emulator) else { return };
    let dyno = |name: &str| emulator.call("GET", &format!("/apps/{APP}/dynos/{name}"), &Value::Null).json();
    cli.says(&["ps:scale", "worker=1", "--app", APP]);
    let (first, second) = (emulator.run("exec sleep 600"), emulator.run("exec sleep 600"));
    eventually("all are up", || ["worker.1", &first, &second].iter().all(|name| dyno(name)["state"] == "up"));
    let shown = cli.says(&["ps", "--app", APP]);
    assert!(shown.contains("=== run: one-off processes (2)\n"), "{shown}");
    assert!(shown.contains("=== worker (Basic): exec sleep 700 (1)\n"), "{shown}");
    assert!(shown.contains(&format!("{first} (Basic): up ")), "{shown}");

    cli.says(&["ps:stop", "--dyno-name", &first, "--app", APP]);
    eventually("it is gone", || !emulator.is_alive(&first));
    assert!(emulator.is_alive(&second));
    cli.says(&["ps:stop", "--process-type", "run", "--app", APP]);
    eventually("they are gone", || !emulator.is_alive(&second));

    for restart in [&["ps:restart"][..], &["ps:restart", "-d", "worker.1"], &["ps:restart", "-p", "worker"]] {
        let before = dyno("worker.1")["id"].clone();
        cli.says(&[restart, &["--app", APP]].concat());
        eventually("it is another", || {
            let now = dyno("worker.1");
            now["id"] != before && now["state"] == "up"
        });
    }
}

#[test]
fn a_function_runs_detached() {
    let source = source();
    let emulator = Emulator::of(&source);
    let Some(cli) = Cli::of(&emulator) else { return };
    let output = cli.run(&[
        "run:detached",
        "-s",
        "standard-2x",
        "--type",
        "job",
        "--app",
        APP,
        "exec",
        "sleep",
        "600",
    ]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let dynos = emulator.call("GET", &format!("/apps/{APP}/dynos"), &Value::Null).json();
    let dyno = &dynos[0];
    assert_eq!(
        (&dyno["command"], &dyno["size"], &dyno["type"]),
        (&json!("exec sleep 600"), &json!("Standard-2X"), &json!("job"))
    );
    let name = dyno["name"].as_str().unwrap();
    assert!(
        output.stderr.contains(&format!("Running exec sleep 600 on demo-app... done, {name}")),
        "{output:?}"
    );

    let tail = cli.follow(&["run:detached", "-e", "NAME=Daniela", "--tail", "--app", APP, "hello"]);
    let lines = tail.lines_to("State changed from up to complete");
    let hello = lines.iter().find_map(|line| line.split_once("]: Hello Daniela on ")).unwrap();
    assert!(hello.0.ends_with(&format!(" app[{}", hello.1)), "{lines:?}");
}

#[test]
fn what_is_not_served_is_one_line_of_the_request_log() {
    let emulator = Emulator::start();
    let Some(cli) = Cli::of(&emulator) else { return };
    let output = cli.run(&["domains", "--app", APP]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("Error ID: not_found"), "{output:?}");
    emulator.signal(Signal::TERM);
    let (_, log) = emulator.ended();
    let told = format!("api: GET /apps/{APP}/domains 404 ");
    assert_eq!(log.lines().filter(|line| line.contains(&told)).count(), 1, "{log}");
}
