//! Lines of one stream that are missing, late, doubled or out of order, as [`StreamFaults`] has it.

use axum::body::Bytes;

use crate::faults::{Loss, StreamFaults};

/// What happens to the lines of a stream.
#[derive(Debug, Default)]
pub(super) struct LineFaults {
    omit: Vec<String>,
    late: Vec<String>,
    duplicate: Option<u64>,
    reverse: usize,
    lose: Option<Loss>,
    /// Lines that are lost already.
    lost: u64,
    /// Lines that came since the last one that was doubled.
    since_double: u64,
    /// Waits for the line that goes before it.
    overtaken: Vec<Line>,
    /// Waits for the rest of a group that is turned around.
    group: Vec<Line>,
}

/// A line without its end, and its number.
pub(super) type Line = (u64, Bytes);

/// What a stream brings in the place of lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    Line(Line),
    /// Lines are missing here, and a line has to tell how many.
    Lost {
        count: u64,
        /// The number of the last of them.
        last: u64,
    },
}

impl LineFaults {
    /// Takes over what `faults` has; what it leaves out stays as it is.
    pub(super) fn meet(&mut self, faults: &StreamFaults) {
        if !faults.omit.is_empty() {
            self.omit.clone_from(&faults.omit);
        }
        if !faults.late.is_empty() {
            self.late.clone_from(&faults.late);
        }
        if let Some(every) = faults.duplicate {
            self.duplicate = Some(every.get());
        }
        if let Some(group) = faults.reverse {
            self.reverse = group.get();
        }
        if let Some(loss) = &faults.lose {
            self.lose = Some(loss.clone());
            self.lost = 0;
        }
    }

    /// Whether lines come as they are.
    pub(super) fn are_none(&self) -> bool {
        self.omit.is_empty()
            && self.late.is_empty()
            && self.duplicate.is_none()
            && self.reverse <= 1
            && self.lose.is_none()
    }

    /// Whether lines wait for others.
    pub(super) fn hold(&self) -> bool {
        !self.overtaken.is_empty() || !self.group.is_empty()
    }

    /// What comes for `line`.
    pub(super) fn take(&mut self, line: Line, out: &mut Vec<Item>) {
        if contains(&line.1, &self.omit) || self.loses(line.0, out) {
            return;
        }
        if contains(&line.1, &self.late) {
            self.overtaken.push(line);
            return;
        }
        self.double(line, out);
        for line in std::mem::take(&mut self.overtaken) {
            self.double(line, out);
        }
    }

    /// What waits, without those that it waits for.
    pub(super) fn release(&mut self, out: &mut Vec<Item>) {
        for line in std::mem::take(&mut self.overtaken) {
            self.double(line, out);
        }
        self.turn(out);
    }

    /// Whether the line with this number is lost; the last one that is leaves a mark.
    fn loses(&mut self, number: u64, out: &mut Vec<Item>) -> bool {
        let Some(Loss { after_lines, lines }) = &mut self.lose else { return false };
        if *after_lines > 0 {
            *after_lines -= 1;
            return false;
        }
        self.lost += 1;
        if self.lost == lines.get() {
            self.lose = None;
            self.turn(out);
            out.push(Item::Lost { count: self.lost, last: number });
        }
        true
    }

    fn double(&mut self, line: Line, out: &mut Vec<Item>) {
        self.since_double += 1;
        if self.duplicate.is_some_and(|every| self.since_double >= every) {
            self.since_double = 0;
            self.group(line.clone(), out);
        }
        self.group(line, out);
    }

    fn group(&mut self, line: Line, out: &mut Vec<Item>) {
        self.group.push(line);
        if self.group.len() >= self.reverse {
            self.turn(out);
        }
    }

    fn turn(&mut self, out: &mut Vec<Item>) {
        out.extend(self.group.drain(..).rev().map(Item::Line));
    }
}

fn contains(line: &[u8], texts: &[String]) -> bool {
    texts.iter().any(|text| memchr::memmem::find(line, text.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::*;

    /// What comes for the lines `1` to `count`.
    fn lines(faults: Value, count: u32) -> String {
        let mut line_faults = LineFaults::default();
        line_faults.meet(&serde_json::from_value(faults).unwrap());
        assert!(!line_faults.are_none());
        let mut out = Vec::new();
        for line in 1..=count {
            line_faults.take((u64::from(line), line.to_string().into()), &mut out);
        }
        line_faults.release(&mut out);
        assert!(!line_faults.hold());
        let shown = out.into_iter().map(|item| match item {
            Item::Line((number, line)) => {
                assert_eq!(number.to_string(), line);
                number.to_string()
            }
            Item::Lost { count, last } => format!("({count} lost to {last})"),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lines_are_missing_late_doubled_or_turned_around() {
        for (faults, expected) in [
            (json!({"omit": ["3", "5"]}), "1 2 4 6 7"),
            (json!({"late": ["3"]}), "1 2 4 3 5 6 7"),
            (json!({"late": ["3", "4"]}), "1 2 5 3 4 6 7"),
            (json!({"late": ["7"]}), "1 2 3 4 5 6 7"),
            (json!({"duplicate": 1}), "1 1 2 2 3 3 4 4 5 5 6 6 7 7"),
            (json!({"duplicate": 3}), "1 2 3 3 4 5 6 6 7"),
            (json!({"reverse": 2}), "2 1 4 3 6 5 7"),
            (json!({"reverse": 5}), "5 4 3 2 1 7 6"),
            (json!({"lose": {"lines": 2}}), "(2 lost to 2) 3 4 5 6 7"),
            (json!({"lose": {"after_lines": 3, "lines": 2}}), "1 2 3 (2 lost to 5) 6 7"),
            (json!({"lose": {"after_lines": 3, "lines": 2}, "reverse": 2}), "2 1 3 (2 lost to 5) 7 6"),
            (json!({"lose": {"after_lines": 6, "lines": 2}}), "1 2 3 4 5 6"),
            (json!({"omit": ["1"], "duplicate": 2}), "2 3 3 4 5 5 6 7 7"),
        ] {
            assert_eq!(lines(faults.clone(), 7), expected, "{faults}");
        }
    }
}
