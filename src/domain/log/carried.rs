//! Styles that a line begins in, since an earlier one of its process has left them on.

use memchr::memchr;

use super::header::Header;
use super::store::{HEAD_BYTES, LineStore};
use log_text::{Style, style_behind};

/// Bytes at the end of a line among which the sequences are sought that matter to the next.
const LOOKED_AT_BYTES: usize = 64 * 1024;

/// Processes whose styles are remembered, and changes of one: the oldest are forgotten.
const MOST_PROCESSES: usize = 64;
const MOST_CHANGES: usize = 1 << 16;

/// A process, and after which lines its style was another.
#[derive(Debug)]
struct Process {
    /// Source and process of the header, without what stands around them.
    origin: Vec<u8>,
    /// By the index of the line; the style is that behind it.
    changes: Vec<(usize, Style)>,
}

/// The styles that lines have left on, by process.
///
/// Looking at a line costs a search for an escape; what is kept, an entry for each line that leaves another style than
/// the one before.
#[derive(Debug, Default)]
pub(super) struct CarriedStyles {
    processes: Vec<Process>,
}

impl CarriedStyles {
    /// Looks at a line with an escape that has just been committed.
    pub(super) fn look_at(&mut self, store: &LineStore, line: usize) {
        let Some(bytes) = store.line(line) else { return };
        // Most lines switch off what they switched on, and have nothing to carry on: whose they are does not matter then.
        let mut latest = self.processes.iter().filter_map(|process| process.changes.last());
        if latest.all(|(_, style)| *style == Style::default())
            && style_behind_line(&bytes, Style::default()) == Style::default()
        {
            return;
        }
        let origin = origin(&bytes[..bytes.len().min(HEAD_BYTES)]);
        let known = self.processes.iter().position(|process| process.origin == origin);
        let before = known
            .and_then(|known| self.processes[known].changes.last())
            .map_or(Style::default(), |(_, style)| *style);
        let behind = style_behind_line(&bytes, before);
        if behind == before {
            return;
        }
        let known = known.unwrap_or_else(|| {
            if self.processes.len() == MOST_PROCESSES {
                self.processes.remove(0);
            }
            self.processes.push(Process { origin: origin.to_vec(), changes: Vec::new() });
            self.processes.len() - 1
        });
        let changes = &mut self.processes[known].changes;
        if changes.len() == MOST_CHANGES {
            changes.drain(..MOST_CHANGES / 2);
        }
        changes.push((line, behind));
    }

    /// Forgets the lines from this one on.
    pub(super) fn truncate(&mut self, lines: usize) {
        for process in &mut self.processes {
            process.changes.truncate(process.changes.partition_point(|(line, _)| *line < lines));
        }
    }

    /// Bytes of memory that they take.
    pub(super) fn memory(&self) -> usize {
        self.processes.iter().map(|it| it.changes.capacity() * size_of::<(usize, Style)>()).sum()
    }

    /// Lines before this one are no longer shown.
    pub(super) fn forget_before(&mut self, line: usize) {
        for Process { changes, .. } in &mut self.processes {
            // The last one still counts.
            let earlier = changes.partition_point(|(changed, _)| *changed < line);
            changes.drain(..earlier.saturating_sub(1));
            changes.shrink_to_fit();
        }
    }

    /// The style in which a line begins, whose first bytes are these.
    pub(super) fn before(&self, line: usize, head: &[u8]) -> Style {
        let origin = origin(head);
        let process = self.processes.iter().find(|process| process.origin == origin);
        let change = process.and_then(|process| {
            let earlier = process.changes.partition_point(|(changed, _)| *changed < line);
            process.changes[..earlier].last()
        });
        change.map_or(Style::default(), |(_, style)| *style)
    }
}

/// The style behind bytes that begin in one. Of many of them the last are looked at.
pub(super) fn style_behind_line(bytes: &[u8], before: Style) -> Style {
    let end = &bytes[bytes.len().saturating_sub(LOOKED_AT_BYTES)..];
    // Most lines switch off last what they switched on.
    match end.iter().rposition(|&byte| byte == 0x1b) {
        None => before,
        Some(last) if end[last..].starts_with(b"\x1b[0m") || end[last..].starts_with(b"\x1b[m") => {
            Style::default()
        }
        Some(_) => style_behind(end, before),
    }
}

/// `app[run.8361`; empty for lines of no known grammar.
fn origin(head: &[u8]) -> &[u8] {
    Header::parse(head).map_or(b"", |header| {
        let end = header.message_start;
        let start = memchr(b' ', head).map_or(0, |space| space + 1);
        head[start..end].split(|&byte| matches!(byte, b']' | b':')).next().unwrap_or_default()
    })
}
