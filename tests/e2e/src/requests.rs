//! The calls of a run: as the server got them, and in Chromium as the browser sent them.

use serde_json::json;

use crate::harness::{APP, Answer, App, DYNO, Emulator, KEY, Page, ScriptedServer};

const ACCEPT: (&str, &str) = ("accept", "application/vnd.heroku+json; version=3");
const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn the_server_gets_four_calls_of_a_run() {
    let server = ScriptedServer::start(|path, address| match path {
        "/apps/sleepy-meadow/dynos" => Answer::json(201, DYNO),
        "/apps/sleepy-meadow/log-sessions" => {
            Answer::json(201, &json!({ "logplex_url": format!("{address}/stream?token=1") }).to_string())
        }
        _ => Answer::text(
            "text/plain",
            "2026-01-02T03:04:10.200000+00:00 heroku[run.8361]: Process exited with status 0\n",
        ),
    })
    .await;
    let page = Page::open(&server.address).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page.ends().await;

    let calls = server.calls();
    let [app, create, session, stream] = &calls[..] else { panic!("not four calls: {calls:#?}") };
    assert_eq!((&*app.method, &*app.path, &*app.body), ("GET", "/apps/sleepy-meadow", ""));
    assert_eq!((&*create.method, &*create.path), ("POST", "/apps/sleepy-meadow/dynos"));
    assert_eq!(create.json(), json!({ "command": "serverless", "type": "run" }));
    assert_eq!((&*session.method, &*session.path), ("POST", "/apps/sleepy-meadow/log-sessions"));
    assert_eq!(session.json(), json!({ "dyno": "run.8361", "tail": true, "lines": 1500 }));
    for (name, value) in [ACCEPT, JSON, ("authorization", &*format!("Bearer {KEY}"))] {
        for call in [create, session] {
            assert_eq!(call.headers.get(name).map(String::as_str), Some(value), "{call:#?}");
        }
    }
    for (name, value) in [ACCEPT, ("authorization", &*format!("Bearer {KEY}"))] {
        assert_eq!(app.headers.get(name).map(String::as_str), Some(value), "{app:#?}");
    }
    assert_eq!((&*stream.method, &*stream.path, &*stream.body), ("GET", "/stream?token=1", ""));
    assert_eq!(stream.headers.get("accept").map(String::as_str), Some("text/event-stream"));
    for name in ["authorization", "content-type"] {
        assert_eq!(stream.headers.get(name), None);
    }
    for call in &calls {
        for name in ["cookie", "referer"] {
            assert_eq!(call.headers.get(name), None, "{call:#?}");
        }
    }
}

#[tokio::test]
async fn a_double_click_starts_one_run() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("command", "echo begun; sleep 600").await;
    let twice =
        "const button = document.querySelector('button[type=submit]'); button.click(); button.click();";
    page.script(twice).await;
    page.shows_line("begun").await;
    // The second of two quick clicks comes when the first has started its run.
    let second = "document.querySelector('button[type=submit]').dispatchEvent(
        new MouseEvent('click', { detail: 2, bubbles: true, cancelable: true }))";
    page.script(second).await;
    page.click("Stop").await;
    page.ends().await;
    let created = format!("POST /apps/{APP}/dynos");
    assert_eq!(emulator.api_calls().iter().filter(|call| **call == created).count(), 1);
    assert_eq!(page.runs().await.len(), 1);
}

#[tokio::test]
async fn a_redirect_takes_the_key_nowhere() {
    let server = ScriptedServer::start(|path, _| match path {
        "/apps/sleepy-meadow/dynos" => Answer::redirect("/apps/elsewhere"),
        _ => Answer::json(201, "{}"),
    })
    .await;
    let page = Page::open(&server.address).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page.shows_error("unreachable").await;
    // What may have started is looked up, at the same address; that is redirected, too.
    let calls = page
        .until("a third call", async || match server.calls() {
            calls if calls.len() > 2 => Ok(calls),
            calls => Err(format!("{calls:?}")),
        })
        .await;
    assert_eq!(calls[0].path, "/apps/sleepy-meadow");
    let calls = &calls[1..];
    assert!(calls.iter().all(|call| call.path == "/apps/sleepy-meadow/dynos"), "{calls:#?}");
    assert_eq!(calls.iter().filter(|call| call.method == "POST").count(), 1, "{calls:#?}");
}

mod chromium_only {
    use super::*;
    use crate::harness::Request;

