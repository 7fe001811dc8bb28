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
            <p>{ with_code(advice) }</p>
            if let Some(words) = heroku_says {
                <p class="notice__heroku">{ "Heroku says: " }<q>{ words }</q></p>
            }
        </div>
    }
}

/// The text, with what stands between backticks as code.
fn with_code(text: &str) -> Html {
    let parts = text.split('`').enumerate();
    let part = |(index, part): (usize, &str)| match index % 2 {
        0 => html! { <span key={index}>{ part }</span> },
        _ => html! { <code key={index}>{ part }</code> },
    };
    html! { <>{ for parts.map(part) }</> }
}
