//! Lines in one piece of memory, searched step by step.
//!
//! A step is short, so that the page reacts between two. Lines are searched together where that is possible: what is
//! found is then looked up by its line, which is much faster than beginning anew for each of a million lines.

use std::collections::VecDeque;
use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use regex_automata::Input;
use regex_automata::meta::Regex;

use crate::found::Found;
use crate::header;
use crate::literal::Literal;
use crate::matcher::Matcher;
use crate::places::Places;
use crate::shown::{self, Text, Unusual, text_of};

/// Bytes of lines that a step looks at.
const STEP_BYTES: usize = 128 << 10;

/// Bytes that a step may spend on counting matches of an expression. To find one can mean to read the rest of the
/// line, so a long line with many of them could take its square.
const COUNTED_BYTES: usize = 2 << 20;

/// What a byte of a text costs that a terminal has to make, in bytes that are read.
const HIDDEN_COST: usize = 32;

/// In the place of a line's header: the line is not shown.
pub(crate) const LEFT_OUT: u8 = 2;

/// Lines whose matches are not counted yet.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Whole lines with their ends, and behind them what is left of earlier ones: to write zeros first where bytes are
    /// copied to would take a quarter of the time of copying.
    bytes: Vec<u8>,
    /// How many bytes are the lines'.
    length: usize,
    /// Of each line, the offset behind its end.
    pub(crate) ends: Vec<u32>,
    /// Of each line, whether it has a header, 0 or 1; [`LEFT_OUT`] when it is not to be found.
    pub(crate) headers: Vec<u8>,
    /// The line where the next step begins.
    next: usize,
    /// Lines before `next` that match, or where that has to be seen, in order.
    open: VecDeque<Open>,
    counting: Option<Counting>,
}

/// A line of which something is known.
#[derive(Clone, Copy, Debug)]
enum Open {
    /// It has so many matches.
    Counted(usize, u32),
    /// Its matches have to be counted.
    Uncounted(usize),
}

impl Open {
    fn line(self) -> usize {
        match self {
            Self::Counted(line, _) | Self::Uncounted(line) => line,
        }
    }
}

/// A line whose text is not its bytes.
#[derive(Clone, Copy, Debug)]
struct Other {
    line: usize,
    /// More may be found in its text than in its bytes.
    has_more: bool,
}

/// A line whose matches are being counted.
#[derive(Debug)]
struct Counting {
    line: usize,
    text: Vec<u8>,
    at: usize,
    matches: u32,
    has_empty: bool,
}

impl Block {
    /// Room for so many more bytes.
    pub(crate) fn room(&mut self, count: usize) -> &mut [u8] {
        let before = self.length;
        self.length += count;
        if self.bytes.len() < self.length {
            self.bytes.resize(self.length, 0);
        }
        &mut self.bytes[before..self.length]
    }

    /// Takes what was written into it as new lines. `base` is taken from the ends of its lines.
    pub(crate) fn begin(&mut self, base: u32) {
        self.next = 0;
        self.open.clear();
        self.counting = None;
        // What does not fit together would be the page's mistake; it costs lines, not the module.
        let length = self.length as u32;
        self.headers.resize(self.ends.len(), 0);
        let mut before = 0;
        for end in &mut self.ends {
            *end = end.wrapping_sub(base).clamp(before, length);
            before = *end;
        }
    }

    /// Searches some lines, the first of which has the number `first` in the log; whether there are more.
    pub(crate) fn step(&mut self, matcher: &Matcher, first: u32, found: &mut Found) -> bool {
        if self.open.is_empty() && self.counting.is_none() {
            self.scan(matcher);
        }
        self.count(matcher, first, found);
        self.next < self.ends.len() || !self.open.is_empty() || self.counting.is_some()
    }

    /// Whether nothing is left to do.
    pub(crate) fn clear(&mut self) {
        self.length = 0;
        self.ends.clear();
        self.headers.clear();
        self.begin(0);
    }

    fn start(&self, line: usize) -> usize {
        line.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }

