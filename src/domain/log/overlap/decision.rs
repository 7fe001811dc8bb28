//! What is to be done with a session's first lines once it is known which of them are there.

use std::ops::Range;

use super::align::{Alignment, Arrived, Matcher, Verdict};
use super::window::{Window, hash};
use crate::domain::log::store::LineStore;

/// A line of the session that is not there.
#[derive(Debug)]
pub(in crate::domain::log) struct NewLine {
    pub(in crate::domain::log) bytes: Vec<u8>,
    pub(in crate::domain::log) id: Option<u64>,
}

/// A line that the old session did not bring, with a place among those that are there.
#[derive(Debug)]
pub(in crate::domain::log) struct Missed {
    pub(in crate::domain::log) line: NewLine,
    /// Its place in the store is before the line with this index.
    pub(in crate::domain::log) before: usize,
    /// Indices before which a mark may stand that tells of it.
    pub(in crate::domain::log) marks: Range<usize>,
    /// Nothing is missing between the line before it and this one, or between this one and the line behind it.
    pub(in crate::domain::log) follows: bool,
    pub(in crate::domain::log) is_followed: bool,
}

/// What the overlap turned out to be.
#[derive(Debug, Default)]
pub(in crate::domain::log) struct Decision {
    /// Lines to append, in their order.
    pub(in crate::domain::log) new_lines: Vec<NewLine>,
    /// Lines of the store that came again, with their ids.
    pub(in crate::domain::log) seen: Vec<(usize, u64)>,
    /// Sorted by their places.
    pub(in crate::domain::log) missed: Vec<Missed>,
    /// Indices of the store before which nothing is missing.
    pub(in crate::domain::log) whole: Vec<Range<usize>>,
    pub(in crate::domain::log) is_ambiguous: bool,
    /// There are lines that the session could reach back to.
    pub(in crate::domain::log) has_window: bool,
    /// And it does.
    pub(in crate::domain::log) is_reached: bool,
    /// It has caught up with the last of them.
    pub(in crate::domain::log) has_caught_up: bool,
    /// There are lines of the log among the new ones.
    pub(in crate::domain::log) has_further_lines: bool,
    /// Ids and hashes of lines that are older than the window.
    pub(super) dropped: Vec<(u64, u64)>,
}

impl Decision {
    /// `text` is that of the arrived line with an index, where the window does not have it.
    pub(super) fn new<'a>(
        window: &Window,
        store: &LineStore,
        arrived: &[Arrived],
        text: impl Fn(usize) -> &'a [u8],
        alignment: &Alignment,
    ) -> Self {
        let Alignment { verdicts, matcher, is_ambiguous } = alignment;
        let mut decision = Self {
            is_ambiguous: *is_ambiguous,
            has_window: !window.lines.is_empty(),
            is_reached: matcher.has_any(),
            has_caught_up: matcher.has_last(),
            ..Self::default()
        };
        // The line before, unless something may be missing behind it.
        let mut last = None;
        let mut missed: Vec<Missed> = Vec::new();
        for (index, (line, &verdict)) in arrived.iter().zip(verdicts).enumerate() {
            let new_line = || {
                let bytes = match line.text {
                    Some(text) => window.bytes(store, text),
                    None => text(index).to_vec(),
                };
                NewLine { bytes, id: line.id }
            };
            if line.is_of_session {
                let line = new_line();
                let place = last.take().and_then(|last| place_behind(window, last));
                // Another session's, of the same lines, may be there already.
                let is_there = |place| window.has_aside(store, &line.bytes, &window.before(place, store));
                if !place.is_some_and(is_there) {
                    decision.new_lines.push(line);
                }
                continue;
            }
            let follows = last.is_some_and(|last| follows(window, matcher, last, verdict));
            let is_missed = matches!(verdict, Verdict::Before(_));
            match last {
                Some(Verdict::Before(_)) => {
                    if let Some(missed) = missed.last_mut() {
                        missed.is_followed = follows;
                    }
                }
                Some(Verdict::Seen(before))
                    if !is_missed && place_of(window, verdict) == Some(before + 1) =>
                {
                    decision.whole.push(window.marks_before(before + 1, store));
                }
                _ => {}
            }
            match verdict {
                Verdict::Older => decision.dropped.extend(line.id.map(|id| (id, hash(text(index))))),
                Verdict::Seen(seen) => {
                    decision.seen.extend(line.id.map(|id| (window.lines[seen].place, id)));
                }
                Verdict::New => {
                    decision.has_further_lines = true;
                    decision.new_lines.push(new_line());
                }
                Verdict::Before(place) => {
                    let before = window.lines[place].place;
                    let marks = window.marks_before(place, store);
                    missed.push(Missed { line: new_line(), before, marks, follows, is_followed: false });
                }
            }
            // Of copies nothing tells which of them the first ones are that the session brings.
            let is_uncertain =
                last.is_none() && matches!(verdict, Verdict::Seen(_)) && is_copy(window, arrived, index);
            last = Some(verdict).filter(|_| !is_uncertain);
        }
        for missed in missed {
            let place = decision.missed.partition_point(|other| other.before <= missed.before);
            decision.missed.insert(place, missed);
        }
        decision
    }
}

/// Whether another line has the text of one, in the window or beside it in the session.
fn is_copy(window: &Window, arrived: &[Arrived], index: usize) -> bool {
    let Some(text) = arrived[index].text else { return false };
    let has_text = |index: usize| arrived.get(index).is_some_and(|line| line.text == Some(text));
    window.copies(text) > 1 || has_text(index + 1) || index.checked_sub(1).is_some_and(has_text)
}

/// Before which line of the window a line belongs.
fn place_of(window: &Window, verdict: Verdict) -> Option<usize> {
    match verdict {
        Verdict::New => Some(window.lines.len()),
        Verdict::Seen(place) | Verdict::Before(place) => Some(place),
        Verdict::Older => None,
    }
}

/// Before which line of the window the line behind another belongs, unless that one is behind the window.
fn place_behind(window: &Window, verdict: Verdict) -> Option<usize> {
    match verdict {
        Verdict::Seen(place) => Some(place + 1),
        verdict => place_of(window, verdict).filter(|&place| place < window.lines.len()),
    }
}

/// Whether nothing is missing between two lines that the session brings one after the other. Those of several processes
/// may have changed places, so what stands between them may have come before or come yet.
fn follows(window: &Window, matcher: &Matcher, last: Verdict, verdict: Verdict) -> bool {
    let last = if last == Verdict::New { Some(window.lines.len()) } else { place_behind(window, last) };
    last.zip(place_of(window, verdict)).is_some_and(|(from, to)| matcher.has_all(from.min(to)..from.max(to)))
}
