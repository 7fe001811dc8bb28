//! A search of a log that may still grow.

use std::ops::Range;

use memchr::memchr_iter;

use crate::block::{Block, LEFT_OUT};
use crate::context::Context;
use crate::found::{Found, Place};
use crate::matcher::{Matcher, Query};

/// Bytes that may be read to find the matches in a text on screen; the rest of them is not found.
const RANGES_BYTES: usize = 4 << 20;

/// The query, the lines that were searched, and what was found in them.
///
/// Lines have their numbers in the log, from 0. They come in blocks, in order: written into [`bytes`](Self::bytes),
/// [`ends`](Self::ends) and [`headers`](Self::headers), begun by [`begin`](Self::begin), and searched by
/// [`step`](Self::step) until nothing is left.
#[derive(Debug, Default)]
pub struct Search {
    matcher: Option<Matcher>,
    block: Block,
    /// Lines before the block.
    first: u32,
    /// The first line of the log that is there.
    start: u32,
    found: Found,
    /// The rows of those that match, counted without the lines that are left out.
    context: Context,
    /// Numbers of the lines that are left out.
    left_out: Vec<u32>,
    /// The index of the match that is gone to.
    current: Option<u32>,
}

impl Search {
    /// Begins a search from the first line on that is there. An empty query finds nothing.
    ///
    /// # Errors
    ///
    /// A few words on what is wrong with a regular expression. It finds nothing, too.
    pub fn set_query(&mut self, query: Query<'_>) -> Result<(), String> {
        self.matcher = None;
        self.restart(self.start);
        if !query.text.is_empty() {
            self.matcher = Some(Matcher::new(query)?);
        }
        Ok(())
    }

    /// Begins the same search anew, of a log whose lines before `start` were dropped.
    pub fn restart(&mut self, start: u32) {
        self.start = start;
        self.block.clear();
        self.first = start;
        self.found.clear();
        self.left_out.clear();
        self.current = None;
        self.show_around(self.context.around());
    }

    /// The log has dropped its lines before this one: what was found in them does not count any more.
    pub fn forget_before(&mut self, line: u32) {
        if line <= self.start {
            return;
        }
        self.start = line;
        if self.first + self.block.ends.len() as u32 <= line {
            self.block.clear();
            self.first = line;
        }
        self.forget_found();
    }

    fn forget_found(&mut self) {
        let forgotten = self.found.forget_before(self.start);
        self.current = self.current.and_then(|current| current.checked_sub(forgotten));
        self.show_around(self.context.around());
    }

    /// Room for so many more bytes of the next block: whole lines, each with its end.
    pub fn bytes(&mut self, count: usize) -> &mut [u8] {
        self.block.room(count)
    }

    /// Of each line of the next block, the offset behind its end.
    pub fn ends(&mut self) -> &mut Vec<u32> {
        &mut self.block.ends
    }

    /// Of each line of the next block, 1 if it has a header, else 0; 2 when it is left out: nothing is found in it, and it
    /// has no row.
    pub fn headers(&mut self) -> &mut Vec<u8> {
        &mut self.block.headers
    }

    /// The next block is written. `base` is taken from the ends of its lines.
    pub fn begin(&mut self, base: u32) {
        self.block.begin(base);
        self.left_out.extend(memchr_iter(LEFT_OUT, &self.block.headers).map(|line| self.first + line as u32));
    }

    /// How many lines before this one are not left out.
    fn place(&self, line: u32) -> u32 {
        line - self.left_out.partition_point(|&other| other < line) as u32
    }

    /// The line with so many before it that are not left out.
    fn line_at(&self, place: u32) -> u32 {
        let (mut low, mut high) = (0, self.left_out.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.left_out[middle] - middle as u32 <= place {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        place + low as u32
    }

    fn update_context(&mut self) {
        let mut context = std::mem::take(&mut self.context);
        context.update(self.found.lines(), |line| self.place(line));
        self.context = context;
    }

    /// Searches some of the block's lines; whether there are more. Behind the last, the block is empty again.
    pub fn step(&mut self) -> bool {
        if let Some(matcher) = &self.matcher {
            let has_more = self.block.step(matcher, self.first, &mut self.found);
            if self.first < self.start {
                self.forget_found();
            }
            if has_more {
                return true;
            }
        }
        self.first += self.block.ends.len() as u32;
        self.block.clear();
        self.update_context();
        false
    }

    /// The first line that was not searched, without those of the present block.
    pub fn searched(&self) -> u32 {
        self.first
    }

    /// Number of matches. A line in which only empty texts match counts as one.
    pub fn matches(&self) -> u32 {
        self.found.matches()
    }

    /// Goes to the next match, or to the one before. The first time it is the nearest behind the beginning of `line`, or
    /// before it. Behind the last comes the first.
    pub fn go(&mut self, forward: bool, line: u32) -> Option<Place> {
        self.current = if forward {
            self.found.next(self.current, line)
        } else {
            self.found.previous(self.current, line)
        };
        self.current()
    }

    /// The match that was gone to.
    pub fn current(&self) -> Option<Place> {
        self.found.place(self.current?)
    }

    /// Its index among all matches.
    pub fn current_index(&self) -> Option<u32> {
        self.current
    }

    /// Sets how many lines are shown before and behind each line that matches.
    pub fn show_around(&mut self, lines: u32) {
        self.context = Context::new(lines, self.place(self.start));
        self.update_context();
    }

    /// Number of rows when only these lines are shown, of a log with so many lines.
    pub fn rows(&self, lines: u32) -> u32 {
        self.context.rows(self.place(lines))
    }

    /// The line of such a row.
    pub fn line(&self, row: u32) -> u32 {
        self.line_at(self.context.line(row))
    }

    /// The row of a line, or of the next that is shown.
    pub fn row(&self, line: u32) -> u32 {
        self.context.row(self.place(line))
    }

    /// Where a shown text matches, in UTF-16 code units as the browser counts them.
    pub fn ranges(&self, text: &str) -> Vec<Range<u32>> {
        let Some(matcher) = &self.matcher else { return Vec::new() };
        let mut prepared = text.as_bytes().to_vec();
        matcher.prepare(&mut prepared);
        let text = &*String::from_utf8_lossy(&prepared);
        let (mut ranges, mut at, mut budget) = (Vec::new(), 0, RANGES_BYTES);
        let (mut counted, mut units) = (0, 0);
        let mut units_until = |place: usize| {
            units += text.get(counted..place).map_or(0, |text| text.encode_utf16().count() as u32);
            counted = place;
            units
        };
        while at <= text.len()
            && budget > 0
            && let Some(range) = matcher.find(text.as_bytes(), at)
        {
            budget = budget.saturating_sub(text.len() - at + 1);
            if range.is_empty() {
                at = range.end + 1;
            } else {
                at = range.end;
                ranges.push(units_until(range.start)..units_until(range.end));
            }
        }
        ranges
    }
}
