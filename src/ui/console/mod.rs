//! The console: the rows in view of a log of any length.
//!
//! Rows exist for the viewport and a little more.

mod action;
mod controls;
mod digest;
mod gap;
mod row;
mod rows;
mod scroll;
mod search;
mod selection;
mod tools;
mod touch;
mod view;
mod wrapped;

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use super::format;
use crate::domain::ids::RunId;
use crate::domain::log::gaps::RowKind;
use crate::domain::log::platform_lines::PlatformLines;
use crate::domain::log::row::Part;
use crate::domain::time_format::TimeFormat;
use crate::web::driver::Driver;
use crate::web::search::{LogSearch, Progress};
use action::{Action, action_of_key, action_of_page_key};
use controls::Controls;
use digest::use_digest;
use gap::gap_row;
use row::ConsoleRow;
use rows::{Filter, ShownRows};
use scroll::{Scroll, use_nodes, use_scroll};
use search::{Shown, TROUBLE_ID, in_words, search_tools, trouble};
use selection::use_selection;
use tools::use_tools;
use touch::use_touch;
pub(super) use view::LogView;
use view::view_tools;

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
    pub(super) view: UseStateHandle<LogView>,
    /// The same for all runs, one after the other.
    pub(super) search: LogSearch,
}

#[component]
pub(super) fn Console(props: &ConsoleProps) -> Html {
    let ConsoleProps { driver, run, lines, revision: _, waiting, view, search } = props;
    let (lines, shown_as) = (*lines, **view);
    let log = driver.log(*run);
    let nodes = use_nodes();
    // Which parts of long lines are shown, where it is not the first.
    let parts = use_state(Vec::<(usize, Part)>::new);
    let (field, keys, renderer) = (use_node_ref(), use_node_ref(), use_force_update());
    let platform = use_mut_ref(PlatformLines::default);
    search.observe({
        let renderer = renderer.clone();
        move || renderer.force_update()
    });
    if let Some(log) = &log {
        search.catch_up(log, shown_as.hides_platform);
        if shown_as.hides_platform {
            platform.borrow_mut().catch_up(log.borrow().lines());
        }
    }
    let progress = search.progress(lines);
    let filter = match (shown_as.only, &progress) {
        (Some(_), Progress::Searching | Progress::Done { .. }) => Filter::Matches(search.clone()),
        _ if shown_as.hides_platform => Filter::NoPlatform(platform),
        _ => Filter::All,
    };
    let is_filtered = !matches!(filter, Filter::All);
    let rows = ShownRows { filter, log: log.clone(), lines };
    // In one piece: it is copied into each of what follows, which would be a kilobyte of code.
    let scroll = Rc::new(use_scroll(&nodes, rows.clone(), shown_as.wraps));
    let controls = Controls {
        search: search.clone(),
        field: field.clone(),
        keys: keys.clone(),
        view: view.clone(),
        scroll: scroll.clone(),
        renderer,
    };
    let act = Callback::from(move |action| controls.act(action));
    use_page_keys(&act);
    let (selecting, selection_bar) = use_selection(*run, &scroll, *waiting);
    let onkeydown = {
        let (act, scroll, selecting) = (act.clone(), scroll.clone(), selecting.clone());
        Callback::from(move |event: KeyboardEvent| {
            if selecting.on_key(&event) || has_modifier(&event) {
                return;
            }
            if matches!(event.key().as_str(), "ArrowUp" | "PageUp") {
                scroll.leave_end();
            }
            if let Some(action) = action_of_key(&event.key()) {
                // Not for the page as well, nor for the browser's own search.
                event.stop_propagation();
                event.prevent_default();
                act.emit(action);
            }
        })
    };
    let onscroll = {
        let scroll = scroll.clone();
        Callback::from(move |_: yew::Event| scroll.on_scroll())
    };
    let onwheel = {
        let scroll = scroll.clone();
        Callback::from(move |event: WheelEvent| {
            if event.delta_y() < 0.0 {
                scroll.leave_end();
            }
        })
    };
    let ontouchstart = use_touch(&scroll);
    let on_follow = {
        let scroll = scroll.clone();
        Callback::from(move |_: MouseEvent| {
            scroll.to_end();
            // The button goes away.
            scroll.focus();
        })
    };
    let onmousedown = {
        let selecting = selecting.clone();
        Callback::from(move |event: MouseEvent| selecting.on_press(&event))
    };
    let onclick = {
        let (parts, selecting) = (parts.clone(), selecting.clone());
        Callback::from(move |event: MouseEvent| {
            selecting.on_click(&event);
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
        let (search, rows) = (search.clone(), nodes.rows.clone());
        use_effect(move || {
            selecting.draw();
            if let Some(rows) = rows.cast::<Element>() {
                search.highlight(&rows);
            }
        });
    }
    let digest = use_digest(log.as_ref(), lines, *waiting);
    // Told when it is found, and at each step; not whenever a line that comes has a match.
    let current = if let Progress::Done { current, .. } = progress { Some(current) } else { None };
    let announced = use_memo((search.query(), current), |_| in_words(&progress));
    let announced =
        if current.is_some() { AttrValue::from((*announced).clone()) } else { AttrValue::default() };
    let trouble = trouble(&progress);
    let shown = Shown { query: search.query(), progress, only: shown_as.only, announced };
    let search_tools = search_tools(&shown, &field, &act);
    let tools = use_tools(driver, *run, search_tools, view_tools(shown_as, scroll.follows(), &keys, &act));

    let empty = match (rows.count(), *waiting) {
        (0, _) if is_filtered && lines > 0 => "",
        (0, true) => "Waiting for the first line…",
        (0, false) => "No lines came.",
        _ => "",
    };
    let new_lines = match scroll.new_lines() {
        0 => "To the end ↓".to_owned(),
        new => format!("{} ↓", format::count(new, "new line")),
    };
    let wrap = if shown_as.wraps { "console console--wrap" } else { "console" };
    html! {
        <>
            { tools }
            <div ~className={wrap}>
                <div class="console__scroller" ref={nodes.scroller} role="log" aria-live="off" aria-label="Log"
                    tabindex="0" {onscroll} {onwheel} {ontouchstart} {onkeydown} {onmousedown} {onclick}>
                    <div class="console__content" ref={nodes.spacer}>
                        <div class="console__rows" ref={nodes.rows} role="list">
                            { for drawn(props, &rows, &scroll, &parts) }
                        </div>
                    </div>
                </div>
                <p class="console__trouble" id={TROUBLE_ID} role="status">{ trouble }</p>
                { selection_bar }
                <p class="console__empty">{ empty }</p>
                <button class="console__follow" type="button" hidden={scroll.follows()} onclick={on_follow}>
                    { new_lines }
                </button>
            </div>
            { digest }
        </>
    }
}

/// The rows in view.
fn drawn(props: &ConsoleProps, rows: &ShownRows, scroll: &Scroll, parts: &[(usize, Part)]) -> Vec<Html> {
    let Some(log) = rows.log.as_ref().map(|log| log.borrow()) else { return Vec::new() };
    let time_format = props.view.time_format;
    let start = if time_format == TimeFormat::SinceStart { log.start() } else { None };
    // While lines come, no row is rendered again for it.
    let rows_in_all = (!props.waiting).then(|| rows.count());
    let revision = log.lines().revision();
    let row = |row| match rows.at(&log, row) {
        RowKind::Line(index) => {
            html! {
                <ConsoleRow key={index} driver={props.driver.clone()} run={props.run} {index} {revision}
                    position={row + 1} rows={rows_in_all} part={part_of(parts, index)} {time_format} {start} />
            }
        }
        RowKind::Gap(gap) => gap_row(gap, row + 1, rows_in_all),
    };
    scroll.range.clone().map(row).collect()
}

/// The keys that work wherever nothing is typed.
#[hook]
fn use_page_keys(act: &Callback<Action>) {
    let latest = use_mut_ref(|| act.clone());
    *latest.borrow_mut() = act.clone();
    use_effect_with((), move |()| {
        let document = web_sys::window().and_then(|window| window.document());
        let listener = document.map(|document| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&document.clone(), "keydown", options, move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                let types = document
                    .active_element()
                    .is_some_and(|it| it.matches("input,textarea,select,dialog *").unwrap_or(false));
                if let Some(action) =
                    action_of_page_key(&event.key()).filter(|_| !types && !has_modifier(event))
                {
                    event.prevent_default();
                    let act = latest.borrow().clone();
                    act.emit(action);
                }
            })
        });
        move || drop(listener)
    });
}

fn has_modifier(event: &KeyboardEvent) -> bool {
    event.ctrl_key() || event.alt_key() || event.meta_key()
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
