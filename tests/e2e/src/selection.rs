//! Selecting in the log and copying: characters and lines, by mouse, keys and address, on screen or not.

use std::time::Duration;

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::harness::{App, Emulator, Gate, Page, Row, control};

/// A point of the screen.
type Point = (f64, f64);

/// A page whose run has printed `ready` and then this, and the row of `ready`.
async fn page_after(emulator: &Emulator, address: &str, output: &str) -> (Page, Row) {
    let page = Page::open(address).await;
    // The stream is open when `ready` is on screen: history has no more than 1,500 lines.
    let gate = Gate::closed();
    page.run_command(&format!("echo ready; {}; {output}", gate.wait())).await;
    let ready = page.shows_line("ready").await;
    gate.open();
    page.ends().await;
    page.shows_line("Process exited with status 0").await;
    assert!(address.starts_with(&emulator.page));
    (page, ready)
}

/// Where a character of a line's text is on screen: the left part of it, near its edge.
async fn character(page: &Page, line: u64, offset: u64) -> Point {
    let script = "const text = document.querySelector(`[data-line='${arguments[0]}'] .row__text`);
        const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        let [node, offset] = [nodes.nextNode(), arguments[1]];
        while (offset >= node.length) {
            offset -= node.length;
            node = nodes.nextNode();
        }
        const range = new Range();
        range.setStart(node, offset);
        range.setEnd(node, offset + 1);
        const box = range.getBoundingClientRect();
        return [box.left + 1, (box.top + box.bottom) / 2]";
    point(&page.browser.run_script(script, vec![json!(line), json!(offset)]).await)
}

async fn number(page: &Page, line: u64) -> Point {
    let script = "const number = document.querySelector(`[data-line='${arguments[0]}'] .row__number`);
        const box = number.getBoundingClientRect();
        return [box.right - 3, (box.top + box.bottom) / 2]";
    point(&page.browser.run_script(script, vec![json!(line)]).await)
}

fn point(value: &Value) -> Point {
    (value[0].as_f64().expect("x"), value[1].as_f64().expect("y"))
}

fn to((x, y): Point) -> PointerAction {
    PointerAction::MoveTo { duration: Some(Duration::ZERO), x: x.round(), y: y.round() }
}

const DOWN: PointerAction = PointerAction::Down { button: MOUSE_BUTTON_LEFT };
const UP: PointerAction = PointerAction::Up { button: MOUSE_BUTTON_LEFT };

async fn mouse(page: &Page, actions: impl IntoIterator<Item = PointerAction>) {
    let mouse = MouseActions::new("mouse".to_owned());
    let mouse = actions.into_iter().fold(mouse, |mouse, action| mouse.then(action));
    page.browser.client.perform_actions(mouse).await.expect("the mouse moves");
}

/// Clicks so many times in a row; the pauses let no click be one of the last ones'.
async fn click(page: &Page, place: Point, times: usize) {
    let clicks = std::iter::repeat_n([DOWN, UP], times).flatten();
    mouse(page, [to((place.0, place.1 + 40.0)), to(place)].into_iter().chain(clicks)).await;
}

async fn shift_click(page: &Page, place: Point) {
    // A press with Shift as the page hears of it: the drivers' own keyboards do not reach the mouse in each engine.
    let script = "const [clientX, clientY] = arguments;
        const target = document.elementFromPoint(clientX, clientY);
        const init = { bubbles: true, cancelable: true, clientX, clientY, detail: 1, shiftKey: true };
        for (const type of ['mousedown', 'mouseup', 'click']) target.dispatchEvent(new MouseEvent(type, init));";
    page.browser.run_script(script, vec![json!(place.0), json!(place.1)]).await;
}

async fn scroll_to(page: &Page, share: f64) {
    let script = "const log = document.querySelector('[role=log]');
        log.scrollTop = (log.scrollHeight - log.clientHeight) * arguments[0];";
    page.browser.run_script(script, vec![json!(share)]).await;
}

