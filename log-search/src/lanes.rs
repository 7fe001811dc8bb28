//! Bytes that are looked at together: SIMD in the browser.
//!
//! The compiler makes SIMD of a loop over bytes by itself, but not of what follows: which of the bytes it was.

/// Bytes that are looked at together.
pub(crate) const WIDTH: usize = 64;

/// Bytes of one vector.
const LANES: usize = 16;

/// One bit for each place in two pieces of bytes, the lowest for the first: whether `test` holds there. It gets some bytes
/// of both, and answers with bytes that have all bits set or none.
pub(crate) fn bits(ones: &[u8; WIDTH], twos: &[u8; WIDTH], test: impl Fn(Lanes, Lanes) -> Lanes) -> u64 {
    let mut holds = [Lanes::all(0); WIDTH / LANES];
    let mut any = Lanes::all(0);
    for (index, holds) in holds.iter_mut().enumerate() {
        *holds = test(Lanes::at(ones, index * LANES), Lanes::at(twos, index * LANES));
        any = any.or(*holds);
    }
    if !any.is_any() {
        return 0;
    }
    holds.iter().rev().fold(0, |bits, lanes| bits << LANES | u64::from(lanes.bits()))
}

pub(crate) use vector::Lanes;

#[cfg(target_arch = "wasm32")]
mod vector {
    use core::arch::wasm32::{
        i8x16_bitmask, i8x16_gt, i8x16_splat, u8x16_add, u8x16_eq, u8x16_splat, u64x2, v128, v128_and,
        v128_any_true, v128_or,
    };

    use super::{LANES, WIDTH};

    /// The lowest signed number.
    const LOWEST: u8 = i8::MIN as u8;

    /// Bytes of one vector.
    #[derive(Clone, Copy)]
    pub(crate) struct Lanes(v128);

    impl Lanes {
        pub(crate) fn all(byte: u8) -> Self {
            Self(u8x16_splat(byte))
        }

        /// Those from this place on, which is a multiple of their number.
        pub(super) fn at(bytes: &[u8; WIDTH], place: usize) -> Self {
            let half =
                |place: usize| bytes[place..].first_chunk().map_or(0, |half| u64::from_le_bytes(*half));
            Self(u64x2(half(place), half(place + LANES / 2)))
        }

        pub(crate) fn equal(self, other: Self) -> Self {
            Self(u8x16_eq(self.0, other.0))
        }

        /// Which are before `first` or behind `last`.
        pub(crate) fn outside(self, first: u8, last: u8) -> Self {
            // Signed, which takes one comparison: the first becomes the lowest number.
            let moved = u8x16_add(self.0, u8x16_splat(LOWEST.wrapping_sub(first)));
            let last = LOWEST.wrapping_add(last - first);
            Self(i8x16_gt(moved, i8x16_splat(last as i8)))
        }

        pub(crate) fn or(self, other: Self) -> Self {
            Self(v128_or(self.0, other.0))
        }

        pub(crate) fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }

        pub(super) fn is_any(self) -> bool {
            v128_any_true(self.0)
        }

        /// The highest bit of each.
        pub(super) fn bits(self) -> u16 {
            i8x16_bitmask(self.0)
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod vector {
    use std::array::from_fn;

    use super::{LANES, WIDTH};

    /// As in the browser, for tests.
    #[derive(Clone, Copy)]
    pub(crate) struct Lanes([u8; LANES]);

    impl Lanes {
        pub(crate) fn all(byte: u8) -> Self {
            Self([byte; LANES])
        }

        pub(super) fn at(bytes: &[u8; WIDTH], place: usize) -> Self {
            Self(from_fn(|lane| bytes[place + lane]))
        }

        fn with(self, other: Self, operation: impl Fn(u8, u8) -> u8) -> Self {
            Self(from_fn(|lane| operation(self.0[lane], other.0[lane])))
        }

        pub(crate) fn equal(self, other: Self) -> Self {
            self.with(other, |one, two| if one == two { u8::MAX } else { 0 })
        }

        pub(crate) fn outside(self, first: u8, last: u8) -> Self {
            Self(self.0.map(|byte| if (first..=last).contains(&byte) { 0 } else { u8::MAX }))
        }

        pub(crate) fn or(self, other: Self) -> Self {
            self.with(other, |one, two| one | two)
        }

        pub(crate) fn and(self, other: Self) -> Self {
            self.with(other, |one, two| one & two)
        }

        pub(super) fn is_any(self) -> bool {
            self.bits() != 0
        }

        pub(super) fn bits(self) -> u16 {
            self.0.iter().rev().fold(0, |bits, byte| bits << 1 | u16::from(byte >> 7))
        }
    }
}
