//! The search of the log: counts while one types, goes from match to match, shows only matches, and never hangs.

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::json;

use crate::harness::{Answer, App, DYNO, Emulator, Gate, Page, ScriptedServer};

const FIELD: &str = "input[aria-label='Search the log']";

/// What was found, beside the field.
const COUNT: &str = ".search__count";

/// Why nothing can be found.
const TROUBLE: &str = ".console__trouble";

/// Types into the field, which `/` gets to.
async fn search(page: &Page, text: &str) {
    page.press_keys_in_console("/").await;
    page.until("the field has the focus", async || {
        let script = format!("return document.activeElement === document.querySelector(\"{FIELD}\")");
        if page.script(&script).await == json!(true) { Ok(()) } else { Err("it has not".to_owned()) }
    })
    .await;
    keys(page, text).await;
}

async fn keys(page: &Page, keys: &str) {
    let field = page.browser.client.find(Locator::Css(FIELD)).await.expect("the field");
    field.send_keys(keys).await.expect("typing works");
}

async fn counts(page: &Page, expected: &str) {
    page.until(&format!("{expected} matches"), async || {
        let script = format!("return document.querySelector(\"{FIELD}\").dataset.searchCount ?? null");
        let count = page.script(&script).await;
        if count == json!(expected) { Ok(()) } else { Err(count.to_string()) }
    })
    .await;
}

async fn says(page: &Page, place: &str, expected: &str) {
    page.until(&format!("{expected:?} in {place}"), async || {
        let text = page.script(&format!("return document.querySelector('{place}').textContent")).await;
        if text == json!(expected) { Ok(()) } else { Err(text.to_string()) }
    })
    .await;
}

/// What is marked on screen: all but the present match, and that.
async fn marked(page: &Page) -> serde_json::Value {
    page.script(
        "return ['search', 'search-current'].map((name) =>
            [...CSS.highlights.get(name)].map((range) => range.toString()))",
    )
    .await
}

/// The field gives way to what stands beside it.
#[tokio::test]
async fn counts_and_faults_leave_the_log_where_it_is() {
    let emulator = Emulator::start(App::empty()).await;
    let gate = Gate::closed();
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("echo ready; {}; seq -f 'Item %.0f' 100000", gate.wait())).await;
    page.shows_line("ready").await;
    gate.open();
    page.ends().await;
    let top = "return document.querySelector('[role=log]').getBoundingClientRect().top";
    let before = page.script(top).await;
    search(&page, "item").await;
    // In the command, too.
    counts(&page, "100001").await;
    page.click_named("Only matches").await;
    page.click_named("Previous match").await;
    page.until("a match is gone to", async || {
        let text = page.script(&format!("return document.querySelector('{COUNT}').textContent")).await;
        if text.as_str().is_some_and(|text| text.ends_with(" of 100001")) {
            Ok(())
        } else {
            Err(text.to_string())
        }
    })
    .await;
    assert_eq!(page.script(top).await, before);

    page.click_named("Regular expression").await;
    keys(&page, "(?<a>b)(?<a>c)").await;
    says(&page, TROUBLE, "duplicate capture group name").await;
    assert_eq!(page.script(top).await, before);
}

#[tokio::test]
async fn words_on_a_fault_are_not_before_the_buttons_of_a_selection() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("echo hello").await;
    page.ends().await;
    page.press_keys_in_console(&String::from_iter([char::from(Key::Shift), char::from(Key::Up)])).await;
    page.click_named("Regular expression").await;
    search(&page, "(").await;
    says(&page, TROUBLE, "unclosed group").await;
    let places = format!(
        "const [words, ...buttons] = [...document.querySelectorAll('{TROUBLE}, .console__selection button')]
            .map((element) => element.getBoundingClientRect());
        return buttons.map((button) => button.top >= words.bottom)"
    );
    assert_eq!(page.script(&places).await, json!([true, true]));
}