/// Takes what is put on the clipboard, since reading it needs permissions that most browsers have no way to give to a
/// test.
async fn take_clipboard(page: &Page) {
    page.script(
        "window.copied = [];
        Object.defineProperty(navigator, 'clipboard', { configurable: true, value: {
            writeText: async (text) => { window.copied.push(text); },
        } });",
    )
    .await;
}

/// What is copied by the keyboard.
async fn copied(page: &Page) -> String {
    page.press_keys_in_console(&control('c')).await;
    last_copied(page).await
}

async fn last_copied(page: &Page) -> String {
    page.until("a copied text", async || {
        let copied = page.script("return window.copied.pop() ?? null").await;
        copied.as_str().map(str::to_owned).ok_or_else(|| "nothing yet".to_owned())
    })
    .await
}

/// Waits until the button says that so much can be copied.
async fn offers(page: &Page, lines: &str) {
    page.until(&format!("a button that copies {lines}"), async || {
        let label =
            page.script("return document.querySelector('.console__selection')?.innerText ?? ''").await;
        if label.as_str().is_some_and(|label| label.starts_with(&format!("Copy {lines}"))) {
            Ok(())
        } else {
            Err(label.to_string())
        }
    })
    .await;
}

async fn offers_nothing(page: &Page) {
    page.until("no button that copies", async || match page.count(".console__selection").await {
        0 => Ok(()),
        _ => Err("there is one".to_owned()),
    })
    .await;
}

/// What is drawn as selected: the numbers of whole lines, and the texts of parts of lines.
async fn drawn(page: &Page) -> Value {
    page.script(
        "return [[...document.querySelectorAll('.row--selected')].map((row) => Number(row.dataset.line)),
            [...CSS.highlights.get('selection')].map((range) => range.toString())]",
    )
    .await
}

async fn address(page: &Page) -> String {
    page.script("return location.hash").await.as_str().expect("a fragment").to_owned()
}

/// The hand is on no keyboard of WebKit's driver.
const RICH: &str = r"printf 'first line\n\033[31mred\033[0m grüße 世界 \360\237\221\213 end\n\nlast https://example.org/ line\n'";

#[tokio::test]
async fn what_is_dragged_over_is_copied_as_it_was_printed() {
    let emulator = Emulator::start(App::empty()).await;
    let (page, ready) = page_after(&emulator, &emulator.page, RICH).await;
    take_clipboard(&page).await;
    let [first, rich, empty, last] = [1, 2, 3, 4].map(|below| ready.line + below);

    // Down, up, and inside of a line with colours and wide characters.
    let (begin, end) = (character(&page, first, 6).await, character(&page, last, 5).await);
    for (from, over) in [(begin, end), (end, begin)] {
        mouse(&page, [to(from), DOWN, to(over), UP]).await;
        offers(&page, "4 lines").await;
        assert_eq!(drawn(&page).await, json!([[rich, empty], ["line", "last "]]));
        assert_eq!(copied(&page).await, "line\nred grüße 世界 👋 end\n\nlast ");
    }
    let (from, over) = (character(&page, rich, 11).await, character(&page, rich, 15).await);
    mouse(&page, [to(from), DOWN, to(over), UP]).await;
    offers(&page, "1 line").await;
    assert_eq!(drawn(&page).await, json!([[], ["界 👋"]]));
    assert_eq!(copied(&page).await, "界 👋");
    // The button says so.
    page.button("Copied").await;

    // With Shift it is extended from where it began.
    shift_click(&page, character(&page, first, 0).await).await;
    offers(&page, "2 lines").await;
    assert_eq!(copied(&page).await, "first line\nred grüße 世");
    page.click("With headers").await;
    let with_headers = last_copied(&page).await;
    let lines: Vec<_> =
        with_headers.split('\n').map(|line| line.split_once("]: ").expect("a header")).collect();
    assert_eq!((lines[0].1, lines[1].1), ("first line", "red grüße 世"));
    assert!(lines.iter().all(|(header, _)| header.contains("+00:00 app[run.")), "{with_headers:?}");

    // The browser's own ways to copy ask the page.
    page.script("document.querySelector('[role=log]').focus()").await;
    let asked = "const event = new ClipboardEvent('copy',
            { bubbles: true, cancelable: true, clipboardData: new DataTransfer() });
        document.body.dispatchEvent(event);
        return [event.clipboardData.getData('text/plain'), event.defaultPrevented]";
    assert_eq!(page.script(asked).await, json!(["first line\nred grüße 世", true]));
    page.script("document.getElementById('command').focus()").await;
    assert_eq!(page.script(asked).await, json!(["", false]), "a field copies its own text");

    // A click alone selects nothing.
    click(&page, begin, 1).await;
    offers_nothing(&page).await;
    assert_eq!(drawn(&page).await, json!([[], []]));
    assert_eq!(page.policy_violations().await, [""; 0]);
}

