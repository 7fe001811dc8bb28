//! Against the packer: what it writes is unpacked, and what was spoiled on its way is noticed.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Write as _;

use lzma_rust2::{LzmaOptions, LzmaWriter};
use proptest::prelude::*;

/// As `xtask/src/pack.rs` packs.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut options = LzmaOptions::with_preset(9);
    (options.lc, options.lp, options.pb) = (4, 0, 0);
    options.dict_size = 1 << 20;
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, Some(bytes.len() as u64)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// What `packed` holds, if it is whole.
fn unpacked(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    unpack::unpack(packed, &mut bytes).then_some(bytes)
}

/// Bytes with repetitions near and far, exact and with single bytes changed, as in a module.
fn like_a_module() -> impl Strategy<Value = Vec<u8>> {
    let literals = prop::collection::vec(any::<u8>(), 1..40);
    let piece = (literals, any::<prop::sample::Index>(), 0_usize..400, any::<bool>());
    prop::collection::vec(piece, 0..60).prop_map(|pieces| {
        let mut bytes = Vec::new();
        for (literals, from, length, changed) in pieces {
            bytes.extend(literals);
            let from = from.index(bytes.len());
            for at in from..from + length {
                bytes.push(bytes[at]);
            }
            if changed {
                *bytes.last_mut().unwrap() ^= 1;
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn what_was_packed_is_unpacked(bytes in like_a_module()) {
        prop_assert_eq!(unpacked(&packed(&bytes), bytes.len()), Some(bytes));
    }

    #[test]
    fn a_file_that_was_cut_or_goes_on_is_noticed(bytes in like_a_module(), cut in any::<prop::sample::Index>()) {
        let mut packed = packed(&bytes);
        let whole = packed.len();
        packed.push(0);
        prop_assert_eq!(unpacked(&packed, bytes.len()), None);
        prop_assert_eq!(unpacked(&packed[..cut.index(whole)], bytes.len()), None);
    }

    /// Any bytes behind a header: nothing panics.
    #[test]
    fn any_file_is_survived(file in prop::collection::vec(any::<u8>(), 0..600), length in 0_usize..5_000) {
        let header = [4, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let _ = unpacked(&[&header[..], &file].concat(), length);
        let _ = unpacked(&file, length);
    }
}

/// The highest distances, and all lengths of copies.
#[test]
fn copies_from_far_away_are_unpacked() {
    let mut seed = 1_u32;
    let mut bytes: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    })
    .take(900_000)
    .collect();
    for length in (2..600).chain([100_000]) {
        bytes.extend_from_within(length * 7..length * 8);
    }
    assert_eq!(unpacked(&packed(&bytes), bytes.len()).as_ref(), Some(&bytes));
}

#[test]
fn other_parameters_are_refused() {
    let mut packed = packed(b"text");
    packed[0] = 0x5d;
    assert_eq!(unpacked(&packed, 4), None);
}

/// Its middle spoiled, as in a browser test of the whole page.
#[test]
fn a_file_that_arrives_changed_is_noticed() {
    let bytes: Vec<u8> = (0..20_000_u32).flat_map(|number| (number * number).to_le_bytes()).collect();
    let mut packed = packed(&bytes);
    let middle = packed.len() / 2;
    packed[middle..middle + 8].fill(0xff);
    assert_eq!(unpacked(&packed, bytes.len()), None);
}
