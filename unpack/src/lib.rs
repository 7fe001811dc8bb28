//! Unpacks a file in the .lzma format, as the LZMA SDK's specification has it.
//!
//! The page's module arrives packed (`xtask/src/pack.rs`), and no browser unpacks LZMA. In JavaScript it took 90 ms,
//! since a browser interprets at first; a module is compiled at once, and takes 20 ms for the same file. Indices are
//! checked by `get`: a panic's texts would be two fifths of the module.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
#[expect(unsafe_code, reason = "the memory between the page and this module")]
mod exports;

/// The header: a byte for `lc`, `lp` and `pb`, four for the dictionary's size, eight for the length.
pub const HEADER: usize = 13;

/// The header's first byte for the only values that are unpacked: 4, 0 and 0.
const PROPERTIES: u8 = 4;

/// Fills `bytes`, whose length is that of the header. Whether the packed file is whole: each of its bytes was read, and
/// the last ones are as a packer leaves them. `bytes` is what the file's beginning holds, otherwise.
#[must_use]
pub fn unpack(packed: &[u8], bytes: &mut [u8]) -> bool {
    let Some((header, packed)) = packed.split_at_checked(HEADER) else { return false };
    let Some((first, packed)) = packed.split_at_checked(5) else { return false };
    // The first byte of five is always 0.
    let code = first.iter().fold(0, |code, &byte| code << 8 | u32::from(byte));
    let bits = Bits { packed: packed.iter(), range: u32::MAX, code, is_cut: false };
    let mut unpacker =
        Unpacker { bits, probabilities: [EVEN; PROBABILITIES], bytes, at: 0, distances: [1; 4], state: 0 };
    header.first() == Some(&PROPERTIES) && unpacker.run()
}

/// Probabilities that a bit is 0, of 2048.
const EVEN: u16 = 1024;

// Where the probabilities of each kind begin.
const MATCH: usize = 0;
const REPEATED: usize = MATCH + 12;
const NOT_FIRST: usize = REPEATED + 12;
const NOT_SECOND: usize = NOT_FIRST + 12;
const NOT_THIRD: usize = NOT_SECOND + 12;
const LONG: usize = NOT_THIRD + 12;
const LENGTHS: usize = LONG + 12;
const REPEATED_LENGTHS: usize = LENGTHS + 2 + 8 + 8 + 256;
const SLOTS: usize = REPEATED_LENGTHS + 2 + 8 + 8 + 256;
const NEAR: usize = SLOTS + 4 * 64;
const ALIGNMENT: usize = NEAR + 115;
const LITERALS: usize = ALIGNMENT + 16;
const PROBABILITIES: usize = LITERALS + 16 * 768;

struct Unpacker<'a> {
    bits: Bits<'a>,
    probabilities: [u16; PROBABILITIES],
    bytes: &'a mut [u8],
    at: usize,
    /// How far back the last four copies began, the last one first.
    distances: [usize; 4],
    /// What came last, of twelve cases; below 7 it was a literal.
    state: usize,
}

