//! The dynos that may have been started by a request whose answer was lost.

use yew::prelude::*;

use super::button::button;
use super::notice::notice_view;
use crate::domain::api::Dyno;
use crate::domain::run::{RunEvent, Search, Unclear};
use crate::domain::time::Time;
use crate::web::clock;

pub(super) fn unclear_view(unclear: &Unclear, dispatch: &Callback<RunEvent>, now: Time) -> Html {
    let Unclear { search, found } = unclear;
    let words = match search {
        Search::UnderWay => "Looking for dynos that were started since the click …",
        Search::Done if found.is_empty() => {
            "Heroku lists no dyno that may be this run's. One may still appear."
        }
        Search::Done => "These were started since the click. Is one of them this run's?",
        Search::Failed(_) => "Whether there is a dyno could not be found out.",
    };
    let failure = match search {
        Search::Failed(notice) => Some(notice_view(notice, None, now)),
        Search::UnderWay | Search::Done => None,
    };
    html! {
        <div class="unclear">
            <div>{ for failure }</div>
            <p class="unclear__words">{ words }</p>
            <ul class="unclear__dynos">
                { for found.iter().map(|dyno| found_dyno(dyno, dispatch)) }
            </ul>
            { button(
                "button button--step", "Look again", *search == Search::UnderWay,
                dispatch.reform(|_| RunEvent::SearchClicked),
            ) }
        </div>
    }
}

fn found_dyno(dyno: &Dyno, dispatch: &Callback<RunEvent>) -> Html {
    let button = |label: &'static str, event: fn(String) -> RunEvent| {
        let name = dyno.name.clone();
        html! {
            <button class="button button--step" type="button" aria-label={format!("{label} {name}")}
                onclick={dispatch.reform(move |_| event(name.clone()))}>
                { label }
            </button>
        }
    };
    html! {
        <li class="unclear__dyno" key={dyno.name.clone()} data-dyno={dyno.name.clone()}>
            <b>{ &dyno.name }</b>
            <span>{ dyno.created_at.map(clock::local_time_of_day).unwrap_or_default() }</span>
            <code class="unclear__command">{ dyno.command.clone().unwrap_or_default() }</code>
            { button("Follow", RunEvent::FollowClicked) }
            { button("Stop", RunEvent::StopFoundClicked) }
        </li>
    }
}
