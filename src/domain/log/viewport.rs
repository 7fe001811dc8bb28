//! Which rows a scrolled viewport shows, when every row is equally high.
//!
//! Browsers clamp the height of an element at about 16.7 million pixels (design.md 4), so past
//! [`MAX_CONTENT_HEIGHT`] the scroll range is scaled: the scroll bar spans all rows, and they keep their height.

use std::ops::Range;

/// Height of a row in CSS pixels; `--row-height` in styles.css is the same.
pub const ROW_HEIGHT: f64 = 20.0;

/// Tallest element that is asked of a browser, in pixels.
pub const MAX_CONTENT_HEIGHT: f64 = 10_000_000.0;

/// Rows beyond each edge of the viewport, so that a small scroll finds them drawn.
pub const OVERSCAN: usize = 6;

/// The measures of a console in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Lines and marks.
    pub rows: usize,
    pub row_height: f64,
    pub height: f64,
}

/// The rows to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Their indices.
    pub range: Range<usize>,
    /// Where the first of them stands in the content, in pixels.
    pub top: f64,
}

impl Viewport {
    /// Height of the scrolled content.
    pub fn content_height(&self) -> f64 {
        self.full_height().min(MAX_CONTENT_HEIGHT)
    }

    /// How far into the rows a scroll offset is, in pixels of rows.
    pub fn depth(&self, scroll_top: f64) -> f64 {
        between_zero_and(self.scroll_range(), scroll_top) * self.scale()
    }

    /// The scroll offset for a depth; what stands at the top stays there when rows are added.
    pub fn scroll_top(&self, depth: f64) -> f64 {
        between_zero_and(self.scroll_range(), depth / self.scale())
    }

    /// The depth at which the last row is in view.
    pub fn end(&self) -> f64 {
        (self.full_height() - self.height).max(0.0)
    }

    /// The rows for a depth.
    pub fn rows(&self, depth: f64) -> Rows {
        let unscaled = between_zero_and(self.end(), depth);
        let scroll_top = self.scroll_top(unscaled);
        let first_visible = (unscaled / self.row_height) as usize;
        let first = first_visible.saturating_sub(OVERSCAN).min(self.rows);
        let visible = (self.height / self.row_height).ceil() as usize + 1;
        let end = (first_visible + visible + OVERSCAN).min(self.rows);
        Rows { range: first..end, top: scroll_top - (unscaled - first as f64 * self.row_height) }
    }

    fn full_height(&self) -> f64 {
        self.rows as f64 * self.row_height
    }

    fn scroll_range(&self) -> f64 {
        (self.content_height() - self.height).max(0.0)
    }

    /// Pixels of rows per pixel of scrolling.
    fn scale(&self) -> f64 {
        let range = self.scroll_range();
        if range > 0.0 { self.end() / range } else { 1.0 }
    }
}

/// Not `clamp`, which can panic, and whose message brings ten kilobytes of number formatting.
fn between_zero_and(limit: f64, value: f64) -> f64 {
    value.max(0.0).min(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewport(rows: usize) -> Viewport {
        Viewport { rows, row_height: 20.0, height: 400.0 }
    }

    #[test]
    fn draws_the_rows_in_view_and_a_few_more() {
        assert_eq!(viewport(0).rows(0.0), Rows { range: 0..0, top: 0.0 });
        assert_eq!(viewport(3).rows(0.0), Rows { range: 0..3, top: 0.0 });
        assert_eq!(viewport(1000).rows(0.0), Rows { range: 0..27, top: 0.0 });
        assert_eq!(viewport(1000).rows(2010.0), Rows { range: 94..127, top: 1880.0 });
        assert_eq!(viewport(1000).rows(f64::MAX).range, 974..1000);
    }

    #[test]
    fn a_scaled_range_reaches_the_first_and_the_last_line() {
        let viewport = viewport(5_000_000);
        assert_eq!(viewport.content_height(), MAX_CONTENT_HEIGHT);
        assert_eq!(viewport.rows(0.0).range.start, 0);
        let end = MAX_CONTENT_HEIGHT - viewport.height;
        let rows = viewport.rows(viewport.depth(end));
        assert_eq!(rows.range.end, 5_000_000);
        let bottom = rows.top + rows.range.len() as f64 * viewport.row_height;
        assert!((bottom - MAX_CONTENT_HEIGHT).abs() < 0.01, "{bottom}");
    }

    #[test]
    fn the_top_line_stays_when_lines_are_added() {
        let depth = viewport(400_000).depth(4_000_000.0);
        for lines in [400_000, 500_000, 600_000, 5_000_000] {
            let viewport = viewport(lines);
            let rows = viewport.rows(depth);
            assert_eq!(rows.range.start, 200_000 - OVERSCAN, "{lines}");
            let scroll_top = viewport.scroll_top(depth);
            assert!((scroll_top - rows.top - 120.0).abs() < 0.01, "{lines}: {rows:?}");
            assert!((viewport.depth(scroll_top) - depth).abs() < 0.01, "{lines}");
        }
    }

    #[test]
    fn rows_cover_the_viewport_wherever_it_stands() {
        for lines in [25, 1000, 500_000, 500_001, 3_000_000] {
            let viewport = viewport(lines);
            for step in 0..=1000 {
                let scroll_top = (viewport.content_height() - viewport.height) * f64::from(step) / 1000.0;
                let rows = viewport.rows(viewport.depth(scroll_top));
                let bottom = rows.top + rows.range.len() as f64 * viewport.row_height;
                assert!(rows.top <= scroll_top + 0.01, "{lines} lines, step {step}: {rows:?}");
                assert!(
                    bottom >= scroll_top + viewport.height - 0.01,
                    "{lines} lines, step {step}: {rows:?}"
                );
            }
        }
    }
}
