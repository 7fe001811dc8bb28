//! Every error that an answer can bring, in the browser: its code, its field, its words and the next step.

use serde_json::{Value, json};

use crate::harness::{APP, App, Emulator, KEY, Page};

/// An answer, and what the page tells about it.
struct Row {
    /// What the emulator answers, or does with the address of the log.
    fault: Value,
    code: &'static str,
    field: Option<&'static str>,
    /// Words of the notice.
    words: &'static [&'static str],
    button: Option<&'static str>,
    link: Option<&'static str>,
}

impl Row {
    fn new(fault: Value, code: &'static str, words: &'static [&'static str]) -> Self {
        Self { fault, code, field: None, words, button: None, link: None }
    }

    /// An error of Heroku's, whose sentence is shown as Heroku's.
    fn heroku(status: u16, id: &'static str, words: &'static [&'static str]) -> Self {
        let body = json!({"id": id, "message": format!("Heroku's sentence about {id}.")});
        Self::new(json!({"answer": {"status": status, "body": body}}), id, words)
    }

    fn at(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    fn button(self, button: &'static str) -> Self {
        Self { button: Some(button), ..self }
    }

    fn link(self, link: &'static str) -> Self {
        Self { link: Some(link), ..self }
    }

    /// The rule for the emulator.
    fn rule(&self, method: &str, path: &str) -> Value {
        let mut rule = self.fault.clone();
        rule["method"] = json!(method);
        rule["path"] = json!(path);
        rule
    }

    async fn is_told(&self, page: &Page) {
        page.shows_error(self.code).await;
        let notice = page
            .script(&format!(
                "const notice = document.querySelector('.notice[data-error=\"{}\"]');
                return [notice.innerText, [...notice.querySelectorAll('button')].map((button) => button.innerText),
                    [...notice.querySelectorAll('a')].map((link) => link.href)]",
                self.code
            ))
            .await;
        let text = notice[0].as_str().unwrap_or_default();
        for words in self.words {
            assert!(text.contains(words), "{}: no {words:?} in {text:?}", self.code);
        }
        if let Some(sentence) = self.fault["answer"]["body"]["message"].as_str() {
            assert!(text.contains("Heroku says:") && text.contains(sentence), "{text}");
        }
        let buttons: Vec<_> = self.button.into_iter().collect();
        assert_eq!(notice[1], json!(buttons), "{}: {text}", self.code);
        assert_eq!(notice[2], json!(self.link.into_iter().collect::<Vec<_>>()), "{}: {text}", self.code);
        for field in ["app", "api_key", "command", "size"] {
            let expected = (self.field == Some(field)).then_some(self.code);
            assert_eq!(page.field_error(field).await.as_deref(), expected, "{} at {field}", self.code);
        }
    }
}

const STATUS: &str = "https://status.heroku.com/";
const BILLING: &str = "https://dashboard.heroku.com/account/billing";

async fn assert_form_is_kept(page: &Page, command: &str) {
    for (field, typed) in [("app", APP), ("api_key", KEY), ("command", command), ("NAME", "Daniela")] {
        assert_eq!(page.value(field).await, typed, "{field}");
    }
}

#[tokio::test]
async fn a_dyno_that_heroku_does_not_start() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("NAME", "Daniela").await;
    let sizes = "Cannot use the following dyno types in the same app: Basic and Standard-1X";
    let sizes = json!({"answer": {"status": 422, "body": {"id": "invalid_params", "message": sizes}}});
    let rows = [
        Row::heroku(401, "unauthorized", &["API key", "expired"]).at("api_key").button("Go to the API key"),
        Row::heroku(402, "delinquent", &["payment"]).link(BILLING),
        Row::heroku(402, "verification_required", &["billing information"]).link(BILLING),
        Row::heroku(422, "verification_needed", &["billing information"]).link(BILLING),
        Row::heroku(403, "forbidden", &["may not", "write-protected"])
            .at("api_key")
            .button("Go to the API key"),
        Row::heroku(403, "two_factor", &["second factor"]).at("api_key").button("Go to the API key"),
        Row::heroku(403, "suspended", &["suspended"]).link("https://help.heroku.com/"),
        Row::heroku(404, "not_found", &["no app of this name", "spelling"])
            .at("app")
            .button("Go to the app name"),
        Row::heroku(406, "not_acceptable", &["version", "Reload"]),
        Row::heroku(409, "conflict", &["just now", "Deploy"]).button("Run again"),
        Row::heroku(400, "bad_request", &["rejects these values"]),
        Row::heroku(422, "cannot_run_above_limit", &["as many"]).button("Run again"),
        Row::new(sizes, "invalid_params", &["size", "Choose another size"])
            .at("size")
            .button("Go to the dyno size"),
        Row::new(json!({"answer": {"status": 404, "body": "<html>"}}), "not_json", &["404", "proxy"]),
        Row::heroku(410, "gone", &["gone", "moved or removed"]),
        Row::new(
            json!({"answer": {"status": 422, "body": {"id": "invalid_params", "message": "`command` is too long."}}}),
            "invalid_params",
            &["rejects these values"],
        )
        .at("command")
        .button("Go to the command"),
        Row::new(json!({"answer": {"status": 418}}), "http_418", &["418"]).button("Run again"),
    ];
    for row in rows {
        emulator.fault(row.rule("POST", "/apps/*/dynos")).await;
        page.run().await;
        page.run_is("failed").await;
        row.is_told(&page).await;
        emulator.clear_faults().await;
        assert_form_is_kept(&page, "serverless").await;
    }
    // None of these is repeated by itself but the conflict, and none left the page unable to go on.
    page.run().await;
    assert_eq!(page.ends().await.1, "Hello Daniela!");
}

#[tokio::test]
async fn a_dyno_that_may_have_been_started() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("NAME", "Daniela").await;
    let answer = |status: u16, body: Value| json!({"answer": {"status": status, "body": body}});
    let proxy = "<!doctype html><title>Please log in to the network</title>";
    let rows = [
        Row::heroku(500, "internal_server_error", &["fault of its own", "look below"]).link(STATUS),
        Row::heroku(503, "service_unavailable", &["fault of its own", "look below"]).link(STATUS),
        Row::new(answer(502, json!("<html>Bad gateway</html>")), "not_json", &["502", "look below"])
            .link(STATUS),
        Row::new(answer(500, json!("")), "http_500", &["fault of its own"]).link(STATUS),
        Row::new(answer(200, json!(proxy)), "not_json", &["200", "login page", "look below"]),
        Row::new(answer(201, json!("")), "not_json", &["201", "look below"]),
        Row::new(answer(201, json!({"id": "x"})), "wrong_shape", &["lacks", "look below"]),
        Row::new(answer(201, json!([1])), "wrong_shape", &["lacks", "look below"]),
        // An answer that the browser does not let this page read: all that it tells is that there is none.
        Row::new(
            json!({"answer": {"status": 201, "headers": {"Access-Control-Allow-Origin": "https://example.org"}}}),
            "unreachable",
            &["extension", "does not allow this page", "look below"],
        ),
    ];
    for row in rows {
        emulator.fault(row.rule("POST", "/apps/*/dynos")).await;
        page.run().await;
        page.run_is("failed").await;
        row.is_told(&page).await;
        page.shows_text("Heroku lists no dyno that may be this run's.").await;
        emulator.clear_faults().await;
        assert_form_is_kept(&page, "serverless").await;
    }
    // When the list cannot be had either, that is told as well.
    emulator.fault(json!({"path": "/apps/*/dynos", "answer": {"status": 503}})).await;
    page.run().await;
    page.shows_text("Whether there is a dyno could not be found out.").await;
    emulator.clear_faults().await;
    page.click("Look again").await;
    page.shows_text("Heroku lists no dyno that may be this run's.").await;
}

#[tokio::test]
async fn a_log_that_cannot_be_opened() {
    // Some of these are tried again before they are told.
    let timings = ["--timings", "shortest_pause=20 longest_pause=50"];
    let emulator = Emulator::start_with_arguments(App::empty(), &timings).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("NAME", "Daniela").await;
    page.fill("command", "echo begun; exec sleep 600").await;
    let again = "Try again";
    let keep_reading = "does not need its log";
    let session = "/apps/*/log-sessions";
    let rows = [
        (session, Row::heroku(401, "unauthorized", &["API key"]).at("api_key").button(again)),
        (session, Row::heroku(403, "forbidden", &["may not"]).at("api_key").button(again)),
        (
            session,
            Row::heroku(404, "not_found", &["no log for this dyno", "does not need its log"]).button(again),
        ),
        (session, Row::heroku(422, "invalid_params", &["422"]).button(again)),
        (session, Row::heroku(503, "service_unavailable", &["fault of its own"]).button(again).link(STATUS)),
        (
            session,
            Row::new(json!({"answer": {"status": 201, "body": "<html>"}}), "not_json", &["no JSON"])
                .button(again),
        ),
        (
            session,
            Row::new(json!({"answer": {"status": 201, "body": {}}}), "no_logplex_url", &["no address"])
                .button(again),
        ),
        (session, Row::new(json!({"logplex_url": null}), "no_logplex_url", &["no address"]).button(again)),
        (
            session,
            Row::new(json!({"logplex_url": "http://logs.heroku.com/x"}), "bad_logplex_url", &["not https"])
                .button(again),
        ),
        (
            session,
            Row::new(
                json!({"logplex_url": "https://logs.example.org/x"}),
                "bad_logplex_url",
                &["not on heroku.com"],
            )
            .button(again),
        ),
        (
            session,
            Row::new(
                json!({"logplex_url": "http://127.0.0.1:9/stream"}),
                "blocked_by_policy",
                &["policy", "Reload"],
            )
            .button(again),
        ),
        ("/stream", Row::new(json!({"answer": {"status": 404}}), "stream_404", &["expired"]).button(again)),
        (
            "/stream",
            Row::new(json!({"answer": {"status": 403}}), "stream_403", &["IP address"]).button(again),
        ),
        (
            "/stream",
            Row::new(json!({"answer": {"status": 503}}), "stream_503", &["503"]).button(again).link(STATUS),
        ),
    ];
    for (path, row) in rows {
        let method = if path == "/stream" { "GET" } else { "POST" };
        emulator.fault(row.rule(method, path)).await;
        page.run().await;
        row.is_told(&page).await;
        page.shows_text(keep_reading).await;
        page.run_is("starting").await;
        emulator.clear_faults().await;
        page.click(again).await;
        page.shows_line("begun").await;
        page.click("Stop").await;
        assert_eq!(page.ends().await, (Some("143".to_owned()), "begun".to_owned()), "{}", row.code);
        assert_form_is_kept(&page, "echo begun; exec sleep 600").await;
    }
}

#[tokio::test]
async fn questions_about_the_dyno_that_get_no_answer() {
    let timings = ["--timings", "questions=100 shortest_pause=20 longest_pause=50"];
    let emulator = Emulator::start_with_arguments(App::empty(), &timings).await;
    let page = Page::open(&emulator.page).await;
    page.fill("NAME", "Daniela").await;
    emulator.fault(json!({"path": "/apps/*/log-sessions", "answer": {"status": 404}})).await;
    let row = Row::heroku(500, "internal_server_error", &["cannot tell whether the function still runs"])
        .link(STATUS);
    emulator.fault(row.rule("GET", "/apps/*/dynos/*")).await;
    page.run_command("exec sleep 600").await;
    row.is_told(&page).await;
    emulator.clear_faults().await;
    page.until("the error is over", async || match page.errors().await {
        errors if errors == ["http_404"] => Ok(()),
        errors => Err(format!("{errors:?}")),
    })
    .await;
    page.click("Stop").await;
    assert_eq!(page.ends().await.0, None);
    page.shows_text("Stopped from this page.").await;
}

#[tokio::test]
async fn a_stop_that_does_not_work() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill("NAME", "Daniela").await;
    page.run_command("echo begun; exec sleep 600").await;
    page.shows_line("begun").await;
    let again = "Stop again";
    for row in [
        Row::heroku(401, "unauthorized", &["API key", "may still run"]).button(again),
        Row::heroku(422, "invalid_params", &["422", "may still run"]).button(again),
        Row::heroku(503, "service_unavailable", &["may still run"]).button(again).link(STATUS),
        Row::new(json!({"answer": {"status": 502, "body": "<html>"}}), "not_json", &["may still run"])
            .button(again)
            .link(STATUS),
    ] {
        emulator.fault(row.rule("POST", "/apps/*/dynos/*/actions/stop")).await;
        page.click("Stop").await;
        row.is_told(&page).await;
        emulator.clear_faults().await;
    }
    // A dyno that Heroku does not know (any more) is asked for, and this one is there.
    let row = Row::heroku(404, "not_found", &[]);
    emulator.fault(row.rule("POST", "/apps/*/dynos/*/actions/stop")).await;
    page.click("Stop").await;
    Row::new(json!({}), "stop_too_early", &["not know the dyno yet"]).button(again).is_told(&page).await;
    emulator.clear_faults().await;
    page.click(again).await;
    assert_eq!(page.ends().await.0.as_deref(), Some("143"));
    assert_eq!(page.errors().await, [""; 0]);
}

