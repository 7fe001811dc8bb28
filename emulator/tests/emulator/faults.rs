//! Faults on demand: which requests meet them, and what a client gets.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{APP, Emulator, KEY, Response, Stream, command, request, sent, split};

const RULES: &str = "/emulator/faults";

fn emulator_with(rules: &Value) -> Emulator {
    let emulator = Emulator::start();
    let added = emulator.call("POST", RULES, rules);
    assert_eq!(added.status, 201, "{}", added.text());
    emulator
}

fn dynos() -> String {
    format!("/apps/{APP}/dynos")
}

fn statuses<const N: usize>(emulator: &Emulator, method: &str, path: &str) -> [u16; N] {
    std::array::from_fn(|_| emulator.call(method, path, &Value::Null).status)
}

/// All that comes for a call of the API.
fn bytes_for(emulator: &Emulator, method: &str, path: &str, body: &Value) -> Vec<u8> {
    let authorization = format!("Bearer {KEY}");
    let headers = [("Accept", "application/vnd.heroku+json; version=3"), ("Authorization", &*authorization)];
    sent(&emulator.api, method, path, &headers, body.to_string().as_bytes())
}

#[test]
fn a_rule_holds_until_it_is_used_up_or_removed() {
    let emulator = emulator_with(&json!({"path": "/account", "times": 2, "answer": {"status": 503}}));
    assert_eq!(statuses(&emulator, "GET", "/account"), [503, 503, 200]);

    emulator.call("POST", RULES, &json!({"path": "/account", "answer": {"status": 500}}));
    assert_eq!(statuses(&emulator, "GET", "/account"), [500, 500, 500]);
    let rules = json!([
        {"path": "/account", "times": 2, "answer": {"status": 503}, "used": 2},
        {"path": "/account", "answer": {"status": 500}, "used": 3},
    ]);
    assert_eq!(emulator.call("GET", RULES, &Value::Null).json(), rules);

    let removed = emulator.call("DELETE", RULES, &Value::Null);
    assert_eq!((removed.status, removed.json()), (200, json!([])));
    assert_eq!(statuses(&emulator, "GET", "/account"), [200]);
}

#[test]
fn a_rule_lets_requests_pass_first() {
    let rule = json!({"path": "/account", "skip": 2, "times": 1, "answer": {"status": 503}});
    let emulator = emulator_with(&rule);
    assert_eq!(statuses(&emulator, "GET", "/account"), [200, 200, 503, 200]);
}

#[test]
fn the_first_rule_that_applies_decides() {
    let emulator = emulator_with(&json!([
        {"method": "POST", "path": "/account", "answer": {"status": 500}},
        {"path": "/account", "times": 1, "answer": {"status": 501}},
        {"path": "/*", "skip": 1, "times": 1, "answer": {"status": 502}},
        {"path": "/account", "answer": {"status": 503}},
    ]));
    // The request that the third lets pass comes to the fourth.
    assert_eq!(statuses(&emulator, "GET", "/account"), [501, 503, 502, 503]);
    assert_eq!(statuses(&emulator, "POST", "/account"), [500]);
}

#[test]
fn a_star_stands_for_a_segment() {
    let emulator =
        emulator_with(&json!({"method": "GET", "path": "/apps/*/dynos/*", "answer": {"status": 503}}));
    assert_eq!(statuses(&emulator, "GET", &format!("{}/run.1", dynos())), [503]);
    assert_eq!(statuses(&emulator, "GET", "/apps/other/dynos/run.1?a=b"), [503]);
    assert_eq!(statuses(&emulator, "GET", &dynos()), [200]);
    assert_eq!(statuses(&emulator, "POST", &format!("{}/run.1/actions/stop", dynos())), [404]);
}

