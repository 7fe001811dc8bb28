//! What a visitor downloads: gzip sizes of the built files, and which of them the first visit loads.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};

use crate::files::{self, Files, INDEX};
use crate::names;

/// What a first visit may load, in bytes after gzip.
const MOST: usize = 180_000;

/// One built file. Sizes in bytes.
#[derive(Debug)]
struct File {
    /// Path inside `dist/`, with slashes.
    name: String,
    raw: usize,
    gzip: usize,
}

/// The table that `cargo xtask build` prints.
pub(crate) fn report(dist: &Path) -> Result<String> {
    let page = files::read(dist)?;
    let loaded_first = first_visit(&page)?;
    let mut files = Vec::new();
    for (name, bytes) in &page {
        files.push(File { name: name.clone(), raw: bytes.len(), gzip: gzip_size(bytes)? });
    }
    let (first, later): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| loaded_first.contains(&file.name));
    let mut report = String::from("   gzip -9         raw  file\n");
    rows(&mut report, &first, "first visit")?;
    if later.is_empty() {
        report.push_str("Nothing is loaded later.\n");
    } else {
        report.push('\n');
        rows(&mut report, &later, "loaded later, when it is needed")?;
    }
    Ok(report)
}

/// A first visit that is larger than it may be is an error.
pub(crate) fn check(dist: &Path) -> Result<()> {
    let page = files::read(dist)?;
    let mut bytes = 0;
    for name in first_visit(&page)? {
        bytes += gzip_size(&page[&name])?;
    }
    ensure_within(bytes)
}

fn ensure_within(bytes: usize) -> Result<()> {
    ensure!(bytes <= MOST, "a first visit loads {bytes} bytes (gzip), and may load {MOST}");
    Ok(())
}

/// The page itself, what its elements load, and what these files load in turn. What a `<meta>` or a link names alone is
/// loaded later, if at all.
fn first_visit(page: &Files) -> Result<BTreeSet<String>> {
    let index = page.get(INDEX).context("dist/index.html is not there")?;
    let tags = html_tags::tags(std::str::from_utf8(index)?);
    let loading = tags.iter().filter(|tag| !tag.is("meta") && !tag.is("a"));
    let values = loading.flat_map(|tag| &tag.attributes).map(|attribute| attribute.value);
    let mut pending: Vec<String> =
        values.filter_map(|value| value.strip_prefix("./").map(str::to_owned)).collect();
    let mut loaded = BTreeSet::from([INDEX.to_owned()]);
    while let Some(name) = pending.pop() {
        if let Some(bytes) = page.get(&name)
            && loaded.insert(name.clone())
        {
            pending.extend(names::targets(&name, bytes)?);
        }
    }
    Ok(loaded)
}

fn rows(report: &mut String, files: &[File], sum: &str) -> std::fmt::Result {
    for File { name, raw, gzip } in files {
        writeln!(report, "{gzip:>10}  {raw:>10}  {name}")?;
    }
    let gzip: usize = files.iter().map(|file| file.gzip).sum();
    let raw: usize = files.iter().map(|file| file.raw).sum();
    writeln!(report, "{gzip:>10}  {raw:>10}  = {sum} ({:.1} KB gzip)", gzip as f64 / 1000.0)
}

/// Bytes after gzip at level 9, what a static host sends at best.
pub(crate) fn gzip_size(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_visit_has_a_limit() {
        assert!(ensure_within(MOST).is_ok());
        assert!(ensure_within(MOST + 1).unwrap_err().to_string().contains("180001"));
    }

    #[test]
    fn the_first_visit_is_the_page_and_what_it_loads() {
        let index = r#"<script src="./boot.js"></script><link href="./app_bg.wasm"><link href="./app.js">
            <meta name="app-wasm" content="./app_bg.wasm"><meta name="search" content="./search_bg.wasm">
            <meta name="licences" content="./licences.txt"><a href="./">here</a>"#;
        let page = files::of(&[
            (INDEX, index),
            ("boot.js", ""),
            ("app_bg.wasm", ""),
            ("app.js", "import './snippets/a/inline0.js'"),
            ("snippets/a/inline0.js", ""),
            ("search_bg.wasm", ""),
            ("licences.txt", ""),
            ("404.html", ""),
        ]);
        let expected = [INDEX, "boot.js", "app_bg.wasm", "app.js", "snippets/a/inline0.js"];
        assert_eq!(first_visit(&page).unwrap(), expected.map(str::to_owned).into());
    }
}