    /// The requests that the app made, in order; the page's own files and preflights are left out.
    fn calls(requests: &[Request], emulator: &Emulator) -> Vec<Request> {
        let is_call =
            |request: &&Request| !request.is_preflight() && !request.url.starts_with(&emulator.page);
        requests.iter().filter(is_call).cloned().collect()
    }

    #[tokio::test]
    async fn a_run_is_four_calls() {
        let emulator = Emulator::start(App::Tutorial).await;
        let page = Page::open(&emulator.page).await;
        page.fill_in_app_and_key().await;
        page.fill("NAME", "Daniela").await;
        page.run().await;
        page.ends().await;

        let requests = page.requests().await;
        let calls = calls(&requests, &emulator);
        let [app, create, session, stream] = &calls[..] else { panic!("not four calls: {calls:#?}") };
        let bearer = format!("Bearer {KEY}");
        let headers = [ACCEPT, ("authorization", &bearer), JSON];

        assert_eq!((&*app.method, &*app.url), ("GET", &*format!("{}/apps/{APP}", emulator.api)));
        assert_eq!((app.chosen_headers(), &app.body), (headers[..2].to_vec(), &None));

        assert_eq!((&*create.method, &*create.url), ("POST", &*format!("{}/apps/{APP}/dynos", emulator.api)));
        assert_eq!(create.chosen_headers(), headers);
        assert_eq!(
            create.json(),
            json!({ "command": "serverless", "type": "run", "env": { "NAME": "Daniela" } })
        );

        assert_eq!(
            (&*session.method, &*session.url),
            ("POST", &*format!("{}/apps/{APP}/log-sessions", emulator.api))
        );
        assert_eq!(session.chosen_headers(), headers);
        let body = session.json();
        let dyno = body["dyno"].as_str().unwrap_or_default();
        assert!(dyno.starts_with("run."), "{body}");
        assert_eq!(body, json!({ "dyno": dyno, "tail": true, "lines": 1500 }));

        assert_eq!(stream.method, "GET");
        assert!(!stream.url.starts_with(&emulator.api), "streams have a host of their own: {}", stream.url);
        assert_eq!(stream.chosen_headers(), [("accept", "text/event-stream")]);
        assert_eq!(stream.body, None);

        // A header that needs permission would make the browser ask for it.
        let preflights: Vec<_> = requests.iter().filter(|request| request.is_preflight()).collect();
        assert_eq!(preflights.len(), 3, "{preflights:#?}");
        assert!(
            preflights.iter().all(|preflight| preflight.url.starts_with(&emulator.api)),
            "{preflights:#?}"
        );
        for preflight in preflights {
            let asked = preflight.headers.get("access-control-request-headers").map(String::as_str);
            let has_body = preflight.url != app.url;
            let expected = if has_body { "authorization,content-type" } else { "authorization" };
            assert_eq!(asked, Some(expected), "{preflight:#?}");
        }
        for call in &calls {
            assert!(!call.headers.contains_key("cookie"), "{call:#?}");
            assert!(call.headers.get("referer").is_none_or(String::is_empty), "{call:#?}");
        }
    }

    #[tokio::test]
    async fn an_empty_name_is_not_sent() {
        let emulator = Emulator::start(App::Tutorial).await;
        let page = Page::open(&emulator.page).await;
        page.fill_in_app_and_key().await;
        page.run().await;
        page.ends().await;
        let calls = calls(&page.requests().await, &emulator);
        assert_eq!(calls[1].json(), json!({ "command": "serverless", "type": "run" }));
    }

    #[tokio::test]
    async fn stop_is_a_call_without_a_body() {
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        page.run_command("echo begun; sleep 600").await;
        page.shows_line("begun").await;
        page.click("Stop").await;
        page.ends().await;
        let calls = calls(&page.requests().await, &emulator);
        let [_, _, session, _, stop] = &calls[..] else { panic!("not five calls: {calls:#?}") };
        let dyno = session.json()["dyno"].as_str().unwrap_or_default().to_owned();
        let url = format!("{}/apps/{APP}/dynos/{dyno}/actions/stop", emulator.api);
        assert_eq!((&*stop.method, &*stop.url), ("POST", &*url));
        assert_eq!(stop.chosen_headers(), [ACCEPT, ("authorization", &format!("Bearer {KEY}"))]);
        assert_eq!(stop.body, None);
    }
}
