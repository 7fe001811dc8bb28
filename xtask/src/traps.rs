//! Panics that trap at once.
//!
//! A panic ends the page, and what it says is told nowhere: it could hold anything. But the code that writes it is in
//! the module, with all that it formats. So the functions in which panics begin become a trap, which ends the page as
//! well (`static/recovery.js`). What is lost is the panic's place in the browser's console; a page that was built without
//! wasm-opt, and so without this, still tells it (`src/web/boot.rs`).

use anyhow::Result;

use crate::wasm::{
    CODE_SECTION, CUSTOM_SECTION, FUNCTION_NAMES, IMPORT_SECTION, NAME_SECTION, Reader, Sections,
    write_bytes, write_number, write_section,
};

/// What their names hold. A name that a later toolchain no longer has costs bytes and nothing else.
const PARTS: [&str; 9] = [
    "::panicking::panic",
    "::result::unwrap_failed",
    "::option::unwrap_failed",
    "::option::expect_failed",
    "::slice_error_fail",
    "::slice_index_fail",
    "::len_mismatch_fail",
    "::handle_error",
    "::capacity_overflow",
];

/// No locals, `unreachable`, `end`.
const TRAP: [u8; 3] = [0x00, 0x00, 0x0b];

/// The module with traps in the place of these functions, and how many there were.
pub(crate) fn in_place_of_panics(module: &[u8]) -> Result<(Vec<u8>, usize)> {
    let sections = Sections::of(module)?;
    let mut imports = 0;
    let mut begins_panic = Vec::new();
    for (id, section) in &sections.all {
        let mut reader = Reader(section);
        match *id {
            // wasm-bindgen's modules import functions only, which imports.rs insists on.
            IMPORT_SECTION => imports = reader.number()?,
            CUSTOM_SECTION if reader.counted()? == NAME_SECTION => begins_panic = numbers(reader)?,
            _ => {}
        }
    }
    let (mut changed, mut count) = (sections.header.to_vec(), 0);
    for (id, section) in sections.all {
        if id != CODE_SECTION {
            write_section(id, section, &mut changed);
            continue;
        }
        let mut reader = Reader(section);
        let functions = reader.number()?;
        let mut code = Vec::new();
        write_number(functions, &mut code);
        for function in imports..imports + functions {
            let body = reader.counted()?;
            let is_trap = begins_panic.contains(&function);
            count += usize::from(is_trap);
            write_bytes(if is_trap { &TRAP } else { body }, &mut code);
        }
        write_section(CODE_SECTION, &code, &mut changed);
    }
    Ok((changed, count))
}

/// The numbers of these functions.
fn numbers(mut names: Reader<'_>) -> Result<Vec<usize>> {
    let mut numbers = Vec::new();
    while !names.0.is_empty() {
        let part = names.byte()?;
        let mut names = Reader(names.counted()?);
        if part != FUNCTION_NAMES {
            continue;
        }
        for _ in 0..names.number()? {
            let (number, name) = (names.number()?, names.name()?);
            if PARTS.iter().any(|part| name.contains(part)) {
                numbers.push(number);
            }
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with one import and these functions, whose bodies are their names.
    fn module(functions: &[&str], with_names: bool) -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        write_section(IMPORT_SECTION, &[1], &mut module);
        let (mut code, mut names) = (Vec::new(), Vec::new());
        write_number(functions.len(), &mut code);
        write_number(functions.len(), &mut names);
        for (index, name) in functions.iter().enumerate() {
            write_bytes(name.as_bytes(), &mut code);
            write_number(index + 1, &mut names);
            write_bytes(name.as_bytes(), &mut names);
        }
        write_section(CODE_SECTION, &code, &mut module);
        let mut section = Vec::new();
        write_bytes(NAME_SECTION, &mut section);
        write_section(0, b"\x04page", &mut section);
        write_section(FUNCTION_NAMES, &names, &mut section);
        if with_names {
            write_section(CUSTOM_SECTION, &section, &mut module);
        }
        module
    }

    fn bodies(module: &[u8]) -> Vec<Vec<u8>> {
        let sections = Sections::of(module).unwrap();
        let (_, code) = sections.all.iter().find(|(id, _)| *id == CODE_SECTION).unwrap();
        let mut reader = Reader(code);
        (0..reader.number().unwrap()).map(|_| reader.counted().unwrap().to_vec()).collect()
    }

    #[test]
    fn functions_in_which_panics_begin_are_traps() {
        let functions = [
            "core[1f]::panicking::panic_bounds_check",
            "core[1f]::panicking::panic_fmt",
            "core[1f]::option::unwrap_failed",
            "core[1f]::fmt::write",
            "app::panic_button",
        ];
        let (changed, count) = in_place_of_panics(&module(&functions, true)).unwrap();
        assert_eq!(count, 3);
        let kept = |name: &str| name.as_bytes().to_vec();
        let trap = TRAP.to_vec();
        assert_eq!(
            bodies(&changed),
            [trap.clone(), trap.clone(), trap, kept(functions[3]), kept(functions[4])]
        );
    }

    #[test]
    fn a_module_without_names_stays_as_it_is() {
        let module = module(&["core[1f]::panicking::panic_bounds_check"], false);
        assert_eq!(in_place_of_panics(&module).unwrap(), (module.clone(), 0));
        assert!(in_place_of_panics(&module[..module.len() - 1]).is_err());
    }
}
