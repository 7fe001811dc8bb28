//! Where the console is scrolled to, and which rows are drawn for it.
//!
//! Positions go through the object model, since the page's policy blocks style attributes.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::super::hooks::use_height;
use super::rows::ShownRows;
use super::wrapped;
use crate::domain::log::viewport::{MAX_CONTENT_HEIGHT, ROW_HEIGHT, Viewport};
use crate::domain::log::wrapping::Wrapping;

/// Scrolled to within this many pixels of the end counts as at the end; browsers round.
const END_PIXELS: i32 = 4;

/// What stands at the upper edge while the end is not followed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Top {
    /// So many pixels of rows are above it, with those of rows that are gone: where the reader has scrolled to, when all
    /// rows are equally high.
    Depth(f64),
    /// A line, or the next that is shown, so many pixels below the edge, wherever the scroll bar has to be for that.
    Line(usize, f64),
    /// The same where the reader has scrolled to: the scroll bar stays.
    Seen(usize, f64),
}

/// The elements that move.
#[derive(Clone, PartialEq)]
pub(super) struct Nodes {
    pub(super) scroller: NodeRef,
    /// As high as all rows.
    pub(super) spacer: NodeRef,
    pub(super) rows: NodeRef,
}

/// A scrolled console, as it is rendered now.
#[derive(Clone)]
pub(super) struct Scroll {
    pub(super) nodes: Nodes,
    pub(super) rows: ShownRows,
    viewport: Viewport,
    /// `None` when rows are not wrapped.
    wrapping: Option<Wrapping>,
    /// How far into the rows the upper edge is, in pixels.
    depth: f64,
    /// Pixels of rows that are gone; `None` where that is not known.
    gone: Option<f64>,
    /// What stands at the upper edge, and the number of lines when the reader left the end; `None` follows it.
    paused: UseStateHandle<Option<(Top, usize)>>,
    /// The scroll offset that was last seen or set.
    last_top: Rc<RefCell<i32>>,
    /// Where the first drawn row is in the content, when rows are wrapped.
    rows_top: Rc<Cell<f64>>,
    /// The rows to draw.
    pub(super) range: Range<usize>,
}

#[hook]
pub(super) fn use_nodes() -> Nodes {
    Nodes { scroller: use_node_ref(), spacer: use_node_ref(), rows: use_node_ref() }
}

/// Places the rows after each render.
#[hook]
pub(super) fn use_scroll(nodes: &Nodes, rows: ShownRows, wraps: bool) -> Scroll {
    let height = use_height(&nodes.scroller);
    let paused = use_state(|| None);
    let (last_top, rows_top) = (use_mut_ref(|| 0), use_memo((), |()| Cell::new(0.0)));
    let wrapping = wraps.then(|| {
        let width = nodes.scroller.cast::<Element>().map_or(0, |scroller| scroller.client_width());
        let bytes = rows.log.as_ref().map_or(0, |log| log.borrow().lines().bytes());
        Wrapping::new(width, rows.lines, bytes)
    });
    let row_height = wrapping.map_or(ROW_HEIGHT, |wrapping| wrapping.mean_height);
    let viewport = Viewport { rows: rows.count(), row_height, height };
    let gone = rows.gone().map(|gone| gone as f64 * ROW_HEIGHT);
    let depth = match *paused {
        None => viewport.end(),
        Some((Top::Depth(depth), _)) => (depth - gone.unwrap_or(0.0)).max(0.0),
        Some((Top::Line(line, below) | Top::Seen(line, below), _)) => {
            (rows.row_of_line(line) as f64 * row_height - below).max(0.0)
        }
    };
    let drawn = viewport.rows(depth);
    let range = match (wrapping, *paused) {
        (None, _) => drawn.range,
        (Some(wrapping), None) => wrapping.last_rows(rows.count(), height, &|row| rows.bytes(row)),
        (Some(wrapping), Some((top, _))) => {
            let row = match top {
                Top::Depth(_) => (depth / row_height) as usize,
                Top::Line(line, _) | Top::Seen(line, _) => rows.row_of_line(line),
            };
            wrapping.rows_around(rows.count(), row, height, &|row| rows.bytes(row))
        }
    };
    let nodes = nodes.clone();
    let scroll = Scroll { nodes, rows, viewport, wrapping, depth, gone, paused, last_top, rows_top, range };
    let scroll_top = viewport.scroll_top(depth).round() as i32;
    // Wrapped rows are as high as the browser makes them, so they are placed when they are there, after each render.
    let renders = use_mut_ref(|| 0_u32);
    *renders.borrow_mut() += 1;
    let render_to_place = wraps.then(|| *renders.borrow());
    use_effect_with((render_to_place, viewport.content_height(), drawn.top, scroll_top), {
        let scroll = scroll.clone();
        move |&(_, content_height, rows_top, scroll_top)| match scroll.wrapping {
            None => scroll.place(content_height, rows_top, scroll_top),
            Some(wrapping) => scroll.place_wrapped(wrapping),
        }
    });
    scroll
}