    /// Where the message begins, and where it ends, before the line end.
    fn message(&self, line: usize) -> (usize, usize) {
        let (start, end) = (self.start(line), self.ends[line] as usize);
        let end = end.saturating_sub(1).max(start);
        let header = if self.headers[line] == 0 { 0 } else { header::length(&self.bytes[start..end]) };
        (start + header, end)
    }

    /// Finds out which of the next lines have to be looked at.
    fn scan(&mut self, matcher: &Matcher) {
        let first = self.next;
        let start = self.start(first);
        let mut behind = first;
        while behind < self.ends.len()
            && (behind == first || self.ends[behind] as usize <= start + STEP_BYTES)
        {
            behind += 1;
        }
        self.next = behind;
        if first == behind {
            return;
        }
        let lines = first..behind;
        match matcher {
            Matcher::Text(literal) => self.scan_for(literal, true, lines),
            Matcher::Expression(expression) => match &expression.part {
                Some(part) => self.scan_for(part, false, lines),
                None if expression.sees_each_line => self.open.extend(lines.map(Open::Uncounted)),
                None => self.scan_with(&expression.regex, lines),
            },
        }
    }

    /// Looks for a text. Where it `is_all` that is looked for, its places in a line whose text is its bytes are the
    /// matches; else these have to be counted.
    fn scan_for(&mut self, literal: &Literal, is_all: bool, lines: Range<usize>) {
        let mut others = self
            .others(lines.clone(), literal.has_odd_case(), |before, behind| literal.may_join(before, behind));
        let mut open = std::mem::take(&mut self.open);
        let mut places = literal.places(&self.bytes[..self.ends[lines.end - 1] as usize]);
        let mut line = lines.start;
        let mut next = places.next(self.start(line));
        while let Some(mut place) = next {
            while self.ends[line] as usize <= place {
                line += 1;
            }
            let end = self.ends[line] as usize;
            open_until(&mut others, line, &mut open);
            if others.next_if(|other| other.line == line).is_some() || !is_all {
                open.push_back(Open::Uncounted(line));
                next = places.next(end);
                continue;
            }
            let (message, mut matches) = (self.message(line).0, 0);
            loop {
                if place < message {
                    next = places.next(message);
                } else {
                    matches += 1;
                    next = places.next(place + literal.len());
                }
                match next {
                    Some(other) if other < end => place = other,
                    _ => break,
                }
            }
            if matches > 0 {
                open.push_back(Open::Counted(line, matches));
            }
        }
        open_until(&mut others, lines.end, &mut open);
        self.open = open;
    }

    /// Looks for the lines in which an expression matches.
    fn scan_with(&mut self, regex: &Regex, lines: Range<usize>) {
        let others: Vec<Other> = self.others(lines.clone(), false, |_, _| false).collect();
        let mut open = Vec::new();
        let ends = &self.ends[lines.clone()];
        let bytes = &self.bytes[..self.ends[lines.end - 1] as usize];
        each_line(regex, bytes, self.start(lines.start), ends, |index| {
            let line = lines.start + index;
            if others.binary_search_by_key(&line, |other| other.line).is_err() {
                open.push(line);
            }
        });
        let mut coloured = Coloured::default();
        for Other { line, has_more } in others {
            if has_more {
                open.push(line);
            } else {
                let (start, end) = self.message(line);
                coloured.add(line, &self.bytes[start..end]);
            }
        }
        each_line(regex, &coloured.text, 0, &coloured.ends, |index| open.push(coloured.lines[index]));
        // Three sorted lists behind each other.
        open.sort();
        self.open.extend(open.into_iter().map(Open::Uncounted));
    }

    /// The lines whose text is not their bytes, or that have letters in an odd case where that is wanted. `may_join` is
    /// asked whether something may be found that has two bytes behind each other.
    fn others(
        &self,
        lines: Range<usize>,
        with_odd_case: bool,
        may_join: impl Fn(u8, u8) -> bool,
    ) -> Peekable<IntoIter<Other>> {
        let mut unusual = Places::new(&self.bytes[..self.ends[lines.end - 1] as usize], Unusual);
        let (mut at, mut line, mut others) = (self.start(lines.start), lines.start, Vec::new());
        while let Some(place) = unusual.next(at) {
            while self.ends[line] as usize <= place {
                line += 1;
            }
            at = self.ends[line] as usize;
            let (mut is_joined, mut is_odd) = (false, false);
            let join = |before, behind| is_joined |= may_join(before, behind);
            let text = text_of(&mut unusual, place, at - 1, join, || is_odd = with_odd_case);
            if text != Text::Plain || is_odd {
                others.push(Other { line, has_more: text == Text::Hidden || is_joined || is_odd });
            }
        }
        others.into_iter().peekable()
    }

