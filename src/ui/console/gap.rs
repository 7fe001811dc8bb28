//! A mark where lines are missing.

use yew::prelude::*;

use super::super::format;
use crate::domain::log::gaps::{Gap, GapCause};

/// `position` is its place among the rows, from 1; `rows` their number, once it is known.
pub(super) fn gap_row(gap: &Gap, position: usize, rows: Option<usize>) -> Html {
    let is_evicted = gap.cause == GapCause::Evicted;
    let missing = match gap.missing {
        Some(lines) if is_evicted => {
            // Alone, it is the mark of a log that was dropped whole.
            let which = if rows == Some(1) { "all " } else { "the first " };
            ["Dropped: ", which, &format::count(lines as usize, "line")].concat()
        }
        None => "Lines may be missing here".to_owned(),
        Some(1) => "1 line is missing here".to_owned(),
        Some(lines) => format!("{} are missing here", format::count(lines as usize, "line")),
    };
    html! {
        <div class="row row--gap" key={if is_evicted { "evicted".to_owned() } else { format!("gap {}", gap.before) }}
            data-mark={if is_evicted { "evicted" } else { "gap" }} role="listitem"
            aria-posinset={position.to_string()}
            aria-setsize={rows.map_or("-1".to_owned(), |rows| rows.to_string())}>
            { missing }{ why(gap.cause) }
        </div>
    }
}

fn why(cause: GapCause) -> &'static str {
    match cause {
        GapCause::HistoryTooShort => ": the log was interrupted for longer than its history reaches back.",
        GapCause::Ambiguous => {
            ": the log was interrupted where its lines repeat, so where it goes on is not certain."
        }
        GapCause::NoHistory => ": the log was interrupted, and this app's log has no history.",
        GapCause::BeginningMissing => ": the log begins later than the run.",
        GapCause::NotDelivered => ": the log server left them out before it was interrupted.",
        GapCause::Dropped => ": Heroku dropped them.",
        GapCause::Evicted => ". All logs have reached the limit of memory below; copies begin here.",
        GapCause::TooManyHeldBack => ": too many came before the dyno's name was known.",
    }
}