#[test]
fn an_answer_is_what_the_rule_says() {
    let html = json!({"Content-Type": "text/html"});
    let json = Some("application/json");
    for (answer, content_type, body) in [
        (json!({"status": 502}), None, ""),
        (json!({"status": 502, "body": "<p>", "headers": html}), Some("text/html"), "<p>"),
        (json!({"status": 502, "body": "{"}), None, "{"),
        (json!({"status": 502, "body": {"id": "x"}}), json, r#"{"id":"x"}"#),
        (json!({"status": 502, "body": [1]}), json, "[1]"),
        (json!({"status": 502, "body": null}), json, "null"),
        (json!({"status": 502, "body": {}, "headers": html}), Some("text/html"), "{}"),
    ] {
        let emulator = emulator_with(&json!({"path": "/account", "answer": answer}));
        let response = emulator.call("GET", "/account", &Value::Null);
        assert_eq!((response.status, response.text().as_str()), (502, body), "{answer}");
        assert_eq!(response.header("content-type"), content_type, "{answer}");
    }
}

#[test]
fn an_answer_has_the_headers_that_all_have_unless_the_rule_names_them() {
    let rule = |headers: Value| json!({"path": "/account", "answer": {"status": 429, "headers": headers}});
    let ask = |emulator: &Emulator| emulator.call("GET", "/account", &Value::Null);

    let response = ask(&emulator_with(&rule(json!({"Retry-After": "7"}))));
    assert_eq!(response.header("retry-after"), Some("7"));
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    assert_eq!(response.header("ratelimit-remaining"), Some("4499"));
    assert_eq!(response.header("request-id").unwrap().len(), 36);

    let named = rule(json!({"RateLimit-Remaining": "0", "Access-Control-Allow-Origin": "https://a.example"}));
    let response = ask(&emulator_with(&named));
    assert_eq!(response.header("ratelimit-remaining"), Some("0"));
    assert_eq!(response.header("access-control-allow-origin"), Some("https://a.example"));
}

#[test]
fn only_who_has_the_key_makes_and_meets_faults() {
    let emulator = emulator_with(&json!({"path": "/account", "answer": {"status": 503}}));
    let rule = br#"{"path": "/account", "answer": {"status": 500}}"#;
    let ask = |method: &str, path: &str, authorization: &str, body: &[u8]| -> Response {
        let headers =
            [("Accept", "application/vnd.heroku+json; version=3"), ("Authorization", authorization)];
        request(&emulator.api, method, path, &headers, body)
    };
    for method in ["GET", "POST", "DELETE"] {
        assert_eq!(ask(method, RULES, "Bearer wrong", rule).status, 401, "{method}");
    }
    assert_eq!(ask("GET", "/account", "Bearer wrong", b"").status, 401);
    let rules = json!([{"path": "/account", "answer": {"status": 503}, "used": 0}]);
    assert_eq!(emulator.call("GET", RULES, &Value::Null).json(), rules);

    // It is no part of Heroku's API and needs no version.
    let authorization = format!("Bearer {KEY}");
    let listed = request(&emulator.api, "GET", RULES, &[("Authorization", &*authorization)], b"");
    assert_eq!((listed.status, listed.json()), (200, rules));
    let headers = [("Authorization", &*authorization), ("Host", "evil.example")];
    assert_eq!(request(&emulator.api, "GET", RULES, &headers, b"").status, 403);
    assert_eq!(emulator.call("PUT", RULES, &Value::Null).json()["id"], "not_found");
}

#[test]
fn neither_preflights_nor_the_rules_themselves_meet_faults() {
    let emulator = emulator_with(&json!([
        {"path": "/account", "reset": "before"},
        {"path": "/*/*", "reset": "before"},
    ]));
    assert_eq!(request(&emulator.api, "OPTIONS", "/account", &[], b"").status, 204);
    assert_eq!(emulator.call("GET", RULES, &Value::Null).status, 200);
}

#[test]
fn a_request_that_is_reset_before_has_no_effect() {
    let emulator = emulator_with(&json!({"method": "POST", "path": dynos(), "times": 1, "reset": "before"}));
    let parameters = json!({"command": "sleep 600"});
    assert_eq!(bytes_for(&emulator, "POST", &dynos(), &parameters), b"");
    assert_eq!(emulator.call("GET", &dynos(), &Value::Null).json(), json!([]));
    emulator.run_with(parameters);

    emulator.signal(Signal::KILL);
    let (_, log) = emulator.ended();
    assert!(log.contains(&format!("api: POST {} no answer", dynos())), "{log}");
}

#[test]
fn a_request_that_is_reset_after_has_its_effect() {
    let emulator = emulator_with(&json!({"method": "POST", "path": dynos(), "times": 1, "reset": "after"}));
    assert_eq!(bytes_for(&emulator, "POST", &dynos(), &json!({"command": "sleep 600"})), b"");
    let listed = emulator.call("GET", &dynos(), &Value::Null).json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["command"]), (1, &json!("sleep 600")));
}

