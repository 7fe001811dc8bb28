//! What a visitor downloads: gzip sizes of the built files, and which of them the first visit loads.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

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
    let html = std::fs::read_to_string(dist.join("index.html")).context("dist/index.html is not there")?;
    let mut files = Vec::new();
    for path in crate::artefact::files_below(dist)? {
        let bytes = std::fs::read(&path)?;
        let name = path.strip_prefix(dist)?.to_string_lossy().into_owned();
        files.push(File { name, raw: bytes.len(), gzip: gzip_size(&bytes)? });
    }
    let (first, later): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| is_first_visit(&file.name, &html));
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

/// The page itself, what it names, and the modules that wasm-bindgen's own module imports.
fn is_first_visit(name: &str, html: &str) -> bool {
    name == "index.html" || name.starts_with("snippets/") || html.contains(name)
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
    fn the_first_visit_is_the_page_and_what_it_names() {
        let html = r#"<meta name="app-wasm" content="./app-1_bg.wasm">"#;
        assert!(is_first_visit("index.html", html));
        assert!(is_first_visit("app-1_bg.wasm", html));
        assert!(is_first_visit("snippets/a/inline0.js", html));
        assert!(!is_first_visit("search-2_bg.wasm", html));
    }
}
