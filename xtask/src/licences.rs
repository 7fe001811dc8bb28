//! The licences of what is compiled into the page, as a text that the footer links to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process::ask;
use crate::tools::{PAGE, Tools, WASM_TARGET};

/// The package of the module that searches.
const SEARCH: &str = "log-search";

/// The list's place in the page, before it is named by its content.
pub(crate) const FILE: &str = "licences.txt";

/// How the files begin that a licence asks to be passed on.
const TEXT_FILES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"];

/// What Rust's standard library is under; its files lie in the toolchain.
const STANDARD_LIBRARY: (&str, [&str; 2]) = ("MIT OR Apache-2.0", ["Apache-2.0.txt", "MIT.txt"]);

/// Something that is compiled in.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    name: String,
    version: String,
    /// As the package has it: mostly an SPDX expression.
    licence: String,
    /// The texts that come with it, by file name.
    texts: BTreeMap<String, String>,
}

/// The list and all texts, each once.
pub(crate) fn text(tools: &Tools) -> Result<String> {
    let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", WASM_TARGET];
    let metadata = ask(tools.command("cargo").args(arguments)).context("`cargo metadata` failed")?;
    let mut parts = Vec::new();
    for package in compiled_in(&serde_json::from_str(&metadata)?)? {
        let text = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
        let manifest = text("manifest_path");
        let folder = Path::new(&manifest).parent().context("a package has no folder")?;
        parts.push(Part {
            name: text("name"),
            version: text("version"),
            licence: package["license"].as_str().unwrap_or("see its text").to_owned(),
            texts: texts_in(folder)?,
        });
    }
    // Ours is the first; the others come by their names.
    parts.sort_by_key(|part| (part.name != PAGE, part.name.clone(), part.version.clone()));
    parts.push(standard_library(tools)?);
    Ok(listed(&parts))
}

/// The packages whose code is in the page: its own and what it depends on at run time. Macros run at build time.
fn compiled_in(metadata: &Value) -> Result<Vec<&Value>> {
    let packages = list(&metadata["packages"])?;
    let nodes = list(&metadata["resolve"]["nodes"])?;
    let roots: Vec<_> =
        packages.iter().filter(|package| package["name"] == PAGE || package["name"] == SEARCH).collect();
    ensure!(roots.iter().any(|package| package["name"] == PAGE), "there is no package of the page");
    let mut pending: Vec<_> = roots.iter().map(|package| &package["id"]).collect();
    let mut found = BTreeSet::new();
    let mut compiled = Vec::new();
    while let Some(id) = pending.pop() {
        let package =
            packages.iter().find(|package| package["id"] == *id).context("a package is not listed")?;
        if is_macro(package)? || !found.insert(id.to_string()) {
            continue;
        }
        compiled.push(package);
        let node = nodes.iter().find(|node| node["id"] == *id).context("a package is not resolved")?;
        for dependency in list(&node["deps"])? {
            // The kind of a dependency at run time has no name.
            if list(&dependency["dep_kinds"])?.iter().any(|kind| kind["kind"].is_null()) {
                pending.push(&dependency["pkg"]);
            }
        }
    }
    Ok(compiled)
}

fn is_macro(package: &Value) -> Result<bool> {
    let mut is_macro = false;
    for target in list(&package["targets"])? {
        is_macro |= list(&target["kind"])?.iter().any(|kind| kind == "proc-macro");
    }
    Ok(is_macro)
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("`cargo metadata` answers something else than it did")
}

/// The licence texts of a folder, line ends and space at the ends made alike.
fn texts_in(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if TEXT_FILES.iter().any(|start| name.to_ascii_uppercase().starts_with(start)) && path.is_file() {
            texts.insert(name, read_text(&path)?);
        }
    }
    Ok(texts)
}

fn read_text(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).replace("\r\n", "\n").trim_matches('\n').trim_end().to_owned())
}

