//! Where lines are after others were put between them.

/// Lines that were put into a log, and such that were taken out, by the indices that were so before.
#[derive(Debug)]
pub(super) struct Moves {
    /// Before which lines there are new ones now, each as often as there are, sorted.
    pub(super) inserted: Vec<usize>,
    /// Sorted.
    pub(super) removed: Vec<usize>,
}

impl Moves {
    /// The first place where there is a change.
    pub(super) fn first(&self) -> usize {
        let first = |places: &[usize]| places.first().copied().unwrap_or(usize::MAX);
        first(&self.inserted).min(first(&self.removed))
    }

    /// The index of a line, which was not taken out.
    pub(super) fn of_line(&self, line: usize) -> usize {
        let inserted = self.inserted.partition_point(|before| *before <= line);
        line + inserted - self.removed.partition_point(|removed| *removed < line)
    }

    /// The same for indices of lines, without those that were taken out.
    pub(super) fn of_lines(&self, lines: &mut Vec<usize>) {
        lines.retain_mut(|line| {
            let stays = !self.removed.contains(line);
            *line = self.of_line(*line);
            stays
        });
    }

    /// The index before which a mark stands: before lines that were put there, too.
    pub(super) fn of_mark(&self, before: usize) -> usize {
        let inserted = self.inserted.partition_point(|place| *place < before);
        before + inserted - self.removed.partition_point(|removed| *removed < before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_moves() {
        let moves = Moves { inserted: vec![2, 2, 5], removed: vec![1, 6] };
        assert_eq!([0, 2, 4, 5, 7].map(|line| moves.of_line(line)), [0, 3, 5, 7, 8]);
        assert_eq!([0, 1, 2, 3, 5, 6].map(|before| moves.of_mark(before)), [0, 1, 1, 4, 6, 8]);
    }
}
