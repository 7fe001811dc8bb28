//! Releases, config vars, and what dynos get of both.

use serde_json::{Value, json};

use crate::support::{APP, Emulator, Folder};

fn releases(emulator: &Emulator) -> Vec<Value> {
    emulator.call("GET", &format!("/apps/{APP}/releases"), &Value::Null).json().as_array().unwrap().clone()
}

#[test]
fn a_release_is_made_when_the_folder_changes() {
    let source = Folder::new().with("Procfile", "show: cat file\n").with("file", "one\n");
    let emulator = Emulator::of(&source);
    let first = &releases(&emulator)[0];
    let expected = json!({
        "addon_plan_names": [],
        "app": first["app"],
        "artifacts": [],
        "created_at": first["created_at"],
        "current": true,
        "description": first["description"],
        "eligible_for_rollback": false,
        "id": first["id"],
        "output_stream_url": null,
        "slug": {"id": first["slug"]["id"]},
        "status": "succeeded",
        "updated_at": first["updated_at"],
        "user": {"email": "user@example.com", "id": first["user"]["id"]},
        "version": 1,
    });
    assert_eq!(first, &expected);
    assert!(first["description"].as_str().unwrap().starts_with("Deploy "));
    let dyno = emulator.run("show");
    assert_eq!(emulator.result_of(&dyno).0, "one\n");

    let _source = source.with("file", "two\n");
    let created = emulator.call("POST", &format!("/apps/{APP}/dynos"), &json!({"command": "show"})).json();
    assert_eq!(created["release"]["version"], 2);
    assert_eq!(emulator.result_of(created["name"].as_str().unwrap()).0, "two\n");
    let all = releases(&emulator);
    let shown: Vec<_> = all.iter().map(|release| (&release["version"], &release["current"])).collect();
    assert_eq!(shown, [(&json!(1), &json!(false)), (&json!(2), &json!(true))]);
    for wanted in [all[1]["id"].as_str().unwrap(), "2"] {
        let path = format!("/apps/{APP}/releases/{wanted}");
        assert_eq!(emulator.call("GET", &path, &Value::Null).json(), all[1]);
    }
    let none = emulator.call("GET", &format!("/apps/{APP}/releases/3"), &Value::Null);
    assert_eq!((none.status, &none.json()["resource"]), (404, &json!("release")));
}

#[test]
fn config_vars_are_those_of_the_file_and_of_the_api() {
    let source = Folder::new().with(".env", "# mine\nGREETING='Hello there'\nLANG=C\n");
    let emulator = Emulator::of(&source);
    let path = format!("/apps/{APP}/config-vars");
    let from_file = json!({"GREETING": "Hello there", "LANG": "C"});
    assert_eq!(emulator.call("GET", &path, &Value::Null).json(), from_file);
    let print = "echo $GREETING, $NAME, $LANG; ls -a";
    let dyno = emulator.run_with(json!({"command": print, "env": {"NAME": "Ada"}}));
    // The file itself is no part of the app.
    assert_eq!(emulator.result_of(&dyno).0, "Hello there, Ada, C\n.\n..\n");

    let changes = json!({"NAME": "Bob", "LANG": null, "GONE": null});
    let changed = emulator.call("PATCH", &path, &changes);
    let together = json!({"GREETING": "Hello there", "NAME": "Bob"});
    assert_eq!((changed.status, changed.json()), (200, together.clone()));
    assert_eq!(emulator.call("GET", &path, &Value::Null).json(), together);
    let dyno = emulator.run("echo $GREETING, $NAME");
    assert_eq!(emulator.result_of(&dyno).0, "Hello there, Bob\n");
    let last = releases(&emulator).pop().unwrap();
    assert_eq!((&last["version"], &last["description"]), (&json!(2), &json!("Set NAME config vars")));

    for bad in [json!({"A B": "x"}), json!({"A": 1}), json!({"A": "\0"})] {
        let response = emulator.call("PATCH", &path, &bad);
        assert_eq!((response.status, &response.json()["id"]), (422, &json!("invalid_params")), "{bad}");
    }
}