#[tokio::test]
async fn a_wrapped_line_is_copied_without_breaks() {
    let emulator = Emulator::start(App::empty()).await;
    let output = "printf 'word %.0f ' $(seq 50); echo; echo next";
    let (page, ready) = page_after(&emulator, &emulator.page, output).await;
    take_clipboard(&page).await;
    page.press_keys_in_console("w").await;
    let line: String = (1..=50).map(|word| format!("word {word} ")).collect();
    let wrapped = ready.line + 1;
    // Whole in view, which it need not be at the end.
    page.press_keys_in_console("g").await;
    let at = |offset| character(&page, wrapped, offset);
    page.until("wrapped rows from the first on", async || {
        let ((_, first), (_, later)) = (at(0).await, at(250).await);
        let rows = page.rows().await;
        if later > first + 30.0 && rows[0].line == 1 {
            Ok(())
        } else {
            Err(format!("{first} {later} {rows:?}"))
        }
    })
    .await;
    mouse(&page, [to(at(5).await), DOWN, to(at(250).await), UP]).await;
    offers(&page, "1 line").await;
    assert_eq!(copied(&page).await, line[5..250]);
    assert_eq!(drawn(&page).await, json!([[], [line[5..250]]]));
    mouse(&page, [to(at(300).await), DOWN, to(character(&page, wrapped + 1, 2).await), UP]).await;
    offers(&page, "2 lines").await;
    assert_eq!(copied(&page).await, format!("{}\nne", &line[300..]));
}

#[tokio::test]
async fn a_button_over_the_log_is_not_in_the_way_of_a_drag() {
    let emulator = Emulator::start(App::empty()).await;
    let long = "under the button there is some of this text ".repeat(9);
    let (page, ready) = page_after(&emulator, &emulator.page, &format!("yes '{long}' | head -n 200")).await;
    take_clipboard(&page).await;
    page.press_keys_in_console("g").await;
    let first = ready.line + 1;
    let button = "const button = document.querySelector('.console__follow');
        const { right, top, bottom } = button.getBoundingClientRect();
        const point = [right - 9, (top + bottom) / 2].map(Math.round);
        const is_there = document.elementFromPoint(...point) === button;
        const row = [...document.querySelectorAll('[data-line]')].find((row) => {
            const box = row.getBoundingClientRect();
            return box.top < point[1] && point[1] < box.bottom;
        });
        return is_there && row ? [...point, Number(row.dataset.line)] : null";
    let below = page
        .until("a button over a row, and the first line in view", async || {
            let (below, rows) = (page.script(button).await, page.rows().await);
            if below.is_array() && rows.first().is_some_and(|row| row.line == 1) {
                Ok(below)
            } else {
                Err(format!("{below} {rows:?}"))
            }
        })
        .await;
    mouse(&page, [to(character(&page, first, 0).await), DOWN, to(point(&below)), UP]).await;
    let last = below[2].as_u64().expect("a line");
    offers(&page, &format!("{} lines", last - first + 1)).await;
    let copied = copied(&page).await;
    let part = copied.rsplit('\n').next().expect("a line");
    assert!(part.len() > 2 && long.starts_with(part), "{part:?}");

    // Behind it, it works again.
    page.click("To the end").await;
    page.shows_line("Process exited with status 0").await;
}

