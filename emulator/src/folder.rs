//! Folders for a time: slugs, the homes of dynos, and the one that all of them are in.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// A folder that nobody else can enter. Removed with all that is in it when dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes a new folder in `parent`.
    pub(crate) fn create(parent: &Path) -> io::Result<Self> {
        Self::with_name(parent, &Uuid::new_v4().to_string())
    }

    /// Makes the folder `name` in `parent`.
    pub(crate) fn with_name(parent: &Path, name: &str) -> io::Result<Self> {
        let path = parent.join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays among the machine's temporary files.
        let _ = remove(&self.0);
    }
}

/// Removes a folder with all that is in it, also folders that were closed to their owner. One that is not there is
/// removed.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    let removed = fs::remove_dir_all(folder).or_else(|_| {
        open(folder);
        fs::remove_dir_all(folder)
    });
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Gives the owner back the right to change `folder` and all folders below.
fn open(folder: &Path) {
    let _ = fs::set_permissions(folder, Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open(&entry.path());
        }
    }
}
