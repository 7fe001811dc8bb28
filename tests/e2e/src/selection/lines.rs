//! Whole lines, by their numbers, by keys and by the address.

use fantoccini::key::Key;
use serde_json::json;

use super::{
    DOWN, Point, UP, character, click, copied, drawn, mouse, offers, offers_nothing, page_after, point,
    scroll_to, shift_click, take_clipboard, to,
};
use crate::harness::{App, Emulator, Page, control};

async fn number(page: &Page, line: u64) -> Point {
    let script = "const number = document.querySelector(`[data-line='${arguments[0]}'] .row__number`);
        const box = number.getBoundingClientRect();
        return [box.right - 3, (box.top + box.bottom) / 2]";
    point(&page.browser.run_script(script, vec![json!(line)]).await)
}

async fn address(page: &Page) -> String {
    page.script("return location.hash").await.as_str().expect("a fragment").to_owned()
}

#[tokio::test]
async fn all_lines_are_selected_and_copied() {
    let emulator = Emulator::start(App::empty()).await;
    let output = r"printf '\033[32mgreen\033[0m\n'; seq -f 'item %.0f' 100000";
    let (page, ready) = page_after(&emulator, &emulator.page, output).await;
    take_clipboard(&page).await;
    page.press_keys_in_console(&control('a')).await;
    let last = page.rows().await.pop().expect("a row").line;
    assert!(last > 100_000);
    offers(&page, &format!("100,{:03} lines", last % 1000)).await;
    let text = copied(&page).await;
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines.len() as u64, last);
    let green = ready.line as usize;
    assert_eq!(lines[green], "green");
    for item in 1..=100_000 {
        assert_eq!(lines[green + item], format!("item {item}"));
    }
    assert!(lines.contains(&"Process exited with status 0"));
    assert!(page.count("[role=log] [data-line]").await < 200);

    // Lines that are hidden are not among them.
    page.press_keys_in_console("p").await;
    offers(&page, "100,002 lines").await;
    assert!(copied(&page).await.starts_with("ready\ngreen\nitem 1\n"));

    // Escape clears it; then there is nothing to copy.
    page.press_keys_in_console(&char::from(Key::Escape).to_string()).await;
    offers_nothing(&page).await;
    assert_eq!(drawn(&page).await, json!([[], []]));
    page.press_keys_in_console(&control('c')).await;
    // While something is typed, the keys are the field's.
    page.press_keys_in_console("/").await;
    page.press_focused("word").await;
    page.press_focused(&control('a')).await;
    page.press_focused(&char::from(Key::Delete).to_string()).await;
    let typed = page.script("return document.activeElement.value").await;
    assert_eq!(typed, json!(""), "the field's own text is selected and deleted");
    offers_nothing(&page).await;
    assert_eq!(page.script("return window.copied").await, json!([]));
}

#[tokio::test]
async fn keys_select_lines_from_the_edge_of_what_is_in_view() {
    let emulator = Emulator::start(App::empty()).await;
    let (page, ready) = page_after(&emulator, &emulator.page, "seq -f 'item %.0f' 300").await;
    take_clipboard(&page).await;
    let with_shift = |key: Key| format!("{}{}", char::from(Key::Shift), char::from(key));
    let up = with_shift(Key::Up);
    // The last line, and those above it one by one, until they have come into view.
    page.press_keys_in_console(&up).await;
    offers(&page, "1 line").await;
    let rows = page.rows().await;
    let last = rows.last().expect("a row").line;
    for lines in 2..=rows.len() + 5 {
        page.press_keys_in_console(&up).await;
        offers(&page, &format!("{lines} lines")).await;
    }
    let text = copied(&page).await;
    let first = last - rows.len() as u64 - 4;
    assert!(text.starts_with(&format!("item {}\n", first - ready.line)), "{text}");
    page.shows_line(&format!("item {}", first - ready.line)).await;
    // And back.
    page.press_keys_in_console(&with_shift(Key::Down)).await;
    offers(&page, &format!("{} lines", rows.len() + 4)).await;

    // From a line that was clicked.
    click(&page, character(&page, first + 2, 0).await, 1).await;
    offers_nothing(&page).await;
    page.press_keys_in_console(&with_shift(Key::Down)).await;
    page.press_keys_in_console(&with_shift(Key::Down)).await;
    offers(&page, "2 lines").await;
    let item = first + 2 - ready.line;
    assert_eq!(copied(&page).await, format!("item {item}\nitem {}", item + 1));
}

#[tokio::test]
async fn lines_that_stream_in_leave_a_selection_where_it_is() {
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.run_command("seq -f 'first %.0f' 300; while true; do echo on; sleep 0.01; done").await;
    page.shows_line("on").await;
    take_clipboard(&page).await;
    page.press_keys_in_console(&format!("{}{}", char::from(Key::Shift), char::from(Key::Up))).await;
    offers(&page, "1 line").await;
    let way_back = page.button("new line").await;
    let (rows, count) = (page.rows().await, way_back.text().await.unwrap());
    page.until("more new lines", async || {
        let now = way_back.text().await.unwrap();
        if now == count { Err(now) } else { Ok(()) }
    })
    .await;
    assert_eq!(page.rows().await, rows);
    assert_eq!(drawn(&page).await[0], json!([rows.last().expect("a row").line]));
    assert_eq!(copied(&page).await, "on");
    page.click("Stop").await;
    page.ends().await;
}

