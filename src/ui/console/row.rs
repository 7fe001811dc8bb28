//! One line of the log on screen.

use yew::prelude::*;

use super::super::format;
use crate::domain::ids::RunId;
use crate::domain::log::Class;
use crate::domain::log::row::row;
use crate::web::clock;
use crate::web::driver::Driver;

/// A line changes with the store's revision alone, so a row with the same properties is never rendered again.
#[derive(PartialEq, Properties)]
pub(super) struct ConsoleRowProps {
    pub(super) driver: Driver,
    pub(super) run: RunId,
    /// Index of the line in the log.
    pub(super) index: usize,
    /// Of the log's store.
    pub(super) revision: usize,
}

#[component]
pub(super) fn ConsoleRow(props: &ConsoleRowProps) -> Html {
    let ConsoleRowProps { driver, run, index, revision: _ } = props;
    let row = driver.log(*run).and_then(|log| row(log.borrow().lines(), *index));
    let Some(row) = row else { return html! { <div class="row"></div> } };
    let number = index + 1;
    html! {
        <div class="row" data-line={number.to_string()} data-class={class_name(row.class)}>
            <span class="row__number">{ number }</span>
            <span class="row__time">{ row.time.map(clock::local_time_of_day).unwrap_or_default() }</span>
            <span class="row__origin">{ row.origin }</span>
            <span class="row__text">{ row.text }</span>
            if row.hidden_bytes > 0 {
                <span class="row__more">{ format!("… {} more", format::bytes(row.hidden_bytes as u64)) }</span>
            }
        </div>
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
