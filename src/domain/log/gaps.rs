//! Marks where lines are missing. They stand between the lines of the store, never in it: what is counted, copied and
//! downloaded is what the server sent.
//!
//! Where the store has dropped its oldest lines, the first row is a mark that says so.

use std::ops::{Range, RangeInclusive};

use super::moves::Moves;

/// Why lines are missing, or may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapCause {
    /// A new session's history began behind the last line of the old one.
    HistoryTooShort,
    /// Lines repeat, so that the new history fits in more than one place.
    Ambiguous,
    /// The log was read again without a history, as on Fir.
    NoHistory,
    /// The first line that came is not the run's first.
    BeginningMissing,
    /// The old session did not bring lines that the new one's history has, of which not all may have come.
    NotDelivered,
    /// The log system said so: L11, L12 or L13.
    Dropped,
    /// More lines came before the dyno's name was known than are held back.
    TooManyHeldBack,
    /// The page has dropped its oldest lines, since the logs may not take more memory.
    Evicted,
}

/// One mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Index of the line before which lines are missing; the number of lines when they are missing at the end.
    pub before: usize,
    /// How many; `None` when that is not known.
    pub missing: Option<u64>,
    pub cause: GapCause,
}

/// What stands in a row of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind<'a> {
    /// The line of that index.
    Line(usize),
    Gap(&'a Gap),
}

/// All marks of a log, by their places; never two with nothing in between, but for the one of dropped lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    gaps: Vec<Gap>,
    revision: usize,
    /// The first row, before the first line that was not dropped.
    evicted: Option<Gap>,
    /// Marks that stood between dropped lines.
    dropped: usize,
}

