//! Finds a text in bytes, as it is written or in any case.

use memchr::arch::all::packedpair::Pair;

use crate::lanes::{Lanes, bits};
use crate::places::{Places, Test};

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
        let (one, two) = match Pair::new(&needle) {
            Some(pair) => (usize::from(pair.index1()), usize::from(pair.index2())),
            // Of one byte there is no pair.
            None => (0, 0),
        };
        // Where one byte is all there is, as in a line that is drawn, the ends tell most.
        let (one, two) = if needle[one] == needle[two] { (0, needle.len() - 1) } else { (one, two) };
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
        let mut joined = [before, behind];
        if self.ignores_case {
            joined.make_ascii_lowercase();
        }
        self.needle.windows(2).any(|pair| pair == joined)
    }

    /// The first place at or behind `from`.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        self.places(text).next(from)
    }

    pub(crate) fn places<'a>(&'a self, text: &'a [u8]) -> Places<'a, &'a Self> {
        Places::new(text, self)
    }
}

impl Test for &Literal {
    fn length(&self) -> usize {
        self.len()
    }

    fn bits(&self, text: &[u8], place: usize) -> u64 {
        let [one, two] = self.probes;
        // A needle that begins at a place has both within the text.
        let ones = text[place + one.offset..].first_chunk();
        let twos = text[place + two.offset..].first_chunk();
        let (Some(ones), Some(twos)) = (ones, twos) else { return 0 };
        bits(ones, twos, |ones, twos| {
            let ones = ones.or(Lanes::all(one.fold)).equal(Lanes::all(one.byte));
            ones.and(twos.or(Lanes::all(two.fold)).equal(Lanes::all(two.byte)))
        })
    }

    fn fits(&self, text: &[u8], place: usize) -> bool {
        self.probes.iter().all(|probe| probe.fits(text[place + probe.offset]))
    }

    fn holds(&self, text: &[u8], place: usize) -> bool {
        // The probes are all of it.
        if self.needle.len() <= 2 {
            return true;
        }
        let there = &text[place..place + self.needle.len()];
        if self.ignores_case { there.eq_ignore_ascii_case(&self.needle) } else { there == self.needle }
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
