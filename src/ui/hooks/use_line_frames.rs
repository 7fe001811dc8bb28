//! A render when a run has more lines, at most once per animation frame.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_render::{AnimationFrame, request_animation_frame};
use yew::prelude::*;

use crate::domain::ids::RunId;
use crate::web::driver::Driver;

/// With more new lines than this since the last render, all rows change, and nobody reads them: the time is better spent
/// on taking lines, since the log server drops what is not taken.
const FLOOD_LINES: usize = 1_000;

/// Between two renders of a flood, in milliseconds.
const FLOOD_PAUSE: f64 = 80.0;

struct Frames {
    driver: Driver,
    run: RunId,
    renderer: UseForceUpdateHandle,
    /// A hidden tab gets no frames; the one that is pending comes when it is shown.
    pending: RefCell<Option<AnimationFrame>>,
    /// When the last render was, and of how many lines.
    rendered: Cell<(f64, usize)>,
}

/// Renders the component with each frame in which lines of the run arrived; while they flood in, less often.
#[hook]
pub(in crate::ui) fn use_line_frames(driver: &Driver, run: Option<RunId>) {
    let renderer = use_force_update();
    use_effect_with((driver.clone(), run), move |(driver, run)| {
        if let Some(run) = *run {
            let frames = Rc::new(Frames {
                driver: driver.clone(),
                run,
                renderer,
                pending: RefCell::default(),
                rendered: Cell::default(),
            });
            driver.observe_lines(Some(Box::new(move |changed| {
                if changed == run && frames.pending.borrow().is_none() {
                    frames.request();
                }
            })));
        }
        let driver = driver.clone();
        move || driver.observe_lines(None)
    });
}

impl Frames {
    fn request(self: &Rc<Self>) {
        let frames = Rc::clone(self);
        let frame = request_animation_frame(move |time| {
            frames.pending.borrow_mut().take();
            let lines = frames.driver.log(frames.run).map_or(0, |log| log.borrow().lines().len());
            let (before, rendered) = frames.rendered.get();
            if lines > rendered + FLOOD_LINES && time < before + FLOOD_PAUSE {
                frames.request();
            } else {
                frames.rendered.set((time, lines));
                frames.renderer.force_update();
            }
        });
        *self.pending.borrow_mut() = Some(frame);
    }
}
