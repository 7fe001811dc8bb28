//! The command line, the listeners' limits and the request log.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Output};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{APP, Emulator, Folder, KEY, Stream, command, one_off_dyno, request, split};

/// Runs an emulator that cannot start.
fn fails(arguments: &[&str]) -> String {
    let mut command = command();
    let Output { status, stdout, stderr } =
        command.arg("--source").arg(one_off_dyno()).args(arguments).output().unwrap();
    assert!(!status.success() && stdout.is_empty(), "{arguments:?}");
    String::from_utf8(stderr).unwrap()
}

#[test]
fn a_port_in_use_is_told_with_its_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = fails(&["--listen", &address]);
    assert!(error.contains(&format!("--listen {address}: the port is in use")), "{error}");

    let page = Folder::new().with(
        "index.html",
        "<meta name=heroku-api content=x><meta http-equiv=Content-Security-Policy \
         content=\"connect-src https://api.heroku.com https://*.heroku.com\">",
    );
    let page = page.path().to_str().unwrap();
    let error = fails(&["--listen", "127.0.0.1:0", "--page", page, "--page-listen", &address]);
    assert!(error.contains(&format!("--page-listen {address}: the port is in use")), "{error}");
}

#[test]
fn only_loopback_is_listened_on() {
    for flag in ["--listen", "--page-listen"] {
        let error = fails(&[flag, "0.0.0.0:0"]);
        assert!(error.contains(flag) && error.contains("only loopback"), "{error}");
    }
}

#[test]
fn bad_options_are_told() {
    for (arguments, named) in [
        (["--app", "No"], "--app"),
        (["--key", "a b"], "--key"),
        (["--stop-grace", "soon"], "--stop-grace"),
        (["--source", "/no/such/folder"], "/no/such/folder"),
        (["--page", "/no/such/folder"], "--page"),
    ] {
        let mut all = vec!["--listen", "127.0.0.1:0", "--page-listen", "127.0.0.1:0"];
        all.extend(arguments);
        let error = fails(&all);
        assert!(error.contains(named), "{arguments:?}: {error}");
    }
}

#[test]
fn without_a_key_one_is_made_and_what_is_printed_can_be_pasted() {
    let source = Folder::new();
    let mut child = command();
    let mut child =
        child.arg("--source").arg(source.path()).args(["--listen", "127.0.0.1:0"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut greeting = String::new();
    for line in lines.by_ref() {
        greeting.push_str(&format!("{line}\n"));
        if line.contains("Ctrl-C") {
            break;
        }
    }
    let value = |name: &str| {
        let found = greeting.lines().find_map(|line| line.trim().strip_prefix(name));
        found.unwrap_or_else(|| panic!("no {name}: {greeting}")).trim().to_owned()
    };
    let (api, app, key) = (value("API "), value("App "), value("API key "));
    assert!(key.starts_with("HRKU-") && key.len() == 41, "{key}");
    assert_eq!(value("heroku run:detached --tail --app "), format!("{app} 'echo hello'"));
    assert_eq!(value("export HEROKU_HOST="), format!("{api} HEROKU_API_KEY='{key}'"));

    let (_, pasted) = greeting.split_once("export").unwrap();
    let (_, curl) = pasted.split_once("curl").unwrap();
    let script =
        format!("export {}\ncurl -sS {}", pasted.lines().next().unwrap(), curl.split_once("\n\n").unwrap().0);
    let output = Command::new("bash").args(["-eu", "-c", &script]).output().unwrap();
    let dyno: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{script}: {output:?}"));
    assert_eq!((&dyno["command"], &dyno["app"]["name"]), (&json!("echo hello"), &json!(app)));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_host_has_to_be_this_machine_on_every_listener() {
    let page = Folder::new().with(
        "index.html",
        "<meta name=heroku-api content=x><meta http-equiv=Content-Security-Policy \
         content=\"connect-src https://api.heroku.com https://*.heroku.com\">",
    );
    let emulator = Emulator::start_with(&["--page", page.path().to_str().unwrap()]);
    let (stream, _) = split(&emulator.session(&json!({})));
    for address in [&emulator.api, &stream, emulator.page.as_ref().unwrap()] {
        let port = address.split_once(':').unwrap().1;
        let status = |host: &str| request(address, "GET", "/", &[("Host", host)], b"").status;
        for own in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
            assert_ne!(status(&own), 403, "{own}");
        }
        for other in
            [format!("evil.example:{port}"), "localhost".to_owned(), "localhost:1".to_owned(), String::new()]
        {
            assert_eq!(status(&other), 403, "{other}");
        }
    }
}

#[test]
fn the_request_log_has_a_line_for_each_request_and_no_secret() {
    let emulator = Emulator::start();
    let dyno = emulator.run("true");
    emulator.lines_of(&dyno);
    let url = emulator.session(&json!({}));
    drop(Stream::open(&url, "*/*"));
    emulator.call("GET", &format!("/apps/{KEY}"), &Value::Null);
    emulator.call("GET", &format!("/account?key={KEY}"), &Value::Null);
    emulator.signal(Signal::TERM);
    let (_, log) = emulator.ended();
    for line in [
        &*format!("api: POST /apps/{APP}/dynos 201"),
        &*format!("api: POST /apps/{APP}/log-sessions 201"),
        "stream: GET /stream 200",
        "api: GET /apps/[key] 404",
        "api: GET /account 200",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    let token = url.split_once("token=").unwrap().1;
    assert!(!log.contains(KEY) && !log.contains(token), "{log}");
}

#[test]
fn a_quiet_emulator_writes_nothing_while_all_is_well() {
    let emulator = Emulator::start_with(&["--quiet"]);
    assert_eq!(emulator.call("GET", "/account", &Value::Null).status, 200);
    emulator.signal(Signal::TERM);
    let (status, log) = emulator.ended();
    assert!(status.success() && log.is_empty(), "{log}");
}
