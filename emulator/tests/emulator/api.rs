//! The API as any client meets it: who is let in, what is refused and how, what the objects look like.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{APP, Emulator, Folder, KEY, command, eventually, request};

const ACCEPT: &str = "application/vnd.heroku+json; version=3";

/// Heroku's words for a call that it does not serve.
const NO_ENDPOINT: &str = "The requested API endpoint was not found. Are you using the right HTTP verb (i.e. `GET` vs. \
                           `POST`), and did you specify your intended version with the `Accept` header?";

#[test]
fn a_dyno_is_created_listed_shown_and_stopped() {
    let emulator = Emulator::start();
    let dynos = format!("/apps/{APP}/dynos");
    let created =
        emulator.call("POST", &dynos, &json!({"command": "sleep 600", "size": "standard-1x", "type": "job"}));
    assert_eq!(created.status, 201);
    let created = created.json();
    let name = created["name"].as_str().unwrap();
    let number: u32 = name.strip_prefix("job.").unwrap().parse().unwrap();
    assert!((1_000..10_000).contains(&number));
    let expected = json!({
        "app": {"id": created["app"]["id"], "name": APP},
        "attach_url": null,
        "command": "sleep 600",
        "created_at": created["created_at"],
        "id": created["id"],
        "name": name,
        "release": {"id": created["release"]["id"], "version": 1},
        "size": "Standard-1X",
        "state": "starting",
        "type": "job",
        "updated_at": created["created_at"],
    });
    assert_eq!(created, expected);
    for id in [&created["app"]["id"], &created["id"], &created["release"]["id"]] {
        assert_eq!(id.as_str().unwrap().len(), 36);
    }
    let created_at = created["created_at"].as_str().unwrap();
    assert!(created_at.len() == 20 && created_at.ends_with('Z'), "{created_at}");

    let by_id = format!("{dynos}/{}", created["id"].as_str().unwrap());
    eventually("it is up", || emulator.call("GET", &by_id, &Value::Null).json()["state"] == "up");
    let by_app_id = format!("/apps/{}/dynos/{name}", created["app"]["id"].as_str().unwrap());
    let shown = emulator.call("GET", &by_app_id, &Value::Null).json();
    assert_eq!(shown["id"], created["id"]);
    assert_eq!(emulator.call("GET", &dynos, &Value::Null).json(), json!([shown]));

    let stopped = emulator.call("DELETE", &by_id, &Value::Null);
    assert_eq!((stopped.status, stopped.json()), (202, json!({})));
    eventually("it is gone", || emulator.call("GET", &by_id, &Value::Null).status == 404);
    assert_eq!(emulator.call("GET", &dynos, &Value::Null).json(), json!([]));
    let stopped_again = emulator.call("POST", &format!("{by_id}/actions/stop"), &Value::Null);
    assert_eq!((stopped_again.status, &stopped_again.json()["resource"]), (404, &json!("dyno")));
}

#[test]
fn stop_needs_neither_body_nor_content_type() {
    let emulator = Emulator::start();
    let dyno = emulator.run("sleep 600");
    let path = format!("/apps/{APP}/dynos/{}/actions/stop", dyno.replace('.', "%2E"));
    let authorization = format!("Bearer {KEY}");
    let headers =
        [("Accept", "application/vnd.heroku+json; version=3.sdk"), ("Authorization", &*authorization)];
    assert_eq!(request(&emulator.api, "POST", &path, &headers, b"").status, 202);
}

#[test]
fn the_formation_has_the_process_types_of_the_procfile() {
    let source =
        Folder::new().with("Procfile", "web: bin/old\n# none\nserverless: python task.py\nweb: bin/web\n");
    let mut command = command();
    command.args(["--app", APP, "--key", KEY, "--source"]).arg(source.path());
    let emulator = Emulator::spawn(command);
    let path = format!("/apps/{APP}/formation");
    let formation = emulator.call("GET", &path, &Value::Null).json();
    let entry = |process_type: &str, command: &str| {
        json!({
            "app": formation[0]["app"],
            "command": command,
            "created_at": formation[0]["created_at"],
            "dyno_size": formation[0]["dyno_size"],
            "quantity": 0,
            "size": "Basic",
            "type": process_type,
            "updated_at": formation[0]["created_at"],
        })
    };
    let mut shown = formation.clone();
    for entry in shown.as_array_mut().unwrap() {
        let id = entry.as_object_mut().unwrap().remove("id").unwrap();
        assert_eq!(id.as_str().unwrap().len(), 36);
    }
    assert_eq!(shown, json!([entry("serverless", "python task.py"), entry("web", "bin/web")]));
    assert_eq!(formation[0]["app"]["name"], APP);
    let sizes = emulator.call("GET", "/dyno-sizes", &Value::Null).json();
    let basic = sizes.as_array().unwrap().iter().find(|size| size["name"] == "Basic").unwrap();
    assert_eq!(formation[0]["dyno_size"], json!({"id": basic["id"], "name": "Basic"}));

    // The file as it is now; without one there are no types.
    std::fs::remove_file(source.path().join("Procfile")).unwrap();
    assert_eq!(emulator.call("GET", &path, &Value::Null).json(), json!([]));
}

