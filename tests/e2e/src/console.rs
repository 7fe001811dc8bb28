//! The console: live, complete, in order, and scrolled by the reader alone.

use fantoccini::key::Key;
use serde_json::json;

use crate::harness::{Answer, App, DYNO, Emulator, Gate, Page, Row, ScriptedServer};

/// Rows in view are one block of lines without a gap.
fn assert_no_gap(rows: &[Row]) {
    assert!(rows.windows(2).all(|pair| pair[0].line + 1 == pair[1].line), "{rows:?}");
}

/// It is laid out in pieces, of which nothing is to be seen where it is copied.
#[tokio::test]
async fn a_long_result_is_selected_as_it_was_printed() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("seq -f 'item %.0f of a long result' 1000").await;
    page.ends().await;
    assert!(page.count("#result > *").await > 3);
    page.script("getSelection().selectAllChildren(document.getElementById('result'))").await;
    let printed = (1..=1_000).map(|item| format!("item {item} of a long result")).collect::<Vec<_>>();
    // What was not in view is laid out when it is selected, with the next frame.
    page.until("all of it is selected", async || {
        let selected = page.script("return getSelection().toString().trimEnd()").await;
        if selected == json!(printed.join("\n")) { Ok(()) } else { Err(selected.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn lines_are_on_screen_while_the_function_runs() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("echo before; {}; echo after", gate.wait())).await;
    page.shows_line("before").await;
    assert_eq!(page.run_is("up").await.exit_status, None);
    assert_eq!(page.result().await, "before");
    let rows = page.rows().await;
    assert!(!rows.iter().any(|row| row.text.ends_with("after")), "{rows:?}");
    gate.open();
    assert_eq!(page.ends().await, (Some("0".to_owned()), "before\nafter".to_owned()));
    page.shows_line("after").await;
}

#[tokio::test]
async fn a_hundred_thousand_lines_are_all_there() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    // The stream is open when `ready` is on screen: history has no more than 1,500 lines.
    page.run_command(&format!("echo ready; {}; seq -f 'item %.0f' 100000", gate.wait())).await;
    let ready = page.shows_line("ready").await.line;
    gate.open();
    assert_eq!(page.ends().await.0.as_deref(), Some("0"));

    // The end is in view: it follows.
    let last_item = page.shows_line("item 100000").await;
    assert_eq!(last_item.line, ready + 100_000);
    page.shows_line("Process exited with status 0").await;

    for (scroll_to, from, to) in [
        ("(log.scrollHeight - log.clientHeight) / 2", 49_900, 50_100),
        ("0", 0, 50),
        ("(log.scrollHeight - log.clientHeight) * 0.9", 89_800, 90_200),
    ] {
        page.script(&format!(
            "const log = document.querySelector('[role=log]'); log.scrollTop = {scroll_to};"
        ))
        .await;
        let rows = page
            .until(&format!("rows {from} to {to} at {scroll_to}"), async || {
                let rows = page.rows().await;
                let there = rows.len() > 5 && rows.iter().all(|row| (from..=to).contains(&row.line));
                if there { Ok(rows) } else { Err(format!("{rows:?}")) }
            })
            .await;
        assert_no_gap(&rows);
        for row in rows.iter().filter(|row| row.line > ready) {
            assert!(row.text.ends_with(&format!("item {}", row.line - ready)), "{row:?}");
        }
        let nodes = page.count("[role=log] [data-line]").await;
        assert!(nodes < 200, "{nodes} rows in the document");
    }
}

/// Counted, not timed: of a flood, few rows are ever made.
#[tokio::test]
async fn of_a_flood_few_rows_are_made() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("echo ready; {}; seq -f 'item %.0f' 100000", gate.wait())).await;
    page.shows_line("ready").await;
    page.script(
        "window.rowsMade = 0;
        // Not by `instanceof`: in Firefox, a test's script has classes of its own.
        const isRow = (node) => node.nodeType === 1 && node.matches('.row');
        new MutationObserver((changes) => {
            for (const { addedNodes } of changes) window.rowsMade += [...addedNodes].filter(isRow).length;
        }).observe(document.querySelector('[role=log]'), { childList: true, subtree: true })",
    )
    .await;
    gate.open();
    page.ends().await;
    page.shows_line("item 100000").await;
    let made = page.script("return window.rowsMade").await.as_u64().expect("a number");
    assert!((10..10_000).contains(&made), "{made} rows were made for 100,000 lines");
}

