//! The order of a module's functions: those that are alike beside each other, since the packer (pack.rs) writes what
//! stood shortly before in fewer bits, and learns from what came last.
//!
//! Moving a function changes its number in every call, which is left to wasm-opt: it can sort functions by name. So
//! all that is written here are names.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::wasm::{
    CODE_SECTION, CUSTOM_SECTION, FUNCTION_NAMES, IMPORT_SECTION, NAME_SECTION, Reader, Sections,
    write_bytes, write_number, write_section,
};

/// Functions are alike when they share runs of this many bytes.
const RUN_LENGTH: usize = 4;

/// A run that more functions have says nothing.
const MOST_OWNERS: usize = 1_000;

/// The module with names for its functions, by which they sort in the better order. Imports stay in front, in their
/// order.
pub(crate) fn name_in_order(module: &[u8]) -> Result<Vec<u8>> {
    let sections = Sections::of(module)?;
    let (mut imports, mut bodies) = (0, Vec::new());
    let mut named = sections.header.to_vec();
    for (id, section) in sections.all {
        let mut reader = Reader(section);
        match id {
            // wasm-bindgen's modules import functions only, which imports.rs insists on.
            IMPORT_SECTION => imports = reader.number()?,
            CODE_SECTION => {
                for _ in 0..reader.number()? {
                    bodies.push(reader.counted()?);
                }
            }
            CUSTOM_SECTION if reader.counted()? == NAME_SECTION => continue,
            _ => {}
        }
        write_section(id, section, &mut named);
    }
    write_section(CUSTOM_SECTION, &name_section(imports, &by_likeness(&bodies)), &mut named);
    Ok(named)
}

/// Numbers as names, in as many digits as the longest has.
fn name_section(imports: usize, order: &[usize]) -> Vec<u8> {
    let mut places: Vec<usize> = (0..imports + order.len()).collect();
    for (place, &function) in order.iter().enumerate() {
        places[imports + function] = imports + place;
    }
    let mut names = Vec::new();
    write_number(places.len(), &mut names);
    for (function, place) in places.iter().enumerate() {
        write_number(function, &mut names);
        write_bytes(format!("{place:06}").as_bytes(), &mut names);
    }
    let mut section = Vec::new();
    write_bytes(NAME_SECTION, &mut section);
    write_section(FUNCTION_NAMES, &names, &mut section);
    section
}

/// Begins with the longest body and goes on with the one that is most like those before it, of which each counts half as
/// much as the next. Ties go to the first.
fn by_likeness(bodies: &[&[u8]]) -> Vec<usize> {
    let runs = Runs::of(bodies);
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order = Vec::new();
    let mut shared = vec![0.0; bodies.len()];
    let mut next = left.iter().copied().max_by_key(|&body| (bodies[body].len(), usize::MAX - body));
    while let Some(last) = next {
        left.retain(|&other| other != last);
        order.push(last);
        shared.iter_mut().for_each(|shared| *shared /= 2.0);
        for &owner in runs.of_body[last].iter().flat_map(|&run| &runs.owners[run]) {
            shared[owner] += 1.0;
        }
        // A long body has more to share, so it is divided by the length, but less than in proportion: else the short
        // ones would all come first.
        let score = |body: usize| shared[body] / runs.weight[body];
        next = left.iter().copied().reduce(|best, body| if score(body) > score(best) { body } else { best });
    }
    order
}

/// Which body has which runs of bytes, each counted once.
struct Runs {
    of_body: Vec<Vec<usize>>,
    /// The bodies with a run; none where they are too many.
    owners: Vec<Vec<usize>>,
    /// Of a body: the number of its runs to the power of ¾, from roots, which every machine rounds alike.
    weight: Vec<f64>,
}

impl Runs {
    fn of(bodies: &[&[u8]]) -> Self {
        let mut numbers = BTreeMap::new();
        let mut owners = Vec::<Vec<usize>>::new();
        let mut of_body = Vec::new();
        for (body, bytes) in bodies.iter().enumerate() {
            let mut runs = Vec::new();
            for run in bytes.windows(RUN_LENGTH) {
                let number = *numbers.entry(run).or_insert(owners.len());
                if number == owners.len() {
                    owners.push(Vec::new());
                }
                if owners[number].last() != Some(&body) {
                    owners[number].push(body);
                    runs.push(number);
                }
            }
            of_body.push(runs);
        }
        for owners in owners.iter_mut().filter(|owners| owners.len() > MOST_OWNERS) {
            owners.clear();
        }
        let weight = |runs: &Vec<usize>| {
            let root = f64::from(runs.len() as u32 + 1).sqrt();
            root * root.sqrt()
        };
        let weight = of_body.iter().map(weight).collect();
        Self { of_body, owners, weight }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_functions_are_neighbours() {
        let bodies: [&[u8]; 5] =
            [b"abcdefgh", b"0123456789 ", b"abcdefghi", b"0123456789", b"a body without a like"];
        assert_eq!(by_likeness(&bodies), [4, 0, 2, 1, 3]);
    }

    #[test]
    fn each_function_has_one_place() {
        let texts: Vec<_> = (0..300_u32).map(|n| (n * n % 77).to_string().repeat(300)).collect();
        let bodies: Vec<_> =
            texts.iter().map(String::as_bytes).chain([b"".as_slice(), b"", b"abc"]).collect();
        let mut order = by_likeness(&bodies);
        order.sort_unstable();
        assert_eq!(order, (0..bodies.len()).collect::<Vec<_>>());
        assert!(by_likeness(&[]).is_empty());
    }

    /// A module of sections that are not read here, imports of which only the number is read, and these bodies.
    fn module(imports: usize, bodies: &[&[u8]], names: &[u8]) -> Vec<u8> {
        let mut import_section = Vec::new();
        write_number(imports, &mut import_section);
        let mut code = Vec::new();
        write_number(bodies.len(), &mut code);
        for body in bodies {
            write_bytes(body, &mut code);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (id, section) in
            [(1, b"types".as_slice()), (IMPORT_SECTION, &import_section), (CODE_SECTION, &code)]
        {
            write_section(id, section, &mut module);
        }
        module.extend_from_slice(b"\0\x06\x05other");
        module.extend_from_slice(names);
        module
    }

    #[test]
    fn only_the_names_change() {
        let no_names = b"\0\x08\x04nameold";
        let one_name = b"\0\x10\x04name\x01\x09\x01\x00\x06000000";
        // The bodies come in the order second, third, first.
        let five_names = b"\0\x30\x04name\x01\x29\x05\x00\x06000000\x01\x06000001\
            \x02\x06000004\x03\x06000002\x04\x06000003";
        let three: [&[u8]; 3] = [b"abcd", b"abcdefgh", b"abcdef"];
        for (imports, bodies, names) in [(0, &[b"".as_slice()][..], &one_name[..]), (2, &three, five_names)] {
            let named = module(imports, bodies, names);
            for names in [b"".as_slice(), no_names, names] {
                assert_eq!(name_in_order(&module(imports, bodies, names)).unwrap(), named);
            }
        }
    }

    #[test]
    fn a_module_that_is_cut_off_is_an_error() {
        let whole = module(1, &[b"abcd", b"efgh"], b"");
        assert!(name_in_order(&whole).is_ok());
        assert!(name_in_order(&whole[..whole.len() - 1]).is_err());
    }
}
