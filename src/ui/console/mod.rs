//! The console: the rows in view of a log of any length.
//!
//! Rows exist for the viewport and a little more. Positions go through the object model, since the page's policy
//! blocks style attributes.

mod gap;
mod row;
mod tools;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::format;
use super::hooks::use_height;
use crate::domain::ids::RunId;
use crate::domain::log::gaps::RowKind;
use crate::domain::log::row::Part;
use crate::domain::log::viewport::Viewport;
use crate::domain::time_format::TimeFormat;
use crate::web::driver::Driver;
use gap::gap_row;
use row::ConsoleRow;
use tools::use_tools;

/// Height of a row in CSS pixels; `--row-height` in styles.css is the same.
const ROW_HEIGHT: f64 = 20.0;

/// Scrolled to within this many pixels of the end counts as at the end; browsers round.
const END_PIXELS: i32 = 4;

#[derive(PartialEq, Properties)]
pub(super) struct ConsoleProps {
    pub(super) driver: Driver,
    pub(super) run: RunId,
    /// Number of lines in the log.
    pub(super) lines: usize,
    /// Changes with whatever else is in the rows.
    pub(super) revision: usize,
    /// Lines may still come.
    pub(super) waiting: bool,
    #[prop_or_default]
    pub(super) time_format: TimeFormat,
}

