//! How a run ended, and what the platform said about it.

use yew::prelude::*;

use super::format;
use crate::domain::run::Run;

/// A line that is there from the beginning, so that nothing moves when it is filled.
pub(super) fn run_end(run: &Run) -> Html {
    let words = run.end_in_words().unwrap_or_default();
    let took = run.times.running().filter(|_| run.is_over());
    let took = took.map(|took| format!(" It took {}.", format::duration(took)));
    let codes = run.codes.iter().map(|code| {
        html! { <span data-code={code.as_str().to_owned()}><b>{ code.as_str() }</b>{ " " }{ code.meaning() }{ " " }</span> }
    });
    html! {
        <p class="run__end">{ words }{ took.unwrap_or_default() }{ " " }{ for codes }</p>
    }
}
