//! Places in a text, one after the other, found many at once.

use crate::lanes::WIDTH;

/// What is so at a place that is looked for.
pub(crate) trait Test {
    /// How many bytes of the text have to come from a place on.
    fn length(&self) -> usize;

    /// Of [`WIDTH`] places from this one on, one bit each: the lowest of the first. All of them are in the text.
    fn bits(&self, text: &[u8], place: usize) -> u64;

    /// The same of one place.
    fn fits(&self, text: &[u8], place: usize) -> bool;

    /// Whether it is so where it fits.
    fn holds(&self, text: &[u8], place: usize) -> bool;
}

/// The places in a text.
#[derive(Debug)]
pub(crate) struct Places<'a, T> {
    text: &'a [u8],
    test: T,
    /// Behind the last place that may be one.
    behind: usize,
    /// Which places may be some, one bit for each from this one on.
    base: usize,
    bits: u64,
    /// The first place that was not looked at.
    next: usize,
}

impl<'a, T: Test> Places<'a, T> {
    pub(crate) fn new(text: &'a [u8], test: T) -> Self {
        let behind = (text.len() + 1).saturating_sub(test.length());
        Self { text, test, behind, base: 0, bits: 0, next: 0 }
    }

    pub(crate) fn text(&self) -> &'a [u8] {
        self.text
    }

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
                if self.test.holds(self.text, place) {
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

    /// Looks at more places: up to some that fit, or all that are left.
    fn look(&mut self) {
        let mut at = self.next;
        while at + WIDTH <= self.behind {
            let bits = self.test.bits(self.text, at);
            if bits != 0 {
                (self.base, self.bits, self.next) = (at, bits, at + WIDTH);
                return;
            }
            at += WIDTH;
        }
        self.next = self.behind;
        if let Some(base) = self.behind.checked_sub(WIDTH) {
            // Some of these were looked at before.
            let left = u64::MAX.checked_shl((at - base) as u32).unwrap_or(0);
            (self.base, self.bits) = (base, self.test.bits(self.text, base) & left);
        } else {
            let fits = |place: usize| u64::from(self.test.fits(self.text, place)) << (place - at);
            (self.base, self.bits) = (at, (at..self.behind).map(fits).sum());
        }
    }
}
