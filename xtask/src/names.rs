//! Names of the page's files: by the hash of their final bytes, so that a cached file is never another one's.
//!
//! A file's references are part of its bytes, so the files that it names get their names first.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{Context, Result, bail};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::files::{Files, INDEX};

/// The names that others know: servers, pages elsewhere, and the index of an earlier deployment. Nothing has to refer
/// to these files.
const FIXED: [&str; 4] = [INDEX, "404.html", "badge.svg", "recovery.js"];

/// As many bytes of the hash as are part of a name.
const HASH_BYTES: usize = 8;

/// A place in a file that names another file of the page.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    /// Where the reference is written.
    range: Range<usize>,
    /// The file's path inside the page's folder.
    target: String,
}

/// Renames the files and rewrites what refers to them. A reference to a file that is not there is an error, and so is
/// a file that nothing refers to.
pub(crate) fn by_content(files: Files) -> Result<Files> {
    let mut references = BTreeMap::new();
    for (name, bytes) in &files {
        references.insert(name.clone(), find_references(name, bytes)?);
    }
    let targets: BTreeSet<&str> = references.values().flatten().map(|it| it.target.as_str()).collect();
    if let Some(missing) = targets.iter().find(|target| !files.contains_key(**target)) {
        bail!("the page refers to {missing}, which is not there");
    }
    if let Some(unused) =
        files.keys().find(|name| !FIXED.contains(&name.as_str()) && !targets.contains(name.as_str()))
    {
        bail!("nothing in the page refers to {unused}");
    }

    let mut new_names = BTreeMap::<String, String>::new();
    let mut renamed = Files::new();
    let mut pending = files;
    while !pending.is_empty() {
        let is_ready = |name: &&String| references[*name].iter().all(|it| new_names.contains_key(&it.target));
        let Some(name) = pending.keys().find(is_ready).cloned() else {
            bail!("these files of the page refer to each other in a circle: {:?}", pending.keys());
        };
        let bytes = pending.remove(&name).context("a file is missing")?;
        let bytes = rewrite(bytes, &references[&name], &new_names)?;
        let new_name =
            if FIXED.contains(&name.as_str()) { name.clone() } else { name_with_hash(&name, &bytes) };
        renamed.insert(new_name.clone(), bytes);
        new_names.insert(name, new_name);
    }
    Ok(renamed)
}

/// The files that a file of the page refers to.
pub(crate) fn targets(name: &str, bytes: &[u8]) -> Result<BTreeSet<String>> {
    Ok(find_references(name, bytes)?.into_iter().map(|reference| reference.target).collect())
}

fn find_references(name: &str, bytes: &[u8]) -> Result<Vec<Reference>> {
    let find = match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => in_html,
        Some("js") => in_script,
        Some("css") => in_style,
        _ => return Ok(Vec::new()),
    };
    let text = std::str::from_utf8(bytes).with_context(|| format!("{name} is no text"))?;
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    find(text)
        .into_iter()
        .map(|range| {
            let target = resolve(folder, &text[range.clone()]).with_context(|| {
                format!("{name} refers to {:?}, which is outside of the page", &text[range.clone()])
            })?;
            Ok(Reference { range, target })
        })
        .collect()
}

/// Values of attributes that begin with `./`, as Trunk and our metas write all of them.
fn in_html(html: &str) -> Vec<Range<usize>> {
    let tags = html_tags::tags(html);
    let values = tags.iter().flat_map(|tag| &tag.attributes);
    let is_file = |value: &str| value.strip_prefix("./").is_some_and(|file| !file.is_empty());
    values.filter(|attribute| is_file(attribute.value)).map(|attribute| attribute.range.clone()).collect()
}

