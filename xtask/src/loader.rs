//! The loader that wasm-bindgen writes, without what nobody calls and with short names for its own functions.
//!
//! The version of wasm-bindgen is pinned, so the loader is known; what is not found in it ends the build.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

/// The loader, smaller. It is as wasm-bindgen indents it.
pub(crate) fn shorten(loader: &str) -> Result<String> {
    let loader = without_sync_init(loader)?;
    Ok(with_short_functions(&with_methods(&loader)))
}

/// Without the second way to start the module: from one that is compiled already.
fn without_sync_init(loader: &str) -> Result<String> {
    let (before, function) =
        loader.split_once("\nfunction initSync(").context("the loader has no function initSync")?;
    let (_, behind) = function.split_once("\n}\n").context("the loader's initSync has no end")?;
    let (between, end) =
        behind.split_once("\nexport { initSync, ").context("the loader does not export initSync")?;
    let loader = format!("{before}\n{between}\nexport {{ {end}");
    if loader.contains("initSync") {
        bail!("the loader uses initSync");
    }
    Ok(loader)
}

/// `name: function(` as `name(`: what the module imports is only called.
fn with_methods(loader: &str) -> String {
    let line_as_method = |line: &str| match line.split_once(": function(") {
        Some((key, rest)) if !key.trim_start().is_empty() && key.trim_start().chars().all(is_in_name) => {
            format!("{key}({rest}")
        }
        _ => line.to_owned(),
    };
    loader.split_inclusive('\n').map(line_as_method).collect()
}

/// Functions of the file under names of one or two letters that it does not have. Those stay that are used otherwise
/// than in calls and as a last argument: a parenthesis follows neither a word of a text, nor a key, nor what is
/// exported.
fn with_short_functions(loader: &str) -> String {
    let words = words(loader);
    let taken: BTreeSet<_> = words.iter().map(|word| word.text).collect();
    let letters = || (b'A'..=b'Z').map(|letter| char::from(letter).to_string());
    let pairs = letters().flat_map(|first| letters().map(move |second| format!("{first}{second}")));
    let mut free = letters().chain(pairs).filter(|name| !taken.contains(name.as_str()));
    let mut names = BTreeMap::new();
    for line in loader.lines() {
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("function ");
        let Some((name, _)) = function.and_then(|function| function.split_once('(')) else { continue };
        if words.iter().filter(|word| word.text == name).all(|word| word.is_called_or_given)
            && let Some(short) = free.next()
        {
            names.insert(name, short);
        }
    }
    let (mut out, mut end) = (String::with_capacity(loader.len()), 0);
    for word in words {
        if let Some(short) = names.get(word.text) {
            out.push_str(&loader[end..word.start]);
            out.push_str(short);
            end = word.start + word.text.len();
        }
    }
    out + &loader[end..]
}

fn is_in_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_$".contains(character)
}

struct Word<'a> {
    text: &'a str,
    start: usize,
    is_called_or_given: bool,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let (mut words, mut start) = (Vec::new(), 0);
    for part in text.split_inclusive(|character| !is_in_name(character)) {
        let word = part.trim_end_matches(|character| !is_in_name(character));
        if !word.is_empty() {
            let before = &text[..start];
            let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
            let is_in_quotes = ['\'', '"', '`'].iter().any(|quote| line.matches(*quote).count() % 2 == 1);
            let is_called_or_given =
                part.ends_with(['(', ')']) && !before.ends_with(['.', '#', '@', '\\']) && !is_in_quotes;
            words.push(Word { text: word, start, is_called_or_given });
        }
        start += part.len();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOADER: &str = "\
function imports() {
    return {
        __proto__: null,
        one: function(arg0) { return handle(function (arg1) { go(arg0, A, 'go(1)'); }, arguments); },
        \"two\": import0,
        two: arg0 ? imports : function() {},
    };
}
function handle(f) { f(take, other, take); x.both(); both(); }
function take(it) { return Array.from(it, take); }
async function other() { return `${take(1)}`.other; }
function both() {}
function initSync(module) {
    if (module) {
        console.warn('initSync()');
    }
}
function shown() { return \"shown()\"; }
async function start() { handle(); }
export { initSync, start as default };
";

    #[test]
    fn a_loader_becomes_smaller() {
        let shorter = "\
function imports() {
    return {
        __proto__: null,
        one(arg0) { return B(function (arg1) { go(arg0, A, 'go(1)'); }, arguments); },
        \"two\": import0,
        two: arg0 ? imports : function() {},
    };
}
function B(f) { f(take, other, take); x.both(); both(); }
function take(it) { return Array.from(it, take); }
async function other() { return `${take(1)}`.other; }
function both() {}
function shown() { return \"shown()\"; }
async function start() { B(); }
export { start as default };
";
        assert_eq!(shorten(LOADER).unwrap(), shorter);
        assert_eq!(with_short_functions("function f(a) {\n  g(h, f);\n}"), "function A(a) {\n  g(h, A);\n}");
    }

    #[test]
    fn a_loader_that_is_not_understood_is_an_error() {
        for (part, instead) in [
            ("\nfunction initSync(", "\nfunction init("),
            ("{ initSync, ", "{ "),
            ("{ initSync, start as default }", "{ start as default, initSync }"),
            ("handle(); }", "initSync(); }"),
        ] {
            assert_ne!(LOADER.replace(part, instead), LOADER);
            assert!(shorten(&LOADER.replace(part, instead)).is_err(), "{instead}");
        }
    }
}