#[tokio::test]
async fn scrolling_up_stops_following_until_the_reader_goes_back() {
    let (second, third) = (Gate::closed(), Gate::closed());
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    let command = format!(
        "seq -f 'first %.0f' 300; {}; seq -f 'second %.0f' 300; {}; seq -f 'third %.0f' 300",
        second.wait(),
        third.wait()
    );
    page.run_command(&command).await;
    page.shows_line("first 300").await;

    page.wheel(-1000).await;
    let before = page
        .until("older lines in view", async || {
            let rows = page.rows().await;
            let scrolled = !rows.is_empty() && !rows.iter().any(|row| row.text.ends_with("first 300"));
            if scrolled { Ok(rows) } else { Err(format!("{rows:?}")) }
        })
        .await;
    second.open();
    page.until("all of the second lines", async || {
        let result = page.result().await;
        if result.ends_with("second 300") { Ok(()) } else { Err(result) }
    })
    .await;
    let way_back = page.button("new line").await;
    assert_eq!(page.rows().await, before);

    way_back.click().await.unwrap();
    page.shows_line("second 300").await;
    third.open();
    page.shows_line("third 300").await;
    page.ends().await;
    page.shows_line("Process exited with status 0").await;
}

#[tokio::test]
async fn a_reader_gets_away_from_the_end_while_lines_stream_in() {
    let emulator = Emulator::start(App::empty()).await;
    for leave in ["a turn of the wheel", "a slow turn of the wheel", "a key"] {
        let page = Page::open(&emulator.page).await;
        page.run_command("seq -f 'first %.0f' 300; while true; do echo on; sleep 0.002; done").await;
        page.shows_line("on").await;
        match leave {
            "a turn of the wheel" => page.wheel(-600).await,
            "a slow turn of the wheel" => {
                // Each step stays within what counts as the end.
                for _ in 0..20 {
                    page.wheel(-2).await;
                }
            }
            _ => page.press_keys_in_console(&char::from(Key::PageUp).to_string()).await,
        }
        let way_back = page.button("new line").await;
        page.until("the button with the number of new lines", async || {
            let shown = way_back.is_displayed().await.unwrap();
            if shown { Ok(()) } else { Err(format!("{leave} has not left the end")) }
        })
        .await;
        // A browser may scroll smoothly, and on a loaded machine stop in between.
        page.until("the rows stay where they are while more lines come", async || {
            let (before, count) = (page.rows().await, way_back.text().await.unwrap());
            page.until("more new lines", async || {
                let now = way_back.text().await.unwrap();
                if now == count { Err(now) } else { Ok(()) }
            })
            .await;
            if page.rows().await == before { Ok(()) } else { Err(format!("after {leave} they move")) }
        })
        .await;
        page.click("Stop").await;
        page.ends().await;
    }
}

#[tokio::test]
async fn the_end_key_follows_again() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("seq -f 'first %.0f' 300; {}; seq -f 'second %.0f' 300", gate.wait())).await;
    page.shows_line("first 300").await;
    page.press_keys_in_console(&char::from(Key::Home).to_string()).await;
    page.shows_line("first 1").await;
    page.press_keys_in_console(&char::from(Key::End).to_string()).await;
    page.shows_line("first 300").await;
    gate.open();
    page.shows_line("second 300").await;
}

