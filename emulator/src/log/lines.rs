//! Log lines: where they come from, how text becomes lines, and which of them a reader wants.

use std::sync::Arc;

use bytes::Bytes;

use crate::generation::Generation;
use crate::timestamp::{LineClock, microseconds};

/// Longest message of one line in bytes; a longer one is cut into lines of this length, at byte positions
/// (platform-api.md 5.6).
pub(crate) const MESSAGE_BYTES: usize = 10_000;

/// Where a line comes from: the function and the API (`app`), or the platform (`heroku`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    App,
    Heroku,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Heroku => "heroku",
        }
    }
}

/// Consecutive lines of one source and process: what one read from a pipe brought. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(super) source: Source,
    pub(super) process: Arc<str>,
    /// The lines with their headers, each ended by `\n`.
    text: Bytes,
    /// Where each line ends in `text`, behind its `\n`.
    ends: Arc<[usize]>,
    /// The number of the first line; the others follow without a gap.
    first: u64,
}

impl Batch {
    /// The lines of `text`, stamped now.
    pub(super) fn format(clock: &mut LineClock, source: Source, process: &Arc<str>, text: &[u8]) -> Self {
        let arrival = microseconds();
        let header = format!(" {}[{process}]: ", source.name());
        let mut out = Vec::with_capacity(text.len() + text.len() / 2 + 128);
        let mut ends = Vec::new();
        let mut first = None;
        for message in messages(text) {
            let stamp = clock.stamp(arrival, &mut out);
            first.get_or_insert(stamp);
            out.extend_from_slice(header.as_bytes());
            out.extend_from_slice(message);
            out.push(b'\n');
            ends.push(out.len());
        }
        // A guess that was too large would stay with the history.
        out.shrink_to_fit();
        let first = first.unwrap_or_default();
        Self { source, process: Arc::clone(process), text: out.into(), ends: ends.into(), first }
    }

    /// The lines with their line ends.
    pub(crate) fn text(&self) -> &Bytes {
        &self.text
    }

    /// The lines without their line ends.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let line = &self.text[start..end - 1];
            start = end;
            line
        })
    }

    /// The lines as [`Self::lines`] gives them, each with its number. No two lines of a log have the same, and later
    /// ones have higher ones: it is the time stamp in microseconds, of which [`LineClock`] promises that.
    pub(crate) fn numbered_lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        (self.first..).zip(self.lines())
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The first `count` lines; all of them if there are fewer.
    pub(crate) fn first(&self, count: usize) -> Self {
        if count >= self.len() {
            return self.clone();
        }
        let ends: Arc<[usize]> = self.ends[..count].into();
        let text = self.text.slice(..ends.last().copied().unwrap_or_default());
        Self { text, ends, process: self.process.clone(), source: self.source, first: self.first }
    }

    /// The last `count` lines; all of them if there are fewer.
    pub(super) fn last(&self, count: usize) -> Self {
        let skipped = self.len().saturating_sub(count);
        if skipped == 0 {
            return self.clone();
        }
        let start = self.ends[skipped - 1];
        let ends = self.ends[skipped..].iter().map(|end| end - start).collect();
        Self {
            text: self.text.slice(start..),
            ends,
            process: self.process.clone(),
            source: self.source,
            first: self.first + skipped as u64,
        }
    }

    /// How many of its lines have higher numbers than `number`.
    pub(super) fn count_after(&self, number: u64) -> usize {
        let up_to = number.saturating_add(1).saturating_sub(self.first);
        self.len().saturating_sub(usize::try_from(up_to).unwrap_or(usize::MAX))
    }
}

/// The messages of `text`: lines at `\n`, cut after every [`MESSAGE_BYTES`]; an empty line is a message too.
fn messages(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    let lines = memchr::memchr_iter(b'\n', text).chain(Some(text.len())).filter_map(move |end| {
        let line = &text[start..end];
        start = end + 1;
        // Behind the last line end there is no line unless there are bytes.
        (end < text.len() || !line.is_empty()).then_some(line)
    });
    lines.flat_map(|line| {
        let empty = line.is_empty().then_some(line);
        empty.into_iter().chain(line.chunks(MESSAGE_BYTES))
    })
}

/// Which lines a reader wants (platform-api.md 4.2).
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// A process (`run.8361`) or a process type (`run`, which keeps every `run.*`).
    pub(crate) process: Option<String>,
    /// The same, for a process type alone.
    pub(crate) process_type: Option<String>,
    /// The exact name of a source.
    pub(crate) source: Option<String>,
    /// How processes are named.
    pub(crate) generation: Generation,
}

impl Filter {
    pub(super) fn keeps(&self, source: Source, process: &str) -> bool {
        let of_type = |wanted| self.generation.is_of_type(process, wanted);
        self.process.as_deref().is_none_or(|wanted| process == wanted || of_type(wanted))
            && self.process_type.as_deref().is_none_or(of_type)
            && self.source.as_deref().is_none_or(|wanted| wanted == source.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_split_into_messages() {
        let long = "x".repeat(MESSAGE_BYTES);
        let twice = format!("{long}{long}y\n{long}\n");
        for (text, expected) in [
            ("", vec![]),
            ("\n", vec![""]),
            ("a", vec!["a"]),
            ("a\n", vec!["a"]),
            ("\na\r\n\nb", vec!["", "a\r", "", "b"]),
            (&*twice, vec![&*long, &*long, "y", &*long]),
        ] {
            let expected: Vec<&[u8]> = expected.into_iter().map(str::as_bytes).collect();
            assert!(messages(text.as_bytes()).eq(expected), "{} bytes", text.len());
        }
    }

    #[test]
    fn a_filter_keeps_a_process_or_all_of_a_type() {
        for (wanted, process, kept) in [
            ("run.8361", "run.8361", true),
            ("run.8361", "run.83610", false),
            ("run.83610", "run.8361", false),
            ("run", "run.8361", true),
            ("run", "runner.1", false),
            ("run", "run", true),
            ("api", "run.1", false),
        ] {
            let filter = Filter { process: Some(wanted.to_owned()), ..Filter::default() };
            assert_eq!(filter.keeps(Source::App, process), kept, "{wanted} {process}");
        }
        let filter = Filter { source: Some("heroku".to_owned()), ..Filter::default() };
        assert!(filter.keeps(Source::Heroku, "run.1") && !filter.keeps(Source::App, "run.1"));

        let filter = Filter { process_type: Some("run".to_owned()), ..Filter::default() };
        assert!(filter.keeps(Source::App, "run.1") && !filter.keeps(Source::App, "run"));
        let filter = Filter { generation: Generation::Fir, ..filter };
        assert!(filter.keeps(Source::App, "run-1-a") && !filter.keeps(Source::App, "run.1"));
    }
}
