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

/// Between two renders of a flood, in milliseconds, and of one that brings so many lines in between.
const FLOOD_PAUSE: f64 = 80.0;
const TORRENT_PAUSE: f64 = 240.0;
const TORRENT_LINES: usize = 30_000;

struct Frames {
    driver: Driver,
    run: RunId,
    renderer: UseForceUpdateHandle,
    /// A hidden tab gets no frames; the one that is pending comes when it is shown.
    pending: RefCell<Option<AnimationFrame>>,
    /// When the last render was, and of how many lines.
    rendered: Cell<(f64, usize)>,
    /// Lines at the last frame, whether it was rendered or not.
    seen: Cell<usize>,
}

/// Renders the component with each frame in which lines of the run arrived; while they flood in, less often.
///
/// Gives how many lines are to be shown: in a flood those of the last such frame, since the component is rendered for
/// other reasons, too.
#[hook]
pub(in crate::ui) fn use_line_frames(driver: &Driver, run: Option<RunId>) -> usize {
    let renderer = use_force_update();
    let frames = use_mut_ref(|| None::<Rc<Frames>>);
    use_effect_with((driver.clone(), run), {
        let latest = Rc::clone(&frames);
        move |(driver, run)| {
            let frames = run.map(|run| {
                let (driver, pending) = (driver.clone(), RefCell::default());
                let (rendered, seen) = (Cell::default(), Cell::default());
                Rc::new(Frames { driver, run, renderer, pending, rendered, seen })
            });
            (*latest.borrow_mut()).clone_from(&frames);
            if let Some(frames) = frames {
                driver.observe_lines(Some(Box::new(move |changed| {
                    if changed == frames.run && frames.pending.borrow().is_none() {
                        frames.request();
                    }
                })));
            }
            let driver = driver.clone();
            move || driver.observe_lines(None)
        }
    });
    let lines = run.and_then(|run| driver.log(run)).map_or(0, |log| log.borrow().lines().len());
    let frames = frames.borrow();
    match frames.as_ref().filter(|frames| Some(frames.run) == run && frames.pending.borrow().is_some()) {
        Some(frames) if lines > frames.rendered.get().1 + FLOOD_LINES => frames.rendered.get().1,
        _ => lines,
    }
}

impl Frames {
    fn request(self: &Rc<Self>) {
        let frames = Rc::clone(self);
        let frame = request_animation_frame(move |time| {
            frames.pending.borrow_mut().take();
            let lines = frames.driver.log(frames.run).map_or(0, |log| log.borrow().lines().len());
            let (before, rendered) = frames.rendered.get();
            let pause = if lines > rendered + TORRENT_LINES { TORRENT_PAUSE } else { FLOOD_PAUSE };
            // Once no more come, it is over.
            let goes_on = frames.seen.replace(lines) != lines;
            if goes_on && lines > rendered + FLOOD_LINES && time < before + pause {
                frames.request();
            } else {
                frames.rendered.set((time, lines));
                frames.renderer.force_update();
            }
        });
        *self.pending.borrow_mut() = Some(frame);
    }
}
