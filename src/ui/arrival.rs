//! The banner about what the page's address brought.

use yew::prelude::*;

use super::button::{button, on_click};
use crate::domain::app::Event;
use crate::domain::link::Arrival;

pub(super) fn arrival_view(arrival: &Arrival, dispatch: &Callback<Event>) -> Html {
    let Arrival { filled, unused, command, had_key } = arrival;
    html! {
        <div class="banner" data-notice="link">
            if *had_key {
                <div data-error="key_in_link">
                    <p class="notice__what">{ "The link held what looks like an API key." }</p>
                    <p>
                        { "It was taken out of the address bar and not used. Revoke it with " }
                        <code>{ "heroku authorizations:revoke" }</code>
                        { ": whoever has the link has the key, and so may the browser's history, and the server's log if it stood behind a question mark." }
                    </p>
                </div>
            }
            if !filled.is_empty() {
                <div>
                    <p class="notice__what">{ "A link filled in this form, and nothing has run." }</p>
                    <p>{ format!("From the link: {}.", filled.join(", ")) }</p>
                    if !unused.is_empty() {
                        <p>{ format!("Not used: {}.", unused.join(", ")) }</p>
                    }
                    <p>{ "Look at what is filled in before you run it: a command can do everything that the app can." }</p>
                    if let Some(command) = command {
                        <p><code class="banner__command">{ command }</code></p>
                    }
                </div>
            }
            { button("button button--plain", "Close", false, on_click(dispatch, || Event::ArrivalRead)) }
        </div>
    }
}
