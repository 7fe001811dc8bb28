//! The time, and a render when it has moved on.

use gloo_timers::callback::Interval;
use yew::prelude::*;

use crate::domain::time::Time;
use crate::web::clock;

const STEP_MILLISECONDS: u32 = 100;

/// The time now. While `runs`, the component is rendered ten times a second.
#[hook]
pub(in crate::ui) fn use_now(runs: bool) -> Time {
    let renderer = use_force_update();
    use_effect_with(runs, move |&runs| {
        let interval = runs.then(|| Interval::new(STEP_MILLISECONDS, move || renderer.force_update()));
        move || drop(interval)
    });
    clock::now()
}
