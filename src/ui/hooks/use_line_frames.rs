//! A render when a run has more lines, at most once per animation frame.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_render::{AnimationFrame, request_animation_frame};
use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::domain::ids::RunId;
use crate::web::clock;
use crate::web::driver::Driver;

/// With more new lines than this since the last render, all rows change, and nobody reads them: the time is better spent
/// on taking lines, since the log server drops what is not taken.
const FLOOD_LINES: usize = 1_000;

/// Between two renders of a flood, in milliseconds, and of one that brings so many lines in between.
const FLOOD_PAUSE: u64 = 80;
const TORRENT_PAUSE: u64 = 240;
const TORRENT_LINES: usize = 30_000;

/// How often a flood is looked at, in milliseconds. Not with each frame: to ask for one costs milliseconds of layout and
/// paint, also where nothing has changed.
const LOOK_MILLISECONDS: u32 = 16;

struct Frames {
    driver: Driver,
    run: RunId,
    renderer: UseForceUpdateHandle,
    /// A hidden tab gets no frames; the one that is pending comes when it is shown.
    pending: RefCell<Option<Pending>>,
    /// When the last render was, and of how many lines.
    rendered: Cell<(u64, usize)>,
    /// It was one of a flood.
    floods: Cell<bool>,
    /// Lines when a flood was last looked at.
    seen: Cell<usize>,
}

/// What comes next; dropping it prevents that.
enum Pending {
    Frame(#[expect(dead_code)] AnimationFrame),
    Look(#[expect(dead_code)] Timeout),
}

/// Renders the component with each frame in which lines of the run arrived; while they flood in, less often.
///
/// Gives how many lines are to be shown: in a flood those of the last such frame, since the component is rendered for
/// other reasons, too. With the dyno's exit the flood is over, and all are shown.
#[hook]
pub(in crate::ui) fn use_line_frames(driver: &Driver, run: Option<RunId>, has_exited: bool) -> usize {
    let renderer = use_force_update();
    let frames = use_mut_ref(|| None::<Rc<Frames>>);
    use_effect_with((driver.clone(), run), {
        let latest = Rc::clone(&frames);
        move |(driver, run)| {
            let frames = run.map(|run| {
                let (driver, pending) = (driver.clone(), RefCell::default());
                let (rendered, floods, seen) = (Cell::default(), Cell::default(), Cell::default());
                Rc::new(Frames { driver, run, renderer, pending, rendered, floods, seen })
            });
            (*latest.borrow_mut()).clone_from(&frames);
            if let Some(frames) = frames {
                driver.observe_lines(Some(Box::new(move |changed| {
                    if changed == frames.run && frames.pending.borrow().is_none() {
                        frames.on_lines();
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
        Some(frames) if !has_exited && lines > frames.rendered.get().1 + FLOOD_LINES => {
            frames.rendered.get().1
        }
        _ => lines,
    }
}

impl Frames {
    fn lines(&self) -> usize {
        self.driver.log(self.run).map_or(0, |log| log.borrow().lines().len())
    }

    /// Lines have come, and nothing is pending.
    fn on_lines(self: &Rc<Self>) {
        if self.floods.get() {
            self.wait();
        } else {
            self.request(false);
        }
    }

    fn request(self: &Rc<Self>, is_due: bool) {
        let frames = Rc::clone(self);
        let frame = request_animation_frame(move |_| frames.draw(is_due));
        *self.pending.borrow_mut() = Some(Pending::Frame(frame));
    }

    fn draw(self: &Rc<Self>, is_due: bool) {
        self.pending.borrow_mut().take();
        let (lines, now) = (self.lines(), clock::now().0);
        let (before, rendered) = self.rendered.get();
        let floods = lines > rendered + FLOOD_LINES;
        self.floods.set(floods);
        if floods && !is_due && now < before + FLOOD_PAUSE {
            self.wait();
        } else {
            self.rendered.set((now, lines));
            self.renderer.force_update();
        }
    }

    fn wait(self: &Rc<Self>) {
        let frames = Rc::clone(self);
        let look = Timeout::new(LOOK_MILLISECONDS, move || frames.look());
        *self.pending.borrow_mut() = Some(Pending::Look(look));
    }

    fn look(self: &Rc<Self>) {
        let lines = self.lines();
        let (before, rendered) = self.rendered.get();
        let pause = if lines > rendered + TORRENT_LINES { TORRENT_PAUSE } else { FLOOD_PAUSE };
        // Once no more come, it is over.
        let goes_on = self.seen.replace(lines) != lines;
        if goes_on && clock::now().0 < before + pause {
            self.wait();
        } else {
            self.request(true);
        }
    }
}
