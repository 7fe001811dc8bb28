//! Places of panics that nothing tells.
//!
//! Each way to panic has its place in the source beside it, with the name of a file. Behind `traps` nothing reads them,
//! but data is no code: wasm-opt cannot know, and keeps it. So they become zeros, of which a module needs none.

use std::ops::Range;

use anyhow::{Result, ensure};

use crate::wasm::{DATA_SECTION, Reader, Sections, write_bytes, write_number, write_section};

/// `core::panic::Location` as rustc lays it out for 32 bits: where the name of the file is, its length, line and column,
/// which count from 1.
const LOCATION_BYTES: usize = 16;

/// `i32.const` and `end`, around the address of a segment.
const CONSTANT: u8 = 0x41;
const END: u8 = 0x0b;

/// The module without the places in its data, and how many there were.
pub(crate) fn without_them(module: &[u8]) -> Result<(Vec<u8>, usize)> {
    let sections = Sections::of(module)?;
    let (mut changed, mut count) = (sections.header.to_vec(), 0);
    for (id, section) in sections.all {
        if id == DATA_SECTION {
            let mut data = Data::of(section)?;
            count = data.clear_locations();
            write_section(id, &data.section(), &mut changed);
        } else {
            write_section(id, section, &mut changed);
        }
    }
    Ok((changed, count))
}

/// The memory as a module begins with it.
struct Data {
    bytes: Vec<u8>,
    /// What of it comes from which segment, in the section's order.
    segments: Vec<Range<usize>>,
}

impl Data {
    fn of(section: &[u8]) -> Result<Self> {
        let mut reader = Reader(section);
        let (mut bytes, mut segments) = (Vec::new(), Vec::new());
        for _ in 0..reader.number()? {
            ensure!(reader.number()? == 0 && reader.byte()? == CONSTANT, "a segment without a fixed place");
            // Signed, but memory ends where such a number would be negative.
            let start = reader.number()?;
            ensure!(reader.byte()? == END, "a segment without a fixed place");
            let content = reader.counted()?;
            let segment = start..start + content.len();
            bytes.resize(bytes.len().max(segment.end), 0);
            bytes[segment.clone()].copy_from_slice(content);
            segments.push(segment);
        }
        Ok(Self { bytes, segments })
    }

    fn section(&self) -> Vec<u8> {
        let mut section = Vec::new();
        write_number(self.segments.len(), &mut section);
        for segment in &self.segments {
            section.extend([0, CONSTANT]);
            write_signed(segment.start, &mut section);
            section.push(END);
            write_bytes(&self.bytes[segment.clone()], &mut section);
        }
        section
    }

    fn clear_locations(&mut self) -> usize {
        let places = (0..self.bytes.len()).step_by(4);
        let locations: Vec<_> = places.filter_map(|at| Some((at, self.file_of_location(at)?))).collect();
        for (at, file) in &locations {
            self.bytes[*at..at + LOCATION_BYTES].fill(0);
            self.bytes[file.clone()].fill(0);
        }
        locations.len()
    }

    /// Where the name of the file is, when there is a location at this address.
    fn file_of_location(&self, at: usize) -> Option<Range<usize>> {
        let location: &[u8; LOCATION_BYTES] = self.bytes.get(at..)?.first_chunk()?;
        let (words, _) = location.as_chunks();
        let [start, length, line, column] = [0, 1, 2, 3].map(|word| u32::from_le_bytes(words[word]) as usize);
        let file = start..start.checked_add(length)?;
        let name = self.bytes.get(file.clone())?;
        let is_path = name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(byte))
            && name.ends_with(b".rs");
        (is_path && line > 0 && column > 0).then_some(file)
    }
}

/// A number that is not negative in signed LEB128.
fn write_signed(number: usize, out: &mut Vec<u8>) {
    write_number(number, out);
    if let Some(last) = out.last_mut().filter(|last| **last & 0x40 != 0) {
        *last |= 0x80;
        out.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(number: u32) -> [u8; 4] {
        number.to_le_bytes()
    }

    /// A module with another section and these segments.
    fn module(segments: &[(usize, &[u8])]) -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        write_section(1, b"types", &mut module);
        let mut data = Vec::new();
        write_number(segments.len(), &mut data);
        for (start, bytes) in segments {
            data.extend([0, CONSTANT]);
            write_signed(*start, &mut data);
            data.push(END);
            write_bytes(bytes, &mut data);
        }
        write_section(DATA_SECTION, &data, &mut module);
        module
    }

    #[test]
    fn places_and_their_files_become_zeros() {
        let files = b"src/a.rs, src/b.rs".as_slice();
        let location =
            |start, length, line, column| [word(start), word(length), word(line), word(column)].concat();
        let locations = [
            location(1024, 8, 7, 3),
            location(1024, 8, 9, 1),
            // No place, no name of a file, more than there is.
            location(1034, 8, 0, 3),
            location(1025, 17, 1, 1),
            location(1034, 80_000, 1, 1),
            location(u32::MAX, 8, 1, 1),
        ]
        .concat();
        let (changed, count) = without_them(&module(&[(1024, files), (70_000, &locations)])).unwrap();
        assert_eq!(count, 2);
        let mut kept = locations.clone();
        kept[..32].fill(0);
        assert_eq!(changed, module(&[(1024, b"\0\0\0\0\0\0\0\0, src/b.rs"), (70_000, &kept)]));
    }

    #[test]
    fn a_module_of_another_form_is_an_error() {
        let whole = module(&[(1024, b"data")]);
        assert_eq!(without_them(&whole).unwrap(), (whole.clone(), 0));
        assert!(without_them(&whole[..whole.len() - 1]).is_err());
        let mut passive = b"\0asm\x01\0\0\0".to_vec();
        write_section(DATA_SECTION, b"\x01\x01\x04data", &mut passive);
        assert!(without_them(&passive).is_err());
    }
}
