//! The binary format of a module, as far as it is read and written here (WebAssembly core specification, chapter 5).

use anyhow::{Context, Result, bail};

/// Magic number and version, before the first section.
const HEADER_LENGTH: usize = 8;

/// A section without a meaning for the machine, with a name before its content.
pub(crate) const CUSTOM_SECTION: u8 = 0;

/// The name of the section with names, and in it the part with those of functions (Name Section in the appendix).
pub(crate) const NAME_SECTION: &[u8] = b"name";
pub(crate) const FUNCTION_NAMES: u8 = 1;

/// The section with the imports.
pub(crate) const IMPORT_SECTION: u8 = 2;

/// The section with the exports.
pub(crate) const EXPORT_SECTION: u8 = 7;

/// The section with the bodies of the functions.
pub(crate) const CODE_SECTION: u8 = 10;

/// The section with what the memory holds at the beginning.
pub(crate) const DATA_SECTION: u8 = 11;

/// What is left to read of a module.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length).context("the module is cut off")?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        Ok(self.bytes(1)?[0])
    }

    /// An unsigned number of 32 bits in LEB128.
    pub(crate) fn number(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        bail!("a number of the module is too long")
    }

    /// Bytes behind their number.
    pub(crate) fn counted(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.bytes(length)
    }

    pub(crate) fn name(&mut self) -> Result<&'a str> {
        Ok(std::str::from_utf8(self.counted()?)?)
    }
}

/// A module taken apart.
pub(crate) struct Sections<'a> {
    pub(crate) header: &'a [u8],
    /// Id and content of each.
    pub(crate) all: Vec<(u8, &'a [u8])>,
}

impl<'a> Sections<'a> {
    pub(crate) fn of(module: &'a [u8]) -> Result<Self> {
        let mut reader = Reader(module);
        let header = reader.bytes(HEADER_LENGTH)?;
        let mut all = Vec::new();
        while !reader.0.is_empty() {
            all.push((reader.byte()?, reader.counted()?));
        }
        Ok(Self { header, all })
    }
}

pub(crate) fn write_number(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_number(bytes.len(), out);
    out.extend_from_slice(bytes);
}

pub(crate) fn write_section(id: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(id);
    write_bytes(content, out);
}
