//! Finds a text in bytes, as it is written or in any case.

use memchr::arch::all::packedpair::Pair;

use crate::lanes::{Lanes, WIDTH, bits};

/// What tells an upper-case letter of ASCII from the lower-case one.
const CASE_BIT: u8 = 0x20;

/// A byte of the needle that is compared first.
#[derive(Clone, Copy, Debug)]
struct Probe {
    offset: usize,
    byte: u8,
    /// [`CASE_BIT`] for a letter whose case does not count, so that both of its cases become `byte`.
    fold: u8,
}

impl Probe {
    fn new(needle: &[u8], offset: usize, ignores_case: bool) -> Self {
        let byte = needle[offset];
        Self { offset, byte, fold: if ignores_case && byte.is_ascii_lowercase() { CASE_BIT } else { 0 } }
    }

    fn fits(self, byte: u8) -> bool {
        byte | self.fold == self.byte
    }
}

/// A text that is looked for.
#[derive(Debug)]
pub(crate) struct Literal {
    /// In lower case where case does not count.
    needle: Vec<u8>,
    ignores_case: bool,
    /// Two bytes that are probably rare.
    probes: [Probe; 2],
}

impl Literal {
    /// The needle is not empty. Where its case does not count, that is the case of ASCII.
    pub(crate) fn new(needle: &[u8], ignores_case: bool) -> Self {
        let needle = if ignores_case { needle.to_ascii_lowercase() } else { needle.to_vec() };
        // Of one byte there is no pair.
        let (one, two) = Pair::new(&needle)
            .map_or((0, 0), |pair| (usize::from(pair.index1()), usize::from(pair.index2())));
        let probes = [one, two].map(|offset| Probe::new(&needle, offset, ignores_case));
        Self { needle, ignores_case, probes }
    }

    #[cfg(test)]
    pub(crate) fn needle(&self) -> &[u8] {
        &self.needle
    }

    pub(crate) fn len(&self) -> usize {
        self.needle.len()
    }

    /// Whether letters outside of ASCII may be ones of the needle in another case.
    pub(crate) fn has_odd_case(&self) -> bool {
        self.ignores_case && self.needle.iter().any(|byte| matches!(byte, b'k' | b's'))
    }

    /// Whether two bytes behind each other may stand in it.
    pub(crate) fn may_join(&self, before: u8, behind: u8) -> bool {
        let fits =
            |byte: u8, other: u8| byte == other || self.ignores_case && byte == other.to_ascii_lowercase();
        self.needle.windows(2).any(|pair| fits(pair[0], before) && fits(pair[1], behind))
    }

    /// The first place at or behind `from`.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        self.places(text).next(from)
    }

    pub(crate) fn places<'a>(&'a self, text: &'a [u8]) -> Places<'a> {
        let behind = (text.len() + 1).saturating_sub(self.needle.len());
        Places { literal: self, text, behind, base: 0, next: 0, bits: 0 }
    }

    fn is_at(&self, text: &[u8], at: usize) -> bool {
        // The probes are all of it.
        if self.needle.len() <= 2 {
            return true;
        }
        let there = &text[at..at + self.needle.len()];
        if self.ignores_case { there.eq_ignore_ascii_case(&self.needle) } else { there == self.needle }
    }
}

/// The places of a needle in a text, one after the other.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    literal: &'a Literal,
    text: &'a [u8],
    /// Behind the last place where it may begin.
    behind: usize,
    /// Where it may begin, one bit for each place from this one on.
    base: usize,
    bits: u64,
    /// The first place that was not looked at.
    next: usize,
}

