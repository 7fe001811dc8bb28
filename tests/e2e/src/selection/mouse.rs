//! Characters, words and lines, by the mouse.

use serde_json::json;

use super::{
    DOWN, UP, character, click, copied, drawn, last_copied, mouse, offers, offers_nothing, page_after, point,
    scroll_to, shift_click, take_clipboard, to,
};
use crate::harness::{App, Emulator};

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
