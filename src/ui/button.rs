//! Buttons: one function for all, because the code of an element is some hundred bytes wherever it stands.

use yew::prelude::*;

use crate::domain::app::Event;
use crate::web::driver::Driver;

/// `class` has the block's name, too.
pub(super) fn button(
    class: &'static str,
    label: impl Into<AttrValue>,
    disabled: bool,
    onclick: Callback<MouseEvent>,
) -> Html {
    let label: AttrValue = label.into();
    html! { <button {class} type="button" {disabled} {onclick}>{ label }</button> }
}

/// What makes events happen.
pub(super) fn dispatcher(driver: &Driver) -> Callback<Event> {
    let driver = driver.clone();
    Callback::from(move |event| driver.dispatch(event))
}

/// Makes this event happen at a click.
pub(super) fn on_click(dispatch: &Callback<Event>, event: Event) -> Callback<MouseEvent> {
    dispatch.reform(move |_| event.clone())
}
