//! Which lines are the platform's, for a console that shows none of them.

use super::gaps::{Gaps, RowKind};
use super::store::{Class, LineStore};

/// Indices of the platform's lines in a log, of those that were not dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlatformLines {
    lines: Vec<u32>,
    /// How many were dropped.
    gone: usize,
    /// How many lines of the log have been looked at.
    seen: usize,
    /// Of the store, then.
    revision: usize,
}

impl PlatformLines {
    /// Looks at the lines that have come since; at all of them when some have changed.
    pub fn catch_up(&mut self, store: &LineStore) {
        if self.revision != store.revision() {
            *self = Self { revision: store.revision(), gone: self.gone, ..Self::default() };
        }
        let gone = self.before(store.first());
        self.lines.drain(..gone);
        self.gone += gone;
        self.seen = self.seen.max(store.first());
        while let Some(stretch) = store.stretch(self.seen) {
            for class in stretch.classes {
                if *class == Class::Platform {
                    self.lines.push(self.seen as u32);
                }
                self.seen += 1;
            }
        }
    }

    /// Number of rows without them, of so many lines and their marks.
    pub fn rows(&self, gaps: &Gaps, lines: usize) -> usize {
        gaps.rows(lines) - self.before(lines)
    }

    /// How far its rows have moved up, because rows before them were dropped.
    pub fn rows_gone(&self, gaps: &Gaps) -> usize {
        gaps.rows_gone().saturating_sub(self.gone)
    }

    /// What stands in a row without them.
    pub fn at<'a>(&self, gaps: &'a Gaps, row: usize) -> RowKind<'a> {
        // Among all rows, the last one with so many shown rows before it: those in front of it are hidden.
        let (mut low, mut high) = (row, row + self.lines.len());
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let line = match gaps.at(middle) {
                RowKind::Line(line) => line,
                RowKind::Gap(gap) => gap.before,
            };
            if middle - self.before(line) <= row {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        gaps.at(low)
    }

    /// The row of a line without them; of one of them that of what stands behind it.
    pub fn row_of_line(&self, gaps: &Gaps, line: usize) -> usize {
        gaps.row_of_line(line) - self.before(line)
    }

    /// How many of them stand before a line.
    pub fn before(&self, line: usize) -> usize {
        self.lines.partition_point(|&platform| (platform as usize) < line)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::super::gaps::{Gap, GapCause};
    use super::*;
    use crate::domain::secret::ApiKey;

    fn store(classes: &[bool]) -> LineStore {
        let key = ApiKey::parse("HRKU-01234567").expect("a key").finder();
        let mut store = LineStore::default();
        for &is_platform in classes {
            store.push(b"line");
            store.end_line();
            store.commit(&key, |_| if is_platform { Class::Platform } else { Class::Output });
        }
        store
    }

    proptest! {
        #[test]
        fn rows_are_all_but_the_platforms(
            classes in prop::collection::vec(any::<bool>(), 0..40),
            places in prop::collection::vec(0_usize..=40, 0..6),
            looked_at in 0_usize..40,
        ) {
            let mut gaps = Gaps::default();
            for before in places.iter().filter(|before| **before <= classes.len()) {
                gaps.put(Gap { before: *before, missing: None, cause: GapCause::Dropped });
            }
            let mut platform = PlatformLines::default();
            platform.catch_up(&store(&classes[..looked_at.min(classes.len())]));
            platform.catch_up(&store(&classes));

            let all = (0..gaps.rows(classes.len())).map(|row| gaps.at(row));
            let shown: Vec<_> = all.filter(|it| !matches!(it, RowKind::Line(line) if classes[*line])).collect();
            prop_assert_eq!(platform.rows(&gaps, classes.len()), shown.len());
            for (row, expected) in shown.iter().enumerate() {
                prop_assert_eq!(&platform.at(&gaps, row), expected);
                if let RowKind::Line(line) = expected {
                    prop_assert_eq!(platform.row_of_line(&gaps, *line), row);
                }
            }
        }
    }
}