#[tokio::test]
async fn a_hundred_thousand_lines_are_counted_and_gone_through() {
    let emulator = Emulator::start(App::empty()).await;
    let gate = Gate::closed();
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("echo ready; {}; seq -f 'Item %.0f' 100000; echo end", gate.wait())).await;
    page.shows_line("ready").await;
    gate.open();
    assert_eq!(page.ends().await.0.as_deref(), Some("0"));

    search(&page, "item 9999").await;
    counts(&page, "11").await;
    page.click_named("Match case").await;
    counts(&page, "0").await;
    says(&page, COUNT, "No matches").await;
    page.click_named("Match case").await;
    counts(&page, "11").await;
    // From the upper edge, which is near the end, and round.
    keys(&page, &char::from(Key::Enter).to_string()).await;
    says(&page, COUNT, "2 of 11").await;
    page.click_named("Previous match").await;
    says(&page, COUNT, "1 of 11").await;
    page.shows_line("Item 9999").await;
    assert_eq!(marked(&page).await, json!([[], ["Item 9999"]]));
    page.click_named("Previous match").await;
    says(&page, COUNT, "11 of 11").await;
    page.shows_line("Item 99999").await;
    page.click_named("Next match").await;
    says(&page, COUNT, "1 of 11").await;

    // Escape empties the field, then leaves it for the log, where letters go from match to match.
    keys(&page, &char::from(Key::Escape).to_string()).await;
    assert_eq!(marked(&page).await, json!([[], []]));
    keys(&page, "m 50000").await;
    counts(&page, "1").await;
    page.press_keys_in_console("n").await;
    page.shows_line("Item 50000").await;
    // No header is searched.
    keys(&page, &char::from(Key::Escape).to_string()).await;
    keys(&page, "app[run").await;
    counts(&page, "0").await;
}

#[tokio::test]
async fn regular_expressions_are_found_or_told_what_is_wrong() {
    let time = "2026-01-02T03:04:09.000000+00:00";
    let mut lines = format!("{time} app[run.8361]: {}b\n", "a".repeat(100_000));
    for number in 0..1000 {
        lines += &format!("{time} app[run.8361]: \u{1b}[31mval\u{1b}[0mue {number}\n");
    }
    lines += &format!("{time} heroku[run.8361]: Process exited with status 0\n");
    let server = ScriptedServer::start(move |path, address| match path {
        "/apps/sleepy-meadow/dynos" => Answer::json(201, DYNO),
        "/apps/sleepy-meadow/log-sessions" => {
            Answer::json(201, &json!({ "logplex_url": format!("{address}/stream?token=1") }).to_string())
        }
        _ => Answer::text("text/plain", &lines),
    })
    .await;
    let page = Page::open(&server.address).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page.shows_line("Process exited with status 0").await;
    search(&page, "(a+)+$").await;
    page.click_named("Regular expression").await;
    counts(&page, "0").await;
    keys(&page, &char::from(Key::Escape).to_string()).await;
    keys(&page, r"^value \d\d$").await;
    counts(&page, "90").await;
    keys(&page, &char::from(Key::Escape).to_string()).await;
    keys(&page, "(value").await;
    says(&page, TROUBLE, "unclosed group").await;
    keys(&page, ")").await;
    counts(&page, "1000").await;
}

#[tokio::test]
async fn only_matches_are_shown_and_more_come_while_lines_arrive() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("seq -f 'Item %.0f' 1400; {}; seq -f 'Item %.0f' 1401 3400", gate.wait()))
        .await;
    page.shows_line("Item 1400").await;
    search(&page, "m 1000").await;
    counts(&page, "1").await;
    page.click_named("Only matches").await;
    page.until("one row", async || {
        let rows = page.rows().await;
        if rows.len() == 1 && rows[0].text.ends_with("Item 1000") { Ok(()) } else { Err(format!("{rows:?}")) }
    })
    .await;
    page.click_named("Lines around each match").await;
    page.until("three rows", async || {
        let rows = page.rows().await;
        if rows.len() == 3 && rows[2].text.ends_with("Item 1001") { Ok(()) } else { Err(format!("{rows:?}")) }
    })
    .await;
    keys(&page, &char::from(Key::Escape).to_string()).await;
    keys(&page, r"^Item \d+00$").await;
    page.click_named("Regular expression").await;
    counts(&page, "14").await;
    gate.open();
    counts(&page, "34").await;
    page.click_named("Only matches").await;
    page.ends().await;
}

