//! What was found, and the way from match to match.

/// A match: its line, and which of the line's matches it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: u32,
    pub nth: u32,
}

/// The lines that match, in order, and their matches.
#[derive(Debug, Default)]
pub(crate) struct Found {
    lines: Vec<u32>,
    /// Of each of these lines, the number of matches up to its end.
    totals: Vec<u32>,
}

impl Found {
    /// A line behind all others; one without matches is none.
    pub(crate) fn push(&mut self, line: u32, matches: u32) {
        if matches > 0 {
            let total = self.matches().saturating_add(matches);
            self.lines.push(line);
            self.totals.push(total);
        }
    }

    /// Forgets the matches before a line. Number of these.
    pub(crate) fn forget_before(&mut self, line: u32) -> u32 {
        let lines = self.lines.partition_point(|&other| other < line);
        let matches = self.before(lines);
        self.lines.drain(..lines);
        self.totals.drain(..lines);
        self.totals.iter_mut().for_each(|total| *total -= matches);
        matches
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The lines that match.
    pub(crate) fn lines(&self) -> &[u32] {
        &self.lines
    }

    /// Number of all matches.
    pub(crate) fn matches(&self) -> u32 {
        self.totals.last().copied().unwrap_or(0)
    }

    /// Where the match with this index is.
    pub(crate) fn place(&self, index: u32) -> Option<Place> {
        let at = self.totals.partition_point(|&total| total <= index);
        let line = *self.lines.get(at)?;
        Some(Place { line, nth: index - self.before(at) })
    }

    /// The match behind `from`; with none the first in or behind `line`. Behind the last comes the first.
    pub(crate) fn next(&self, from: Option<u32>, line: u32) -> Option<u32> {
        let next = match from {
            Some(index) => index + 1,
            None => self.before(self.lines.partition_point(|&other| other < line)),
        };
        self.wrapped(next)
    }

    /// The match before `from`; with none the last before `line`. Before the first comes the last.
    pub(crate) fn previous(&self, from: Option<u32>, line: u32) -> Option<u32> {
        let behind = from.unwrap_or_else(|| self.before(self.lines.partition_point(|&other| other < line)));
        self.wrapped(behind.checked_sub(1).unwrap_or(self.matches().saturating_sub(1)))
    }

    fn wrapped(&self, index: u32) -> Option<u32> {
        (self.matches() > 0).then(|| if index < self.matches() { index } else { 0 })
    }

    /// Number of matches before the line with this index.
    fn before(&self, at: usize) -> u32 {
        at.checked_sub(1).map_or(0, |before| self.totals[before])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_way_is_that_through_a_list_of_all_matches(
            counts in proptest::collection::vec(0u32..4, 0..20),
            line in 0u32..22,
            from in any::<prop::sample::Index>(),
        ) {
            let mut found = Found::default();
            let mut all = Vec::new();
            for (line, &matches) in counts.iter().enumerate() {
                found.push(line as u32, matches);
                all.extend((0..matches).map(|nth| Place { line: line as u32, nth }));
            }
            prop_assert_eq!(found.matches() as usize, all.len());
            let places: Vec<_> = (0..found.matches()).map(|index| found.place(index).unwrap()).collect();
            prop_assert_eq!(&places, &all);
            prop_assert_eq!(found.place(found.matches()), None);
            if all.is_empty() {
                prop_assert_eq!((found.next(None, line), found.previous(None, line)), (None, None));
                return Ok(());
            }
            let (last, from) = (all.len() - 1, from.index(all.len()));
            let first_behind = all.iter().position(|place| place.line >= line).unwrap_or(0);
            prop_assert_eq!(found.next(None, line), Some(first_behind as u32));
            let last_before = all.iter().rposition(|place| place.line < line).unwrap_or(last);
            prop_assert_eq!(found.previous(None, line), Some(last_before as u32));
            let next = if from == last { 0 } else { from + 1 };
            prop_assert_eq!(found.next(Some(from as u32), line), Some(next as u32));
            let previous = if from == 0 { last } else { from - 1 };
            prop_assert_eq!(found.previous(Some(from as u32), line), Some(previous as u32));
        }
    }
}
