//! What `static/boot.js` calls.

use core::panic::PanicInfo;
use core::slice;

/// [`crate::unpack`] for the packed bytes from `packed`, and space from `bytes`.
///
/// # Safety
///
/// Both lie in the memory, apart from each other and from what the module was given by its linker.
#[unsafe(no_mangle)]
unsafe extern "C" fn unpack(packed: *const u8, packed_length: usize, bytes: *mut u8, length: usize) -> bool {
    // SAFETY: as the caller promises.
    let (packed, bytes) =
        unsafe { (slice::from_raw_parts(packed, packed_length), slice::from_raw_parts_mut(bytes, length)) };
    crate::unpack(packed, bytes)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
