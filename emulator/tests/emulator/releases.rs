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
