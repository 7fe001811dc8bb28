//! What screen readers are told of the log: now and then how far it is, since each line would be too much.

use yew::prelude::*;

use super::super::format;
use crate::domain::log::row::{Part, row};
use crate::domain::logs::SharedLog;
use crate::domain::time::Time;
use crate::web::clock;

/// Between two digests, in milliseconds.
const PAUSE: u64 = 5_000;

/// Characters of the last line that are read.
const MOST_CHARACTERS: usize = 120;

#[derive(Default)]
struct Digest {
    told: Time,
    lines: usize,
    words: String,
}

/// While the run lives, the panel is rendered ten times a second, so that this needs no timer.
#[hook]
pub(super) fn use_digest(log: Option<&SharedLog>, lines: usize, waiting: bool) -> Html {
    let digest = use_mut_ref(Digest::default);
    let mut digest = digest.borrow_mut();
    let now = clock::now();
    if lines > digest.lines && (!waiting || now.0 >= digest.told.0 + PAUSE) {
        let last = log.and_then(|log| row(&log.borrow(), lines - 1, Part::default()));
        let last: String = last
            .into_iter()
            .flat_map(|row| row.text.chars().take(MOST_CHARACTERS).collect::<Vec<_>>())
            .collect();
        let new = format::count(lines - digest.lines, "new line");
        *digest = Digest { told: now, lines, words: [&new, ", the last: ", &last].concat() };
    }
    html! { <p class="visually-hidden" role="status">{ digest.words.clone() }</p> }
}
