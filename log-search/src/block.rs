//! Lines in one piece of memory, searched step by step.
//!
//! A step is short, so that the page reacts between two. Lines are searched together where that is possible: what is
//! found is then looked up by its line, which is much faster than beginning anew for each of a million lines.

use crate::found::Found;
use crate::header;
use crate::matcher::Matcher;
use crate::shown::{self, Text, find_unusual, has_odd_case, text_of};

/// Bytes of lines that a step looks at.
const STEP_BYTES: usize = 128 << 10;

/// Bytes that a step may spend on counting matches of an expression. To find one can mean to read the rest of the
/// line, so a long line with many of them could take its square.
const COUNTED_BYTES: usize = 2 << 20;

/// In the place of a line's header: the line is not shown.
pub(crate) const LEFT_OUT: u8 = 2;

/// Lines whose matches are not counted yet.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Whole lines with their ends.
    pub(crate) bytes: Vec<u8>,
    /// Of each line, the offset behind its end.
    pub(crate) ends: Vec<u32>,
    /// Of each line, whether it has a header, 0 or 1; [`LEFT_OUT`] when it is not to be found.
    pub(crate) headers: Vec<u8>,
    /// The line where the next step begins.
    next: usize,
    /// Lines before `next` that match, or where that has to be seen, in order.
    open: std::collections::VecDeque<Open>,
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
    /// Takes what was written into it as new lines.
    pub(crate) fn begin(&mut self) {
        self.next = 0;
        self.open.clear();
        self.counting = None;
        // What does not fit together would be the page's mistake; it costs lines, not the module.
        let length = self.bytes.len() as u32;
        self.headers.resize(self.ends.len(), 0);
        let mut before = 0;
        for end in &mut self.ends {
            *end = (*end).clamp(before, length);
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
        self.bytes.clear();
        self.ends.clear();
        self.headers.clear();
        self.begin();
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
        if let Matcher::EachLine(_) = matcher {
            self.open.extend((first..behind).map(Open::Uncounted));
            return;
        }
        let mut open = Vec::new();
        let mut hidden = Hidden::default();
        let unusual = self.unusual_lines(first, behind);
        for &(line, text) in &unusual {
            match (text, matcher) {
                (Text::Plain, _) | (Text::OddCase, Matcher::Exact(_)) => {}
                (_, Matcher::Expression(_) | Matcher::EachLine(_)) | (Text::OddCase, Matcher::Folded(..)) => {
                    open.push(Open::Uncounted(line));
                }
                (Text::Hidden, Matcher::Exact(_) | Matcher::Folded(..)) => {
                    let (start, end) = self.message(line);
                    let text = hidden.add(line, &self.bytes[start..end]);
                    if matches!(matcher, Matcher::Folded(..)) && has_odd_case(text) {
                        hidden.take_back();
                        open.push(Open::Uncounted(line));
                    }
                }
            }
        }
        let is_apart = |line: usize| {
            let place = unusual.partition_point(|&(other, _)| other < line);
            unusual.get(place).is_some_and(|&(other, text)| other == line && is_counted_apart(text, matcher))
        };
        self.scan_bytes(matcher, first..behind, is_apart, &mut open);
        hidden.scan(matcher, &mut open);
        // Two or three sorted lists behind each other.
        open.sort_by_key(|open| open.line());
        self.open.extend(open);
    }

    /// Looks for matches in the bytes of lines as they are.
    fn scan_bytes(
        &self,
        matcher: &Matcher,
        lines: std::ops::Range<usize>,
        is_apart: impl Fn(usize) -> bool,
        open: &mut Vec<Open>,
    ) {
        let end = self.ends[lines.end - 1] as usize;
        let bytes = &self.bytes[..end];
        let mut at = self.start(lines.start);
        let mut line = lines.start;
        // The line of the last match, where its message begins, and its matches.
        let mut current: Option<(usize, usize, u32)> = None;
        while at < end {
            let Some((start, length)) = place_of(matcher, bytes, at) else { break };
            while self.ends[line] as usize <= start {
                line += 1;
            }
            let message = match current {
                Some((known, message, _)) if known == line => message,
                _ => {
                    open.extend(current.take().and_then(counted));
                    if start >= end {
                        break;
                    }
                    if is_apart(line) {
                        at = self.ends[line] as usize;
                        continue;
                    }
                    let message = self.message(line).0;
                    current = Some((line, message, 0));
                    message
                }
            };
            match length {
                // An expression tells only that the line is worth a look.
                None => {
                    current = None;
                    open.push(Open::Uncounted(line));
                    at = self.ends[line] as usize;
                }
                Some(_) if start < message => at = message,
                Some(length) => {
                    if let Some((_, _, matches)) = &mut current {
                        *matches += 1;
                    }
                    at = start + length;
                }
            }
        }
        open.extend(current.and_then(counted));
    }

    /// The lines with bytes for which their text may be another.
    fn unusual_lines(&self, first: usize, behind: usize) -> Vec<(usize, Text)> {
        let bytes = &self.bytes[..self.ends[behind - 1] as usize];
        let (mut at, mut line, mut lines) = (self.start(first), first, Vec::new());
        while let Some(place) = find_unusual(bytes, at) {
            while self.ends[line] as usize <= place {
                line += 1;
            }
            let end = self.ends[line] as usize;
            lines.push((line, text_of(&bytes[self.start(line)..end - 1])));
            at = end;
        }
        lines
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
                    self.counting = Some(Counting::new(line, &self.bytes[start..end], text));
                }
            }
        }
    }
}