#[test]
fn a_procfile_that_has_become_bad_is_told() {
    let source = Folder::new().with("Procfile", "web: x\n");
    let emulator = Emulator::of(&source);
    let source = source.with("Procfile", "web: x\n\nno colon\n");
    for (method, path) in [("GET", "formation"), ("GET", "releases"), ("POST", "dynos")] {
        let response = emulator.call(method, &format!("/apps/{APP}/{path}"), &json!({"command": "web"}));
        assert_eq!((response.status, &response.json()["id"]), (422, &json!("invalid_params")), "{path}");
        assert!(response.text().contains("Procfile, line 3"), "{}", response.text());
    }
    let _source = source.with("Procfile", "web: y\n");
    let formation = emulator.call("GET", &format!("/apps/{APP}/formation"), &Value::Null).json();
    assert_eq!(formation[0]["command"], "y");
}

#[test]
fn dyno_sizes_have_their_prices_and_the_app_can_use_some() {
    let emulator = Emulator::start();
    let all = emulator.call("GET", "/dyno-sizes", &Value::Null).json();
    let all = all.as_array().unwrap();
    let named = |name: &str| all.iter().find(|size| size["name"] == name).unwrap();
    let standard = json!({
        "architecture": "amd64",
        "compute": 1,
        "cost": {"cents": 2500, "unit": "month"},
        "dedicated": false,
        "generation": {"id": named("Eco")["generation"]["id"], "name": "cedar"},
        "id": named("Standard-1X")["id"],
        "memory": 0.5,
        "name": "Standard-1X",
        "private_space_only": false,
    });
    assert_eq!(named("Standard-1X"), &standard);
    assert_eq!((&named("Eco")["cost"], &named("Performance-XL")["memory"]), (&Value::Null, &json!(62.0)));
    assert_eq!(named("Performance-L")["dedicated"], true);
    assert_eq!(named("Private-L")["private_space_only"], true);
    assert_eq!(named("dyno-32c-64gb")["generation"]["name"], "fir");
    let ids: HashSet<&str> = all.iter().map(|size| size["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len());

    let available = emulator.call("GET", &format!("/apps/{APP}/available-dyno-sizes"), &Value::Null).json();
    let usable: Vec<&Value> = all.iter().filter(|size| size["private_space_only"] == false).collect();
    assert_eq!(available.as_array().unwrap().iter().collect::<Vec<_>>(), usable);
    for size in all {
        let parameters = json!({"command": "true", "size": size["name"]});
        let response = emulator.call("POST", &format!("/apps/{APP}/dynos"), &parameters);
        if usable.contains(&size) {
            assert_eq!((response.status, &response.json()["size"]), (201, &size["name"]));
        } else {
            assert_eq!((response.status, &response.json()["id"]), (422, &json!("invalid_params")), "{size}");
        }
    }
}

#[test]
fn without_the_key_nothing_is_answered() {
    let emulator = Emulator::start();
    for authorization in [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some("Bearer wrong".to_owned()),
        Some(format!("Bearer {KEY}x")),
        Some(format!("Bearer {}", &KEY[1..])),
        Some(format!("Basic {KEY}")),
    ] {
        for path in ["/account", "/nothing"] {
            let mut headers = vec![("Accept", ACCEPT)];
            headers.extend(authorization.as_deref().map(|value| ("Authorization", value)));
            let response = request(&emulator.api, "GET", path, &headers, b"");
            assert_eq!(response.status, 401, "{authorization:?}");
            let body = json!({"id": "unauthorized", "message": "Invalid credentials provided."});
            assert_eq!(response.json(), body);
        }
    }
}

#[test]
fn a_version_has_to_be_asked_for() {
    let emulator = Emulator::start();
    let authorization = format!("Bearer {KEY}");
    for (accept, status) in [
        (ACCEPT, 200),
        ("application/vnd.heroku+json;version=3", 200),
        ("application/vnd.heroku+json; version=3.sdk", 200),
        ("text/html, application/vnd.heroku+json; version=3; q=0.9", 200),
        ("application/vnd.heroku+json; version=2", 406),
        ("application/vnd.heroku+json", 406),
        ("application/json; version=3", 406),
        ("*/*", 406),
    ] {
        let headers = [("Accept", accept), ("Authorization", &*authorization)];
        let response = request(&emulator.api, "GET", "/account", &headers, b"");
        assert_eq!(response.status, status, "{accept}");
        if status == 406 {
            assert_eq!(response.json()["id"], "not_acceptable");
        }
    }
}

#[test]
fn what_does_not_exist_is_not_found() {
    let emulator = Emulator::start();
    let dyno_path = format!("/apps/{APP}/dynos/run.1");
    for (method, path, message, resource) in [
        ("GET", "/apps/other", "Couldn't find that app.", json!("app")),
        ("GET", "/apps/other/dynos", "Couldn't find that app.", json!("app")),
        ("POST", "/apps/other/dynos", "Couldn't find that app.", json!("app")),
        ("GET", "/apps/other/available-dyno-sizes", "Couldn't find that app.", json!("app")),
        ("GET", "/apps/other/formation", "Couldn't find that app.", json!("app")),
        ("POST", "/apps/other/log-sessions", "Couldn't find that app.", json!("app")),
        ("GET", "/apps/other/dynos/run.1", "Couldn't find that app.", json!("app")),
        ("GET", "/apps/other/pipeline-couplings", "Couldn't find that app.", json!("app")),
        ("GET", "/users/nobody/apps", "Couldn't find that user.", json!("user")),
        ("GET", &dyno_path, "Couldn't find that dyno.", json!("dyno")),
        ("DELETE", &dyno_path, "Couldn't find that dyno.", json!("dyno")),
        ("GET", "/nothing", NO_ENDPOINT, Value::Null),
        ("PUT", "/account", NO_ENDPOINT, Value::Null),
        ("DELETE", &format!("/apps/{APP}/log-sessions"), NO_ENDPOINT, Value::Null),
        ("GET", &format!("/apps/{APP}/pipeline-couplings"), NO_ENDPOINT, Value::Null),
        ("POST", &format!("/apps/{APP}/domains/x/y"), NO_ENDPOINT, Value::Null),
    ] {
        let response = emulator.call(method, path, &Value::Null);
        assert_eq!((response.status, &response.json()["id"]), (404, &json!("not_found")), "{method} {path}");
        assert_eq!(response.json()["resource"], resource, "{method} {path}");
        assert_eq!(response.json()["message"], message, "{method} {path}");
    }
}

#[test]
fn bad_parameters_are_refused_and_nothing_runs() {
    let emulator = Emulator::start();
    let path = format!("/apps/{APP}/dynos");
    for parameters in [
        Value::Null,
        json!({"command": ""}),
        json!({"command": "x", "env": {"A B": ""}}),
        json!({"command": "x", "attach": true}),
        json!({"command": "x", "size": "Huge"}),
        json!({"command": "x", "time_to_live": 86_401}),
        json!({"command": "a\0b"}),
    ] {
        let response = emulator.call("POST", &path, &parameters);
        assert_eq!(
            (response.status, &response.json()["id"]),
            (422, &json!("invalid_params")),
            "{parameters}"
        );
    }
    for body in ["{", "[]", "\"x\"", "{\"command\": \"\u{1}\"}"] {
        let authorization = format!("Bearer {KEY}");
        let headers = [("Accept", ACCEPT), ("Authorization", &*authorization)];
        let response = request(&emulator.api, "POST", &path, &headers, body.as_bytes());
        assert_eq!((response.status, &response.json()["id"]), (400, &json!("bad_request")), "{body}");
    }
    let large = emulator.call("POST", &path, &json!({"command": "x".repeat(1024 * 1024)}));
    assert_eq!((large.status, large.json()["id"].as_str()), (413, Some("bad_request")));
    assert_eq!(emulator.call("GET", &path, &Value::Null).json(), json!([]));
}

#[test]
fn no_more_than_50_dynos_run_at_once() {
    let emulator = Emulator::start();
    for _ in 0..50 {
        emulator.run("exec sleep 600");
    }
    let response = emulator.call("POST", &format!("/apps/{APP}/dynos"), &json!({"command": "true"}));
    assert_eq!((response.status, &response.json()["id"]), (422, &json!("cannot_run_above_limit")));
}

#[test]
fn every_answer_has_a_request_id_and_may_be_read_by_any_page() {
    let emulator = Emulator::start();
    let authorized = format!("Bearer {KEY}");
    for (path, authorization) in
        [("/account", &*authorized), ("/nothing", &authorized), ("/account", "Bearer x")]
    {
        let headers = [("Accept", ACCEPT), ("Authorization", authorization), ("Request-Id", "mine")];
        let response = request(&emulator.api, "GET", path, &headers, b"");
        assert_eq!(response.header("access-control-allow-origin"), Some("*"));
        assert_eq!(response.header("access-control-expose-headers"), None);
        let ids: Vec<&str> = response.header("request-id").unwrap().split(',').collect();
        assert!(ids.len() == 2 && ids[0] == "mine" && ids[1].len() == 36, "{ids:?}");
    }
}

#[test]
fn headers_are_exposed_on_demand() {
    let emulator = Emulator::start_with(&["--expose-headers"]);
    let response = emulator.call("GET", "/account", &Value::Null);
    assert_eq!(
        response.header("access-control-expose-headers"),
        Some("Request-Id, RateLimit-Remaining, Retry-After")
    );
}

#[test]
fn a_preflight_needs_no_key_and_allows_three_headers() {
    let emulator = Emulator::start();
    let headers = [
        ("Origin", "https://example.github.io"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization,content-type,x-more"),
    ];
    let response = request(&emulator.api, "OPTIONS", &format!("/apps/{APP}/dynos"), &headers, b"");
    assert_eq!(response.status, 204);
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    assert_eq!(response.header("access-control-allow-headers"), Some("authorization, content-type, accept"));
    assert_eq!(response.header("access-control-allow-methods"), Some("GET, POST, PATCH, DELETE"));
}
