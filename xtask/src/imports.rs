//! Short names for what a module and its loader have from each other.
//!
//! wasm-bindgen names an import after the function and puts a hash behind it, and a hash does not compress. Each name
//! stands in the module and in the loader, and the module repeats the loader's name with each. The exports have names
//! of the same kind.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::wasm::{
    EXPORT_SECTION, IMPORT_SECTION, Reader, Sections, write_bytes, write_number, write_section,
};

/// The kind of an import that is a function.
const FUNCTION: u8 = 0;

/// What comes before the name of an export in the loader.
const EXPORTS: &str = "wasm.";

/// The names that were there, and those in their place.
#[derive(Default)]
struct Names<'a>(BTreeMap<&'a str, String>);

impl<'a> Names<'a> {
    /// `a` to `z`, then `ba`: a key of an object, which may be a word that is reserved elsewhere.
    fn short(&mut self, name: &'a str) -> &str {
        let mut number = self.0.len();
        self.0.entry(name).or_insert_with(|| {
            let mut letters = String::new();
            loop {
                letters.insert(0, char::from(b'a' + (number % 26) as u8));
                number /= 26;
                if number == 0 {
                    break letters;
                }
            }
        })
    }
}

/// Shortens the names in both files. The loader names its own file in quotes, and each import as one word.
pub(crate) fn shorten(loader: &str, module: &[u8]) -> Result<(String, Vec<u8>)> {
    let (mut imports, mut exports) = (Names::default(), Names::default());
    let sections = Sections::of(module)?;
    let mut shorter = sections.header.to_vec();
    for (id, section) in sections.all {
        match id {
            IMPORT_SECTION => write_section(id, &import_section(section, &mut imports)?, &mut shorter),
            EXPORT_SECTION => {
                write_section(id, &export_section(section, loader, &mut exports)?, &mut shorter)
            }
            _ => write_section(id, section, &mut shorter),
        }
    }
    Ok((renamed(loader, &imports, &exports)?, shorter))
}

fn import_section<'a>(section: &'a [u8], names: &mut Names<'a>) -> Result<Vec<u8>> {
    let (mut reader, mut shorter) = (Reader(section), Vec::new());
    let count = reader.number()?;
    write_number(count, &mut shorter);
    for _ in 0..count {
        for _ in ["the module that it is from", "its own name"] {
            write_bytes(names.short(reader.name()?).as_bytes(), &mut shorter);
        }
        if reader.byte()? != FUNCTION {
            bail!("the module imports something else than functions");
        }
        shorter.push(FUNCTION);
        write_number(reader.number()?, &mut shorter);
    }
    Ok(shorter)
}

/// Without what the loader does not name: nobody else sees the exports.
fn export_section<'a>(section: &'a [u8], loader: &str, names: &mut Names<'a>) -> Result<Vec<u8>> {
    let (mut reader, mut kept) = (Reader(section), Vec::new());
    for _ in 0..reader.number()? {
        let (name, kind, index) = (reader.name()?, reader.byte()?, reader.number()?);
        if loader.contains(name) {
            write_bytes(names.short(name).as_bytes(), &mut kept);
            kept.push(kind);
            write_number(index, &mut kept);
        }
    }
    let mut shorter = Vec::new();
    write_number(names.0.len(), &mut shorter);
    shorter.extend(kept);
    Ok(shorter)
}

