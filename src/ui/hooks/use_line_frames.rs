//! A render when a run has more lines, at most once per animation frame.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_render::{AnimationFrame, request_animation_frame};
use yew::prelude::*;

use crate::domain::ids::RunId;
use crate::web::driver::Driver;

/// Renders the component with each frame in which lines of the run arrived.
#[hook]
pub(in crate::ui) fn use_line_frames(driver: &Driver, run: Option<RunId>) {
    let renderer = use_force_update();
    use_effect_with((driver.clone(), run), move |(driver, run)| {
        let run = *run;
        // A hidden tab gets no frames; the one that is pending comes when it is shown.
        let pending: Rc<RefCell<Option<AnimationFrame>>> = Rc::default();
        driver.observe_lines(Some(Box::new(move |changed| {
            if Some(changed) != run || pending.borrow().is_some() {
                return;
            }
            let renderer = renderer.clone();
            let done = Rc::clone(&pending);
            *pending.borrow_mut() = Some(request_animation_frame(move |_| {
                done.borrow_mut().take();
                renderer.force_update();
            }));
        })));
        let driver = driver.clone();
        move || driver.observe_lines(None)
    });
}
