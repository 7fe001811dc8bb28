//! Which rows a viewport shows when long lines are wrapped.
//!
//! Only the browser knows how high a wrapped row is, and only once it is drawn. So more rows are chosen than fill the
//! viewport by the least height that each of them can have.

use std::ops::Range;

use super::row::shown_at_first;
use super::viewport::{OVERSCAN, ROW_HEIGHT};

/// Width of a character in CSS pixels, about: the font has 12.5.
const CHARACTER_WIDTH: f64 = 7.5;

/// Characters that number, time and process take in front of the text, with the space between, about; on a narrow
/// screen (styles.css) only the time is there.
const CHARACTERS_IN_FRONT: usize = 44;
const FEW_CHARACTERS_IN_FRONT: usize = 16;
const NARROW_WIDTH: i32 = 560;

/// Fewest characters that are taken to be in a row.
const FEWEST_COLUMNS: usize = 20;

/// Bytes of a line's header that are not shown as text, about.
const HEADER_BYTES: f64 = 46.0;

/// Most bytes of one character that takes a cell.
const MOST_BYTES_OF_CELL: usize = 4;

/// What is drawn beyond each edge, at least.
const OVERSCAN_HEIGHT: f64 = OVERSCAN as f64 * ROW_HEIGHT;

/// How rows are wrapped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wrapping {
    /// Characters in a row of text.
    columns: usize,
    /// Of a row, estimated, in pixels.
    pub mean_height: f64,
}

impl Wrapping {
    /// Of a log with so many lines and bytes in a scroller that is so many pixels wide.
    pub fn new(width: i32, lines: usize, bytes: u64) -> Self {
        let in_front = if width < NARROW_WIDTH { FEW_CHARACTERS_IN_FRONT } else { CHARACTERS_IN_FRONT };
        let columns = (f64::from(width) / CHARACTER_WIDTH) as usize;
        let columns = columns.saturating_sub(in_front).max(FEWEST_COLUMNS);
        let rows = (bytes as f64 / lines.max(1) as f64 - HEADER_BYTES) / columns as f64;
        // Of long lines, the last row is full by half.
        let rows = if rows > 1.0 { rows + 0.5 } else { 1.0 };
        Self { columns, mean_height: ROW_HEIGHT * rows }
    }

    /// The rows to draw of so many when this one is at the upper edge; `bytes` gives the length of the line in a row,
    /// and 0 for a mark.
    pub fn rows_around(
        self,
        count: usize,
        row: usize,
        height: f64,
        bytes: &dyn Fn(usize) -> usize,
    ) -> Range<usize> {
        let row = row.min(count);
        let mut end = row;
        let mut filled = 0.0;
        while end < count && filled < height + OVERSCAN_HEIGHT {
            filled += self.least_height(bytes(end));
            end += 1;
        }
        // A line that was gone to is not at the upper edge itself.
        self.first_row(row, height / 2.0, bytes)..end
    }

    /// The rows to draw of so many when the last one is at the lower edge.
    pub fn last_rows(self, count: usize, height: f64, bytes: &dyn Fn(usize) -> usize) -> Range<usize> {
        self.first_row(count, height, bytes)..count
    }

    /// The first row of those that fill so much in front of a row.
    fn first_row(self, row: usize, height: f64, bytes: &dyn Fn(usize) -> usize) -> usize {
        let mut first = row;
        let mut filled = 0.0;
        while first > 0 && filled < height + OVERSCAN_HEIGHT {
            first -= 1;
            filled += self.least_height(bytes(first));
        }
        first
    }