    /// Counts the matches of lines that were found, as many as a step may.
    fn count(&mut self, matcher: &Matcher, first: u32, found: &mut Found) {
        let mut budget = COUNTED_BYTES;
        loop {
            if let Some(counting) = &mut self.counting {
                if !counting.go_on(matcher, &mut budget) {
                    return;
                }
                found.push(first + counting.line as u32, counting.result());
            }
            let text = self.counting.take().map(|counting| counting.text).unwrap_or_default();
            match self.open.pop_front() {
                None => return,
                Some(open) if self.headers[open.line()] == LEFT_OUT => {}
                Some(Open::Counted(line, matches)) => found.push(first + line as u32, matches),
                Some(Open::Uncounted(line)) => {
                    let (start, end) = self.message(line);
                    let message = &self.bytes[start..end];
                    self.counting = Some(Counting::new(line, message, matcher, text, &mut budget));
                }
            }
        }
    }
}

/// Opens the lines before this one that may have more than was found in their bytes.
fn open_until(others: &mut Peekable<IntoIter<Other>>, line: usize, open: &mut VecDeque<Open>) {
    while let Some(other) = others.next_if(|other| other.line < line) {
        if other.has_more {
            open.push_back(Open::Uncounted(other.line));
        }
    }
}

/// Tells the indices of lines in which an expression matches. `ends` are those of the lines from the place `from` on.
fn each_line(regex: &Regex, bytes: &[u8], from: usize, ends: &[u32], mut found: impl FnMut(usize)) {
    let (mut at, mut index) = (from, 0);
    while at < bytes.len()
        && let Some(place) = regex.search_half(&Input::new(bytes).range(at..).earliest(true))
    {
        while ends.get(index).is_some_and(|&end| end as usize <= place.offset()) {
            index += 1;
        }
        let Some(&end) = ends.get(index) else { break };
        found(index);
        at = end as usize;
    }
}

/// The texts of lines without the sequences for colours.
#[derive(Default)]
struct Coloured {
    text: Vec<u8>,
    lines: Vec<usize>,
    /// Of each of the lines, the offset behind its end in `text`.
    ends: Vec<u32>,
}

impl Coloured {
    fn add(&mut self, line: usize, message: &[u8]) {
        shown::append(message, &mut self.text);
        self.text.push(b'\n');
        self.lines.push(line);
        self.ends.push(self.text.len() as u32);
    }
}

impl Counting {
    /// Of a line with that message. The memory of `text` is used again.
    fn new(line: usize, message: &[u8], matcher: &Matcher, mut text: Vec<u8>, budget: &mut usize) -> Self {
        text.clear();
        if shown::append(message, &mut text) == Text::Hidden {
            *budget = budget.saturating_sub((message.len() + text.len()) * HIDDEN_COST);
        }
        matcher.prepare(&mut text);
        Self { line, text, at: 0, matches: 0, has_empty: false }
    }

    /// Whether it has come to the end of the text; `budget` is in bytes.
    fn go_on(&mut self, matcher: &Matcher, budget: &mut usize) -> bool {
        while self.at <= self.text.len() {
            let cost = self.text.len() - self.at + 1;
            if *budget == 0 {
                return false;
            }
            *budget = budget.saturating_sub(cost);
            let Some(range) = matcher.find(&self.text, self.at) else { break };
            if range.is_empty() {
                self.has_empty = true;
                self.at = range.end + 1;
            } else {
                self.matches = self.matches.saturating_add(1);
                self.at = range.end;
            }
        }
        true
    }

    /// Its matches. Empty ones count for nothing, but where there are no others the line is a match.
    fn result(&self) -> u32 {
        self.matches.max(u32::from(self.has_empty))
    }
}