impl Gaps {
    pub fn iter(&self) -> std::slice::Iter<'_, Gap> {
        self.gaps.iter()
    }

    pub fn len(&self) -> usize {
        self.gaps.len()
    }

    /// Whether the server's log was, or is, whole. Lines that the page has dropped do not count.
    pub fn is_empty(&self) -> bool {
        self.gaps.is_empty() && self.dropped == 0
    }

    /// Bytes of memory that the marks take.
    pub(super) fn memory(&self) -> usize {
        self.gaps.capacity() * size_of::<Gap>()
    }

    /// Changes with every mark, so that rows are made anew: a mark may be put before lines that were there already.
    pub fn revision(&self) -> usize {
        self.revision
    }

    /// Number of rows that a log of so many lines and its marks take.
    pub fn rows(&self, lines: usize) -> usize {
        lines.saturating_sub(self.first()) + usize::from(self.evicted.is_some()) + self.gaps.len()
    }

    /// What stands in a row. Rows behind the last are those of lines to come.
    pub fn at(&self, row: usize) -> RowKind<'_> {
        let row = match &self.evicted {
            Some(mark) if row == 0 => return RowKind::Gap(mark),
            Some(mark) => row - 1 + mark.before,
            None => row,
        };
        let before = self.marks_until(|index, gap| gap.before + index <= row);
        match before.checked_sub(1).map(|index| (index, &self.gaps[index])) {
            Some((index, gap)) if gap.before + index == row => RowKind::Gap(gap),
            _ => RowKind::Line(row - before),
        }
    }

    /// The row of a line; of one that was dropped that of the mark.
    pub fn row_of_line(&self, line: usize) -> usize {
        let Some(line_row) = line.checked_sub(self.first()) else { return 0 };
        line_row + usize::from(self.evicted.is_some()) + self.marks_until(|_, gap| gap.before <= line)
    }

    /// How far rows have moved up, because rows before them were dropped.
    pub fn rows_gone(&self) -> usize {
        (self.first() + self.dropped).saturating_sub(usize::from(self.evicted.is_some()))
    }

    fn first(&self) -> usize {
        self.evicted.map_or(0, |mark| mark.before)
    }

    /// The lines before this one were dropped, and so are the marks between them.
    pub(super) fn evict(&mut self, first: usize) {
        let gone = self.marks_until(|_, gap| gap.before < first);
        self.gaps.drain(..gone);
        self.dropped += gone;
        self.evicted = Some(Gap { before: first, missing: Some(first as u64), cause: GapCause::Evicted });
        self.revision += 1;
    }

    /// Puts a mark. With one that stands there already it becomes one.
    pub(super) fn put(&mut self, gap: Gap) {
        if gap.before < self.first() {
            return;
        }
        self.revision += 1;
        let place = self.marks_until(|_, other| other.before < gap.before);
        match self.gaps.get_mut(place).filter(|there| there.before == gap.before) {
            Some(there) => {
                if gap.missing.is_none() {
                    there.cause = gap.cause;
                }
                there.missing = there.missing.zip(gap.missing).map(|(a, b)| a.saturating_add(b));
            }
            None => self.gaps.insert(place, gap),
        }
    }

    /// Takes marks away before these lines: what was missing there has come, and nothing else is. Where the lines go on
    /// is uncertain all the same.
    pub(super) fn take_back(&mut self, lines: &Range<usize>) {
        let marks = self.gaps.len();
        self.gaps.retain(|gap| gap.cause == GapCause::Ambiguous || !lines.contains(&gap.before));
        self.revision += usize::from(self.gaps.len() != marks);
    }

    /// So many of the lines have come of whose number a mark before these lines tells. If none is left, there may be
    /// others all the same that nobody counted.
    pub(super) fn count_down(&mut self, lines: &Range<usize>, number: u64) {
        let tells = |gap: &&mut Gap| gap.missing.is_some() && lines.contains(&gap.before);
        if let Some(gap) = self.gaps.iter_mut().find(tells) {
            gap.missing =
                gap.missing.and_then(|missing| missing.checked_sub(number)).filter(|left| *left > 0);
        }
    }

    /// Takes the marks away that stand before these lines, as one.
    pub(super) fn take_out(&mut self, lines: &Range<usize>) -> Option<Gap> {
        let mut taken: Option<Gap> = None;
        self.gaps.retain(|gap| {
            let is_there = lines.contains(&gap.before);
            if is_there {
                let missing = |there: Gap| there.missing.zip(gap.missing).map(|(a, b)| a.saturating_add(b));
                taken = Some(taken.map_or(*gap, |there| Gap { missing: missing(there), ..there }));
            }
            !is_there
        });
        self.revision += 1;
        taken
    }

    /// Moves with the lines.
    pub(super) fn follow(&mut self, moves: &Moves) {
        self.gaps.iter_mut().for_each(|gap| gap.before = moves.of_mark(gap.before));
        self.revision += 1;
    }

    /// Whether a mark stands before one of these lines.
    pub(super) fn any_in(&self, lines: RangeInclusive<usize>) -> bool {
        let place = self.marks_until(|_, gap| gap.before < *lines.start());
        self.gaps.get(place).is_some_and(|gap| gap.before <= *lines.end())
    }

    /// How many marks, from the first on, are still so.
    fn marks_until(&self, is_before: impl Fn(usize, &Gap) -> bool) -> usize {
        let (mut low, mut high) = (0, self.gaps.len());
        while low < high {
            let middle = low.midpoint(high);
            if is_before(middle, &self.gaps[middle]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(places: &[(usize, Option<u64>)]) -> Gaps {
        let mut gaps = Gaps::default();
        for &(before, missing) in places {
            gaps.put(Gap { before, missing, cause: GapCause::Dropped });
        }
        gaps
    }

    fn places(gaps: &Gaps) -> Vec<(usize, Option<u64>)> {
        gaps.iter().map(|gap| (gap.before, gap.missing)).collect()
    }

    #[test]
    fn marks_are_sorted_and_those_of_one_place_are_one() {
        let gaps = gaps(&[(5, Some(1)), (0, None), (5, Some(2)), (3, Some(4)), (3, None), (0, Some(1))]);
        assert_eq!(places(&gaps), [(0, None), (3, None), (5, Some(3))]);
        assert_eq!(gaps.revision(), 6);
        assert!(gaps.any_in(3..=3) && gaps.any_in(1..=9) && gaps.any_in(4..=5));
        assert!(!gaps.any_in(1..=2) && !gaps.any_in(4..=4) && !gaps.any_in(6..=9));
    }

    #[test]
    fn rows_are_lines_and_marks() {
        let gaps = gaps(&[(0, None), (2, None), (3, None), (5, None)]);
        assert_eq!(gaps.rows(5), 9);
        let rows: Vec<_> = (0..10).map(|row| gaps.at(row)).collect();
        let mark = |index: usize| RowKind::Gap(gaps.iter().nth(index).expect("a mark"));
        let line = RowKind::Line;
        assert_eq!(
            rows,
            [mark(0), line(0), line(1), mark(1), line(2), mark(2), line(3), line(4), mark(3), line(5)]
        );
        for number in 0..6 {
            assert_eq!(gaps.at(gaps.row_of_line(number)), line(number));
        }
        assert_eq!(Gaps::default().at(7), line(7));
    }
}
