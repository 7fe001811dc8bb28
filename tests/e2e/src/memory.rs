//! The bound on the memory for logs: what goes when it is reached, what is left, and how it is set.

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::json;

use crate::harness::{App, Emulator, Gate, Page, control};

const FIELD: &str = "log-memory";

/// Sets the bound in the field of the status line.
async fn set_bound(page: &Page, megabytes: &str) {
    let field = page.browser.client.find(Locator::Id(FIELD)).await.expect("the field");
    let keys = format!("{}{}{megabytes}{}", control('a'), char::from(Key::Delete), char::from(Key::Enter));
    // The end of a command releases all keys. WebKit's driver does not know the key that does.
    for held_together in keys.split(char::from(Key::Null)) {
        field.send_keys(held_together).await.expect("typing works");
    }
}

/// Starts a run that prints `ready`, and lines of about 140 bytes when the gate is open: history has no more than 1,500.
async fn start(page: &Page, gate: &Gate, name: &str, lines: usize) {
    let text = "x".repeat(80);
    page.run_command(&format!("echo ready; {}; seq -f '{name} %.0f {text}' {lines}", gate.wait())).await;
}

/// A log that has just been selected first goes to its end.
async fn scroll_to_top(page: &Page) {
    let script = "const log = document.querySelector('[role=log]');
        const is_there = log.scrollTop === 0;
        log.scrollTop = 0;
        return is_there";
    page.until("the beginning", async || {
        let is_there = page.script(script).await;
        if is_there == json!(true) { Ok(()) } else { Err("it has moved".to_owned()) }
    })
    .await;
}

/// Waits for the mark in the first row. How many lines it says were dropped, and the first line behind it.
async fn evicted(page: &Page) -> (u64, Option<u64>) {
    let script = "const mark = document.querySelector('[role=log] [role=list] > :first-child[data-mark=evicted]');
        const next = mark?.nextElementSibling;
        return mark && [mark.textContent, mark.ariaPosInSet ?? mark.getAttribute('aria-posinset'), next?.dataset.line ?? null]";
    page.until("the mark of dropped lines in the first row", async || {
        let mark = page.script(script).await;
        let Some(text) = mark[0].as_str() else { return Err(mark.to_string()) };
        assert_eq!(mark[1], json!("1"));
        let number = text.split(' ').find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
        assert!(text.contains("memory"), "{text}");
        let dropped = number.and_then(|number| number.replace(',', "").parse().ok()).expect("a number");
        Ok((dropped, mark[2].as_str().map(|line| line.parse().expect("a number"))))
    })
    .await
}

async fn counts(page: &Page, matches: u64) {
    page.until(&format!("{matches} matches"), async || {
        let script = "return document.querySelector('[data-search-count]')?.dataset.searchCount ?? null";
        let count = page.script(script).await;
        if count == json!(matches.to_string()) { Ok(()) } else { Err(count.to_string()) }
    })
    .await;
}

/// Waits until the status line tells of at least so many lines.
async fn says_lines(page: &Page, lines: u64) {
    page.until(&format!("{lines} lines in the status line"), async || {
        let text = page.script("return document.querySelector('.status').textContent").await;
        let text = text.as_str().unwrap_or_default().replace(',', "");
        let count = text.split_once(" lines").and_then(|(before, _)| {
            before.rsplit(|character: char| !character.is_ascii_digit()).next()?.parse::<u64>().ok()
        });
        if count >= Some(lines) { Ok(()) } else { Err(text) }
    })
    .await;
}

#[tokio::test]
async fn a_log_beyond_the_bound_loses_its_oldest_lines() {
    const LINES: u64 = 120_000;
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    start(&page, &gate, "item", LINES as usize).await;
    let ready = page.shows_line("ready").await.line;
    set_bound(&page, "8").await;
    // A search that is on while lines go.
    page.script("document.querySelector('[aria-label=\"Search the log\"]').focus()").await;
    page.press_focused("item").await;
    // In the line with the command.
    counts(&page, 1).await;
    gate.open();
    assert_eq!(page.ends().await.0.as_deref(), Some("0"));

    // Lines keep their numbers.
    page.shows_line("Process exited with status 0").await;
    let rows = page.rows().await;
    for row in rows.iter().filter(|row| row.line > ready && row.line <= ready + LINES) {
        assert!(row.text.contains(&format!("item {} x", row.line - ready)), "{row:?}");
    }
    says_lines(&page, ready + LINES).await;

    scroll_to_top(&page).await;
    let (dropped, next) = evicted(&page).await;
    assert_eq!(next, Some(dropped + 1));
    // 8 MB of lines of about 140 bytes.
    let left = ready + LINES - dropped;
    assert!((40_000..80_000).contains(&left), "{left} lines are left");
    let rows = page.rows().await;
    assert_eq!(rows[0].line, dropped + 1);
    assert!(rows[0].text.contains(&format!("item {} x", dropped + 1 - ready)), "{:?}", rows[0]);

    // What is found is in the lines that are left.
    counts(&page, left).await;

    // Copied is what is left; the result is the function's first 64 kB.
    assert!(page.result().await.starts_with("ready\nitem 1 x"));
    let copied = page.whole_result().await;
    assert!(copied.starts_with(&format!("item {} x", dropped + 1 - ready)), "{}", &copied[..100]);
    assert!(copied.contains(&format!("item {LINES} x")));

    // Selected is what is left, too; the last lines are the platform's.
    page.press_keys_in_console("G").await;
    page.shows_line("Process exited with status 0").await;
    let last = page.rows().await.last().expect("a row").line;
    for (key, lines) in [(control('a'), last - dropped), ("p".to_owned(), left)] {
        page.press_keys_in_console(&key).await;
        let label = format!("Copy {},{:03} lines", lines / 1000, lines % 1000);
        page.button(&label).await;
    }
}