#[tokio::test]
async fn of_matches_alone_only_those_are_selected() {
    let emulator = Emulator::start(App::empty()).await;
    let (page, _) = page_after(&emulator, &emulator.page, "seq -f 'item %.0f' 1000").await;
    take_clipboard(&page).await;
    page.press_keys_in_console("/").await;
    page.press_focused("m 99").await;
    page.click("Only matches").await;
    page.until("matches alone", async || {
        let rows = page.rows().await;
        if rows.len() == 11 { Ok(()) } else { Err(format!("{} rows", rows.len())) }
    })
    .await;
    page.press_keys_in_console(&control('a')).await;
    offers(&page, "11 lines").await;
    let expected: Vec<String> =
        [99].into_iter().chain(990..1000).map(|item| format!("item {item}")).collect();
    assert_eq!(copied(&page).await, expected.join("\n"));
    // From the first one on, by keys.
    page.press_keys_in_console(&char::from(Key::Escape).to_string()).await;
    let first = page.rows().await[0].line;
    click(&page, character(&page, first, 0).await, 1).await;
    for _ in 0..3 {
        page.press_keys_in_console(&format!("{}{}", char::from(Key::Shift), char::from(Key::Down))).await;
    }
    offers(&page, "3 lines").await;
    assert_eq!(copied(&page).await, "item 99\nitem 990\nitem 991");
}

#[tokio::test]
async fn numbers_select_lines_and_name_one_in_the_address() {
    let emulator = Emulator::start(App::empty()).await;
    let link = format!("{}/#NAME=from+the+link&size=basic", emulator.page);
    let (page, ready) = page_after(&emulator, &link, "seq -f 'item %.0f' 300").await;
    take_clipboard(&page).await;
    page.click("Close").await;
    let line = page.rows().await[1].line;
    click(&page, number(&page, line).await, 1).await;
    offers(&page, "1 line").await;
    assert_eq!(drawn(&page).await, json!([[line], []]));
    assert_eq!(copied(&page).await, format!("item {}", line - ready.line));
    assert_eq!(address(&page).await, format!("#NAME=from+the+link&size=basic&line={line}"));

    scroll_to(&page, 0.0).await;
    page.shows_line("item 1").await;
    shift_click(&page, number(&page, ready.line + 1).await).await;
    offers(&page, &format!("{} lines", line - ready.line)).await;
    let expected: Vec<String> = (1..=line - ready.line).map(|item| format!("item {item}")).collect();
    assert_eq!(copied(&page).await, expected.join("\n"));
    assert_eq!(address(&page).await, format!("#NAME=from+the+link&size=basic&line={line}"));

    // Numbers dragged over are lines, too; the address has the one of the last click.
    let (from, over) = (number(&page, ready.line + 2).await, character(&page, ready.line + 4, 3).await);
    mouse(&page, [to(from), DOWN, to(over), UP]).await;
    offers(&page, "3 lines").await;
    assert_eq!(copied(&page).await, "item 2\nitem 3\nitem 4");
    assert_eq!(address(&page).await, format!("#NAME=from+the+link&size=basic&line={line}"));

    // Another line is no reason to fill in the form again.
    page.fill("NAME", "edited").await;
    page.script(&format!("location.hash = '#NAME=from+the+link&size=basic&line={}'", ready.line + 200)).await;
    page.shows_line("item 200").await;
    offers(&page, "1 line").await;
    assert_eq!((page.value("NAME").await.as_str(), page.count("[data-notice]").await), ("edited", 0));
    assert_eq!(copied(&page).await, "item 200");
}

#[tokio::test]
async fn a_line_in_the_address_is_gone_to_and_selected() {
    let emulator = Emulator::start(App::empty()).await;
    let (page, ready) = page_after(&emulator, &emulator.page, "seq -f 'item %.0f' 100000").await;
    for item in [50_000, 3, 99_990] {
        let line = ready.line + item;
        page.script(&format!("location.hash = '#line={line}'")).await;
        let row = page.shows_line(&format!("item {item}")).await;
        assert_eq!(row.line, line);
        offers(&page, "1 line").await;
        assert_eq!(drawn(&page).await, json!([[line], []]));
    }
    let rows = page.rows().await;
    for nothing in ["#line=999999", "#line=0", "#line=-1", "#line=x", "#"] {
        page.script(&format!("location.hash = '{nothing}'")).await;
        assert_eq!(drawn(&page).await, json!([[ready.line + 99_990], []]), "{nothing}");
        assert_eq!(page.rows().await, rows, "{nothing}");
    }
    assert_eq!((page.count("[data-notice]").await, page.count("[data-run-id]").await), (0, 1));
}
