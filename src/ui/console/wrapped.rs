//! Rows that are wrapped: their heights are the browser's, and estimated where they are not drawn.

use std::ops::Range;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::rows::ShownRows;
use super::scroll::ROW_HEIGHT;
use crate::domain::log::gaps::RowKind;
use crate::domain::log::row::shown_at_first;
use crate::domain::log::viewport::OVERSCAN;
use crate::domain::logs::SharedLog;

/// Width of a character in CSS pixels, about: the font has 12.5.
const CHARACTER_WIDTH: f64 = 7.5;

/// Characters that number, time and process take in front of the text, with the space between, about; on a narrow
/// screen (styles.css) only the time is there.
const CHARACTERS_IN_FRONT: usize = 44;
const FEW_CHARACTERS_IN_FRONT: usize = 16;
const NARROW_WIDTH: i32 = 560;

/// Bytes of a line's header that are not shown as text, about.
const HEADER_BYTES: f64 = 46.0;

/// Most bytes of one character that takes a cell.
const MOST_BYTES_OF_CELL: usize = 4;

/// What is drawn beyond each edge, at least.
const OVERSCAN_HEIGHT: f64 = OVERSCAN as f64 * ROW_HEIGHT;

/// How rows are wrapped.
#[derive(Clone, Copy)]
pub(super) struct Wrapping {
    /// Characters in a row of text.
    columns: usize,
    /// Of a row, estimated, in pixels.
    pub(super) mean_height: f64,
}

impl Wrapping {
    /// Of the rows of a log in a scroller.
    pub(super) fn of(scroller: &NodeRef, log: Option<&SharedLog>) -> Self {
        let width = scroller.cast::<Element>().map_or(0, |scroller| scroller.client_width());
        let in_front = if width < NARROW_WIDTH { FEW_CHARACTERS_IN_FRONT } else { CHARACTERS_IN_FRONT };
        let columns = ((f64::from(width) / CHARACTER_WIDTH) as usize).saturating_sub(in_front).max(20);
        let rows = log.map_or(1.0, |log| {
            let log = log.borrow();
            let (bytes, lines) = (log.lines().bytes() as f64, log.lines().len() as f64);
            let text = (bytes / lines.max(1.0) - HEADER_BYTES) / columns as f64;
            // Of long lines, the last row is full by half.
            if text > 1.0 { text + 0.5 } else { 1.0 }
        });
        Self { columns, mean_height: ROW_HEIGHT * rows }
    }

    /// The rows to draw when this one is at the upper edge.
    pub(super) fn rows_around(self, rows: &ShownRows, row: usize, height: f64) -> Range<usize> {
        let row = row.min(rows.count());
        let mut end = row;
        let mut filled = 0.0;
        while end < rows.count() && filled < height + OVERSCAN_HEIGHT {
            filled += self.least_height(rows, end);
            end += 1;
        }
        // A line that was gone to is not at the upper edge itself.
        self.first_row(rows, row, height / 2.0)..end
    }

    /// The rows to draw when the last one is at the lower edge.
    pub(super) fn last_rows(self, rows: &ShownRows, height: f64) -> Range<usize> {
        let end = rows.count();
        self.first_row(rows, end, height)..end
    }

    /// The first row of those that fill so much in front of a row.
    fn first_row(self, rows: &ShownRows, row: usize, height: f64) -> usize {
        let mut first = row;
        let mut filled = 0.0;
        while first > 0 && filled < height + OVERSCAN_HEIGHT {
            first -= 1;
            filled += self.least_height(rows, first);
        }
        first
    }

    /// No row is lower.
    fn least_height(self, rows: &ShownRows, row: usize) -> f64 {
        let Some(log) = rows.log.as_ref().map(|log| log.borrow()) else { return ROW_HEIGHT };
        match rows.at(&log, row) {
            RowKind::Gap(_) => ROW_HEIGHT,
            RowKind::Line(line) => {
                let bytes = shown_at_first(log.lines().line_length(line).unwrap_or(0));
                ROW_HEIGHT * (bytes / (MOST_BYTES_OF_CELL * self.columns)).max(1) as f64
            }
        }
    }
}

/// Heights of the drawn rows.
pub(super) fn heights(rows: &HtmlElement) -> Vec<f64> {
    let children = rows.children();
    let rows = (0..children.length()).filter_map(|index| children.item(index));
    rows.map(|row| f64::from(row.unchecked_into::<HtmlElement>().offset_height())).collect()
}

/// The line of the first drawn row that reaches below the upper edge, and how far it is below it; `top` is that of the
/// first row. `None` when no row is at the edge.
pub(super) fn top_of(rows: &HtmlElement, mut top: f64) -> Option<(usize, f64)> {
    if top > 0.0 {
        return None;
    }
    let children = rows.children();
    for (index, height) in heights(rows).into_iter().enumerate() {
        if top + height > 0.0
            && let Some(line) = children.item(index as u32).and_then(|row| row.get_attribute("data-line"))
        {
            return Some((line.parse::<usize>().ok()?.checked_sub(1)?, top));
        }
        top += height;
    }
    None
}