#[tokio::test]
async fn a_used_up_limit_is_waited_for_and_nothing_is_sent_meanwhile() {
    for (arguments, seconds) in [(["--expose-headers"].as_slice(), "in 2 s"), (&[], "in 1 min 00 s")] {
        let emulator = Emulator::start_with_arguments(App::Tutorial, arguments).await;
        let page = Page::open(&emulator.page).await;
        let message =
            "Your account reached the API rate limit\nPlease wait a few minutes before making new requests";
        let body = json!({"id": "rate_limit", "message": message});
        let answer = json!({"status": 429, "headers": {"Retry-After": "2"}, "body": body});
        // Anything sent by itself would succeed.
        emulator
            .fault(json!({"method": "POST", "path": "/apps/*/dynos", "times": 1, "answer": answer}))
            .await;
        page.fill_in_app_and_key().await;
        page.run().await;
        page.shows_error("rate_limit").await;
        let button = page.button("Run again").await;
        page.until("the time until the next attempt", async || {
            let text = button.text().await.map_err(|error| error.to_string())?;
            if text.contains(seconds) || text.contains("59 s") { Ok(()) } else { Err(text) }
        })
        .await;
        if arguments.is_empty() {
            // Heroku may not let a page read the header: then it is a minute.
            assert!(!button.is_enabled().await.unwrap());
            continue;
        }
        page.until("the button can be pressed", async || {
            let enabled = button.is_enabled().await.map_err(|error| error.to_string())?;
            if enabled {
                Ok(())
            } else {
                button.text().await.map_err(|error| error.to_string()).and_then(Err)
            }
        })
        .await;
        assert_eq!(page.runs().await.len(), 1);
        button.click().await.unwrap();
        assert_eq!(page.ends().await.1, "Hello World!");
        assert_eq!(page.runs().await.len(), 2);
    }
}