/// The loader with each name replaced where it stands alone: between characters that no name has. Exports are found as
/// what `wasm` has. A name that is not there is an error, since the browser would refuse the module, or the loader not
/// find what it exports.
fn renamed(loader: &str, imports: &Names<'_>, exports: &Names<'_>) -> Result<String> {
    let is_in_names = |character: char| character.is_ascii_alphanumeric() || "_./-$".contains(character);
    let mut out = String::with_capacity(loader.len());
    let (mut missing_imports, mut missing_exports) = (imports.0.clone(), exports.0.clone());
    let mut rest = loader;
    while !rest.is_empty() {
        let word_end = rest.find(|character| !is_in_names(character)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(word_end);
        if let Some(path) = word.strip_prefix(EXPORTS) {
            let (name, member) = path.split_at(path.find('.').unwrap_or(path.len()));
            out.push_str(EXPORTS);
            out.push_str(exports.0.get(name).map_or(name, String::as_str));
            out.push_str(member);
            missing_exports.remove(name);
        } else {
            out.push_str(imports.0.get(word).map_or(word, String::as_str));
            missing_imports.remove(word);
        }
        let next_word = behind.find(is_in_names).unwrap_or(behind.len());
        out.push_str(&behind[..next_word]);
        rest = &behind[next_word..];
    }
    if let Some(name) = missing_imports.keys().chain(missing_exports.keys()).next() {
        bail!("the loader does not have {name}");
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module whose only sections with a meaning here are those of the imports and exports.
    fn module(imports: &[(&str, &str)], exports: &[&str]) -> Vec<u8> {
        let mut section = vec![imports.len() as u8];
        for (index, (from, name)) in imports.iter().enumerate() {
            write_bytes(from.as_bytes(), &mut section);
            write_bytes(name.as_bytes(), &mut section);
            section.extend([FUNCTION, index as u8]);
        }
        let mut export_section = vec![exports.len() as u8];
        for (index, name) in exports.iter().enumerate() {
            write_bytes(name.as_bytes(), &mut export_section);
            export_section.extend([2, index as u8]);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (id, section) in [
            (1, b"types".as_slice()),
            (IMPORT_SECTION, &section),
            (EXPORT_SECTION, &export_section),
            (10, &[7; 300]),
        ] {
            write_section(id, section, &mut module);
        }
        module
    }

    #[test]
    fn both_files_get_the_same_short_names() {
        let loader = r#"{ __wbg_body_0da0: memory(wasm.free, wasm.x), __wbg_body_0da01: wasm.memory.buffer, "./app_bg.js": import0 }"#;
        let long = module(
            &[("./app_bg.js", "__wbg_body_0da0"), ("./app_bg.js", "__wbg_body_0da01")],
            &["memory", "main", "free"],
        );
        let (loader, short) = shorten(loader, &long).unwrap();
        assert_eq!(loader, r#"{ b: memory(wasm.b, wasm.x), c: wasm.a.buffer, "a": import0 }"#);
        let mut expected = module(&[("a", "b"), ("a", "c")], &["a", "b"]);
        // The index of the third.
        let index_at = expected.windows(3).position(|bytes| bytes == [b'b', 2, 1]).unwrap() + 2;
        expected[index_at] = 2;
        assert_eq!(short, expected);
    }

    #[test]
    fn names_stay_distinct() {
        let texts: Vec<String> = (0..1000).map(|number| format!("name {number}")).collect();
        let mut names = Names::default();
        let short: std::collections::BTreeSet<_> =
            texts.iter().map(|text| names.short(text).to_owned()).collect();
        assert_eq!(short.len(), texts.len());
        assert_eq!(names.short("name 0"), "a");
        assert_eq!(names.short("name 26"), "ba");
    }

    #[test]
    fn a_module_that_is_not_understood_is_an_error() {
        let whole = module(&[("m", "f")], &[]);
        assert!(shorten("m f", &whole).is_ok());
        assert!(shorten("m f", &whole[..whole.len() - 1]).is_err());
        let kind_at = whole.windows(2).position(|bytes| bytes == [b'f', FUNCTION]).unwrap() + 1;
        let mut of_a_memory = whole;
        of_a_memory[kind_at] = 2;
        assert!(shorten("m f", &of_a_memory).is_err());
    }

    #[test]
    fn a_loader_without_an_import_or_export_is_an_error() {
        let module = module(&[("m", "f"), ("m", "g")], &["h"]);
        assert!(shorten("m f g wasm.h", &module).is_ok());
        assert!(shorten("m f gg wasm.h", &module).is_err());
        assert!(shorten("m f g h wasm.hh", &module).is_err());
    }
}
