//! The files of a page in memory, and how they get to the disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The name that the page is served by.
pub(crate) const INDEX: &str = "index.html";

/// Contents by the path inside the page's folder, with slashes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Reads all files of a folder.
pub(crate) fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for path in files_below(folder)? {
        let name = path.strip_prefix(folder)?.to_str().context("a file of the page has no name in UTF-8")?;
        files.insert(name.to_owned(), std::fs::read(&path)?);
    }
    Ok(files)
}

/// Makes the folder hold these files and no others. The index comes after the files that it names and before those go
/// that only the old one names, so that a server of the folder has a whole page at all times.
pub(crate) fn write(folder: &Path, files: &Files) -> Result<()> {
    let (index, others): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| *name == INDEX);
    for (name, bytes) in others.into_iter().chain(index) {
        let path = folder.join(name);
        if std::fs::read(&path).is_ok_and(|present| present == *bytes) {
            continue;
        }
        std::fs::create_dir_all(path.parent().context("a file of the page has no folder")?)?;
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    for path in files_below(folder)? {
        let is_ours = path.strip_prefix(folder)?.to_str().is_some_and(|name| files.contains_key(name));
        if !is_ours {
            std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// All files of a folder and of the folders in it, or the file itself, sorted by path.
pub(crate) fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut pending = vec![path.to_owned()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                pending.push(entry?.path());
            }
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Files from literals, for the tests of what is done with them.
#[cfg(test)]
pub(crate) fn of(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_holds_what_was_written_last_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("xtask-files-{}", std::process::id()));
        let first = of(&[(INDEX, "1"), ("a-1.js", "a"), ("folder/b-1.js", "b")]);
        let second = of(&[(INDEX, "2"), ("a-1.js", "a"), ("folder/b-2.js", "c")]);
        for files in [first, second] {
            write(&folder, &files).unwrap();
            assert_eq!(read(&folder).unwrap(), files);
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
