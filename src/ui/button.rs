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
    // As a property: classes as an attribute are a list to Yew, with code of 2 KB.
    html! { <button ~className={class} type="button" {disabled} {onclick}>{ label }</button> }
}

/// What makes events happen.
pub(super) fn dispatcher(driver: &Driver) -> Callback<Event> {
    let driver = driver.clone();
    Callback::from(move |event| driver.dispatch(event))
}

/// Makes this event happen at a click. A function makes it, since the code that copies any event is 2 KB.
pub(super) fn on_click(
    dispatch: &Callback<Event>,
    event: impl Fn() -> Event + 'static,
) -> Callback<MouseEvent> {
    dispatch.reform(move |_| event())
}