impl Places<'_> {
    /// The first place at or behind `from`, which is not before that of any call before.
    pub(crate) fn next(&mut self, from: usize) -> Option<usize> {
        if from >= self.next {
            self.next = from;
            self.bits = 0;
        } else if from > self.base {
            self.bits &= u64::MAX << (from - self.base);
        }
        loop {
            while self.bits != 0 {
                let place = self.base + self.bits.trailing_zeros() as usize;
                if self.literal.is_at(self.text, place) {
                    return Some(place);
                }
                self.bits &= self.bits - 1;
            }
            if self.next >= self.behind {
                return None;
            }
            self.look();
        }
    }

    /// Looks at the next places: at many of which some may be no places, or those that are left.
    fn look(&mut self) {
        let [one, two] = self.literal.probes;
        let (bytes_one, bytes_two) = (Lanes::all(one.byte), Lanes::all(two.byte));
        let (fold_one, fold_two) = (Lanes::all(one.fold), Lanes::all(two.fold));
        let fits = |ones: Lanes, twos: Lanes| {
            ones.or(fold_one).equal(bytes_one).and(twos.or(fold_two).equal(bytes_two))
        };
        // A needle that begins at a place has both probes within the text.
        while self.next + WIDTH <= self.behind {
            let Some(bits) = self.bits_at(self.next, fits) else { break };
            self.base = self.next;
            self.next += WIDTH;
            self.bits = bits;
            if bits != 0 {
                return;
            }
        }
        if self.next >= self.behind {
            return;
        }
        let left = self.next;
        self.next = self.behind;
        if let Some(base) = self.behind.checked_sub(WIDTH)
            && let Some(bits) = self.bits_at(base, fits)
        {
            // Some of these were looked at before.
            self.base = base;
            self.bits = bits & u64::MAX << (left - base);
            return;
        }
        self.base = left;
        self.bits = 0;
        for place in left..self.behind {
            let fits = one.fits(self.text[place + one.offset]) && two.fits(self.text[place + two.offset]);
            self.bits |= u64::from(fits) << (place - left);
        }
    }

    fn bits_at(&self, place: usize, fits: impl Fn(Lanes, Lanes) -> Lanes) -> Option<u64> {
        let [one, two] = self.literal.probes;
        let ones = self.text[place + one.offset..].first_chunk()?;
        let twos = self.text[place + two.offset..].first_chunk()?;
        Some(bits(ones, twos, fits))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(text: &[u8], needle: &[u8], ignores_case: bool, from: usize) -> Option<usize> {
        let length = needle.len();
        let fits = |at: &usize| {
            let there = &text[*at..at + length];
            there == needle || ignores_case && there.eq_ignore_ascii_case(needle)
        };
        (from..=text.len().checked_sub(length)?).find(fits)
    }

    #[test]
    fn signs_that_differ_in_the_bit_of_case_are_different() {
        assert_eq!(Literal::new(b"[a", true).find(b"{a [A", 0), Some(3));
        assert_eq!(Literal::new(b"@", true).find(b"`` @", 0), Some(3));
    }

    proptest! {
        #[test]
        fn finds_what_a_comparison_at_each_place_finds(
            text in "[abAB@` ]{0,300}|[abé ]{0,100}|(a{0,90}b){0,3}",
            needle in "[abAB@`]{1,5}|é|a{1,70}b",
            ignores_case: bool,
            from in 0usize..200,
            jumps in proptest::collection::vec(0usize..80, 0..20),
        ) {
            let (text, needle) = (text.as_bytes(), needle.as_bytes());
            let literal = Literal::new(needle, ignores_case);
            let mut from = from.min(text.len());
            prop_assert_eq!(literal.find(text, from), naive(text, needle, ignores_case, from));
            let mut places = literal.places(text);
            for jump in jumps {
                let place = places.next(from);
                prop_assert_eq!(place, naive(text, needle, ignores_case, from));
                from = place.unwrap_or(from) + jump;
            }
        }

        #[test]
        fn bytes_behind_each_other_in_it_may_join(
            needle in "[abAB@`]{1,5}",
            text in "[abAB@`]{0,30}",
            ignores_case: bool,
        ) {
            let literal = Literal::new(needle.as_bytes(), ignores_case);
            if let Some(place) = literal.find(text.as_bytes(), 0) {
                let found = &text.as_bytes()[place..place + needle.len()];
                prop_assert!(found.windows(2).all(|pair| literal.may_join(pair[0], pair[1])));
            }
            prop_assert!(!literal.may_join(b'a', b'x'));
        }
    }
}
