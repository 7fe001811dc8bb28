//! The tools above the log.

use std::rc::Rc;

use yew::prelude::*;

use super::super::button::button;
use super::super::copy::use_copy_button;
use crate::domain::ids::RunId;
use crate::web::driver::Driver;
use crate::web::{clock, file};

#[hook]
pub(super) fn use_tools(driver: &Driver, run: RunId, search: Html, view: Html) -> Html {
    let has_none = driver.log(run).is_none_or(|log| log.borrow().lines().is_dropped());
    let text = {
        let driver = driver.clone();
        Rc::new(move || {
            let log = driver.log(run)?;
            let whole = log.borrow().lines().pieces().collect::<Vec<_>>().concat();
            Some(String::from_utf8_lossy(&whole).into_owned())
        })
    };
    let copy = use_copy_button(run, "Copy log", has_none, text);
    let on_download = {
        let driver = driver.clone();
        Callback::from(move |_: MouseEvent| {
            if let (Some(log), Some(name)) = (driver.log(run), file_name(&driver, run)) {
                file::save(&name, log.borrow().lines().pieces());
            }
        })
    };
    html! {
        <div class="tools" role="toolbar" aria-label="Log">
            { search }
            <span class="tools__space"></span>
            { view }
            { copy }
            { button("button button--small", "Download log", has_none, on_download) }
        </div>
    }
}

/// `my-app-run.8361-2026-01-02T03-04-05Z.log`, with the time of the click that started the run.
fn file_name(driver: &Driver, run: RunId) -> Option<String> {
    let state = driver.state();
    let run = state.run(run)?;
    let dyno = run.dyno.as_ref()?;
    Some([run.app.as_str(), "-", &dyno.name, "-", &clock::for_file_name(run.times.clicked), ".log"].concat())
}

/// A small button; `pressed` for one that switches.
pub(super) fn tool(
    label: AttrValue,
    name: &'static str,
    pressed: Option<bool>,
    disabled: bool,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! {
        <button class="tool" type="button" aria-label={name} title={name} {disabled} {onclick}
            aria-pressed={pressed.map(|pressed| if pressed { "true" } else { "false" })}>{ label }</button>
    }
}
