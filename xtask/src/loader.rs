//! The loader that wasm-bindgen writes, without what nobody calls and with short names for its own functions.
//!
//! The version of wasm-bindgen is pinned, so the loader is known; what is not found in it ends the build.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

/// The loader, smaller. It is as wasm-bindgen indents it.
pub(crate) fn shorten(loader: &str) -> Result<String> {
    let loader = without_descriptions(&with_one_start(loader)?)?;
    Ok(with_short_functions(&with_methods(&with_direct_returns(&loader))))
}

/// How the page starts the module: from its bytes, once.
const START: &str = "\
async function __wbg_init({ module_or_path }) {
    const { instance, module } = await WebAssembly.instantiate(module_or_path, __wbg_get_imports());
    return __wbg_finalize_init(instance, module);
}
export { __wbg_init as default };
";

/// Without the other ways to start the module: by its address, from an answer, from one that is compiled already.
fn with_one_start(loader: &str) -> Result<String> {
    let (before, starts) =
        loader.split_once("\nasync function __wbg_load(").context("the loader has no function __wbg_load")?;
    let calls = ["__wbg_get_imports()", "return __wbg_finalize_init(instance, module);"];
    ensure!(calls.iter().all(|call| starts.contains(call)), "the loader starts the module otherwise");
    ensure!(
        starts.ends_with("export { initSync, __wbg_init as default };\n"),
        "the loader exports otherwise"
    );
    Ok(format!("{before}\n{START}"))
}

/// Without the text that describes a JavaScript value: it is for messages of panics, which are told nowhere.
fn without_descriptions(loader: &str) -> Result<String> {
    const FUNCTION: &str = "\nfunction debugString(val) {\n";
    let Some((before, body)) = loader.split_once(FUNCTION) else { return Ok(loader.to_owned()) };
    let (_, behind) = body.split_once("\n}\n").context("the loader's debugString has no end")?;
    Ok(format!("{before}{FUNCTION}    return '';\n}}\n{behind}"))
}

/// What a name is made for and returned at once, without the name; and whether a value is an instance, without the
/// `catch` for a class that is none: all are the browser's own.
fn with_direct_returns(loader: &str) -> String {
    // Lines of the longer of the two.
    const LONGEST: usize = 8;
    let mut lines: Vec<&str> = Vec::new();
    let mut changed = Vec::new();
    for line in loader.lines() {
        lines.push(line);
        let last = lines.len().saturating_sub(LONGEST);
        let words: Vec<&str> = lines[last..].iter().map(|line| line.trim()).collect();
        let is_instance = |line: &str| line.starts_with("result = ") && line.contains(" instanceof ");
        match words[..] {
            [
                ..,
                "let result;",
                "try {",
                instance,
                "} catch (_) {",
                "result = false;",
                "}",
                "const ret = result;",
                "return ret;",
            ] if is_instance(instance) => {
                lines.truncate(lines.len() - LONGEST);
                changed.extend(lines.drain(..).map(str::to_owned));
                changed.push(instance.replace("result = ", "return "));
            }
            [.., value, "return ret;"] if value.starts_with("const ret = ") && value.ends_with(';') => {
                lines.truncate(lines.len() - 2);
                changed.extend(lines.drain(..).map(str::to_owned));
                changed.push(value.replacen("const ret = ", "return ", 1));
            }
            _ => {}
        }
    }
    changed.extend(lines.into_iter().map(str::to_owned));
    changed.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
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
function __wbg_get_imports() {
    return {
        __proto__: null,
        one: function(arg0) { return handle(function (arg1) { go(arg0, A, 'go(1)'); }, arguments); },
        \"two\": import0,
        two: arg0 ? handle : function() {},
        three: function(arg0) {
            const ret = arg0.three;
            return ret;
        },
        four: function(arg0) {
            let result;
            try {
                result = arg0 instanceof Element;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
    };
}
function debugString(val) {
    if (val) {
        return `${val}`;
    }
}
function handle(f) { f(take, other, take); x.both(); both(); debugString(f); }
function take(it) { return Array.from(it, take); }
async function other() { return `${take(1)}`.other; }
function both() {}
function __wbg_finalize_init(instance, module) {}
async function __wbg_load(module, imports) {
    return module;
}
function initSync(module) {}
async function __wbg_init(module_or_path) {
    const imports = __wbg_get_imports();
    const { instance, module } = await __wbg_load(await module_or_path, imports);
    return __wbg_finalize_init(instance, module);
}
export { initSync, __wbg_init as default };
";

    #[test]
    fn a_loader_becomes_smaller() {
        let shortened = shorten(LOADER).unwrap();
        assert!(shortened.len() < LOADER.len() * 3 / 4, "{shortened}");
        for kept in [
            "one(arg0) { return ",
            "(function (arg1) { go(arg0, A, 'go(1)'); }, arguments); },",
            "function take(it) { return Array.from(it, take); }",
            "return `${take(1)}`.other; }",
            "x.both(); both();",
            "three(arg0) {\nreturn arg0.three;\n        },\n",
            "four(arg0) {\nreturn arg0 instanceof Element;\n        },\n",
            "    return '';\n}\n",
            " as default };\n",
        ] {
            assert!(shortened.contains(kept), "{kept} is not in {shortened}");
        }
        for gone in ["initSync", "__wbg_load", "${val}", "__wbg_get_imports", "debugString"] {
            assert!(!shortened.contains(gone), "{gone} is in {shortened}");
        }
        assert_eq!(with_short_functions("function f(a) {\n  g(h, f);\n}"), "function A(a) {\n  g(h, A);\n}");
    }

    #[test]
    fn a_loader_that_is_not_understood_is_an_error() {
        for (part, instead) in [
            ("\nasync function __wbg_load(", "\nasync function load("),
            ("__wbg_get_imports();", "imports;"),
            ("return __wbg_finalize_init(instance, module);", "return instance;"),
            ("export { initSync, ", "export { "),
            ("\n}\nfunction handle(f)", "function handle(f)"),
        ] {
            let (from, behind) = LOADER.split_at(LOADER.find("function debugString").unwrap());
            let changed = match part {
                "\n}\nfunction handle(f)" => {
                    LOADER.split("\n}\nfunction handle").next().unwrap().to_owned() + "__wbg_load"
                }
                _ => from.to_owned() + &behind.replace(part, instead),
            };
            assert!(shorten(&changed).is_err(), "{instead}");
        }
    }
}
