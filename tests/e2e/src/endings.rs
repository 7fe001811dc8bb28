//! How runs end: by themselves, by Stop, and how a next one begins.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::harness::{Answer, App, DYNO, Emulator, Page, Received, ScriptedServer, control, processes_with};

const NOT_FOUND: &str = r#"{"id":"not_found","message":"Couldn't find that process."}"#;

#[tokio::test]
async fn an_unknown_command_ends_with_status_127() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("no-such-command").await;
    let (exit_status, _) = page.ends().await;
    assert_eq!(exit_status.as_deref(), Some("127"));
    page.shows_line("Process exited with status 127").await;
}

#[tokio::test]
async fn the_status_of_the_process_is_shown() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("echo before; exit 3").await;
    assert_eq!(page.ends().await, (Some("3".to_owned()), "before".to_owned()));
}

#[tokio::test]
async fn stop_ends_the_process() {
    let mark = "end-to-end stop_ends_the_process";
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill("NAME", mark).await;
    page.run_command("echo begun; sleep 600").await;
    page.shows_line("begun").await;
    page.until("the command's last process", async || {
        let processes = processes_with("NAME", mark);
        let sleeps = processes.iter().any(|command| command.starts_with("sleep 600"));
        if sleeps { Ok(()) } else { Err(format!("{processes:?}")) }
    })
    .await;
    assert_eq!(page.run_is("up").await.exit_status, None);

    page.click("Stop").await;
    let (exit_status, result) = page.ends().await;
    assert_eq!(processes_with("NAME", mark), [""; 0]);
    assert_eq!(exit_status.as_deref(), Some("143"));
    assert_eq!(result, "begun");
    page.shows_line("Stopping all processes with SIGTERM").await;
    assert!(!page.button("Stop").await.is_enabled().await.unwrap());
    assert!(page.button("Run function").await.is_enabled().await.unwrap());
}

#[tokio::test]
async fn stop_ends_a_process_that_ignores_sigterm() {
    let mark = "end-to-end stop_ends_a_process_that_ignores_sigterm";
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill("NAME", mark).await;
    page.run_command("trap '' TERM; echo deaf; while true; do sleep 0.1; done").await;
    page.shows_line("deaf").await;
    page.click("Stop").await;
    page.shows_line("Stopping all processes with SIGTERM").await;
    let (exit_status, _) = page.ends().await;
    assert_eq!(processes_with("NAME", mark), [""; 0]);
    assert_eq!(exit_status.as_deref(), Some("137"));
}

#[tokio::test]
async fn a_dyno_without_a_log_can_be_stopped() {
    let stopped = AtomicBool::new(false);
    let server = ScriptedServer::start(move |path, _| match path {
        "/apps/sleepy-meadow/dynos" => Answer::json(201, DYNO),
        "/apps/sleepy-meadow/log-sessions" => {
            Answer::json(403, r#"{"id":"forbidden","message":"No logs for you."}"#)
        }
        "/apps/sleepy-meadow/dynos/run.8361/actions/stop" => {
            stopped.store(true, Ordering::Relaxed);
            Answer::json(202, "{}")
        }
        "/apps/sleepy-meadow/dynos/run.8361" if !stopped.load(Ordering::Relaxed) => Answer::json(200, DYNO),
        _ => Answer::json(404, NOT_FOUND),
    })
    .await;
    let page = Page::open(&server.address).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page.shows_error("forbidden").await;
    // Once it was seen alive, a 404 means that it is gone.
    page.until("the dyno is asked for", async || {
        let calls = server.calls();
        let asks = |call: &Received| call.path == "/apps/sleepy-meadow/dynos/run.8361";
        if calls.iter().any(asks) { Ok(()) } else { Err(format!("{calls:#?}")) }
    })
    .await;
    page.click("Stop").await;
    assert_eq!(page.run_is("ended").await.exit_status, None);
}

#[tokio::test]
async fn a_second_run_follows_the_first() {
    let emulator = Emulator::start(App::Tutorial).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.fill("NAME", "first").await;
    page.run().await;
    assert_eq!(page.ends().await.1, "Hello first!");
    let first = page.runs().await;
    assert_eq!(first.len(), 1);

    page.fill("NAME", "second").await;
    page.run().await;
    let runs = page
        .until("a second run that has ended", async || match page.runs().await {
            runs if runs.len() == 2 && runs[1].state == "ended" => Ok(runs),
            runs => Err(format!("{runs:?}")),
        })
        .await;
    assert_eq!(runs[0], first[0]);
    assert_ne!(runs[1].id, first[0].id);
    assert_eq!(runs[1].exit_status.as_deref(), Some("0"));
    assert_eq!(page.result().await, "Hello second!");
    let rows = page.rows().await;
    assert_eq!(rows[0].line, 1);
    assert!(!rows.iter().any(|row| row.text.contains("first")), "{rows:?}");

    // The first one is still there to be looked at.
    page.select_run(&first[0].id).await;
    page.shows_line("Hello first!").await;
    assert_eq!(page.result().await, "Hello first!");
}

#[tokio::test]
async fn a_result_that_is_json_is_pretty_printed() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(r#"echo '{"greeting":"Hello","list":[1,{}]}'"#).await;
    let pretty = "{\n  \"greeting\": \"Hello\",\n  \"list\": [\n    1,\n    {}\n  ]\n}";
    assert_eq!(page.ends().await.1, pretty);
}

#[tokio::test]
async fn a_last_line_that_is_json_is_pretty_printed() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(r#"echo working on it; echo '{"greeting":"Hello"}'"#).await;
    assert_eq!(page.ends().await.1, "working on it\n{\n  \"greeting\": \"Hello\"\n}");
}

#[tokio::test]
async fn all_of_a_long_result_can_be_copied() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    // Longer than what is shown, and than what Heroku keeps in one piece.
    page.run_command(r#"python -c "print('first'); print('x' * 200_000)""#).await;
    let (_, shown) = page.ends().await;
    assert!(shown.starts_with("first\nxxx") && shown.len() < 70_000, "{} bytes are shown", shown.len());
    page.click("Copy result").await;
    page.button("Copied").await;
    page.press_keys("NAME", &control('v')).await;
    let copied = page.value("NAME").await;
    assert!(copied == format!("first\n{}", "x".repeat(200_000)), "{} bytes", copied.len());
}

#[tokio::test]
async fn an_end_that_is_not_logged_leaves_the_status_unknown() {
    let server = ScriptedServer::start(|path, address| match path {
        "/apps/sleepy-meadow/dynos" => Answer::json(201, DYNO),
        "/apps/sleepy-meadow/log-sessions" => {
            Answer::json(201, &json!({ "logplex_url": format!("{address}/stream?token=1") }).to_string())
        }
        "/stream?token=1" => {
            let line = "2026-01-02T03:04:09.000000+00:00 app[run.8361]: Hello";
            Answer::text("text/event-stream", &format!("id: 1\ndata: {line}\n\n"))
        }
        _ => Answer::json(404, NOT_FOUND),
    })
    .await;
    let page = Page::open(&server.address).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    // The stream that takes its place brings the same line again, and ends as well.
    assert_eq!(page.ends().await, (None, "Hello".to_owned()));
    assert_eq!(page.run_is("ended").await.end.as_deref(), Some("unknown"));
    assert_eq!(page.log_size().await, (1, 0));
}