#[test]
fn while_a_reset_can_come_each_request_has_a_connection_of_its_own() {
    let emulator = Emulator::start();
    let (stream, path) = split(&emulator.session(&json!({})));
    let connection = |address: &str, method: &str, path: &str| {
        let kept = [("Connection", "keep-alive")];
        let answer = Stream::send(address, method, path, &kept, b"");
        answer.headers.into_iter().find(|(name, _)| name == "connection").map(|(_, value)| value)
    };
    let assert_connections = |expected: Option<&str>| {
        assert_eq!(connection(&emulator.api, "OPTIONS", "/account").as_deref(), expected);
        assert_eq!(connection(&emulator.api, "GET", "/account").as_deref(), expected);
        assert_eq!(connection(&stream, "GET", &path).as_deref(), expected);
    };
    assert_connections(None);
    emulator.call("POST", RULES, &json!({"path": "/account", "times": 1, "reset": "before"}));
    assert_connections(Some("close"));
    assert_eq!(bytes_for(&emulator, "GET", "/account", &Value::Null), b"");
    assert_connections(None);
}

#[test]
fn a_log_session_can_come_with_no_or_another_address() {
    let emulator = emulator_with(&json!([
        {"path": "/apps/*/log-sessions", "times": 1, "logplex_url": null},
        {"path": "/apps/*/log-sessions", "times": 1, "logplex_url": "http://logs.example/"},
        {"path": "/account", "times": 1, "logplex_url": null},
    ]));
    let path = format!("/apps/{APP}/log-sessions");
    let create = || emulator.call("POST", &path, &json!({}));
    let fields = |response: &Response| -> Vec<String> {
        response.json().as_object().unwrap().keys().cloned().collect()
    };

    let without = create();
    assert_eq!(
        (without.status, fields(&without)),
        (201, vec!["created_at", "id", "updated_at"].into_iter().map(str::to_owned).collect())
    );
    let with_another = create();
    assert_eq!(
        (with_another.status, &with_another.json()["logplex_url"]),
        (201, &json!("http://logs.example/"))
    );
    assert_eq!(fields(&with_another), fields(&create()));
    assert_eq!(emulator.call("GET", "/account", &Value::Null).json()["email"], "user@example.com");
}

#[test]
fn streams_meet_faults_too() {
    let emulator = emulator_with(&json!([
        {"path": "/stream", "times": 1, "answer": {"status": 403, "body": "Expired"}},
        {"path": "/stream", "times": 1, "answer": {"status": 404}},
        {"path": "/stream", "times": 1, "answer": {"status": 503, "headers": {"Cache-Control": "no-cache"}}},
        {"path": "/stream", "times": 1, "reset": "before"},
        {"path": "/stream", "times": 1, "reset": "after"},
        {"path": "/stream", "times": 1, "logplex_url": null},
    ]));
    let dyno = emulator.run("exec sleep 600");
    let url = emulator.session(&json!({"dyno": dyno, "tail": true}));
    let (address, path) = split(&url);
    for (status, body, cache) in [(403, "Expired", "no-store"), (404, "", "no-store"), (503, "", "no-cache")]
    {
        let response = request(&address, "GET", &path, &[], b"");
        assert_eq!((response.status, response.text().as_str()), (status, body));
        assert_eq!(response.header("access-control-allow-origin"), Some("*"), "{status}");
        assert_eq!(response.header("cache-control"), Some(cache), "{status}");
    }
    for _ in 0..2 {
        assert_eq!(sent(&address, "GET", &path, &[], b""), b"");
    }
    let mut stream = Stream::open(&url, "*/*");
    stream.line_ending_with("State changed from starting to up");
}

