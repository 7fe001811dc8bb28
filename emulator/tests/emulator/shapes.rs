//! Every object that the API serves has the fields of Heroku's reference, of the documented types, and no others
//! (platform-api.md 1.6, 3.2, 4.1 and 8; the object's definition in the published schema).

use serde_json::{Value, json};

use crate::support::{APP, Emulator, KEY, request};

/// What `value` has that `shape` does not say, if anything.
///
/// A shape is the name of a type, an object of shapes (whose fields are all there, and no others), or an array of shapes
/// of which one fits.
fn misfit(shape: &Value, value: &Value) -> Option<String> {
    match shape {
        Value::String(kind) => (!is_a(kind, value)).then(|| format!("{value} is not a {kind}")),
        Value::Array(shapes) => {
            let fits = shapes.iter().any(|shape| misfit(shape, value).is_none());
            (!fits).then(|| format!("{value} is none of {shapes:?}"))
        }
        Value::Object(fields) => {
            let Some(object) = value.as_object() else { return Some(format!("{value} is not an object")) };
            let unknown = object.keys().find(|name| !fields.contains_key(*name));
            let misfits = fields.iter().find_map(|(name, shape)| match object.get(name) {
                None => Some(format!("{name} is missing")),
                Some(value) => misfit(shape, value).map(|misfit| format!("{name}: {misfit}")),
            });
            misfits.or(unknown.map(|name| format!("{name} is not in the reference")))
        }
        _ => panic!("not a shape: {shape}"),
    }
}

fn is_a(kind: &str, value: &Value) -> bool {
    let text = || value.as_str().unwrap_or_default();
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => !text().is_empty(),
        "strings" => value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
        "uuid" => uuid::Uuid::parse_str(text()).is_ok_and(|id| id.to_string() == text()),
        "email" => text().contains('@'),
        "uri" => text().contains("://"),
        // ISO 8601 in UTC with whole seconds.
        "time" => text().len() == 20 && text().ends_with('Z') && humantime::parse_rfc3339(text()).is_ok(),
        _ => panic!("not a type: {kind}"),
    }
}

fn named() -> Value {
    json!({"id": "uuid", "name": "string"})
}

fn app() -> Value {
    json!({
        "acm": "boolean",
        "archived_at": ["null", "time"],
        "build_stack": named(),
        "buildpack_provided_description": ["null", "string"],
        "created_at": "time",
        "generation": named(),
        "git_url": "uri",
        "id": "uuid",
        "internal_routing": ["boolean", "null"],
        "maintenance": "boolean",
        "name": "string",
        "organization": ["null", named()],
        "owner": {"email": "email", "id": "uuid"},
        "region": named(),
        "released_at": ["null", "time"],
        "repo_size": ["integer", "null"],
        "slug_size": ["integer", "null"],
        "space": ["null", {"id": "uuid", "name": "string", "shield": "boolean"}],
        "stack": named(),
        "team": ["null", named()],
        "updated_at": "time",
        "web_url": ["null", "uri"],
    })
}

fn account() -> Value {
    json!({
        "allow_tracking": "boolean",
        "beta": "boolean",
        "country_of_residence": ["string", "null"],
        "created_at": "time",
        "default_organization": ["null", named()],
        "default_team": ["null", named()],
        "delinquent_at": ["null", "time"],
        "email": "email",
        "federated": "boolean",
        "id": "uuid",
        "identity_provider": "null",
        "last_login": ["null", "time"],
        "name": ["null", "string"],
        "sms_number": ["null", "string"],
        "suspended_at": ["null", "time"],
        "two_factor_authentication": "boolean",
        "updated_at": "time",
        "verified": "boolean",
    })
}

fn dyno() -> Value {
    json!({
        "app": named(),
        "attach_url": ["string", "null"],
        "command": "string",
        "created_at": "time",
        "id": "uuid",
        "name": "string",
        "release": {"id": "uuid", "version": "integer"},
        "size": "string",
        "state": "string",
        "type": "string",
        "updated_at": "time",
    })
}

fn log_session() -> Value {
    json!({"created_at": "time", "id": "uuid", "logplex_url": "uri", "updated_at": "time"})
}

/// The schema has no null for architecture and for dedicated; of the newer generation's sizes neither is known to us.
fn dyno_size() -> Value {
    json!({
        "architecture": ["string", "null"],
        "compute": "integer",
        "cost": ["null", {"cents": "integer", "unit": "string"}],
        "dedicated": ["boolean", "null"],
        "generation": named(),
        "id": "uuid",
        "memory": "number",
        "name": "string",
        "private_space_only": "boolean",
    })
}

fn collaborator() -> Value {
    json!({
        "app": named(),
        "created_at": "time",
        "id": "uuid",
        "permissions": "strings",
        "role": ["null", "string"],
        "updated_at": "time",
        "user": {"email": "email", "federated": "boolean", "id": "uuid"},
    })
}

fn formation() -> Value {
    json!({
        "app": named(),
        "command": "string",
        "created_at": "time",
        "dyno_size": named(),
        "id": "uuid",
        "quantity": "integer",
        "size": "string",
        "type": "string",
        "updated_at": "time",
    })
}

