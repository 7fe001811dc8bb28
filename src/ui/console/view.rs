//! How a log is shown: its tools, and the help for its keys.

use yew::prelude::*;

use super::action::{Action, KEYS};
use super::tools::tool;
use crate::domain::time_format::TimeFormat;

/// The same for all runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) struct LogView {
    pub(super) time_format: TimeFormat,
    pub(super) wraps: bool,
    pub(super) hides_platform: bool,
    /// Only matches of the search are shown, with so many lines around each.
    pub(super) only: Option<u32>,
}

const TIME_FORMATS: [(TimeFormat, &str); 4] = [
    (TimeFormat::Local, "Local"),
    (TimeFormat::Utc, "UTC"),
    (TimeFormat::SinceStart, "Since start"),
    (TimeFormat::Off, "No time"),
];

const KEYS_ID: &str = "keys";

/// `keys` is the button that opens the help.
pub(super) fn view_tools(view: LogView, follows: bool, keys: &NodeRef, act: &Callback<Action>) -> Html {
    let emit = |action: Action| act.reform(move |_: MouseEvent| action);
    let on_time = act.reform(|event: Event| {
        let chosen = event.target_dyn_into::<web_sys::HtmlSelectElement>().map(|it| it.selected_index());
        let chosen = chosen.and_then(|index| TIME_FORMATS.get(index as usize));
        Action::Time(chosen.map_or(TimeFormat::Local, |(format, _)| *format))
    });
    let times = TIME_FORMATS.iter().map(|(format, label)| {
        html! { <option selected={*format == view.time_format}>{ *label }</option> }
    });
    html! {
        <>
            <select class="tool" aria-label="Time" onchange={on_time}>{ for times }</select>
            { tool("Follow".into(), "Follow", Some(follows), false, emit(Action::Follow)) }
            { tool("Wrap".into(), "Wrap", Some(view.wraps), false, emit(Action::Wrap)) }
            { tool("Platform".into(), "Platform lines", Some(!view.hides_platform), false, emit(Action::PlatformLines)) }
            <button class="tool" ref={keys} type="button" popovertarget={KEYS_ID} aria-label="Keys" title="Keys">{ "?" }</button>
            <div class="keys" id={KEYS_ID} popover="auto">
                <table>
                    <caption>{ "Keys while the log has the focus" }</caption>
                    { for KEYS.iter().map(|(key, what)| html! { <tr><th scope="row">{ *key }</th><td>{ *what }</td></tr> }) }
                </table>
            </div>
        </>
    }
}
