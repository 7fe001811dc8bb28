//! Slugs: copies of an app's folder as it was when a release was made, which dynos get copies of in turn.
//!
//! What Heroku would not get by a push is left out: `.git`, what the folder's `.gitignore` files name, and `.env`,
//! whose content is the config vars; and so is what `.slugignore` names. Virtual environments are left out too. Two
//! folders that buildpacks would fill on Heroku, `node_modules` and a Cargo project's `target`, are no copies but links
//! to the folder's own, since they are large and only read.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};
use uuid::Uuid;

use crate::config_vars;
use crate::folder::Folder;
use crate::procfile::Procfile;

/// The app's folder at one time.
#[derive(Debug)]
pub(crate) struct Slug {
    pub(crate) id: Uuid,
    folder: Folder,
    pub(crate) procfile: Procfile,
    /// A hash of all names, modes and contents.
    pub(crate) content: u64,
}

impl Slug {
    /// Makes a slug of `source`, as a new folder in `parent`.
    ///
    /// # Errors
    ///
    /// A sentence, when a file cannot be copied or the Procfile is bad.
    pub(crate) fn build(source: &Path, parent: &Path) -> Result<Self, String> {
        let procfile = Procfile::read(source)?;
        let folder = Folder::create(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        let content = copy(source, walk(source), folder.path())?;
        for (name, beside) in LINKED {
            if source.join(beside).is_file() && source.join(name).is_dir() {
                let link = symlink(source.join(name), folder.path().join(name));
                link.map_err(|error| format!("{name}: {error}"))?;
            }
        }
        Ok(Self { id: Uuid::new_v4(), folder, procfile, content })
    }

    /// Where it is. It must not be changed.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Folders that are links in a slug, and the file beside them that tells what they are.
const LINKED: [(&str, &str); 2] = [("node_modules", "package.json"), ("target", "Cargo.toml")];

/// A hash of what changes when a file of `source` or its `.env` does: names, sizes, times. Reads no content.
pub(crate) fn look(source: &Path) -> Result<u64, String> {
    let mut hasher = DefaultHasher::new();
    let config_vars = source.join(config_vars::FILE);
    let entries = walk(source).map(|entry| entry.map(DirEntry::into_path).map_err(|error| error.to_string()));
    for path in entries.chain(config_vars.exists().then_some(Ok(config_vars))) {
        let path = path?;
        // What has vanished meanwhile is not there.
        let Ok(found) = path.symlink_metadata() else { continue };
        path.hash(&mut hasher);
        (found.mode(), found.ino()).hash(&mut hasher);
        // The size and times of a folder also change with what is left out.
        if !found.is_dir() {
            (found.len(), found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec())
                .hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// Copies a slug, or any folder, whole.
pub(crate) fn copy_all(from: &Path, to: &Path) -> Result<(), String> {
    copy(from, WalkBuilder::new(from).standard_filters(false).build(), to).map(drop)
}

/// What belongs into a slug of `source`, without `source` itself.
fn walk(source: &Path) -> ignore::Walk {
    let top = source.to_owned();
    let belongs = move |entry: &DirEntry| {
        let at_top = entry.path().parent() == Some(&*top);
        let name = entry.file_name();
        let linked = LINKED.iter().any(|(folder, beside)| name == *folder && top.join(beside).is_file());
        let left_out = name == ".git" || at_top && (name == config_vars::FILE || linked);
        entry.depth() == 0 || !left_out && !entry.path().join("pyvenv.cfg").is_file()
    };
    WalkBuilder::new(source)
        .standard_filters(false)
        .git_ignore(true)
        .require_git(false)
        .add_custom_ignore_filename(".slugignore")
        .filter_entry(belongs)
        .sort_by_file_name(Ord::cmp)
        .build()
}

/// Copies what `walk` finds in `from` into the existing folder `to`. Links stay links; sockets and the like are left
/// out. Returns a hash of it all.
fn copy(from: &Path, walk: ignore::Walk, to: &Path) -> Result<u64, String> {
    let mut hasher = DefaultHasher::new();
    for entry in walk {
        let entry = entry.map_err(|error| error.to_string())?;
        let Ok(name) = entry.path().strip_prefix(from) else { continue };
        if name.as_os_str().is_empty() {
            continue;
        }
        name.hash(&mut hasher);
        copy_entry(&entry, &to.join(name), &mut hasher)
            .map_err(|error| format!("{}: {error}", entry.path().display()))?;
    }
    Ok(hasher.finish())
}

fn copy_entry(entry: &DirEntry, to: &PathBuf, hasher: &mut DefaultHasher) -> io::Result<()> {
    let Some(kind) = entry.file_type() else { return Ok(()) };
    if kind.is_dir() {
        fs::create_dir(to)
    } else if kind.is_symlink() {
        let target = fs::read_link(entry.path())?;
        target.hash(hasher);
        symlink(target, to)
    } else if kind.is_file() {
        fs::copy(entry.path(), to)?;
        let mut copy = fs::File::open(to)?;
        copy.metadata()?.mode().hash(hasher);
        io::copy(&mut copy, &mut Hashing(hasher)).map(drop)
    } else {
        Ok(())
    }
}

/// Hashes what is written.
struct Hashing<'a>(&'a mut DefaultHasher);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