#[test]
fn values_of_config_vars_are_in_no_log() {
    let source = Folder::new().with("Procfile", "web: sleep 600\n").with(".env", "SECRET=hunter2\n");
    let emulator = Emulator::of(&source);
    let changes = json!({"OTHER": "hunter2"});
    assert_eq!(emulator.call("PATCH", &format!("/apps/{APP}/config-vars"), &changes).status, 200);
    let dyno = emulator.run("echo \"$SECRET\" | tr a-z A-Z; test \"$OTHER\" = \"$SECRET\"");
    assert_eq!(emulator.result_of(&dyno), ("HUNTER2\n".to_owned(), 0));
    let mut stream = emulator.stream(&json!({"lines": 1500}));
    let log: Vec<String> = std::iter::from_fn(|| stream.line()).collect();
    assert!(log.iter().any(|line| line.contains("Set OTHER config vars")), "{log:?}");
    assert!(!log.iter().any(|line| line.contains("hunter2")), "{log:?}");
    emulator.signal(rustix::process::Signal::TERM);
    let (_, log) = emulator.ended();
    assert!(!log.contains("hunter2"), "{log}");
}

#[test]
fn a_release_phase_runs_before_a_release_is_used() {
    let source = Folder::new()
        .with(
            "Procfile",
            "release: echo migrating; exit $(cat status)\nclock: cat word; exec sleep 600\nword: cat word\n",
        )
        .with("status", "0")
        .with("word", "one\n");
    let emulator = Emulator::of(&source);
    let clock = format!("/apps/{APP}/formation/clock");
    assert_eq!(emulator.call("PATCH", &clock, &json!({"quantity": 1})).status, 200);
    let mut stream = emulator.stream(&json!({"lines": 1500, "tail": true}));
    stream.line_ending_with("Running release v1 commands by user user@example.com");
    let name = stream.line_ending_with("Starting process with command `echo migrating; exit $(cat status)`");
    assert!(name.contains(" heroku[release."), "{name}");
    stream.line_ending_with("]: migrating");
    stream.line_ending_with("State changed from up to complete");
    stream.line_ending_with("]: one");

    // It fails: what runs and what is run stays as it was.
    let source = source.with("status", "3").with("word", "two\n");
    let dyno = emulator.run("word");
    assert_eq!(emulator.result_of(&dyno).0, "one\n");
    let shown = |releases: Vec<Value>| -> Vec<Value> {
        releases
            .iter()
            .map(|release| json!([release["version"], release["status"], release["current"]]))
            .collect()
    };
    let expected = [json!([1, "succeeded", true]), json!([2, "failed", false])];
    assert_eq!(shown(releases(&emulator)), expected);
    stream.line_ending_with("Process exited with status 3");
    let failed = stream.line_ending_with("exited with status 3");
    assert!(failed.contains(" app[api]: Release v2 failed: "), "{failed}");

    let _source = source.with("status", "0");
    let dyno = emulator.run("word");
    assert_eq!(emulator.result_of(&dyno).0, "two\n");
    let expected =
        [json!([1, "succeeded", false]), json!([2, "failed", false]), json!([3, "succeeded", true])];
    assert_eq!(shown(releases(&emulator)), expected);
}

#[test]
fn an_app_whose_first_release_failed_has_nothing_to_run() {
    let source = Folder::new().with("Procfile", "release: exit 1\nweb: x\n");
    let emulator = Emulator::of(&source);
    for (method, path) in [("POST", "dynos"), ("GET", "formation")] {
        let response = emulator.call(method, &format!("/apps/{APP}/{path}"), &json!({"command": "web"}));
        assert_eq!((response.status, &response.json()["id"]), (409, &json!("conflict")), "{path}");
    }
    assert_eq!(releases(&emulator)[0]["status"], "failed");
    let set = emulator.call("PATCH", &format!("/apps/{APP}/config-vars"), &json!({"A": "b"}));
    assert_eq!((set.status, set.json()), (200, json!({"A": "b"})));
    let _source = source.with("Procfile", "release: test $A = b\nword: echo word\n");
    let dyno = emulator.run("word");
    assert_eq!(emulator.result_of(&dyno).0, "word\n");
}

#[test]
#[cfg(target_os = "linux")]
fn an_emulator_can_be_ended_while_its_first_release_phase_runs() {
    let marker = uuid::Uuid::new_v4().to_string();
    let source = Folder::new()
        .with("Procfile", "release: trap '' TERM; sleep 600\n")
        .with(".env", &format!("MARKER={marker}\n"));
    let mut child = crate::support::command();
    let mut child = child
        .args(["--key", crate::support::KEY, "--listen", "127.0.0.1:0", "--source"])
        .arg(source.path())
        .spawn()
        .unwrap();
    let processes = || crate::support::processes_with(&marker).len();
    crate::support::eventually("the release phase runs", || processes() > 0);
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
    crate::support::eventually("nothing is left", || processes() == 0);
}