#[tokio::test]
async fn a_double_click_selects_a_word_and_a_third_the_line() {
    let emulator = Emulator::start(App::empty()).await;
    let (page, ready) = page_after(&emulator, &emulator.page, RICH).await;
    take_clipboard(&page).await;
    let rich = ready.line + 2;
    click(&page, character(&page, rich, 6).await, 2).await;
    offers(&page, "1 line").await;
    assert_eq!(copied(&page).await, "grüße");
    click(&page, character(&page, rich, 6).await, 3).await;
    offers(&page, "1 line").await;
    assert_eq!(drawn(&page).await, json!([[rich], []]));
    assert_eq!(copied(&page).await, "red grüße 世界 👋 end");
}

#[tokio::test]
async fn a_drag_past_the_edge_goes_on_over_lines_off_screen() {
    let emulator = Emulator::start(App::empty()).await;
    let (page, ready) = page_after(&emulator, &emulator.page, "seq -f 'item %.0f' 100000").await;
    take_clipboard(&page).await;
    scroll_to(&page, 0.5).await;
    let middle = page
        .until("rows in the middle", async || {
            let rows = page.rows().await;
            let row = rows.get(rows.len() / 2).filter(|row| (40_000..60_000).contains(&row.line)).cloned();
            row.ok_or_else(|| format!("{rows:?}"))
        })
        .await;
    let item = middle.line - ready.line;
    let from = character(&page, middle.line, 5).await;
    let view = page
        .script("const { top, bottom } = document.querySelector('[role=log]').getBoundingClientRect(); return [top, bottom]")
        .await;
    let (top, bottom) = point(&view);
    let reaches = async |is_far: &dyn Fn(u64) -> bool| {
        page.until("rows far away", async || {
            let rows = page.rows().await;
            let row = rows.first().filter(|row| is_far(row.line));
            row.map(|_| ()).ok_or_else(|| format!("{:?}", rows.first()))
        })
        .await;
    };

    mouse(&page, [to(from), DOWN, to((from.0, bottom + 20.0))]).await;
    reaches(&|line| line > middle.line + 150).await;
    mouse(&page, [UP]).await;
    let down = copied(&page).await;
    let lines: Vec<&str> = down.split('\n').collect();
    assert!(lines.len() > 150, "{} lines", lines.len());
    assert_eq!(lines[0], item.to_string());
    for (index, line) in lines[1..lines.len() - 1].iter().enumerate() {
        assert_eq!(*line, format!("item {}", item + 1 + index as u64));
    }
    assert!(page.count("[role=log] [data-line]").await < 200);

    // From there up, past the place where it began.
    let here = page.rows().await[3].line;
    let from = character(&page, here, 0).await;
    mouse(&page, [to(from), DOWN, to((from.0, top - 60.0))]).await;
    reaches(&|line| line < middle.line - 150).await;
    mouse(&page, [UP]).await;
    let up = copied(&page).await;
    let lines: Vec<&str> = up.split('\n').collect();
    assert_eq!(
        (lines.len() as u64, lines.last().copied()),
        (here - item_line(&lines, ready.line) + 2, Some(""))
    );
    let before = format!("\nitem {item}\nitem {}\n", item + 1);
    assert!(up.contains(&before), "the place where it began is in it");
    // It is drawn in whichever rows are there.
    scroll_to(&page, 1.0).await;
    page.shows_line("Process exited with status 0").await;
    assert_eq!(drawn(&page).await, json!([[], []]));
    scroll_to(&page, 0.5).await;
    page.shows_line(&format!("item {item}")).await;
    let rows: Vec<u64> = page.rows().await.iter().map(|row| row.line).collect();
    let whole = drawn(&page).await[0].clone();
    assert!(
        rows.iter().all(|line| whole.as_array().is_some_and(|whole| whole.contains(&json!(line)))),
        "{whole}"
    );
}

/// The line of the second of these items, which is whole.
fn item_line(lines: &[&str], ready: u64) -> u64 {
    lines[1].strip_prefix("item ").expect("an item").parse::<u64>().expect("a number") + ready
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