fn help() -> String {
    String::from_utf8(command().arg("--help").output().unwrap().stdout).unwrap()
}

#[test]
fn the_example_in_the_help_is_right() {
    let help = help();
    let (_, example) = help.split_once("/emulator/faults -H").unwrap();
    let (_, example) = example.split_once("-d '").unwrap();
    let (rule, _) = example.split_once("}'").unwrap();
    let emulator = emulator_with(&serde_json::from_str(&format!("{rule}}}")).unwrap());
    let answers = statuses(&emulator, "POST", &dynos());
    // The last lacks its command.
    assert_eq!(answers, [503, 503, 422]);
}

#[test]
fn the_flags_in_the_help_are_right() {
    let help = help();
    let (_, example) = help.split_once("    heroku-emulator --fault '").unwrap();
    let (rules, _) = example.split_once("'\n").unwrap();
    let arguments: Vec<&str> = rules.split("' --fault '").flat_map(|rule| ["--fault", rule]).collect();
    assert_eq!(arguments.len(), 4);
    let emulator = Emulator::start_with(&arguments);
    let rules = emulator.call("GET", RULES, &Value::Null).json();
    assert_eq!((&rules[0]["path"], &rules[1]["used"]), (&json!("/**"), &json!(0)));
}

#[test]
fn a_wrong_rule_is_told_and_none_is_added() {
    let emulator = Emulator::start();
    let right = json!({"path": "/account", "reset": "before"});
    let answer = |answer: Value| json!({"path": "/account", "answer": answer});
    for (wrong, named) in [
        (json!("x"), "object"),
        (json!([["/account"]]), "object"),
        (json!({"reset": "before"}), "`path`"),
        (json!({"path": "account", "reset": "before"}), "`path`"),
        (json!({"path": "/stream?token=x", "reset": "before"}), "`path`"),
        (json!({"path": "/account"}), "exactly one"),
        (json!({"path": "/account", "reset": "before", "logplex_url": null}), "exactly one"),
        (json!({"path": "/account", "reset": "before", "answer": {"status": 500}}), "exactly one"),
        (json!({"path": "/account", "reset": "before", "tims": 1}), "`tims`"),
        (json!({"path": "/account", "reset": "before", "times": -1}), "invalid"),
        (json!({"path": "/account", "reset": "later"}), "`later`"),
        (json!({"path": "/account", "reset": "before", "method": "post"}), "`method`"),
        (json!({"path": "/account", "reset": "before", "method": "OPTIONS"}), "`method`"),
        (json!({"path": "/account", "logplex_url": 1}), "1"),
        (answer(json!({})), "`status`"),
        (answer(json!({"status": 101})), "`status`"),
        (answer(json!({"status": 600})), "`status`"),
        (answer(json!({"status": 500, "code": 1})), "`code`"),
        (answer(json!({"status": 500, "headers": {"a b": "c"}})), "\"a b\""),
        (answer(json!({"status": 500, "headers": {"a": "b\n"}})), "\"a\""),
        (answer(json!({"status": 500, "headers": {"Content-Length": "1"}})), "Content-Length"),
        (json!([right, {"path": "/account"}]), "Rule 2"),
    ] {
        let response = emulator.call("POST", RULES, &wrong);
        assert_eq!((response.status, &response.json()["id"]), (422, &json!("invalid_params")), "{wrong}");
        let message = response.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(named) && message.ends_with('.'), "{wrong}: {message}");
    }
    let authorization = format!("Bearer {KEY}");
    let response = request(&emulator.api, "POST", RULES, &[("Authorization", &*authorization)], b"{");
    assert_eq!((response.status, &response.json()["id"]), (400, &json!("bad_request")));
    assert_eq!(emulator.call("GET", RULES, &Value::Null).json(), json!([]));
}