#[component]
pub(super) fn Console(props: &ConsoleProps) -> Html {
    let ConsoleProps { driver, run, lines, revision: _, waiting, time_format } = props;
    let lines = *lines;
    let log = driver.log(*run);
    let (scroller, spacer, rows_box) = (use_node_ref(), use_node_ref(), use_node_ref());
    let height = use_height(&scroller);
    let tools = use_tools(driver, *run, lines);
    // Where the reader has scrolled to, as depth, and the number of lines then; `None` follows the end.
    let paused = use_state(|| None::<(f64, usize)>);
    // Which parts of long lines are shown, where it is not the first.
    let parts = use_state(Vec::<(usize, Part)>::new);
    // The scroll offset that was last seen or set.
    let last_top = use_mut_ref(|| 0);

    let row_count = log.as_ref().map_or(lines, |log| log.borrow().gaps().rows(lines));
    let viewport = Viewport { rows: row_count, row_height: ROW_HEIGHT, height };
    let content_height = viewport.content_height();
    let follows = paused.is_none();
    let depth = paused.map_or(viewport.end(), |(depth, _)| depth);
    let rows = viewport.rows(depth);
    let scroll_top = viewport.scroll_top(depth).round() as i32;
    let new_lines = paused.map_or(0, |(_, seen)| lines.saturating_sub(seen));

    use_effect_with((content_height, rows.top, scroll_top), {
        let (scroller, spacer, rows_box, last_top) =
            (scroller.clone(), spacer.clone(), rows_box.clone(), last_top.clone());
        move |&(content_height, top, scroll_top)| {
            // Whole pixels: formatting of floating-point numbers would cost five kilobytes.
            set_style(&spacer, "height", &format!("{}px", content_height as u64));
            set_style(&rows_box, "transform", &format!("translateY({}px)", top.round() as i64));
            // Set only when it differs from what the reader did: it moves by itself when lines come, when the height
            // changes, and when the range is scaled.
            if let Some(scroller) = scroller.cast::<Element>().filter(|_| *last_top.borrow() != scroll_top) {
                *last_top.borrow_mut() = scroll_top;
                scroller.set_scroll_top(scroll_top);
            }
        }
    });

    let onscroll = {
        let paused = paused.clone();
        Callback::from(move |event: yew::Event| {
            let Some(scroller) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
                return;
            };
            let top = scroller.scroll_top();
            let before = std::mem::replace(&mut *last_top.borrow_mut(), top);
            if top == before {
                // Of our own making, and no news.
                return;
            }
            let at_end = top + scroller.client_height() >= scroller.scroll_height() - END_PIXELS;
            let depth = viewport.depth(f64::from(top));
            match *paused {
                Some((_, seen)) if !at_end || top < before => paused.set(Some((depth, seen))),
                Some(_) => paused.set(None),
                // A viewport that grows moves the offset up, too, but stays at the end.
                None if !at_end && top < before => paused.set(Some((depth, lines))),
                None => {}
            }
        })
    };
    // Scrolling up is noticed before it happens: while lines stream in, the next frame would set the offset back to
    // the end, and a smooth scroll would never get away from it.
    let leave_end = {
        let paused = paused.clone();
        Callback::from(move |()| {
            if paused.is_none() && viewport.end() > 0.0 {
                paused.set(Some((viewport.end(), lines)));
            }
        })
    };
    let onwheel = {
        let leave_end = leave_end.clone();
        Callback::from(move |event: WheelEvent| {
            if event.delta_y() < 0.0 {
                leave_end.emit(());
            }
        })
    };
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let has_modifier = event.ctrl_key() || event.alt_key() || event.meta_key();
        if !has_modifier && matches!(event.key().as_str(), "ArrowUp" | "PageUp" | "Home") {
            leave_end.emit(());
        }
    });
    let on_follow = {
        let (paused, scroller) = (paused.clone(), scroller.clone());
        Callback::from(move |_: MouseEvent| {
            paused.set(None);
            // The button goes away; the keyboard goes on in the log.
            if let Some(scroller) = scroller.cast::<HtmlElement>() {
                let _ = scroller.focus();
            }
        })
    };

    let onclick = {
        let parts = parts.clone();
        Callback::from(move |event: MouseEvent| {
            if let Some((line, is_further)) = wanted_part(&event) {
                let mut changed = (*parts).clone();
                let part = part_of(&changed, line);
                changed.retain(|(other, _)| *other != line);
                changed.push((line, if is_further { part.further() } else { part.back() }));
                parts.set(changed);
            }
        })
    };

    let log = log.as_ref().map(|log| log.borrow());
    let start = log.as_ref().filter(|_| *time_format == TimeFormat::SinceStart).and_then(|log| log.start());
    let rows_in_all = (!*waiting).then_some(row_count);
    let shown = log.iter().flat_map(|log| {
        let revision = log.lines().revision();
        let parts = parts.clone();
        rows.range.clone().map(move |row| match log.gaps().at(row) {
            RowKind::Line(index) => {
                html! {
                    <ConsoleRow key={index} driver={driver.clone()} run={*run} {index} {revision} position={row + 1}
                        rows={rows_in_all} part={part_of(&parts, index)} time_format={*time_format} {start} />
                }
            }
            RowKind::Gap(gap) => gap_row(gap, row + 1, rows_in_all),
        })
    });
    let empty = match (row_count, *waiting) {
        (0, true) => "Waiting for the first line…",
        (0, false) => "No lines came.",
        _ => "",
    };
    html! {
        <>
            { tools }
            <div class="console">
                <div class="console__scroller" ref={scroller} role="log" aria-live="off" aria-label="Log" tabindex="0"
                    {onscroll} {onwheel} {onkeydown} {onclick}>
                    <div class="console__content" ref={spacer}>
                        <div class="console__rows" ref={rows_box} role="list">{ for shown }</div>
                    </div>
                </div>
                <p class="console__empty">{ empty }</p>
                <button class="console__follow" type="button" hidden={follows} onclick={on_follow}>
                    { if new_lines > 0 { format!("{} ↓", format::count(new_lines, "new line")) } else { "To the end ↓".to_owned() } }
                </button>
            </div>
        </>
    }
}

/// The part of a line that is shown.
fn part_of(parts: &[(usize, Part)], line: usize) -> Part {
    parts.iter().find(|(other, _)| *other == line).map_or(Part::default(), |(_, part)| *part)
}

/// The line, and whether what stands behind is wanted, when a click was on a row's button for that.
fn wanted_part(event: &MouseEvent) -> Option<(usize, bool)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let part = target.get_attribute("data-part")?;
    let number: usize = target.parent_element()?.get_attribute("data-line")?.parse().ok()?;
    Some((number.checked_sub(1)?, part == "further"))
}

fn set_style(element: &NodeRef, property: &str, value: &str) {
    if let Some(element) = element.cast::<HtmlElement>() {
        // The properties are constants of this module; a browser that refuses one could not be helped here.
        let _ = element.style().set_property(property, value);
    }
}
