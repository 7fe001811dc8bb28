//! The module's memory, as the browser gives it.

use core::arch::wasm32::memory_size;

/// What is asked for at once. Not used yet, it costs nothing.
const BYTES_AHEAD: usize = 16 << 20;

/// Watches how a log that comes makes the memory larger, which takes a browser a third of a millisecond, by however much:
/// a flood would make it larger with each segment.
#[derive(Debug)]
pub(super) struct Memory {
    pages: usize,
}

impl Memory {
    pub(super) fn now() -> Self {
        Self { pages: memory_size::<0>() }
    }

    /// When the memory has become larger, makes it larger still. Where parts of it are free again it does not.
    pub(super) fn keep_ahead(&mut self) {
        if memory_size::<0>() > self.pages {
            let mut room = Vec::<u8>::new();
            // Where there is not so much, less may still do.
            let _ = room.try_reserve_exact(BYTES_AHEAD);
            // The compiler would leave out what is given back at once.
            std::hint::black_box(&mut room);
            *self = Self::now();
        }
    }
}