fn release() -> Value {
    json!({
        "addon_plan_names": "strings",
        "app": named(),
        "artifacts": "strings",
        "created_at": "time",
        "current": "boolean",
        "description": "string",
        "eligible_for_rollback": "boolean",
        "id": "uuid",
        "output_stream_url": ["string", "null"],
        "slug": [{"id": "uuid"}, "null"],
        "status": "string",
        "updated_at": "time",
        "user": {"email": "email", "id": "uuid"},
        "version": "integer",
    })
}

#[test]
fn every_object_has_the_documented_fields() {
    let emulator = Emulator::start();
    let name = emulator.run("exec sleep 600");
    for (path, shape) in [
        ("/account", account()),
        ("/account/rate-limits", json!({"remaining": "integer"})),
        (&format!("/apps/{APP}"), app()),
        (&format!("/apps/{APP}/dynos/{name}"), dyno()),
        (&format!("/apps/{APP}/formation/serverless"), formation()),
        (&format!("/apps/{APP}/releases/1"), release()),
    ] {
        let answer = emulator.call("GET", path, &Value::Null);
        assert_eq!((answer.status, misfit(&shape, &answer.json())), (200, None), "{path}");
    }
    for (path, shape) in [
        ("/apps", app()),
        ("/users/~/apps", app()),
        ("/dyno-sizes", dyno_size()),
        (&format!("/apps/{APP}/available-dyno-sizes"), dyno_size()),
        (&format!("/apps/{APP}/collaborators"), collaborator()),
        (&format!("/apps/{APP}/dynos"), dyno()),
        (&format!("/apps/{APP}/formation"), formation()),
        (&format!("/apps/{APP}/releases"), release()),
    ] {
        let answer = emulator.call("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}");
        let list = answer.json();
        assert!(!list.as_array().unwrap().is_empty(), "{path}");
        for object in list.as_array().unwrap() {
            assert_eq!(misfit(&shape, object), None, "{path}");
        }
    }
    for (path, parameters, shape) in
        [("dynos", json!({"command": "true"}), dyno()), ("log-sessions", json!({}), log_session())]
    {
        let answer = emulator.call("POST", &format!("/apps/{APP}/{path}"), &parameters);
        assert_eq!((answer.status, misfit(&shape, &answer.json())), (201, None), "{path}");
    }
}

#[test]
fn the_account_its_apps_and_their_owner_belong_together() {
    let emulator = Emulator::start();
    let get = |path: &str| emulator.call("GET", path, &Value::Null).json();
    let account = get("/account");
    let app = get(&format!("/apps/{APP}"));
    let owner = json!({"email": "user@example.com", "id": account["id"]});
    assert_eq!((&account["email"], &app["owner"]), (&owner["email"], &owner));
    assert_eq!(app["name"], APP);
    assert_eq!((&app["generation"]["name"], &app["stack"]["name"]), (&json!("cedar"), &json!("heroku-24")));
    for user in ["~", "user@example.com", account["id"].as_str().unwrap()] {
        assert_eq!(get(&format!("/users/{user}/apps")), json!([app]));
    }
    assert_eq!(get("/apps"), json!([app]));
    let collaborators = get(&format!("/apps/{}/collaborators", app["id"].as_str().unwrap()));
    assert_eq!(collaborators[0]["user"]["id"], account["id"]);
    assert_eq!(get(&format!("/apps/{APP}/addons")), json!([]));
}

#[test]
fn every_error_has_an_id_and_a_message() {
    let emulator = Emulator::start();
    let shape = json!({"id": "string", "message": "string"});
    let not_found = json!({"id": "string", "message": "string", "resource": "string"});
    for (headers, status) in [
        (&[("Host", "elsewhere.example")][..], 403),
        (&[], 401),
        (&[("Authorization", &*format!("Bearer {KEY}"))], 406),
    ] {
        let answer = request(&emulator.api, "GET", "/account", headers, b"");
        assert_eq!((answer.status, misfit(&shape, &answer.json())), (status, None));
    }
    let dynos = format!("/apps/{APP}/dynos");
    for (method, path, parameters, status, shape) in [
        ("GET", "/nothing", json!(null), 404, &shape),
        ("GET", "/apps/other", json!(null), 404, &not_found),
        ("GET", &*format!("{dynos}/run.1"), json!(null), 404, &not_found),
        ("POST", &dynos, json!([]), 400, &shape),
        ("POST", &dynos, json!({"command": 1}), 422, &shape),
        ("POST", &dynos, json!({"command": "x".repeat(2_000_000)}), 413, &shape),
    ] {
        let answer = emulator.call(method, path, &parameters);
        assert_eq!((answer.status, misfit(shape, &answer.json())), (status, None), "{method} {path}");
    }
}

#[test]
fn a_size_that_is_none_is_named_with_those_that_are() {
    let emulator = Emulator::start();
    let answer =
        emulator.call("POST", &format!("/apps/{APP}/dynos"), &json!({"command": "true", "size": "Huge"}));
    assert_eq!((answer.status, &answer.json()["id"]), (422, &json!("invalid_params")));
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(
        message.starts_with("No such size as Huge. Available dyno sizes are Eco, Basic, Standard-1X, "),
        "{message}"
    );
}
