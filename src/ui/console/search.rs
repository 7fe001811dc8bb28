//! The tools above the log: the search.

use yew::prelude::*;

use super::action::Action;
use super::tools::tool;
use crate::web::search::{Progress, Query};

/// How many lines around a match can be shown.
pub(super) const AROUND: [u32; 4] = [0, 1, 3, 10];

/// Of the words on why a search finds nothing.
pub(super) const TROUBLE_ID: &str = "search-trouble";

/// What the tools show.
pub(super) struct Shown {
    pub(super) query: Query,
    pub(super) progress: Progress,
    /// Only matches are shown, with so many lines around each.
    pub(super) only: Option<u32>,
    /// For screen readers.
    pub(super) announced: AttrValue,
}

pub(super) fn search_tools(shown: &Shown, field: &NodeRef, act: &Callback<Action>) -> Html {
    let Shown { query, progress, only, announced } = shown;
    let on_key = {
        let act = act.clone();
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" => act.emit(Action::Go { forward: !event.shift_key() }),
            "Escape" => act.emit(Action::Escape),
            _ => {}
        })
    };
    let count = match progress {
        Progress::Done { matches, .. } => Some(matches.to_string()),
        _ => None,
    };
    let emit = |action: Action| act.reform(move |_: MouseEvent| action);
    let has_matches = matches!(progress, Progress::Done { matches: 1.., .. });
    // A click takes the next number.
    let around = only.unwrap_or(0);
    let wider = AROUND.iter().copied().find(|lines| *lines > around).unwrap_or(0);
    html! {
        <>
            <div class="search">
                <input class="search__field" ref={field} aria-label="Search the log" placeholder="Search the log"
                    title="/" autocomplete="off" spellcheck="false" autocapitalize="none" data-search-count={count} value={query.text.clone()}
                    aria-invalid={matches!(progress, Progress::Wrong(_)).then_some("true")} aria-errormessage={TROUBLE_ID}
                    onfocus={act.reform(|_| Action::SearchFocused)} oninput={act.reform(|_| Action::Typed)} onkeydown={on_key} />
                <span class="search__count">{ in_words(progress) }</span>
                { tool("‹".into(), "Previous match", None, !has_matches, emit(Action::Go { forward: false })) }
                { tool("›".into(), "Next match", None, !has_matches, emit(Action::Go { forward: true })) }
            </div>
            { tool("Aa".into(), "Match case", Some(query.match_case), false, emit(Action::MatchCase)) }
            { tool(".*".into(), "Regular expression", Some(query.is_regex), false, emit(Action::Regex)) }
            { tool("Only matches".into(), "Only matches", Some(only.is_some()), false,
                emit(Action::ShowOnly(if only.is_some() { None } else { Some(0) }))) }
            if only.is_some() {
                { tool(format!("± {around}").into(), "Lines around each match", None, false, emit(Action::ShowOnly(Some(wider)))) }
            }
            if *progress == Progress::Failed {
                { tool("Try again".into(), "Try again", None, false, emit(Action::SearchFocused)) }
            }
            <span class="visually-hidden" role="status">{ announced.clone() }</span>
        </>
    }
}

/// What a search has found.
pub(super) fn in_words(progress: &Progress) -> String {
    match progress {
        Progress::None | Progress::Failed | Progress::Wrong(_) => String::new(),
        Progress::Loading | Progress::Searching => "…".to_owned(),
        Progress::Done { matches: 0, .. } => "No matches".to_owned(),
        Progress::Done { matches: 1, current: None } => "1 match".to_owned(),
        Progress::Done { matches, current: None } => format!("{matches} matches"),
        Progress::Done { matches, current: Some(index) } => format!("{} of {matches}", index + 1),
    }
}

/// Why a search finds nothing.
pub(super) fn trouble(progress: &Progress) -> AttrValue {
    match progress {
        Progress::Failed => "Search could not be loaded.".into(),
        Progress::Wrong(error) => error.clone().into(),
        _ => AttrValue::default(),
    }
}
