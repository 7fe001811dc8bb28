//! Where the artefact, the emulator, the browsers and their drivers are.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use lzma_rust2::{LzmaOptions, LzmaReader, LzmaWriter};
use tempfile::TempDir;

use super::observers;

/// The built page: a folder with `index.html`.
pub(crate) fn dist() -> PathBuf {
    path("E2E_DIST")
}

/// The binary `heroku-emulator`.
pub(crate) fn emulator() -> PathBuf {
    path("E2E_EMULATOR")
}

pub(crate) fn chromedriver() -> PathBuf {
    path("CHROMEDRIVER")
}

pub(crate) fn chromium() -> PathBuf {
    path("CHROMIUM")
}

pub(crate) fn geckodriver() -> PathBuf {
    path("GECKODRIVER")
}

pub(crate) fn firefox() -> PathBuf {
    path("FIREFOX")
}

pub(crate) fn webkit_driver() -> PathBuf {
    path("WEBKITWEBDRIVER")
}

/// WebKitGTK's small browser.
pub(crate) fn mini_browser() -> PathBuf {
    path("MINIBROWSER")
}

/// An X server without a screen.
pub(crate) fn xvfb() -> PathBuf {
    path("XVFB")
}

fn path(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    path.unwrap_or_else(|| {
        panic!(
            "the environment variable {variable} has to hold an absolute path: run the tests by `cargo xtask test`, \
             which sets it"
        )
    })
}

/// A copy of the built page for a test that changes it.
pub(crate) fn copy_of_dist() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    copy(&dist(), folder.path());
    folder
}

/// A packed module that was changed, packed again.
pub(crate) fn change_module(packed: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut module = Vec::new();
    let mut reader = LzmaReader::new_mem_limit(packed, u32::MAX, None).expect("a packed module");
    reader.read_to_end(&mut module).expect("a packed module");
    change(&mut module);
    // As the build packs it, in less time; the first byte is `lc` where the other two are 0.
    let mut options = LzmaOptions::with_preset(0);
    (options.lc, options.lp, options.pb) = (packed[0].into(), 0, 0);
    let mut writer =
        LzmaWriter::new_use_header(Vec::new(), &options, Some(module.len() as u64)).expect("memory");
    writer.write_all(&module).expect("memory");
    writer.finish().expect("memory")
}

/// A copy of the built page that has the observers, for engines whose drivers cannot install them.
pub(crate) fn copy_with_observers() -> TempDir {
    let folder = copy_of_dist();
    let index = folder.path().join("index.html");
    let html = std::fs::read_to_string(&index).expect("index.html of the page");
    std::fs::write(index, observers::added_to(&html)).expect("index.html of the copy");
    std::fs::write(folder.path().join(observers::FILE), observers::SCRIPT).expect("a file of the copy");
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the folder of the built page") {
        let entry = entry.expect("an entry of the built page");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir(&target).expect("a folder in the copy");
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy of a file of the page");
        }
    }
}
