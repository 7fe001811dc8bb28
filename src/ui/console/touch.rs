//! Fingers that scroll the log.

use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::scroll::Scroll;

/// A finger that only taps moves by some pixels, too.
const TAP_PIXELS: i32 = 4;

/// A listener for a finger that touches the log. One that moves down leaves the end before the browser scrolls, like a
/// turn of the wheel: a slow one would never get away from it.
#[hook]
pub(super) fn use_touch(scroll: &Rc<Scroll>) -> Callback<TouchEvent> {
    let latest = use_mut_ref(|| scroll.clone());
    *latest.borrow_mut() = scroll.clone();
    let moves = use_mut_ref(|| None);
    Callback::from(move |event: TouchEvent| {
        let latest = latest.clone();
        let mut highest = place(&event);
        // Of the row that is touched: the events go on there when it has left the log, and do not reach the log.
        let listener = event.target().map(|row| {
            EventListener::new(&row, "touchmove", move |event| {
                let place = place(event.unchecked_ref());
                highest = highest.min(place);
                if place > highest + TAP_PIXELS {
                    latest.borrow().leave_end();
                }
            })
        });
        *moves.borrow_mut() = listener;
    })
}

/// How far down a finger is, in pixels of the window.
fn place(event: &TouchEvent) -> i32 {
    event.touches().get(0).map_or(0, |finger| finger.client_y())
}
