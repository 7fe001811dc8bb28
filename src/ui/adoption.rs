//! The offer to take up runs of the page before it was loaded again.

use yew::prelude::*;

use super::button::{button, on_click};
use super::notice::notice_view;
use crate::domain::adoption::{Adoption, Search};
use crate::domain::app::{Event, State};
use crate::web::clock;

pub(super) fn adoptions(state: &State, dispatch: &Callback<Event>) -> Html {
    html! { <div class="adoptions" role="status">{ for state.adoptions.iter().map(|it| adoption(it, dispatch)) }</div> }
}

fn adoption(adoption: &Adoption, dispatch: &Callback<Event>) -> Html {
    let Adoption { run, search } = adoption;
    let what = match search {
        Search::Gone => "This run has ended: Heroku knows its dyno no more. ",
        _ => "A run of this page may still live: ",
    };
    let how = match search {
        Search::NotBegun => " Type the API key to find out.",
        Search::UnderWay { .. } => " Heroku is asked …",
        Search::Gone | Search::Failed(_) => "",
    };
    let failure = match search {
        Search::Failed(notice) => notice_view(notice, None, clock::now()),
        _ => Html::default(),
    };
    let is_named = !run.dyno.is_empty();
    let started: String = clock::local_time_of_day(run.clicked).chars().take(5).collect();
    let asking = matches!(search, Search::UnderWay { .. } | Search::Gone);
    let offer = |label, disabled, onclick| button("button button--small", label, disabled, onclick);
    let adopt = |stop| {
        let run = run.clone();
        on_click(dispatch, move || Event::AdoptClicked(run.clone(), stop))
    };
    let forget = {
        let run = run.clone();
        on_click(dispatch, move || Event::ForgetClicked(run.clone()))
    };
    html! {
        <div class="adoption" data-adoption={run.dyno.clone()}>
            <p>
                { what }<b>{ if is_named { &run.dyno } else { "a dyno" } }</b>{ " of " }<b>{ run.app.as_str() }</b>
                { ", started " }{ started }{ "." }{ how }
            </p>
            { failure }
            { offer("Follow", asking, adopt(false)) }
            // Which one it is, a person says first.
            { offer("Stop it", asking || !is_named, adopt(true)) }
            { offer("Forget", false, forget) }
        </div>
    }
}
