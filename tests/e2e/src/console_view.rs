//! How the log is shown: wrapped or not, with or without the platform's lines, its times; by buttons and by keys.

use fantoccini::key::Key;
use serde_json::json;

use crate::harness::{App, Emulator, Gate, Page, Row};

/// Behind each seventh item a line of sixty words.
const AWK_PROGRAM: &str =
    "{ print \"item \" $0 } $0 % 7 == 0 { for (i = 0; i < 60; i++) printf \"word \"; print \"long\" }";

/// A run of many lines, of which each seventh is some rows long when it is wrapped. The end is in view.
async fn page_with_long_lines(lines: usize) -> (Page, Emulator) {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("echo ready; {}; seq {lines} | awk '{AWK_PROGRAM}'", gate.wait())).await;
    page.shows_line("ready").await;
    gate.open();
    page.ends().await;
    page.shows_line("Process exited with status 0").await;
    (page, emulator)
}

/// A pressed button has to be the one with this label.
async fn pressed(page: &Page, name: &str) -> bool {
    let script = format!("return document.querySelector(\"button[aria-label='{name}']\").ariaPressed");
    match page.script(&script).await.as_str() {
        Some("true") => true,
        Some("false") => false,
        other => panic!("{name} is pressed: {other:?}"),
    }
}

/// The first row in view, once `is_there` holds.
async fn first_row(page: &Page, what: &str, is_there: impl Fn(&[Row]) -> bool) -> Row {
    page.until(what, async || {
        let rows = page.rows().await;
        if is_there(&rows) { rows.first().cloned().ok_or_else(String::new) } else { Err(format!("{rows:?}")) }
    })
    .await
}

/// The first line in view, once that is the same for some frames: rows are drawn, and then placed.
async fn still_top(page: &Page) -> u64 {
    let frames =
        "return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))";
    page.until("rows that stand still", async || {
        let before = page.rows().await;
        page.script(frames).await;
        let rows = page.rows().await;
        if rows == before { Ok(rows[0].line) } else { Err(format!("{rows:?}")) }
    })
    .await
}

async fn scroll_to(page: &Page, offset: &str) {
    let script = format!("const log = document.querySelector('[role=log]'); log.scrollTop = {offset};");
    page.script(&script).await;
}

/// Rows higher than one line, in view or beside it.
async fn high_rows(page: &Page) -> u64 {
    let script = "return [...document.querySelectorAll('[role=log] .row')].filter((row) => row.offsetHeight > 20).length";
    page.script(script).await.as_u64().expect("a number")
}

#[tokio::test]
async fn wrapping_keeps_the_line_at_the_top() {
    let (page, _emulator) = page_with_long_lines(100_000).await;
    // Not where a row is in view by a pixel.
    scroll_to(&page, "Math.round(log.scrollHeight / 40) * 20 - 10").await;
    let in_middle = |rows: &[Row]| rows.len() > 5 && (50_000..70_000).contains(&rows[0].line);
    let top = first_row(&page, "the middle", in_middle).await;
    assert_eq!(high_rows(&page).await, 0);
    for wraps in [true, false, true] {
        page.click_named("Wrap").await;
        page.until("the rows are as the button says", async || {
            let is_wrapped = high_rows(&page).await > 0;
            if is_wrapped == wraps { Ok(()) } else { Err(format!("wrapped: {is_wrapped}")) }
        })
        .await;
        assert_eq!(pressed(&page, "Wrap").await, wraps);
        let there =
            first_row(&page, &format!("wrapped {wraps}: {top:?}"), |rows| rows.first() == Some(&top)).await;
        assert_eq!(there, top);
    }
    assert!(page.count("[role=log] [data-line]").await < 200);
}

#[tokio::test]
async fn a_resized_window_keeps_the_line_at_the_top() {
    let (page, _emulator) = page_with_long_lines(100_000).await;
    for wraps in [false, true] {
        if wraps {
            page.click_named("Wrap").await;
        }
        scroll_to(&page, "Math.round(log.scrollHeight / 40) * 20 - 10").await;
        let top = still_top(&page).await;
        for (width, height) in [(1000, 700), (1280, 900)] {
            let before = page.script("return innerWidth").await;
            page.browser.client.set_window_size(width, height).await.expect("a window of another size");
            page.until("the page is as wide", async || {
                let wide = page.script("return innerWidth").await;
                if wide == before { Err(wide.to_string()) } else { Ok(()) }
            })
            .await;
            assert_eq!(still_top(&page).await, top, "wrapped {wraps}, {width} wide");
        }
    }
}