#[tokio::test]
async fn escape_codes_do_not_show() {
    let program = r"print('\x1b[1;31mred\x1b[0m and \x1b[38;5;208morange\x1b[m \x1b]0;title\x07end')";
    let emulator = Emulator::start(App::python(program)).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    assert_eq!(page.ends().await.1, "red and orange end");
    page.shows_line("red and orange end").await;
    for row in page.rows().await {
        assert!(!row.text.contains(['\u{1b}', '\u{7}']) && !row.text.contains("[0m"), "{row:?}");
    }
}

#[tokio::test]
async fn unusual_lines_are_shown() {
    let program =
        "print('one\\n\\nthree')\nprint('x' * 25000)\nprint('<b>&amp;</b>')\nprint('last', end='')\n";
    let emulator = Emulator::start(App::python(program)).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    let expected = format!("one\n\nthree\n{}\n<b>&amp;</b>\nlast", "x".repeat(25_000));
    assert_eq!(page.ends().await, (Some("0".to_owned()), expected));
    page.shows_line("<b>&amp;</b>").await;
    page.shows_line("last").await;
}

/// A server whose every run has the log `lines`, as plain lines.
async fn server_with_log(lines: &'static str) -> ScriptedServer {
    ScriptedServer::start(move |path, address| match path {
        "/apps/sleepy-meadow/dynos" => Answer::json(201, DYNO),
        "/apps/sleepy-meadow/log-sessions" => {
            Answer::json(201, &json!({ "logplex_url": format!("{address}/stream?token=1") }).to_string())
        }
        _ => Answer::text("text/plain", lines),
    })
    .await
}

#[tokio::test]
async fn plain_lines_are_read_like_events() {
    let server = server_with_log(
        "2026-01-02T03:04:08.600000+00:00 heroku[run.8361]: State changed from starting to up\n\
         2026-01-02T03:04:09.000000+00:00 app[run.8361]: data: Hällo\n\
         2026-01-02T03:04:10.200000+00:00 heroku[run.8361]: Process exited with status 5\n\
         2026-01-02T03:04:10.300000+00:00 heroku[run.8361]: State changed from up to complete\n",
    )
    .await;
    let page = Page::open(&server.address).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    assert_eq!(page.ends().await, (Some("5".to_owned()), "data: Hällo".to_owned()));
    assert_eq!(page.rows().await.len(), 4);
    assert_eq!(page.errors().await, [""; 0]);
}

#[tokio::test]
async fn times_are_those_of_the_readers_clock() {
    let server = server_with_log(
        "2026-01-02T23:44:09.250000+00:00 app[run.8361]: Hello\n\
         2026-01-02T23:44:10.200000+00:00 heroku[run.8361]: Process exited with status 0\n",
    )
    .await;
    let page = Page::open(&server.address).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page.ends().await;
    let row = page.shows_line("Hello").await;
    // The browsers' clock shows the time of India.
    assert!(row.text.contains("05:14:09"), "{row:?}");
}

#[tokio::test]
async fn the_stream_is_closed_when_the_run_has_ended() {
    let server = ScriptedServer::start(|path, address| match path {
        "/apps/sleepy-meadow/dynos" => Answer::json(201, DYNO),
        "/apps/sleepy-meadow/log-sessions" => {
            Answer::json(201, &json!({ "logplex_url": format!("{address}/stream?token=1") }).to_string())
        }
        "/apps/sleepy-meadow" => Answer::json(200, "{}"),
        _ => Answer::open_stream(
            "2026-01-02T03:04:10.200000+00:00 heroku[run.8361]: Process exited with status 0\n\
             2026-01-02T03:04:10.300000+00:00 heroku[run.8361]: State changed from up to complete\n",
        ),
    })
    .await;
    let page = Page::open(&server.address).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page.ends().await;
    page.until("the stream is closed", async || match server.closed_streams() {
        1 => Ok(()),
        closed => Err(format!("{closed} streams were closed")),
    })
    .await;
}
