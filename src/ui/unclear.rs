//! The dynos that may have been started by a request whose answer was lost.

use yew::prelude::*;

use super::notice::NoticeView;
use crate::domain::api::Dyno;
use crate::domain::run::{RunEvent, Search, Unclear};
use crate::web::clock;

#[derive(PartialEq, Properties)]
pub(super) struct UnclearViewProps {
    pub(super) unclear: Unclear,
    pub(super) dispatch: Callback<RunEvent>,
}

#[component]
pub(super) fn UnclearView(props: &UnclearViewProps) -> Html {
    let UnclearViewProps { unclear: Unclear { search, found }, dispatch } = props;
    let words = match search {
        Search::UnderWay => "Looking for dynos that were started since the click …",
        Search::Done if found.is_empty() => {
            "Heroku lists no dyno with this command that was started since the click. One may still appear."
        }
        Search::Done => "These were started since the click. Is one of them this run's?",
        Search::Failed(_) => "Whether there is a dyno could not be found out.",
    };
    let failure = match search {
        Search::Failed(notice) => Some(notice.clone()),
        Search::UnderWay | Search::Done => None,
    };
    html! {
        <div class="unclear">
            <div>
                if let Some(notice) = failure {
                    <NoticeView {notice} on_action={None::<Callback<_>>} />
                }
            </div>
            <p class="unclear__words">{ words }</p>
            <ul class="unclear__dynos">
                { for found.iter().map(|dyno| html! {
                    <FoundDyno key={dyno.name.clone()} dyno={dyno.clone()} dispatch={dispatch.clone()} />
                }) }
            </ul>
            <button class="button button--step" type="button" disabled={*search == Search::UnderWay}
                onclick={dispatch.reform(|_| RunEvent::SearchClicked)}>
                { "Look again" }
            </button>
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct FoundDynoProps {
    dyno: Dyno,
    dispatch: Callback<RunEvent>,
}

#[component]
fn FoundDyno(props: &FoundDynoProps) -> Html {
    let FoundDynoProps { dyno, dispatch } = props;
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
        <li class="unclear__dyno" data-dyno={dyno.name.clone()}>
            <b>{ &dyno.name }</b>
            <span>{ dyno.created_at.map(clock::local_time_of_day).unwrap_or_default() }</span>
            <code class="unclear__command">{ dyno.command.clone().unwrap_or_default() }</code>
            { button("Follow", RunEvent::FollowClicked) }
            { button("Stop", RunEvent::StopFoundClicked) }
        </li>
    }
}
