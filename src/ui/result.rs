//! The result: what the function printed.

use std::rc::Rc;

use memchr::memchr;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::copy::use_copy_button;
use super::format;
use crate::domain::ids::RunId;
use crate::domain::log::result::{SHOWN_BYTES, Shown};
use crate::web::driver::Driver;

/// Bytes of text that are laid out together, with the rest of the line in which they end.
const PIECE_BYTES: usize = 4096;

/// The result of a run. `complete` says that the run is over, so that the output is whole; `printed` are the bytes of the
/// output, with which the text grows.
#[hook]
pub(super) fn use_result(driver: &Driver, run: RunId, complete: bool, printed: u64) -> Html {
    // The text grows no further once all is shown that will be.
    let growth = printed.min(SHOWN_BYTES as u64);
    let shown = use_memo((driver.clone(), run, complete, growth), |(driver, run, complete, _)| {
        driver.log(*run).map_or_else(Shown::default, |log| {
            let log = log.borrow();
            if *complete { log.printed().shown_at_end(log.lines()) } else { log.printed().shown() }
        })
    });
    let (has_gaps, is_whole) = driver.log(run).map_or((false, true), |log| {
        let log = log.borrow();
        (!log.gaps().is_empty(), log.printed().is_whole(log.lines()))
    });
    let (text, json) = (use_node_ref(), use_node_ref());
    use_effect_with((text.clone(), json.clone(), run, shown.json.is_empty()), |(text, json, ..)| {
        // JSON is what a function returns; the lines before it can be scrolled to.
        if let (Some(text), Some(json)) = (text.cast::<HtmlElement>(), json.cast::<HtmlElement>()) {
            text.set_scroll_top(json.offset_top() - text.offset_top());
        }
    });
    let whole = {
        let driver = driver.clone();
        Rc::new(move || {
            let log = driver.log(run)?;
            let log = log.borrow();
            Some(String::from_utf8_lossy(&log.printed().whole(log.lines())).into_owned())
        })
    };
    let copy = use_copy_button(run, "Copy result", printed == 0, whole);
    let hidden_bytes = if complete { shown.hidden_bytes } else { printed - growth };
    html! {
        <div class="result">
            <span class="result__label" id="result-label">{ "Result" }</span>
            <pre class="result__text" ref={text} id="result" role="group" aria-labelledby="result-label" tabindex="0">
                { for pieces(&shown.text) }
                <span ref={json}>{ for pieces(&shown.json) }</span>
            </pre>
            { copy }
            <p class="result__note">{ note(hidden_bytes, is_whole, shown.joined, has_gaps) }</p>
        </div>
    }
}

/// Whole lines that the browser lays out by themselves, and only where they are in view: a text that grows with each frame
/// would take longer each time.
fn pieces(mut text: &str) -> Vec<Html> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let rest = text.as_bytes().get(PIECE_BYTES..).and_then(|rest| memchr(b'\n', rest));
        let (piece, behind) = text.split_at(rest.map_or(text.len(), |end| PIECE_BYTES + end + 1));
        pieces.push(html! { <span key={pieces.len()} class="result__piece">{ piece }</span> });
        text = behind;
    }
    pieces
}

fn note(hidden_bytes: u64, is_whole: bool, joined: usize, has_gaps: bool) -> String {
    let copied = if is_whole { "all" } else { "what the log still has" };
    let hidden = (hidden_bytes > 0)
        .then(|| format!("{} more are not shown; Copy result takes {copied}.", format::bytes(hidden_bytes)));
    let joined = (joined > 0).then(|| {
        format!("Joined again where Heroku cut at 10,000 bytes: {}.", format::count(joined, "place"))
    });
    let missing = has_gaps.then(|| "Lines may be missing: the log has marks where.".to_owned());
    [missing, hidden, joined].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