impl Scroll {
    pub(super) fn follows(&self) -> bool {
        self.paused.is_none()
    }

    /// Lines that have come since the reader left the end.
    pub(super) fn new_lines(&self) -> usize {
        self.paused.map_or(0, |(_, seen)| self.rows.lines.saturating_sub(seen))
    }

    /// The line at the upper edge, and how far it is below it, in pixels.
    pub(super) fn top_line(&self) -> (usize, f64) {
        match *self.paused {
            Some((Top::Line(line, below) | Top::Seen(line, below), _)) if below <= 0.0 => (line, below),
            _ => {
                let depth = self.depth.min(self.viewport.end());
                let row = (depth / self.viewport.row_height) as usize;
                (self.rows.line_at(row), row as f64 * self.viewport.row_height - depth)
            }
        }
    }

    /// What is at the upper edge stays there when other rows are shown.
    pub(super) fn keep_top(&self) {
        if let Some((_, seen)) = *self.paused {
            let (line, below) = self.top_line();
            self.paused.set(Some((Top::Line(line, below), seen)));
        }
    }

    /// Puts a line into view, where it is not already.
    pub(super) fn show_line(&self, line: usize) {
        let Viewport { row_height, height, .. } = self.viewport;
        let row = self.rows.row_of_line(line);
        let above = row as f64 * row_height - self.depth.min(self.viewport.end());
        if above < 0.0 || above + row_height > height || self.wrapping.is_some() {
            self.pause(Top::Line(line, (height / 3.0).round()));
        }
    }

    pub(super) fn to_first_line(&self) {
        self.pause(Top::Line(0, 0.0));
    }

    pub(super) fn to_end(&self) {
        self.paused.set(None);
    }

    /// Scrolling up is noticed before it happens: while lines stream in, the next frame would set the offset back to
    /// the end, and a smooth scroll would never get away from it.
    pub(super) fn leave_end(&self) {
        if self.follows() && self.viewport.end() > 0.0 {
            self.pause(self.top_at(*self.last_top.borrow()));
        }
    }

    fn pause(&self, top: Top) {
        let seen = self.paused.map_or(self.rows.lines, |(_, seen)| seen);
        self.paused.set(Some((top, seen)));
    }

    pub(super) fn on_scroll(&self) {
        let Some(scroller) = self.nodes.scroller.cast::<Element>() else { return };
        let top = scroller.scroll_top();
        let before = std::mem::replace(&mut *self.last_top.borrow_mut(), top);
        if top == before {
            // Of our own making, and no news.
            return;
        }
        let at_end = top + scroller.client_height() >= scroller.scroll_height() - END_PIXELS;
        match *self.paused {
            Some(_) if !at_end || top < before => self.pause(self.top_at(top)),
            Some(_) => self.to_end(),
            // A viewport that grows moves the offset up, too, but stays at the end.
            None if !at_end && top < before => self.pause(self.top_at(top)),
            None => {}
        }
    }

