//! A line as a row of the console: decoded when it comes on screen, not before.

use std::ops::Range;

use super::carried::style_behind_line;
use super::error_code::ErrorCode;
use super::header::Header;
use super::links::links;
use super::run_log::RunLog;
use super::store::{Class, HEAD_BYTES};
use crate::domain::time::Time;
use log_text::{Fit, Run, Style, Text, text};

/// Longer lines are shown in parts: layout of a whole one costs more than a frame.
const LONGEST_WHOLE: usize = 20_000;

/// Bytes of the message of such a line that a row shows at first, since a view may be full of them, and at most.
const FIRST_BYTES: usize = 5_000;
const MOST_BYTES: usize = 160_000;

/// Parts of a row that may look different: elements cost more than text.
const MOST_SPANS: usize = 1_000;

/// Hues by which processes are told apart.
const HUES: u32 = 6;

/// Which part of a long message a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// In bytes of the message.
    start: usize,
    length: usize,
}

impl Default for Part {
    fn default() -> Self {
        Self { start: 0, length: FIRST_BYTES }
    }
}

impl Part {
    /// This part of a line of so many bytes; all of one that is not long.
    fn of_line(self, bytes: usize) -> Self {
        if bytes > LONGEST_WHOLE { self } else { Self { start: 0, length: bytes } }
    }

    /// Twice as much, and once that would be too much for a row, what follows.
    pub fn further(self) -> Self {
        match self.length {
            MOST_BYTES => Self { start: self.start + MOST_BYTES, ..self },
            length => Self { length: length * 2, ..self },
        }
    }

    /// What stands before it.
    pub fn back(self) -> Self {
        Self { start: self.start.saturating_sub(self.length), ..self }
    }
}

/// Bytes that are shown of a line of so many bytes, as long as no other part of it is wanted.
pub fn shown_at_first(bytes: usize) -> usize {
    Part::default().of_line(bytes).length
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub class: Class,
    /// As stamped by the server; lines of no known grammar have none.
    pub time: Option<Time>,
    /// `app[run.8361]`; empty for lines of no known grammar.
    pub origin: String,
    /// Less than [`HUES`], the same for all lines of a process.
    pub hue: u32,
    pub text: String,
    /// They tile the text.
    pub spans: Vec<Span>,
    pub links: Vec<Range<usize>>,
    /// What an error code of Heroku's in the line means.
    pub meaning: &'static str,
    /// Bytes of the message before and behind what is shown of it.
    pub bytes_before: usize,
    pub bytes_behind: usize,
}

/// A part of a row's text that looks alike, and is of one link or of none.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// In bytes of the text.
    pub range: Range<usize>,
    pub style: Style,
    pub fit: Fit,
    /// Index of the link that it is of.
    pub link: Option<usize>,
}

/// The row of a line; `None` when there is no such line.
pub fn row(log: &RunLog, index: usize, part: Part) -> Option<Row> {
    let store = log.lines();
    let class = store.class(index)?;
    let length = store.line_length(index)?;
    let part = part.of_line(length);
    let line = store.line_prefix(index, HEAD_BYTES + part.start + part.length)?;
    let header = Header::parse(&line[..line.len().min(HEAD_BYTES)]);
    let message_start = header.map_or(0, |header| header.message_start);
    let start = boundary(&line, message_start, part.start);
    let end = boundary(&line, message_start, part.start + part.length);
    let mut style = log.style_before(index, &line[..line.len().min(HEAD_BYTES)]);
    if start > message_start {
        style = style_behind_line(&line[message_start..start], style);
    }
    let Text { text, runs } = text(&line[start..end], style);
    let mut links = links(&text);
    // A link that is cut off would lead elsewhere.
    links.pop_if(|link| end < length && link.end == text.len());
    Some(Row {
        class,
        time: header.map(|header| header.time),
        origin: header.map_or(String::new(), |header| origin(&header)),
        hue: header.map_or(0, |header| hue(header.process.unwrap_or(header.source))),
        spans: spans(&text, &runs, &links),
        text,
        links,
        meaning: meaning(class, header, &line[message_start..]),
        bytes_before: start - message_start,
        bytes_behind: length - end,
    })
}

/// Where in a line the character begins that an offset in its message is in, or the end of the line.
fn boundary(line: &[u8], message_start: usize, offset: usize) -> usize {
    let mut place = line.len().min(message_start + offset);
    let first = message_start.max(place.saturating_sub(3));
    while place > first && line.get(place).is_some_and(|byte| matches!(byte, 0x80..0xc0)) {
        place -= 1;
    }
    place
}

fn origin(header: &Header<'_>) -> String {
    let source = String::from_utf8_lossy(header.source);
    match header.process {
        Some(process) => format!("{source}[{}]", String::from_utf8_lossy(process)),
        None => source.into_owned(),
    }
}

/// A hash of the name (FNV-1a): the hue is the same in each run, whatever else is in the log.
fn hue(process: &[u8]) -> u32 {
    let hash =
        process.iter().fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> 8) % HUES
}

fn meaning(class: Class, header: Option<Header<'_>>, message: &[u8]) -> &'static str {
    let is_of_router = header.is_some_and(|header| header.process == Some(b"router"));
    let code = match class {
        Class::Platform if is_of_router => ErrorCode::of_router(message),
        Class::Platform => ErrorCode::of_dyno(message),
        Class::Loss => ErrorCode::of_log_system(message),
        Class::Raw | Class::App | Class::Output => None,
    };
    code.map_or("", ErrorCode::meaning)
}

fn spans(text: &str, runs: &[Run], links: &[Range<usize>]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let (mut start, mut link) = (0, 0);
    for run in runs {
        while start < run.end {
            if links.get(link).is_some_and(|link| link.end <= start) {
                link += 1;
            }
            let (is_link, end) = match links.get(link) {
                Some(link) if link.start <= start => (true, run.end.min(link.end)),
                Some(link) => (false, run.end.min(link.start)),
                None => (false, run.end),
            };
            if spans.len() == MOST_SPANS {
                let (style, fit) = (Style::default(), Fit::Own);
                spans.push(Span { range: start..text.len(), style, fit, link: None });
                return spans;
            }
            let link = is_link.then_some(link);
            spans.push(Span { range: start..end, style: run.style, fit: run.fit, link });
            start = end;
        }
    }
    spans
}
