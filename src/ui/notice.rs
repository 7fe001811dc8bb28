//! An error in words, with the next step as a button.

use std::time::Duration;

use yew::prelude::*;

use super::format;
use crate::domain::form::Field;
use crate::domain::notice::{Action, Notice};
use crate::domain::time::Time;

/// `on_action` is what the button does; `None` where its step cannot be taken now.
pub(super) fn notice_view(notice: &Notice, on_action: Option<Callback<Action>>, now: Time) -> Html {
    let Notice { code, what, advice, heroku_says, link, action, .. } = notice;
    let left = time_left(notice, now);
    let action = action.zip(on_action);
    html! {
        <div class="notice" data-error={code.clone()}>
            <p class="notice__what">{ what }</p>
            <p>{ with_code(advice) }</p>
            if let Some(words) = heroku_says {
                <p class="notice__heroku">{ "Heroku says: " }<q>{ words }</q></p>
            }
            <p class="notice__steps">
                if let Some((action, on_action)) = action {
                    <button class="button button--step" type="button" disabled={left.is_some()}
                        onclick={on_action.reform(move |_| action)}>
                        { label(action) }
                        if let Some(left) = left {
                            // Up to the next second, so that the last one is not shown as none; and not read out anew
                            // with each.
                            <span aria-hidden="true">
                                { format!(" in {}", format::seconds((left.as_millis() as u64).div_ceil(1000))) }
                            </span>
                        }
                    </button>
                }
                if let Some(link) = link {
                    <a class="notice__link" href={link.address} target="_blank" rel="noopener noreferrer">
                        { link.label }{ " ↗" }
                    </a>
                }
            </p>
        </div>
    }
}

/// How long the next step is still of no use.
pub(super) fn time_left(notice: &Notice, now: Time) -> Option<Duration> {
    notice.not_before.map(|then| then.since(now)).filter(|left| !left.is_zero())
}

fn label(action: Action) -> &'static str {
    match action {
        Action::GoTo(Field::App) => "Go to the app name",
        Action::GoTo(Field::ApiKey) => "Go to the API key",
        Action::GoTo(Field::Command) => "Go to the command",
        Action::GoTo(Field::Size) => "Go to the dyno size",
        Action::GoTo(Field::TimeLimit) => "Go to the time limit",
        Action::GoTo(Field::Name | Field::VariableName(_) | Field::VariableValue(_)) => "Go to the variable",
        Action::RunAgain => "Run again",
        Action::OpenLogAgain => "Try again",
        Action::StopAgain => "Stop again",
        Action::AskAgain => "Ask again",
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
