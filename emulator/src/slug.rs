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
use std::path::Path;

use ignore::{DirEntry, WalkBuilder};
use uuid::Uuid;

use crate::config_vars;
use crate::folder::Folder;
use crate::keeper;
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
        let mut hasher = DefaultHasher::new();
        copy(source, walk(source), folder.path(), |entry, copy| hash(entry, copy, &mut hasher))?;
        for (name, beside) in LINKED {
            if source.join(beside).is_file() && source.join(name).is_dir() {
                let link = symlink(source.join(name), folder.path().join(name));
                link.map_err(|error| format!("{name}: {error}"))?;
            }
        }
        Ok(Self { id: Uuid::new_v4(), folder, procfile, content: hasher.finish() })
    }

    /// Where it is. It must not be changed.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Heroku's limit for a slug. It keeps a mistaken folder, somebody's whole home for one, from being copied.
const MAXIMUM_BYTES: u64 = 500 << 20;

/// Folders that are links in a slug, and the file beside them that tells what they are.
const LINKED: [(&str, &str); 2] = [("node_modules", "package.json"), ("target", "Cargo.toml")];

/// A hash of what changes when a file of `source` or its `.env` does: names, sizes, times. Reads no content.
///
/// # Errors
///
/// A sentence, when something cannot be looked at or all of it is too large for a slug.
pub(crate) fn look(source: &Path) -> Result<u64, String> {
    let mut hasher = DefaultHasher::new();
    let mut bytes = 0;
    let config_vars = source.join(config_vars::FILE);
    let entries = walk(source).map(|entry| entry.map(DirEntry::into_path));
    for path in entries.chain(config_vars.exists().then_some(Ok(config_vars))) {
        let path = match path {
            Err(error) if is_gone(&error) => continue,
            path => path.map_err(|error| error.to_string())?,
        };
        let Ok(found) = path.symlink_metadata() else { continue };
        path.hash(&mut hasher);
        (found.mode(), found.ino()).hash(&mut hasher);
        // The size and times of a folder also change with what is left out.
        if !found.is_dir() {
            bytes += found.len();
            if bytes > MAXIMUM_BYTES {
                return Err(format!(
                    "it has more than {} MB, the largest slug; name what the app does not need in .slugignore",
                    MAXIMUM_BYTES >> 20
                ));
            }
            (found.len(), found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec())
                .hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// Copies a slug, or any folder, whole.
pub(crate) fn copy_all(from: &Path, to: &Path) -> Result<(), String> {
    copy(from, WalkBuilder::new(from).standard_filters(false).build(), to, |_, _| Ok(()))
}

/// What belongs into a slug of `source`, without `source` itself.
fn walk(source: &Path) -> ignore::Walk {
    let top = source.to_owned();
    let belongs = move |entry: &DirEntry| {
        let at_top = entry.path().parent() == Some(&*top);
        let name = entry.file_name();
        let linked = LINKED.iter().any(|(folder, beside)| name == *folder && top.join(beside).is_file());
        // The last: emulators may keep their folders in this one, and a slug would hold itself.
        let left_out =
            name == ".git" || keeper::is_name(name) || at_top && (name == config_vars::FILE || linked);
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
/// out. Calls `copied` for each entry with its copy.
fn copy(
    from: &Path,
    walk: ignore::Walk,
    to: &Path,
    mut copied: impl FnMut(&DirEntry, &Path) -> io::Result<()>,
) -> Result<(), String> {
    for entry in walk {
        let entry = match entry {
            Err(error) if is_gone(&error) => continue,
            entry => entry.map_err(|error| error.to_string())?,
        };
        let Ok(name) = entry.path().strip_prefix(from) else { continue };
        if name.as_os_str().is_empty() {
            continue;
        }
        let to = to.join(name);
        match copy_entry(&entry, &to).and_then(|()| copied(&entry, &to)) {
            Err(error) if entry.path().symlink_metadata().is_ok() => {
                return Err(format!("{}: {error}", entry.path().display()));
            }
            // It is gone, if it could not be copied: whoever works in the folder need not wait for us.
            _ => {}
        }
    }
    Ok(())
}

/// Whether something has vanished between being listed and being looked at.
fn is_gone(error: &ignore::Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn copy_entry(entry: &DirEntry, to: &Path) -> io::Result<()> {
    match entry.file_type() {
        Some(kind) if kind.is_dir() => fs::create_dir(to),
        Some(kind) if kind.is_symlink() => symlink(fs::read_link(entry.path())?, to),
        Some(kind) if kind.is_file() => fs::copy(entry.path(), to).map(drop),
        _ => Ok(()),
    }
}

/// Hashes name, mode and content of a copy.
fn hash(entry: &DirEntry, copy: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    entry.path().hash(hasher);
    match entry.file_type() {
        Some(kind) if kind.is_symlink() => fs::read_link(copy)?.hash(hasher),
        Some(kind) if kind.is_file() => {
            let mut copy = fs::File::open(copy)?;
            copy.metadata()?.mode().hash(hasher);
            io::copy(&mut copy, &mut Hashing(hasher))?;
        }
        _ => {}
    }
    Ok(())
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
