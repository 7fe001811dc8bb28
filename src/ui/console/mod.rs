//! The console: the rows in view of a log of any length.
//!
//! Rows exist for the viewport and a little more. Positions go through the object model, since the page's policy
//! blocks style attributes.

mod gap;
mod row;
mod search;
mod tools;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::format;
use super::hooks::use_height;
use crate::domain::ids::RunId;
use crate::domain::log::gaps::RowKind;
use crate::domain::log::row::Part;
use crate::domain::log::viewport::Viewport;
use crate::domain::logs::SharedLog;
use crate::domain::time_format::TimeFormat;
use crate::web::driver::Driver;
use crate::web::search::{LogSearch, Progress};
use gap::gap_row;
use row::ConsoleRow;
use search::{Action, Shown, in_words, search_tools};
use tools::use_tools;

/// Height of a row in CSS pixels; `--row-height` in styles.css is the same.
const ROW_HEIGHT: f64 = 20.0;

/// Scrolled to within this many pixels of the end counts as at the end; browsers round.
const END_PIXELS: i32 = 4;

/// What stands at the upper edge.
#[derive(Clone, Copy, PartialEq)]
enum Top {
    /// Dropped rows included.
    Depth(f64),
    /// A line, or the next that is shown, so many pixels below the edge.
    Line(usize, f64),
}

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
    // Where the reader has scrolled to, and the number of lines then; `None` follows the end.
    let paused = use_state(|| None::<(Top, usize)>);
    // Which parts of long lines are shown, where it is not the first.
    let parts = use_state(Vec::<(usize, Part)>::new);
    let (field, renderer) = (use_node_ref(), use_force_update());
    let search = use_memo((), |()| LogSearch::default());
    let only = use_state(|| None::<u32>);
    let announced = use_state(String::new);
    use_effect_with(field.clone(), |field| {
        let field = field.clone();
        let document = web_sys::window().and_then(|window| window.document());
        let listener = document.map(|document| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&document.clone(), "keydown", options, move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                let has_modifier = event.ctrl_key() || event.alt_key() || event.meta_key();
                let types = document
                    .active_element()
                    .is_some_and(|it| it.matches("input,textarea,select").unwrap_or(false));
                if event.key() == "/" && !has_modifier && !types {
                    event.prevent_default();
                    focus(&field);
                }
            })
        });
        move || drop(listener)
    });
    if let Some(log) = &log {
        let renderer = renderer.clone();
        search.catch_up(log, move || renderer.force_update());
    }
    let progress = search.progress(lines);
    let is_filtered = only.is_some() && matches!(progress, Progress::Searching | Progress::Done { .. });
    // The scroll offset that was last seen or set.
    let last_top = use_mut_ref(|| 0);

    let row_count = match &log {
        _ if is_filtered => search.rows(lines),
        Some(log) => log.borrow().gaps().rows(lines),
        None => lines,
    };
    // Pixels of rows that the log has dropped: what is at the top stays there when they go.
    let gone = match &log {
        Some(log) if !is_filtered => log.borrow().gaps().rows_gone() as f64 * ROW_HEIGHT,
        _ => 0.0,
    };
    let viewport = Viewport { rows: row_count, row_height: ROW_HEIGHT, height };
    let content_height = viewport.content_height();
    let follows = paused.is_none();
    let depth = match *paused {
        None => viewport.end(),
        Some((Top::Depth(depth), _)) => (depth - gone).max(0.0),
        Some((Top::Line(line, below), _)) => {
            (row_of(&search, log.as_ref(), is_filtered, line) as f64 * ROW_HEIGHT - below).max(0.0)
        }
    };
    // Stays where it is when other rows are shown.
    let top_row = (depth.min(viewport.end()) / ROW_HEIGHT) as usize;
    let top_line = match &log {
        _ if is_filtered => search.line(top_row),
        Some(log) => match log.borrow().gaps().at(top_row) {
            RowKind::Line(line) => line,
            RowKind::Gap(gap) => gap.before,
        },
        None => 0,
    };
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
                Some((_, seen)) if !at_end || top < before => {
                    paused.set(Some((Top::Depth(depth + gone), seen)))
                }
                Some(_) => paused.set(None),
                // A viewport that grows moves the offset up, too, but stays at the end.
                None if !at_end && top < before => paused.set(Some((Top::Depth(depth + gone), lines))),
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
                paused.set(Some((Top::Depth(viewport.end() + gone), lines)));
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
    let act = {
        let (search, paused, only, scroller) =
            (search.clone(), paused.clone(), only.clone(), scroller.clone());
        let (announced, log, field) = (announced.clone(), log.clone(), field.clone());
        Callback::from(move |action| {
            let keep_top = || {
                if let Some((_, seen)) = *paused {
                    paused.set(Some((Top::Line(top_line, top_row as f64 * ROW_HEIGHT - depth), seen)));
                }
            };
            let input = field.cast::<HtmlInputElement>();
            let mut query = search.query();
            match action {
                Action::Focused => {
                    let renderer = renderer.clone();
                    search.load(move || renderer.force_update());
                    return;
                }
                Action::Typed => query.text = input.map(|input| input.value()).unwrap_or_default(),
                Action::MatchCase => query.match_case = !query.match_case,
                Action::Regex => query.is_regex = !query.is_regex,
                Action::Escape if query.text.is_empty() => return focus(&scroller),
                Action::Escape => {
                    query.text.clear();
                    input.iter().for_each(|input| input.set_value(""));
                }
                Action::Go { forward } => {
                    let Some(line) = search.go(forward, top_line) else { return };
                    let above = row_of(&search, log.as_ref(), is_filtered, line) as f64 * ROW_HEIGHT - depth;
                    if above < 0.0 || above + ROW_HEIGHT > height {
                        let seen = paused.map_or(lines, |(_, seen)| seen);
                        paused.set(Some((Top::Line(line, (height / 3.0).round()), seen)));
                    }
                    announced.set(in_words(&search.progress(lines)));
                    renderer.force_update();
                    return;
                }
                Action::ShowOnly(around) => {
                    keep_top();
                    search.show_around(around.unwrap_or(0));
                    only.set(around);
                    return;
                }
            }
            if only.is_some() {
                keep_top();
            }
            search.set_query(query);
            renderer.force_update();
        })
    };
    let onkeydown = {
        let act = act.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.alt_key() || event.meta_key() {
                return;
            }
            match event.key().as_str() {
                "ArrowUp" | "PageUp" | "Home" => leave_end.emit(()),
                "n" => act.emit(Action::Go { forward: true }),
                "N" => act.emit(Action::Go { forward: false }),
                _ => {}
            }
        })
    };
    let on_follow = {
        let (paused, scroller) = (paused.clone(), scroller.clone());
        Callback::from(move |_: MouseEvent| {
            paused.set(None);
            // The button goes away; the keyboard goes on in the log.
            focus(&scroller);
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

    {
        let (search, rows_box) = (search.clone(), rows_box.clone());
        use_effect(move || {
            if let Some(rows) = rows_box.cast::<Element>() {
                search.highlight(&rows);
            }
        });
    }
    let tools = Shown { query: search.query(), progress, only: *only, announced: (*announced).clone() };
    let tools = use_tools(driver, *run, search_tools(&tools, &field, &act));
    let log = log.as_ref().map(|log| log.borrow());
    let start = log.as_ref().filter(|_| *time_format == TimeFormat::SinceStart).and_then(|log| log.start());
    let rows_in_all = (!*waiting).then_some(row_count);
    let shown = log.iter().flat_map(|log| {
        let revision = log.lines().revision();
        let parts = parts.clone();
        let kind = |row| if is_filtered { RowKind::Line(search.line(row)) } else { log.gaps().at(row) };
        rows.range.clone().map(move |row| match kind(row) {
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
        (0, _) if is_filtered => "",
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

/// The row of a line; of one that is not shown that of the next.
fn row_of(search: &LogSearch, log: Option<&SharedLog>, is_filtered: bool, line: usize) -> usize {
    match log {
        _ if is_filtered => search.row(line),
        Some(log) => log.borrow().gaps().row_of_line(line),
        None => line,
    }
}

fn focus(element: &NodeRef) {
    if let Some(element) = element.cast::<HtmlElement>() {
        // It stays usable by mouse.
        let _ = element.focus();
    }
}

fn set_style(element: &NodeRef, property: &str, value: &str) {
    if let Some(element) = element.cast::<HtmlElement>() {
        // The properties are constants of this module; a browser that refuses one could not be helped here.
        let _ = element.style().set_property(property, value);
    }
}