fn standard_library(tools: &Tools) -> Result<Part> {
    let ask_rustc = |argument: &str| {
        let answer = ask(tools.command("rustc").args(argument.split(' '))).context("rustc does not start")?;
        anyhow::Ok(answer.trim().to_owned())
    };
    let version = ask_rustc("--version")?;
    let folder = Path::new(&ask_rustc("--print sysroot")?).join("share/doc/rust/licenses");
    let (licence, files) = STANDARD_LIBRARY;
    // A toolchain that is not rustup's can have them elsewhere; the other parts bring both texts as well.
    let texts =
        files.iter().filter_map(|file| Some(((*file).to_owned(), read_text(&folder.join(file)).ok()?)));
    Ok(Part {
        name: "Rust's standard library".to_owned(),
        version: version.split(' ').nth(1).unwrap_or_default().to_owned(),
        licence: licence.to_owned(),
        texts: texts.collect(),
    })
}

fn listed(parts: &[Part]) -> String {
    let mut by_text = BTreeMap::<&str, Vec<String>>::new();
    for part in parts {
        for (file, text) in &part.texts {
            by_text.entry(text).or_default().push(format!("{} {}: {file}", part.name, part.version));
        }
    }
    let mut list = String::from("What is compiled into this page, and under which licences.\n\n");
    for part in parts {
        let Part { name, version, licence, texts } = part;
        let remark = if texts.is_empty() { "  (its package contains no text of it)" } else { "" };
        // Writing into a string cannot fail.
        let _ = writeln!(list, "{name} {version}: {licence}{remark}");
    }
    // In the order in which the parts bring them.
    let mut written = BTreeSet::new();
    for text in parts.iter().flat_map(|part| part.texts.values()) {
        if written.insert(text) {
            let _ = write!(list, "\n{}\n{}\n\n{text}\n", "=".repeat(80), by_text[text.as_str()].join("\n"));
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, licence: &str, texts: &[(&str, &str)]) -> Part {
        Part {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.to_owned(),
            texts: texts.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect(),
        }
    }

    #[test]
    fn the_page_s_list_has_what_is_compiled_in_and_nothing_else() {
        let list = text(&Tools::new().unwrap()).unwrap();
        let has = |part: &str| list.lines().any(|line| line.starts_with(&format!("{part} ")));
        for compiled_in in [PAGE, "yew", "wasm-bindgen", "memchr", "serde_json", "Rust's standard library"] {
            assert!(has(compiled_in), "{compiled_in}");
        }
        // For tests, for the build, for another crate, a macro.
        for absent in
            ["proptest", "wasm-bindgen-test", "tokio", "axum", "anyhow", "serde_derive", "yew-macro"]
        {
            assert!(!has(absent), "{absent}");
        }
        let first = list.lines().nth(2).unwrap();
        assert_eq!(first, format!("{PAGE} {}: GPL-3.0-only", env!("CARGO_PKG_VERSION")));
        assert!(list.contains("Permission is hereby granted, free of charge"));
    }

    #[test]
    fn a_text_is_written_once_with_all_that_it_belongs_to() {
        let parts = [
            part("a", "GPL-3.0-only", &[("LICENSE", "the text of a")]),
            part("b", "MIT", &[("LICENSE-MIT", "the text of MIT")]),
            part("c", "MIT", &[]),
            part(
                "d",
                "MIT OR Apache-2.0",
                &[("LICENSE-APACHE", "the text"), ("LICENSE-MIT", "the text of MIT")],
            ),
        ];
        let line = "=".repeat(80);
        let expected = format!(
            "What is compiled into this page, and under which licences.\n\n\
             a 1.0.0: GPL-3.0-only\nb 1.0.0: MIT\nc 1.0.0: MIT  (its package contains no text of it)\n\
             d 1.0.0: MIT OR Apache-2.0\n\
             \n{line}\na 1.0.0: LICENSE\n\nthe text of a\n\
             \n{line}\nb 1.0.0: LICENSE-MIT\nd 1.0.0: LICENSE-MIT\n\nthe text of MIT\n\
             \n{line}\nd 1.0.0: LICENSE-APACHE\n\nthe text\n"
        );
        assert_eq!(listed(&parts), expected);
    }
}