#[tokio::test]
async fn keys_go_both_ways_and_screen_readers_are_told() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    // The platform prints the command, too.
    page.run_command("seq 300; echo nee''dle; seq 200; echo nee''dle; seq 100; echo nee''dle").await;
    page.ends().await;
    let is_told = async |expected: &str| {
        page.until(&format!("{expected:?} is told"), async || {
            let told =
                "return [...document.querySelectorAll('.tools [role=status]')].map((it) => it.textContent)";
            let told = page.script(told).await;
            if told == json!([expected]) { Ok(()) } else { Err(told.to_string()) }
        })
        .await;
    };
    search(&page, "needle").await;
    is_told("3 matches").await;
    keys(&page, &char::from(Key::Enter).to_string()).await;
    // From the upper edge, at the end of the log: behind the last match comes the first.
    let first = page.script(&format!("return document.querySelector('{COUNT}').textContent")).await;
    let first = first.as_str().expect("a text").to_owned();
    is_told(&first).await;
    let shift_enter =
        format!("{}{}{}", char::from(Key::Shift), char::from(Key::Enter), char::from(Key::Shift));
    let steps = ["1 of 3", "2 of 3", "3 of 3"];
    let mut place = steps.iter().position(|step| *step == first).expect("a place");
    for (keys_pressed, in_log, step) in
        [(shift_enter.as_str(), false, 2), ("n", true, 1), ("N", true, 2), ("N", true, 2)]
    {
        if in_log {
            page.press_keys_in_console(keys_pressed).await;
        } else {
            keys(&page, keys_pressed).await;
        }
        place = (place + step) % 3;
        is_told(steps[place]).await;
        page.shows_line("needle").await;
    }
}

/// The texts of the rows in view, without number, time and process.
async fn texts(page: &Page, expected: &[&str]) {
    page.until(&format!("the rows {expected:?}"), async || {
        let rows = page.rows().await;
        let texts: Vec<&str> = rows.iter().filter_map(|row| row.text.rsplit('\n').next()).collect();
        if texts == expected { Ok(()) } else { Err(format!("{texts:?}")) }
    })
    .await;
}

#[tokio::test]
async fn lines_that_are_hidden_are_not_found_and_no_match_is_shown_with_them() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("echo starting; echo process; echo other").await;
    page.ends().await;
    page.shows_line("Process exited with status 0").await;
    // The platform's lines have these words, too.
    search(&page, "process").await;
    counts(&page, "4").await;
    page.click_named("Platform lines").await;
    counts(&page, "1").await;
    page.click_named("Only matches").await;
    texts(&page, &["process"]).await;
    page.click_named("Lines around each match").await;
    texts(&page, &["starting", "process", "other"]).await;
    page.click_named("Lines around each match").await;
    texts(&page, &["starting", "process", "other"]).await;
    page.click_named("Platform lines").await;
    counts(&page, "4").await;
}

#[tokio::test]
async fn the_search_goes_on_in_the_log_of_another_run() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("seq 1000 | sed s/^/needle./; echo the first").await;
    page.ends().await;
    page.run_command("echo needle.a; echo other; echo needle.b").await;
    page.second_run_ends().await;
    page.shows_line("Process exited with status 0").await;
    search(&page, "needle.").await;
    // The platform prints the command, too.
    counts(&page, "4").await;
    page.click_named("Platform lines").await;
    page.click_named("Only matches").await;
    texts(&page, &["needle.a", "needle.b"]).await;

    page.select_run("1").await;
    counts(&page, "1000").await;
    page.shows_line("needle.1000").await;
    let field = page.browser.client.find(Locator::Css(FIELD)).await.expect("the field");
    let text = field.prop("value").await.expect("a value");
    assert_eq!(text.as_deref(), Some("needle."));
    page.select_run("2").await;
    texts(&page, &["needle.a", "needle.b"]).await;
    keys(&page, "b").await;
    texts(&page, &["needle.b"]).await;
}
