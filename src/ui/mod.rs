//! Components and hooks: the state as elements, and clicks as events. Nothing is decided here.

mod adoption;
mod api_key_field;
mod app;
mod arrival;
mod button;
mod choices;
mod close_question;
mod console;
mod copy;
mod field;
mod footer;
mod format;
mod hooks;
mod memory;
mod notice;
mod phases;
mod result;
mod run_end;
mod run_form;
mod run_panel;
mod run_tabs;
mod share;
mod status_line;
mod unclear;
mod variables;

use web_sys::Element;

use crate::web::driver::Driver;
use app::{App, AppProps};

/// Mounts the app in an element, whose content it replaces.
pub fn mount(root: Element, driver: Driver) {
    yew::Renderer::<App>::with_root_and_props(root, AppProps { driver }).render();
}