impl Unpacker<'_> {
    fn run(&mut self) -> bool {
        while self.at < self.bytes.len() && !self.bits.is_cut {
            if self.bit(MATCH + self.state) == 0 {
                let literal = self.literal();
                self.push(literal);
                self.state -= match self.state {
                    0..4 => self.state,
                    4..10 => 3,
                    _ => 6,
                };
            } else {
                let length = self.copied();
                self.copy(length);
            }
        }
        self.bits.code == 0 && !self.bits.is_cut && self.bits.packed.as_slice().is_empty()
    }

    /// The length of what is copied from the first distance, which is read, too.
    fn copied(&mut self) -> usize {
        let state = self.state;
        let is_after_literal = state < 7;
        self.state = if is_after_literal { 8 } else { 11 };
        if self.bit(REPEATED + state) == 0 {
            self.state = if is_after_literal { 7 } else { 10 };
            let length = self.length(LENGTHS);
            let [first, second, third, _] = self.distances;
            self.distances = [self.distance(length), first, second, third];
            return length;
        }
        let [first, second, third, fourth] = self.distances;
        if self.bit(NOT_FIRST + state) == 0 {
            if self.bit(LONG + state) == 0 {
                self.state = if is_after_literal { 9 } else { 11 };
                return 1;
            }
        } else if self.bit(NOT_SECOND + state) == 0 {
            self.distances = [second, first, third, fourth];
        } else if self.bit(NOT_THIRD + state) == 0 {
            self.distances = [third, first, second, fourth];
        } else {
            self.distances = [fourth, first, second, third];
        }
        self.length(REPEATED_LENGTHS)
    }

    fn copy(&mut self, length: usize) {
        for _ in 0..length {
            let byte = self.back(self.distances[0]);
            self.push(byte);
        }
    }

    /// Bytes behind the end, which only a spoiled file has, are nowhere.
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.at) {
            *place = byte;
        }
        self.at += 1;
    }

    /// The byte so far back; 0 where there is none, which only a spoiled file asks for.
    fn back(&self, distance: usize) -> u8 {
        self.bytes.get(self.at.wrapping_sub(distance)).copied().unwrap_or(0)
    }

    fn literal(&mut self) -> u8 {
        let index = LITERALS + 768 * usize::from(self.back(1) >> 4);
        let mut node = 1;
        if self.state >= 7 {
            // As long as its bits are those of the byte that a copy would bring, they choose the probabilities.
            let mut other = usize::from(self.back(self.distances[0]));
            let mut like = 256;
            while node < 256 {
                other *= 2;
                let expected = other & like;
                let bit = self.bit(index + like + expected + node);
                node = node * 2 + bit;
                like &= if bit == 1 { expected } else { !expected };
            }
        }
        while node < 256 {
            node = node * 2 + self.bit(index + node);
        }
        node as u8
    }

    fn length(&mut self, index: usize) -> usize {
        if self.bit(index) == 0 {
            2 + self.tree(index + 2, 3)
        } else if self.bit(index + 1) == 0 {
            10 + self.tree(index + 10, 3)
        } else {
            18 + self.tree(index + 18, 8)
        }
    }

    fn distance(&mut self, length: usize) -> usize {
        let slot = self.tree(SLOTS + 64 * (length - 2).min(3), 6);
        if slot < 4 {
            return 1 + slot;
        }
        let count = (slot / 2 - 1) as u32;
        let base = (2 + slot % 2) << count;
        if slot < 14 {
            1 + base + self.reverse_tree(NEAR + base - slot, count)
        } else {
            1 + base + self.bits.even(count - 4) * 16 + self.reverse_tree(ALIGNMENT, 4)
        }
    }

    /// A number of so many bits, the highest first.
    fn tree(&mut self, index: usize, count: u32) -> usize {
        let mut node = 1;
        for _ in 0..count {
            node = node * 2 + self.bit(index + node);
        }
        node - (1 << count)
    }

    /// A number of so many bits, the lowest first.
    fn reverse_tree(&mut self, index: usize, count: u32) -> usize {
        let (mut node, mut value) = (1, 0);
        for place in 0..count {
            let bit = self.bit(index + node);
            node = node * 2 + bit;
            value += bit << place;
        }
        value
    }

    fn bit(&mut self, index: usize) -> usize {
        self.probabilities.get_mut(index).map_or(0, |probability| self.bits.next(probability))
    }
}

/// The range decoder.
struct Bits<'a> {
    packed: core::slice::Iter<'a, u8>,
    range: u32,
    code: u32,
    /// More bytes were needed than there are.
    is_cut: bool,
}

impl Bits<'_> {
    /// A bit with its probability, which learns from it.
    fn next(&mut self, probability: &mut u16) -> usize {
        let bound = (self.range >> 11) * u32::from(*probability);
        let is_one = self.code >= bound;
        if is_one {
            self.range -= bound;
            self.code -= bound;
            *probability -= *probability >> 5;
        } else {
            self.range = bound;
            *probability += (2 * EVEN - *probability) >> 5;
        }
        self.refill();
        usize::from(is_one)
    }

    /// A number of so many bits, the highest first, each as probable as not.
    fn even(&mut self, count: u32) -> usize {
        let mut value = 0;
        for _ in 0..count {
            self.range >>= 1;
            let is_one = self.code >= self.range;
            if is_one {
                self.code -= self.range;
            }
            self.refill();
            value = value * 2 + usize::from(is_one);
        }
        value
    }

    fn refill(&mut self) {
        if self.range < 1 << 24 {
            self.range <<= 8;
            let byte = self.packed.next();
            self.is_cut |= byte.is_none();
            self.code = self.code << 8 | u32::from(byte.copied().unwrap_or(0));
        }
    }
}
