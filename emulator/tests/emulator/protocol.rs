//! What all calls have in common: lists in parts, conditional requests, request ids, and the rate limit
//! (platform-api.md 1).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{APP, Emulator, KEY, Response, request};

const ACCEPT: &str = "application/vnd.heroku+json; version=3";

/// A GET with one more header.
fn get(emulator: &Emulator, path: &str, name: &str, value: &str) -> Response {
    let authorization = format!("Bearer {KEY}");
    let headers = [("Accept", ACCEPT), ("Authorization", &*authorization), (name, value)];
    request(&emulator.api, "GET", path, &headers, b"")
}

fn names(response: &Response) -> Vec<String> {
    let list = response.json();
    list.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_list_comes_in_parts_that_lead_to_each_other() {
    let emulator = Emulator::start();
    let started: BTreeSet<String> = (0..5).map(|_| emulator.run("exec sleep 600")).collect();
    let path = format!("/apps/{APP}/dynos");
    let mut range = "name ..; max=2;".to_owned();
    let mut seen = Vec::new();
    for (status, rows) in [(206, 2), (206, 2), (200, 1)] {
        let part = get(&emulator, &path, "Range", &range);
        let names = names(&part);
        assert_eq!((part.status, names.len()), (status, rows), "{range}");
        assert_eq!(part.header("accept-ranges"), Some("id, name"));
        let content = format!("name {}..{}; max=2", names[0], names[names.len() - 1]);
        assert_eq!(part.header("content-range"), Some(&*content));
        assert_eq!(part.header("next-range").is_some(), status == 206);
        seen.extend(names);
        range = part.header("next-range").unwrap_or_default().to_owned();
    }
    assert_eq!(seen, started.iter().cloned().collect::<Vec<_>>());

    let backwards = get(&emulator, &path, "Range", "name ..; max=15, order=desc");
    assert_eq!((backwards.status, names(&backwards)), (200, seen.into_iter().rev().collect()));
    let whole = emulator.call("GET", &path, &Value::Null);
    let ids: Vec<Value> = whole.json().as_array().unwrap().iter().map(|dyno| dyno["id"].clone()).collect();
    assert!(ids.is_sorted_by_key(Value::as_str));
    let content = format!("id {}..{}; max=200", ids[0].as_str().unwrap(), ids[4].as_str().unwrap());
    assert_eq!((whole.status, whole.header("content-range")), (200, Some(&*content)));
}

#[test]
fn a_range_that_a_list_cannot_be_cut_by_is_refused() {
    let emulator = Emulator::start();
    for range in
        ["nothing ..", "id", "bytes=0-9", "id ..; max=1001", "id ..; max=0", "id ..; order=up", "\u{fc}"]
    {
        let refused = get(&emulator, "/dyno-sizes", "Range", range);
        assert_eq!(
            (refused.status, &refused.json()["id"]),
            (416, &json!("requested_range_not_satisfiable")),
            "{range}"
        );
    }
    // What is no list has no parts.
    assert_eq!(get(&emulator, "/account", "Range", "nothing ..").status, 200);
}

#[test]
fn what_a_client_has_already_is_not_sent_again() {
    let emulator = Emulator::start();
    let dynos = format!("/apps/{APP}/dynos");
    for path in ["/account", "/dyno-sizes", &*dynos] {
        let first = emulator.call("GET", path, &Value::Null);
        let tag = first.header("etag").unwrap();
        assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        for known in [tag.to_owned(), format!("W/{tag}"), format!("\"x\", {tag}")] {
            let again = get(&emulator, path, "If-None-Match", &known);
            assert_eq!((again.status, &*again.text(), again.header("etag")), (304, "", Some(tag)), "{known}");
            assert_eq!(again.header("access-control-allow-origin"), Some("*"));
        }
        let other = get(&emulator, path, "If-None-Match", "\"x\"");
        assert_eq!((other.status, other.body), (200, first.body));
    }
    let tag = emulator.call("GET", &dynos, &Value::Null).header("etag").unwrap().to_owned();
    emulator.run("exec sleep 600");
    let changed = get(&emulator, &dynos, "If-None-Match", &tag);
    assert_eq!((changed.status, changed.json().as_array().unwrap().len()), (200, 1));
    assert_ne!(changed.header("etag"), Some(&*tag));
    // Only what was found has a tag, and a POST is never answered from memory.
    assert_eq!(emulator.call("GET", "/apps/other", &Value::Null).header("etag"), None);
    assert_eq!(emulator.call("POST", &dynos, &json!({"command": "true"})).header("etag"), None);
}

#[test]
fn request_ids_grow_by_one_at_each_call() {
    let emulator = Emulator::start();
    let own = emulator.call("GET", "/account", &Value::Null).header("request-id").unwrap().to_owned();
    assert_eq!(own.len(), 36);
    let next = get(&emulator, "/account", "Request-Id", &own).header("request-id").unwrap().to_owned();
    let third = get(&emulator, "/account", "Request-Id", &next).header("request-id").unwrap().to_owned();
    assert!(next.starts_with(&format!("{own},")) && third.starts_with(&format!("{next},")), "{third}");
    assert_eq!(third.split(',').collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn requests_are_counted_down_to_a_429() {
    let emulator = Emulator::start_with(&["--rate-limit", "3"]);
    let remaining = |response: &Response| response.header("ratelimit-remaining").map(str::to_owned);
    let free = || emulator.call("GET", "/account/rate-limits", &Value::Null);
    assert_eq!(free().json(), json!({"remaining": 3}));
    // What is not found, or has no version, costs one too.
    for (path, left) in [("/account", "2"), ("/nothing", "1"), ("/account", "0")] {
        assert_eq!(remaining(&emulator.call("GET", path, &Value::Null)).as_deref(), Some(left));
    }
    for (method, path) in [("GET", "/account".to_owned()), ("POST", format!("/apps/{APP}/dynos"))] {
        let refused = emulator.call(method, &path, &json!({"command": "true"}));
        assert_eq!((refused.status, remaining(&refused).as_deref()), (429, Some("0")));
        let body = json!({
            "id": "rate_limit",
            "message": "Your account reached the API rate limit\nPlease wait a few minutes before making new requests",
            "url": "https://devcenter.heroku.com/articles/platform-api-reference#rate-limits",
        });
        assert_eq!(refused.json(), body);
        assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    }
    assert_eq!((free().status, free().json()), (200, json!({"remaining": 0})));
}

#[test]
fn only_the_account_s_own_requests_count() {
    let emulator = Emulator::start();
    let call = |method: &str, path: &str, authorization: &str| {
        request(&emulator.api, method, path, &[("Accept", ACCEPT), ("Authorization", authorization)], b"")
    };
    for (method, path, authorization) in
        [("GET", "/account", "Bearer wrong"), ("OPTIONS", "/account", ""), ("GET", "/emulator/faults", "")]
    {
        assert_eq!(call(method, path, authorization).header("ratelimit-remaining"), None);
    }
    let key = format!("Bearer {KEY}");
    // A part of this service, not of Heroku's.
    assert_eq!(call("GET", "/emulator/faults", &key).header("ratelimit-remaining"), None);
    assert_eq!(call("GET", "/account", &key).header("ratelimit-remaining"), Some("4499"));
}