    /// What stands at the upper edge at a scroll offset.
    fn top_at(&self, top: i32) -> Top {
        let depth = self.viewport.depth(f64::from(top));
        if self.wrapping.is_none() {
            return match self.gone {
                Some(gone) => Top::Depth(depth + gone),
                None => {
                    let line = self.rows.line_at((depth / ROW_HEIGHT) as usize);
                    Top::Line(line, self.rows.row_of_line(line) as f64 * ROW_HEIGHT - depth)
                }
            };
        }
        let rows = self.nodes.rows.cast::<HtmlElement>();
        let drawn = rows.and_then(|rows| wrapped::top_of(&rows, self.rows_top.get() - f64::from(top)));
        let (line, below) =
            drawn.unwrap_or_else(|| (self.rows.line_at((depth / self.viewport.row_height) as usize), 0.0));
        Top::Seen(line, below)
    }

    fn place(&self, content_height: f64, rows_top: f64, scroll_top: i32) {
        self.set_heights(content_height, rows_top);
        // Set only when it differs from what the reader did: it moves by itself when lines come, when the height
        // changes, and when the range is scaled.
        if *self.last_top.borrow() != scroll_top {
            self.set_scroll_top(scroll_top);
        }
    }

    fn place_wrapped(&self, wrapping: Wrapping) {
        let (Some(scroller), Some(rows)) =
            (self.nodes.scroller.cast::<Element>(), self.nodes.rows.cast::<HtmlElement>())
        else {
            return;
        };
        let heights = wrapped::heights(&rows);
        let all: f64 = heights.iter().sum();
        // Whole pixels throughout: to set an offset that differs by half of one would end the reader's own scrolling.
        let above = self.viewport.scroll_top(self.range.start as f64 * wrapping.mean_height).round();
        let mut there = scroller.scroll_top();
        let (rows_top, scroll_top) = match *self.paused {
            None => (above, above + all - f64::from(scroller.client_height())),
            Some((top, _)) => {
                let (line, below, seen) = match top {
                    Top::Line(line, below) => (line, below, None),
                    Top::Seen(line, below) => {
                        // The reader may have scrolled on, of which the page has not heard yet.
                        there = *self.last_top.borrow();
                        (line, below, Some(f64::from(there)))
                    }
                    Top::Depth(_) => {
                        let (line, below) = self.top_line();
                        (line, below, None)
                    }
                };
                let place = self.rows.row_of_line(line).saturating_sub(self.range.start);
                let in_rows: f64 = heights.iter().take(place).sum();
                let seen = seen.filter(|seen| self.range.start > 0 && seen + below - in_rows > 0.0);
                // Where the first row is drawn, it is at the upper end of the content.
                seen.map_or((above, above + in_rows - below), |seen| (seen + below - in_rows, seen))
            }
        };
        let behind = ((self.viewport.rows - self.range.end) as f64 * wrapping.mean_height).round();
        // As tall as a browser allows, and always further on than the drawn rows.
        let behind = behind.min((MAX_CONTENT_HEIGHT - rows_top - all).max(self.viewport.height));
        let content = rows_top + all + behind;
        self.set_heights(content, rows_top);
        self.rows_top.set(rows_top);
        let scroll_top =
            scroll_top.min(content - f64::from(scroller.client_height())).max(0.0).round() as i32;
        if there != scroll_top {
            self.set_scroll_top(scroll_top);
        }
    }

    fn set_heights(&self, content: f64, rows_top: f64) {
        // Whole pixels: formatting of floating-point numbers would cost five kilobytes.
        set_style(&self.nodes.spacer, "height", &format!("{}px", content as u64));
        set_style(&self.nodes.rows, "transform", &format!("translateY({}px)", rows_top.round() as i64));
    }

    fn set_scroll_top(&self, scroll_top: i32) {
        if let Some(scroller) = self.nodes.scroller.cast::<Element>() {
            *self.last_top.borrow_mut() = scroll_top;
            scroller.set_scroll_top(scroll_top);
        }
    }

    /// The keyboard goes on in the log.
    pub(super) fn focus(&self) {
        focus(&self.nodes.scroller);
    }
}

pub(super) fn focus(element: &NodeRef) {
    if let Some(element) = element.cast::<HtmlElement>() {
        // It stays usable by mouse.
        let _ = element.focus();
    }
}

fn set_style(element: &NodeRef, property: &str, value: &str) {
    if let Some(element) = element.cast::<HtmlElement>() {
        // The properties are constants of this module; a browser that refuses one could not be helped here.
        let _ = element.style().set_property(property, value);
    }
}
