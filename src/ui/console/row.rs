//! One line of the log on screen.

use yew::prelude::*;
use yew::virtual_dom::VNode;

use super::super::format;
use crate::domain::ids::RunId;
use crate::domain::log::Class;
use crate::domain::log::row::{Part, Row, row};
use crate::domain::time::Time;
use crate::domain::time_format::{TimeFormat, time_of_day, time_since};
use crate::web::clock;
use crate::web::driver::Driver;
use crate::web::row_text::row_text;

/// A line changes with the store's revision alone, so a row with the same properties is never rendered again.
#[derive(PartialEq, Properties)]
pub(super) struct ConsoleRowProps {
    pub(super) driver: Driver,
    pub(super) run: RunId,
    /// Index of the line in the log.
    pub(super) index: usize,
    /// Of the log's store.
    pub(super) revision: usize,
    /// Place among the rows, from 1.
    pub(super) position: usize,
    /// Number of rows, once it is known: while lines come, no row is rendered again for it.
    pub(super) rows: Option<usize>,
    pub(super) part: Part,
    pub(super) time_format: TimeFormat,
    /// What the time is counted from, where it is.
    pub(super) start: Option<Time>,
}

#[component]
pub(super) fn ConsoleRow(props: &ConsoleRowProps) -> Html {
    let row = props.driver.log(props.run).and_then(|log| row(&log.borrow(), props.index, props.part));
    let Some(row) = row else { return html! { <div class="row"></div> } };
    let number = props.index + 1;
    let set_size = props.rows.map_or("-1".to_owned(), |rows| rows.to_string());
    html! {
        <div class="row" role="listitem" aria-posinset={props.position.to_string()} aria-setsize={set_size}
            data-line={number.to_string()} data-class={class_name(row.class)} data-hue={row.hue.to_string()}>
            <span class="row__number">{ number }</span>
            { time(props, row.time) }
            <span class="row__origin">{ &row.origin }</span>
            { part_button("back", row.bytes_before, "before") }
            { row_text(&row).map_or_else(|| html! {}, |text| VNode::VRef(text.into())) }
            { meaning(&row) }
            { part_button("further", row.bytes_behind, "more") }
        </div>
    }
}

fn time(props: &ConsoleRowProps, time: Option<Time>) -> Html {
    let text = time.map(|time| match props.time_format {
        TimeFormat::Local => clock::local_time_of_day(time),
        TimeFormat::Utc => time_of_day(time, 0),
        TimeFormat::SinceStart => time_since(time, props.start.unwrap_or(time)),
        TimeFormat::Off => String::new(),
    });
    html! {
        if props.time_format != TimeFormat::Off {
            <span class="row__time">{ text.unwrap_or_default() }</span>
        }
    }
}

/// The explanation of an error code of Heroku's.
fn meaning(row: &Row) -> Html {
    html! {
        if !row.meaning.is_empty() {
            <span class="row__meaning">{ row.meaning }</span>
        }
    }
}

/// Shows another part of a long line; the console listens.
fn part_button(part: &'static str, bytes: usize, word: &str) -> Html {
    html! {
        if bytes > 0 {
            <button class="row__more" type="button" data-part={part}>
                { format!("… {} {word}", format::bytes(bytes as u64)) }
            </button>
        }
    }
}

fn class_name(class: Class) -> &'static str {
    match class {
        Class::Raw => "raw",
        Class::App => "app",
        Class::Output => "output",
        Class::Platform => "platform",
        Class::Loss => "loss",
    }
}
