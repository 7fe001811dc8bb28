//! An error in words.

use yew::prelude::*;

use crate::domain::error::Notice;

#[derive(PartialEq, Properties)]
pub(super) struct NoticeViewProps {
    pub(super) notice: Notice,
}

#[component]
pub(super) fn NoticeView(props: &NoticeViewProps) -> Html {
    let Notice { code, what, advice, heroku_says, field: _ } = &props.notice;
    html! {
        <div class="notice" data-error={code.clone()}>
            <p class="notice__what">{ what }</p>
            <p>{ advice }</p>
            if let Some(words) = heroku_says {
                <p class="notice__heroku">{ "Heroku says: " }<q>{ words }</q></p>
            }
        </div>
    }
}