/// From line to line, each in view once the one before it was; at the upper end the first one.
#[tokio::test]
async fn wrapped_lines_are_scrolled_smoothly_to_both_ends() {
    let (page, _emulator) = page_with_long_lines(20_000).await;
    page.click_named("Wrap").await;
    page.shows_line("Process exited with status 0").await;
    assert!(pressed(&page, "Follow").await);

    let mut top = still_top(&page).await;
    for _ in 0..10 {
        page.wheel(-300).await;
        first_row(&page, "an earlier line", |rows| rows.first().is_some_and(|row| row.line < top)).await;
        let next = still_top(&page).await;
        assert!((top - 15..top).contains(&next), "from {top} to {next}");
        top = next;
    }
    assert!(!pressed(&page, "Follow").await);

    scroll_to(&page, "40").await;
    first_row(&page, "the beginning", |rows| rows.first().is_some_and(|row| row.line <= 4)).await;
    page.wheel(-300).await;
    first_row(&page, "the first line", |rows| rows.first().is_some_and(|row| row.line == 1)).await;
    assert_eq!(page.script("return document.querySelector('[role=log]').scrollTop").await, json!(0));
    page.wheel(200).await;
    first_row(&page, "a later line", |rows| rows.first().is_some_and(|row| (2..12).contains(&row.line)))
        .await;

    scroll_to(&page, "log.scrollHeight").await;
    page.shows_line("Process exited with status 0").await;
    assert!(pressed(&page, "Follow").await);
}

#[tokio::test]
async fn wrapped_lines_are_followed_while_they_come() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("seq -s ' ' 300; {}; seq -s ' ' 400; echo after", gate.wait())).await;
    page.shows_line(" 300").await;
    page.click_named("Wrap").await;
    page.until("a high row", async || if high_rows(&page).await > 0 { Ok(()) } else { Err(String::new()) })
        .await;
    gate.open();
    page.ends().await;
    page.shows_line("after").await;
}

#[tokio::test]
async fn platform_lines_are_hidden_and_the_reader_stays_where_he_is() {
    let (page, _emulator) = page_with_long_lines(1_000).await;
    assert!(pressed(&page, "Platform lines").await);
    page.click_named("Platform lines").await;
    let platform = "[role=log] [data-class=platform]";
    page.until("no line of the platform", async || match page.count(platform).await {
        0 => Ok(()),
        count => Err(count.to_string()),
    })
    .await;
    let rows = page.rows().await;
    assert!(rows.last().is_some_and(|row| row.text.ends_with("item 1000")), "{rows:?}");

    scroll_to(&page, "400").await;
    let top = first_row(&page, "an early line", |rows| rows.first().is_some_and(|row| row.line < 60)).await;
    page.press_keys_in_console("p").await;
    page.until("the button says so", async || {
        if pressed(&page, "Platform lines").await { Ok(()) } else { Err("it does not".to_owned()) }
    })
    .await;
    first_row(&page, "the same line", |rows| rows.first() == Some(&top)).await;
    page.press_keys_in_console("g").await;
    first_row(&page, "the first line", |rows| rows.first().is_some_and(|row| row.line == 1)).await;
}

#[tokio::test]
async fn times_are_shown_as_chosen() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("echo hello").await;
    page.ends().await;
    page.shows_line("hello").await;
    let time = "return document.querySelector('[data-class=output] .row__time')?.textContent ?? null";
    let choose = async |label: &str, fits: &dyn Fn(Option<&str>) -> bool| {
        let script = format!(
            "const times = document.querySelector(\"select[aria-label='Time']\");
            times.selectedIndex = [...times.options].findIndex((option) => option.text === '{label}');
            times.dispatchEvent(new Event('change', {{ bubbles: true }}))"
        );
        page.script(&script).await;
        page.until(&format!("times of {label}"), async || {
            let shown = page.script(time).await;
            if fits(shown.as_str()) { Ok(()) } else { Err(shown.to_string()) }
        })
        .await;
    };
    let is_clock = |shown: Option<&str>| shown.is_some_and(|it| it.len() == 12 && it.as_bytes()[8] == b'.');
    choose("UTC", &is_clock).await;
    choose("Since start", &|shown| shown.is_some_and(|it| it.starts_with(['+', '-']))).await;
    choose("No time", &|shown| shown.is_none()).await;
    choose("Local", &is_clock).await;
}