#[tokio::test]
async fn the_reader_stays_at_a_line_while_older_ones_go() {
    let (first, second) = (Gate::closed(), Gate::closed());
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    let text = "x".repeat(80);
    page.run_command(&format!(
        "echo ready; {}; seq -f 'item %.0f {text}' 50000; {}; seq -f 'more %.0f {text}' 10000; sleep 60",
        first.wait(),
        second.wait()
    ))
    .await;
    let ready = page.shows_line("ready").await.line;
    set_bound(&page, "8").await;
    first.open();
    page.has_lines(ready + 50_000).await;
    page.wheel(-1_000).await;
    let before = page
        .until("older lines in view", async || {
            let rows = page.rows().await;
            let is_scrolled = rows.last().is_some_and(|row| row.line < ready + 49_990);
            if is_scrolled { Ok(rows) } else { Err(format!("{rows:?}")) }
        })
        .await;
    second.open();
    says_lines(&page, ready + 60_000).await;
    assert_eq!(page.rows().await, before);
    scroll_to_top(&page).await;
    assert!(evicted(&page).await.0 > 0);
    page.click("Stop").await;
    page.ends().await;
}

#[tokio::test]
async fn logs_of_ended_runs_go_first_and_their_results_stay() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    for (index, name) in ["first", "second", "third"].into_iter().enumerate() {
        let gate = Gate::closed();
        start(&page, &gate, name, 20_000).await;
        page.shows_line("ready").await;
        if index == 0 {
            set_bound(&page, "8").await;
        }
        gate.open();
        page.until("the end of the run", async || match page.runs().await {
            runs if runs.len() == index + 1 && runs[index].state == "ended" => Ok(()),
            runs => Err(format!("{runs:?}")),
        })
        .await;
        page.shows_line("Process exited with status 0").await;
        if index == 1 {
            // Both fit.
            page.select_run("1").await;
            page.shows_line("Process exited with status 0").await;
            scroll_to_top(&page).await;
            page.shows_line("ready").await;
            page.select_run("2").await;
        }
    }
    for (run, name) in [("2", "second"), ("3", "third")] {
        page.select_run(run).await;
        page.shows_line("Process exited with status 0").await;
        scroll_to_top(&page).await;
        page.shows_line("ready").await;
        assert!(page.result().await.starts_with(&format!("ready\n{name} 1 x")));
        assert_eq!(page.count("[data-mark]").await, 0);
    }
    page.select_run("1").await;
    let (dropped, next) = evicted(&page).await;
    assert!(dropped > 20_000 && next.is_none(), "{dropped} dropped, then {next:?}");
    assert!(page.result().await.starts_with("ready\nfirst 1 x"));
    assert_eq!(page.runs().await[0].exit_status.as_deref(), Some("0"));
    assert!(page.rows().await.is_empty());
}

#[tokio::test]
async fn the_bound_is_checked_and_kept_for_the_next_visit() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("echo done").await;
    page.ends().await;
    assert_eq!(page.value(FIELD).await, "320");
    for wrong in ["7", "2001", "many", "80.5", ""] {
        set_bound(&page, wrong).await;
        page.until(&format!("an error at {wrong:?}"), async || match page.field_error(FIELD).await {
            Some(error) if error == "invalid" => Ok(()),
            error => Err(format!("{error:?}")),
        })
        .await;
        assert_eq!(page.script("return { ...localStorage }").await, json!({}));
    }
    set_bound(&page, "80").await;
    page.until("no error", async || match page.field_error(FIELD).await {
        None => Ok(()),
        error => Err(format!("{error:?}")),
    })
    .await;

    page.browser.client.refresh().await.expect("the page loads");
    page.waits_for_form().await;
    page.run_command("echo done").await;
    page.ends().await;
    assert_eq!(page.value(FIELD).await, "80");
    // What another page of the origin may have left there is no bound.
    page.script("for (const name of Object.keys(localStorage)) localStorage.setItem(name, '1e99')").await;
    page.browser.client.refresh().await.expect("the page loads");
    page.waits_for_form().await;
    page.run_command("echo done").await;
    page.ends().await;
    assert_eq!(page.value(FIELD).await, "320");
}
