//! Finds ASCII text without regard to case.

use memchr::arch::all::packedpair::Pair;

/// Places that are compared at once: an unrolled loop that the compiler makes SIMD of.
const WIDTH: usize = 32;

/// What tells an upper-case letter of ASCII from the lower-case one.
const CASE_BIT: u8 = 0x20;

/// A byte of the needle that is compared first.
#[derive(Clone, Copy, Debug)]
struct Probe {
    offset: usize,
    /// In lower case.
    byte: u8,
    /// [`CASE_BIT`] for a letter, so that both of its cases become `byte`.
    fold: u8,
}

impl Probe {
    fn new(needle: &[u8], offset: usize) -> Self {
        let byte = needle[offset];
        Self { offset, byte, fold: if byte.is_ascii_lowercase() { CASE_BIT } else { 0 } }
    }

    fn fits(self, byte: u8) -> bool {
        byte | self.fold == self.byte
    }
}

/// A needle of ASCII.
#[derive(Debug)]
pub(crate) struct Folded {
    /// In lower case.
    needle: Vec<u8>,
    /// Two bytes that are probably rare.
    probes: [Probe; 2],
}

impl Folded {
    /// `None` for an empty needle, and for one with a line end or other characters than those of ASCII.
    pub(crate) fn new(needle: &str) -> Option<Self> {
        if needle.is_empty() || !needle.is_ascii() || needle.contains('\n') {
            return None;
        }
        let needle = needle.to_ascii_lowercase().into_bytes();
        // Of one byte there is no pair.
        let (one, two) = Pair::new(&needle)
            .map_or((0, 0), |pair| (usize::from(pair.index1()), usize::from(pair.index2())));
        let probes = [Probe::new(&needle, one), Probe::new(&needle, two)];
        Some(Self { needle, probes })
    }

    pub(crate) fn len(&self) -> usize {
        self.needle.len()
    }

    /// The first place at or behind `from`.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let last = text.len().checked_sub(self.needle.len())?;
        let [one, two] = self.probes;
        let mut at = from;
        while at + WIDTH <= last + 1 {
            // Both lie within the text, since a needle that begins at any of these places does.
            let ones: &[u8; WIDTH] = text[at + one.offset..].first_chunk()?;
            let twos: &[u8; WIDTH] = text[at + two.offset..].first_chunk()?;
            let mut fits = [0u8; WIDTH];
            let mut any = 0;
            for place in 0..WIDTH {
                fits[place] = u8::from(one.fits(ones[place]) & two.fits(twos[place]));
                any |= fits[place];
            }
            if any != 0 {
                let found = (0..WIDTH).find(|&place| fits[place] != 0 && self.is_at(text, at + place));
                if let Some(place) = found {
                    return Some(at + place);
                }
            }
            at += WIDTH;
        }
        (at..=last).find(|&at| one.fits(text[at + one.offset]) && self.is_at(text, at))
    }

    fn is_at(&self, text: &[u8], at: usize) -> bool {
        text[at..at + self.needle.len()].eq_ignore_ascii_case(&self.needle)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(text: &[u8], needle: &str, from: usize) -> Option<usize> {
        let length = needle.len();
        let fits = |at: &usize| text[*at..at + length].eq_ignore_ascii_case(needle.as_bytes());
        (from..=text.len().checked_sub(length)?).find(fits)
    }

    #[test]
    fn only_text_of_ascii_is_taken() {
        assert!(Folded::new("").is_none());
        assert!(Folded::new("grün").is_none());
        assert!(Folded::new("a\nb").is_none());
        assert!(Folded::new("a").is_some());
    }

    #[test]
    fn signs_that_differ_in_the_bit_of_case_are_different() {
        assert_eq!(Folded::new("[a").unwrap().find(b"{a [A", 0), Some(3));
        assert_eq!(Folded::new("@").unwrap().find(b"`` @", 0), Some(3));
    }

    proptest! {
        #[test]
        fn finds_what_a_comparison_at_each_place_finds(
            text in "[abAB@` ]{0,200}",
            needle in "[abAB@`]{1,5}",
            from in 0usize..100,
        ) {
            let folded = Folded::new(&needle).unwrap();
            let from = from.min(text.len());
            prop_assert_eq!(folded.find(text.as_bytes(), from), naive(text.as_bytes(), &needle, from));
        }
    }
}
