//! Lines that come late and have their place among those that are there.

use super::super::moves::Moves;
use super::super::overlap::{Missed, WINDOW_LINES, stamp_of};
use super::super::store::Class;
use super::{Fact, Gap, GapCause, RunLog, has_escape};
use crate::domain::secret::MASK;

impl RunLog {
    /// Puts lines at their places, which are sorted. The end of the log is taken off and appended again with them, but
    /// without what was there of them already because an earlier stream broke off in the middle.
    pub(super) fn insert(&mut self, missed: &[Missed], facts: &mut Vec<Fact>) {
        // Those before the oldest line that was kept are gone with the others.
        let kept = match self.store.first() {
            0 => 0,
            first => missed.partition_point(|missed| missed.before <= first),
        };
        let missed = &missed[kept..];
        if missed.is_empty() {
            return;
        }
        let moves = self.moves(missed);
        let first = moves.first();
        self.correct_marks(missed, &moves, facts);
        moves.of_lines(&mut self.not_whole);
        if let Some(overlap) = &mut self.overlap {
            overlap.follow(&moves);
        }
        let ids = self.ids.take_off(first);
        self.carried_styles.truncate(first);
        self.printed.truncate(&self.store, first);
        let (lines, classes) = self.store.take_off(first);
        self.remember_cut_lines(first);

        let mut missed = missed.iter();
        let mut next = missed.next();
        for (offset, (line, class)) in lines.iter().zip(classes).enumerate() {
            let place = first + offset;
            while let Some(before) = next.filter(|next| next.before <= place) {
                self.append(&before.line.bytes, before.line.id, facts);
                next = missed.next();
            }
            if !moves.removed.contains(&place) {
                self.append_again(line, class);
            }
        }
        for (line, id) in ids {
            if !moves.removed.contains(&line) {
                self.ids.set(moves.of_line(line), id);
            }
        }
    }

    fn moves(&self, missed: &[Missed]) -> Moves {
        let mut removed = Vec::new();
        for &line in &self.not_whole {
            let Some(begin) = self.store.line(line) else { continue };
            let has_stamp = stamp_of(&begin).is_some();
            let is_whole = |missed: &Missed| {
                let whole = missed.line.bytes.get(..begin.len()).unwrap_or_default();
                let is_same = |(there, byte): (&u8, &u8)| there == byte || *there == MASK;
                (has_stamp || missed.marks.contains(&line))
                    && whole.len() == begin.len()
                    && begin.iter().zip(whole).all(is_same)
            };
            if missed.iter().any(is_whole) {
                removed.push(line);
            }
        }
        Moves { inserted: missed.iter().map(|missed| missed.before).collect(), removed }
    }

    /// Marks tell of what may still be missing before and behind the lines that are put in.
    fn correct_marks(&mut self, missed: &[Missed], moves: &Moves, facts: &mut Vec<Fact>) {
        let mut marks = Vec::new();
        let mut rest = missed;
        while let Some(Missed { before, marks: there, follows, .. }) = rest.first() {
            let (lines, others) = rest.split_at(rest.partition_point(|line| line.before <= *before));
            rest = others;
            self.gaps.count_down(there, lines.len() as u64);
            // They tell of what is missing before the first of the lines, if anything is.
            let mut known = if *follows { self.gaps.take_out(there) } else { None };
            let is_known =
                !follows && (there.start == 0 || self.gaps.iter().any(|gap| there.contains(&gap.before)));
            for line in usize::from(is_known)..=lines.len() {
                let follows = lines.get(line).is_none_or(|line| line.follows);
                let is_followed = line.checked_sub(1).is_none_or(|line| lines[line].is_followed);
                if !(follows && is_followed) {
                    let unknown = Gap { before: 0, missing: None, cause: GapCause::NotDelivered };
                    let before = moves.of_mark(*before) + line;
                    marks.push(Gap { before, ..known.take().unwrap_or(unknown) });
                }
            }
        }
        self.gaps.follow(moves);
        for gap in marks {
            self.put_gap(gap, facts);
        }
    }

    /// A line whose facts have been told.
    fn append_again(&mut self, line: &[u8], class: Class) {
        let index = self.store.len();
        self.store.push(line);
        self.store.end_line();
        self.store.commit(&self.key, |_| class);
        self.account_for(index, None);
    }

    /// Which lines before this one were cut, as it was when they were the last.
    fn remember_cut_lines(&mut self, line: usize) {
        let first = line.saturating_sub(WINDOW_LINES);
        self.cut_key.truncate(first);
        for earlier in first..line {
            self.cut_key.look_at(&self.key, &mut self.store, earlier);
        }
    }

    /// Adds a line to what is known of the log beside its bytes.
    pub(super) fn account_for(&mut self, index: usize, id: Option<u64>) {
        let Self { key, store, cut_key, printed, .. } = self;
        if let Some(masked) = cut_key.look_at(key, store, index)
            && store.class(masked.line) == Some(Class::Output)
        {
            printed.mask_end(masked.bytes);
        }
        if let Some(id) = id {
            self.ids.set(index, id);
        }
        if store.line(index).is_some_and(|line| has_escape(&line)) {
            self.carried_styles.look_at(store, index);
        }
        if store.class(index) == Some(Class::Output) {
            printed.add(store, index);
        }
    }
}