/// Where the next match is at or behind a place, and its length if that is known, before its line is.
fn place_of(matcher: &Matcher, bytes: &[u8], at: usize) -> Option<(usize, Option<usize>)> {
    match matcher {
        Matcher::Exact(finder) => Some((at + finder.find(&bytes[at..])?, Some(finder.needle().len()))),
        Matcher::Folded(folded, _) => Some((folded.find(bytes, at)?, Some(folded.len()))),
        Matcher::Expression(regex) | Matcher::EachLine(regex) => {
            let input = regex_automata::Input::new(bytes).range(at..).earliest(true);
            Some((regex.search_half(&input)?.offset(), None))
        }
    }
}

/// Whether a line with unusual bytes is not searched as it is.
fn is_counted_apart(text: Text, matcher: &Matcher) -> bool {
    match text {
        Text::Plain => false,
        Text::OddCase => !matches!(matcher, Matcher::Exact(_)),
        Text::Hidden => true,
    }
}

fn counted((line, _, matches): (usize, usize, u32)) -> Option<Open> {
    (matches > 0).then_some(Open::Counted(line, matches))
}

/// The texts of lines that are not their bytes.
#[derive(Default)]
struct Hidden {
    text: Vec<u8>,
    /// The lines, and where each ends in `text`.
    lines: Vec<(usize, usize)>,
}

impl Hidden {
    /// Adds the text of a line, and answers it.
    fn add(&mut self, line: usize, message: &[u8]) -> &[u8] {
        let start = self.text.len();
        shown::append(message, &mut self.text);
        self.text.push(b'\n');
        self.lines.push((line, self.text.len()));
        &self.text[start..]
    }

    /// Takes away what was added last.
    fn take_back(&mut self) {
        self.lines.pop();
        self.text.truncate(self.lines.last().map_or(0, |&(_, end)| end));
    }

    fn scan(&self, matcher: &Matcher, open: &mut Vec<Open>) {
        let (mut at, mut index, mut matches) = (0, 0, 0);
        while let Some((start, Some(length))) = place_of(matcher, &self.text, at) {
            while self.lines[index].1 <= start {
                open.extend(counted((self.lines[index].0, 0, std::mem::take(&mut matches))));
                index += 1;
            }
            matches += 1;
            at = start + length;
        }
        open.extend(self.lines.get(index).and_then(|&(line, _)| counted((line, 0, matches))));
    }
}

impl Counting {
    /// Of a line with that message. The memory of `text` is used again.
    fn new(line: usize, message: &[u8], mut text: Vec<u8>) -> Self {
        text.clear();
        shown::append(message, &mut text);
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