    /// No line of so many bytes is lower.
    fn least_height(self, bytes: usize) -> f64 {
        ROW_HEIGHT * (shown_at_first(bytes) / (MOST_BYTES_OF_CELL * self.columns)).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEIGHT: f64 = 400.0;

    /// Of a scroller that is 1,080 pixels wide, so that 100 characters are in a row.
    fn wrapping() -> Wrapping {
        Wrapping::new(1080, 1, 0)
    }

    #[test]
    fn the_mean_height_is_that_of_the_text_of_a_mean_line() {
        for (width, lines, bytes, rows) in [
            (1080, 0, 0, 1.0),
            (1080, 10, 10 * 46, 1.0),
            (1080, 10, 10 * (46 + 100), 1.0),
            (1080, 10, 10 * (46 + 200), 2.5),
            (1080, 10, 10 * (46 + 5000), 50.5),
            // A phone, and a scroller that is not there yet.
            (360, 10, 10 * (46 + 64), 2.5),
            (0, 10, 10 * (46 + 40), 2.5),
        ] {
            let wrapping = Wrapping::new(width, lines, bytes);
            assert_eq!(wrapping.mean_height, rows * ROW_HEIGHT, "{width} {lines} {bytes}");
        }
    }

    #[test]
    fn short_lines_are_drawn_like_rows_that_are_not_wrapped() {
        let short = |_| 100;
        // 20 rows in view, six beyond each edge, and half a view before a line that was gone to.
        assert_eq!(wrapping().rows_around(1000, 500, HEIGHT, &short), 484..526);
        assert_eq!(wrapping().rows_around(1000, 0, HEIGHT, &short), 0..26);
        assert_eq!(wrapping().rows_around(1000, 995, HEIGHT, &short), 979..1000);
        assert_eq!(wrapping().last_rows(1000, HEIGHT, &short), 974..1000);
        assert_eq!(wrapping().last_rows(3, HEIGHT, &short), 0..3);
    }

    #[test]
    fn no_row_is_out_of_range() {
        assert_eq!(wrapping().rows_around(0, 0, HEIGHT, &|_| 0), 0..0);
        assert_eq!(wrapping().rows_around(0, 7, HEIGHT, &|_| 0), 0..0);
        assert_eq!(wrapping().rows_around(5, usize::MAX, HEIGHT, &|_| 0), 0..5);
        assert_eq!(wrapping().last_rows(0, HEIGHT, &|_| 0), 0..0);
    }

    /// A line of wide characters takes a quarter of the rows of one with as many bytes of ASCII.
    #[test]
    fn long_lines_are_taken_as_low_as_they_can_be() {
        let four_rows_at_least = |_| 1600;
        assert_eq!(wrapping().rows_around(1000, 500, HEIGHT, &four_rows_at_least), 496..507);
        let nearly_two = |_| 799;
        assert_eq!(wrapping().rows_around(1000, 500, HEIGHT, &nearly_two), 484..526);
    }

    /// Of such a line only the first part is shown at first.
    #[test]
    fn a_line_of_megabytes_is_no_higher_than_what_is_shown_of_it() {
        let (long, endless) = (|_| 100_000, |_| 10_000_000);
        let rows = wrapping().rows_around(1000, 500, HEIGHT, &long);
        assert_eq!(wrapping().rows_around(1000, 500, HEIGHT, &endless), rows);
        assert!(rows.len() >= 2, "{rows:?}");
    }

    /// Whatever lines there are, the rows fill what is in view by their least heights, and with one row less they would
    /// not.
    #[test]
    fn the_rows_fill_the_view_and_no_more() {
        let wrapping = wrapping();
        let bytes = |row: usize| [10, 500, 3000, 90, 12_000, 0, 700][row % 7];
        let filled = |rows: Range<usize>| rows.map(|row| wrapping.least_height(bytes(row))).sum::<f64>();
        let wanted = HEIGHT + OVERSCAN_HEIGHT;
        for row in 100..200 {
            let rows = wrapping.rows_around(1000, row, HEIGHT, &bytes);
            assert!(filled(row..rows.end) >= wanted, "{row}: {rows:?}");
            assert!(filled(row..rows.end - 1) < wanted, "{row}: {rows:?}");
            assert!(filled(rows.start..row) >= wanted - HEIGHT / 2.0, "{row}: {rows:?}");
            assert!(filled(rows.start + 1..row) < wanted - HEIGHT / 2.0, "{row}: {rows:?}");
            let rows = wrapping.last_rows(row, HEIGHT, &bytes);
            assert!(rows.end == row && filled(rows.clone()) >= wanted, "{row}: {rows:?}");
            assert!(filled(rows.start + 1..row) < wanted, "{row}: {rows:?}");
        }
    }
}
