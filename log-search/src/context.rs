//! The rows of a log of which only matching lines are shown, and some lines around each.

/// Lines that are shown without a gap.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: u32,
    /// Rows of the groups before it.
    before: u32,
}

/// The lines that match, each with as many lines before and behind it.
#[derive(Debug, Default)]
pub(crate) struct Context {
    around: u32,
    /// The first line of the log that is there.
    start: u32,
    groups: Vec<Group>,
    /// The last line that matches.
    last: Option<u32>,
    /// How many of the lines that match are in it.
    taken: usize,
}

impl Context {
    pub(crate) fn new(around: u32, start: u32) -> Self {
        Self { around, start, ..Self::default() }
    }

    pub(crate) fn around(&self) -> u32 {
        self.around
    }

    /// Takes the lines that were found since. `place` is that of a line among those that can be shown.
    pub(crate) fn update(&mut self, found: &[u32], place: impl Fn(u32) -> u32) {
        for &line in &found[self.taken.min(found.len())..] {
            let line = place(line);
            let first = line.saturating_sub(self.around).max(self.start);
            match self.end() {
                Some(end) if first <= end => {}
                end => {
                    let before = end.map_or(0, |end| self.rows_until(end));
                    self.groups.push(Group { first, before });
                }
            }
            self.last = Some(line);
        }
        self.taken = found.len();
    }

    /// Number of rows of a log with so many lines.
    pub(crate) fn rows(&self, lines: u32) -> u32 {
        self.end().map_or(0, |end| self.rows_until(end.min(lines)))
    }

    /// The line of a row.
    pub(crate) fn line(&self, row: u32) -> u32 {
        let behind = self.groups.partition_point(|group| group.before <= row);
        let group = behind.checked_sub(1).map(|index| self.groups[index]);
        group.map_or(0, |group| group.first + (row - group.before))
    }

    /// The row of a line, or of the next that is shown.
    pub(crate) fn row(&self, line: u32) -> u32 {
        let behind = self.groups.partition_point(|group| group.first <= line);
        let Some(index) = behind.checked_sub(1) else { return 0 };
        let group = self.groups[index];
        let next = self.groups.get(behind).map_or(u32::MAX, |next| next.before);
        (group.before + (line - group.first)).min(next)
    }

    /// Behind the last line that is shown, when there are as many.
    fn end(&self) -> Option<u32> {
        self.last.map(|last| last.saturating_add(self.around + 1))
    }

    fn rows_until(&self, end: u32) -> u32 {
        self.groups.last().map_or(0, |group| group.before + end.saturating_sub(group.first))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_are_the_lines_near_a_match(
            matches in proptest::collection::btree_set(0u32..60, 0..12),
            around in 0u32..5,
            taken in 0usize..12,
            more_lines in 0u32..10,
            start in 0u32..60,
        ) {
            let found: Vec<u32> = matches.into_iter().filter(|&line| line >= start).collect();
            let lines = found.last().map_or(start, |last| last + 1) + more_lines;
            let is_shown = |line: &u32| found.iter().any(|other| line.abs_diff(*other) <= around);
            let expected: Vec<u32> = (start..lines).filter(is_shown).collect();

            let mut context = Context::new(around, start);
            context.update(&found[..taken.min(found.len())], |line| line);
            context.update(&found, |line| line);
            prop_assert_eq!(context.rows(lines) as usize, expected.len());
            let shown: Vec<u32> = (0..context.rows(lines)).map(|row| context.line(row)).collect();
            prop_assert_eq!(&shown, &expected);
            for line in start..lines {
                let row = expected.iter().position(|&other| other >= line);
                if let Some(row) = row {
                    prop_assert_eq!(context.row(line) as usize, row, "line {}", line);
                } else {
                    prop_assert!(context.row(line) >= context.rows(lines));
                }
            }
        }
    }
}