#[tokio::test]
async fn keys_do_what_the_help_says() {
    let (page, _emulator) = page_with_long_lines(2_000).await;
    page.press_keys_in_console("g").await;
    first_row(&page, "the first line", |rows| rows.first().is_some_and(|row| row.line == 1)).await;
    assert!(!pressed(&page, "Follow").await);
    page.press_keys_in_console("G").await;
    page.shows_line("Process exited with status 0").await;
    assert!(pressed(&page, "Follow").await);
    page.press_keys_in_console("f").await;
    page.until("no longer followed", async || {
        if pressed(&page, "Follow").await { Err("it is".to_owned()) } else { Ok(()) }
    })
    .await;
    page.press_keys_in_console("f").await;
    page.shows_line("Process exited with status 0").await;
    page.press_keys_in_console("w").await;
    page.until("wrapped", async || if pressed(&page, "Wrap").await { Ok(()) } else { Err(String::new()) })
        .await;

    let help = "return document.querySelector('.keys').checkVisibility()";
    assert_eq!(page.script(help).await, json!(false));
    page.press_keys_in_console("?").await;
    page.until("the help", async || match page.script(help).await {
        serde_json::Value::Bool(true) => Ok(()),
        shown => Err(shown.to_string()),
    })
    .await;

    // Escape closes it, whatever else it does.
    page.press_keys_in_console(&format!("{}a", char::from(Key::Control))).await;
    page.press_keys_in_console(&char::from(Key::Escape).to_string()).await;
    page.until("no help", async || match page.script(help).await {
        serde_json::Value::Bool(false) => Ok(()),
        shown => Err(shown.to_string()),
    })
    .await;

    // In a field they are text.
    page.fill("app", "fgw?/").await;
    assert_eq!(page.value("app").await, "fgw?/");
    assert!(pressed(&page, "Wrap").await);
}

/// What screen readers hear of a log: not each line.
#[tokio::test]
async fn a_digest_is_told_at_the_end() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("seq 200; echo done").await;
    page.ends().await;
    page.until("a digest", async || {
        let said = page
            .script("return [...document.querySelectorAll('[role=status]')].map((it) => it.textContent)")
            .await;
        let said = said.to_string();
        if said.contains("new lines, the last: ") { Ok(()) } else { Err(said) }
    })
    .await;
    let log = page.script("return document.querySelector('[role=log]').ariaLive").await;
    assert_eq!(log, json!("off"));
}

mod chromium_only {
    use super::*;

    /// As on a phone: a slow finger leaves the end while lines come, and each place that it scrolls to has its rows.
    #[tokio::test]
    async fn a_finger_scrolls_the_log() {
        let gate = Gate::closed();
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        page.browser.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": true })).await;
        let command = format!("echo ready; {}; seq -f 'item %.0f' 100000", gate.wait());
        page.run_command(&format!("{command}; while true; do echo on; sleep 0.002; done")).await;
        page.shows_line("ready").await;
        gate.open();
        page.shows_line("on").await;
        // Where the middle of the log is, a finger moves by so many pixels: down, to what came before.
        let middle = "const { left, top, width, height } = document.querySelector('[role=log]').getBoundingClientRect();
            return [left + width / 2, top + height / 2]";
        let middle = page.script(middle).await;
        let touch = async |kind: &str, moved: f64| {
            let [x, y] = [0, 1].map(|index| middle[index].as_f64().expect("a number"));
            let points = if kind == "touchEnd" { json!([]) } else { json!([{ "x": x, "y": y + moved }]) };
            let event = json!({ "type": kind, "touchPoints": points });
            page.browser.devtools("Input.dispatchTouchEvent", event).await;
        };
        let swipe = async || {
            touch("touchStart", 0.0).await;
            for step in 1..=40 {
                touch("touchMove", f64::from(step) * 2.0).await;
            }
            touch("touchEnd", 0.0).await;
        };
        let mut top = u64::MAX;
        for _ in 0..5 {
            swipe().await;
            let next = still_top(&page).await;
            let rows = page.rows().await;
            assert!(next < top && rows.len() > 5, "from {top} to {rows:?}");
            assert!(rows.windows(2).all(|pair| pair[0].line + 1 == pair[1].line), "{rows:?}");
            top = next;
        }
        assert!(!pressed(&page, "Follow").await);
        page.click("Stop").await;
        page.ends().await;
    }
}