/// Imports, and addresses beside the module. Not the names of imports that a wasm module asks for: they look alike,
/// but are keys that have to stay.
fn in_script(script: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for before in ["from ", "import ", "import(", "new URL("] {
        for (at, _) in script.match_indices(before) {
            let quote_at = at + before.len();
            if let Some(quote @ ('"' | '\'')) = script[quote_at..].chars().next()
                && let Some(length) = script[quote_at + 1..].find(quote)
            {
                found.push(quote_at + 1..quote_at + 1 + length);
            }
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

fn in_style(style: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, before) in style.match_indices("url(") {
        let start = at + before.len();
        let length = style[start..].find(')').unwrap_or(style.len() - start);
        let quoted = &style[start..start + length];
        let value = quoted.trim().trim_matches(['"', '\'']);
        let start = start + quoted.find(value).unwrap_or(0);
        found.push(start..start + value.len());
    }
    found
}

/// The path inside the page's folder that a relative address in a file of `folder` means.
fn resolve(folder: &str, address: &str) -> Option<String> {
    if address.is_empty() || address.starts_with('/') || address.contains([':', '?', '#']) {
        return None;
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in address.split('/') {
        match part {
            "." => {}
            ".." => {
                path.pop()?;
            }
            part => path.push(part),
        }
    }
    Some(path.join("/"))
}

/// Puts the new names into a file: folders stay, so the last part of an address is all that changes.
fn rewrite(
    bytes: Vec<u8>,
    references: &[Reference],
    new_names: &BTreeMap<String, String>,
) -> Result<Vec<u8>> {
    if references.is_empty() {
        return Ok(bytes);
    }
    let text = String::from_utf8(bytes)?;
    let mut rewritten = String::with_capacity(text.len() + references.len() * 2 * HASH_BYTES);
    let mut copied = 0;
    for Reference { range, target } in references {
        let last_part = text[range.clone()].rfind('/').map_or(range.start, |slash| range.start + slash + 1);
        rewritten.push_str(&text[copied..last_part]);
        rewritten.push_str(file_name(&new_names[target]));
        copied = range.end;
    }
    rewritten.push_str(&text[copied..]);
    Ok(rewritten.into_bytes())
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// `folder/name.js` becomes `folder/name-0123456789abcdef.js`.
fn name_with_hash(path: &str, bytes: &[u8]) -> String {
    let hash = HEXLOWER.encode(&Sha256::digest(bytes)[..HASH_BYTES]);
    let dot = path.len() - file_name(path).rfind('.').map_or(0, |dot| file_name(path).len() - dot);
    format!("{}-{hash}{}", &path[..dot], &path[dot..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    /// The page as Trunk writes it, with all kinds of references.
    fn page() -> Files {
        files::of(&[
            (
                INDEX,
                r#"<script src="./recovery.js"></script><link href="./styles.css"/><a href="./">here</a>
                <meta content="./app.js"><meta content="./app_bg.wasm"><link href="./app.js">"#,
            ),
            ("recovery.js", ""),
            ("404.html", ""),
            ("styles.css", "a { background: url( './icon.svg' ) }"),
            ("icon.svg", "<svg/>"),
            (
                "app.js",
                r#"import * as import1 from "./snippets/a-1/inline0.js";
                const imports = { "./app_bg.js": import0, "./snippets/a-1/inline0.js": import1 };
                new URL('app_bg.wasm', import.meta.url);"#,
            ),
            ("app_bg.wasm", "\0asm"),
            ("snippets/a-1/inline0.js", "import '../../common.js'"),
            ("common.js", "export const a = 1"),
        ])
    }

    fn text(files: &Files, start: &str, end: &str) -> (String, String) {
        let matching: Vec<_> =
            files.iter().filter(|(name, _)| name.starts_with(start) && name.ends_with(end)).collect();
        let [(name, bytes)] = matching[..] else { panic!("{start}…{end}: {:?}", files.keys()) };
        (name.clone(), String::from_utf8(bytes.clone()).unwrap())
    }

    #[test]
    fn all_but_the_fixed_names_are_hashes_of_the_final_bytes() {
        let files = by_content(page()).unwrap();
        assert_eq!(files.len(), page().len());
        for (name, bytes) in &files {
            let hash = HEXLOWER.encode(&Sha256::digest(bytes));
            assert!(FIXED.contains(&name.as_str()) || name.contains(&format!("-{}.", &hash[..16])), "{name}");
        }
    }

    #[test]
    fn references_lead_to_the_new_names_and_nothing_else_changes() {
        let files = by_content(page()).unwrap();
        let (styles, style) = text(&files, "styles-", ".css");
        let (icon, _) = text(&files, "icon-", ".svg");
        let (app, script) = text(&files, "app-", ".js");
        let (wasm, _) = text(&files, "app_bg-", ".wasm");
        let (snippet, snippet_script) = text(&files, "snippets/a-1/inline0-", ".js");
        let (common, _) = text(&files, "common-", ".js");
        assert_eq!(style, format!("a {{ background: url( './{icon}' ) }}"));
        assert_eq!(snippet_script, format!("import '../../{common}'"));
        let original = String::from_utf8(page()["app.js"].clone()).unwrap();
        let expected = original
            .replace("from \"./snippets/a-1/inline0.js", &format!("from \"./{snippet}"))
            .replace("app_bg.wasm", &wasm);
        assert_eq!(script, expected);
        let original = String::from_utf8(page()[INDEX].clone()).unwrap();
        let expected =
            original.replace("app.js", &app).replace("app_bg.wasm", &wasm).replace("styles.css", &styles);
        assert_eq!(text(&files, INDEX, "").1, expected);
    }

    #[test]
    fn a_changed_byte_changes_the_names_on_the_way_to_the_index() {
        let before = by_content(page()).unwrap();
        let mut changed = page();
        changed.insert("common.js".to_owned(), b"export const a = 2".to_vec());
        let after = by_content(changed).unwrap();
        let kept: Vec<_> = after.keys().filter(|name| before.contains_key(*name)).collect();
        let kept: Vec<_> = kept.iter().map(|name| name.split('-').next().unwrap()).collect();
        assert_eq!(kept, ["404.html", "app_bg", "icon", INDEX, "recovery.js", "styles"]);
        assert_ne!(before[INDEX], after[INDEX]);
    }

    #[test]
    fn a_page_that_is_not_whole_is_refused() {
        for (name, text, expected) in [
            (INDEX, r#"<link href="./gone.css">"#, "refers to gone.css, which is not there"),
            ("styles.css", "a { background: url(gone.svg) }", "refers to gone.svg, which is not there"),
            ("styles.css", "a { background: url(https://example.com/a.svg) }", "outside of the page"),
            ("common.js", "import '../outside.js'", "outside of the page"),
            ("common.js", "import './snippets/a-1/inline0.js'", "in a circle"),
            ("unused.js", "", "nothing in the page refers to unused.js"),
        ] {
            let mut files = page();
            let mut bytes = files.remove(name).unwrap_or_default();
            bytes.extend_from_slice(text.as_bytes());
            files.insert(name.to_owned(), bytes);
            let error = by_content(files).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}, but expected: {expected}");
        }
    }

    #[test]
    fn fixed_names_need_no_reference_and_hashes_come_before_the_last_dot() {
        assert!(by_content(files::of(&[(INDEX, ""), ("404.html", ""), ("badge.svg", "")])).is_ok());
        let name = name_with_hash("a.b/c.d.js", b"");
        assert_eq!(name, "a.b/c.d-e3b0c44298fc1c14.js");
        assert_eq!(name_with_hash("a.b/c", b""), "a.b/c-e3b0c44298fc1c14");
    }
}
