//! WebKit: WebKitGTK's small browser, its driver, and an X server without a screen, which that browser cannot do
//! without.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::say;
use crate::tools::Tools;
use crate::tools::by_hand::ByHand;

/// Below these, distributions put a folder for each interface of WebKitGTK, with the browser in it.
const LIBRARY_FOLDERS: [&str; 3] = ["/usr/lib", "/usr/lib64", "/usr/libexec"];

/// None of these programs tells its version without a display.
#[derive(Debug)]
pub(crate) struct WebKit {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
    pub(crate) x_server: PathBuf,
}

pub(super) fn ensure(tools: &Tools) -> Result<WebKit> {
    if let Some(found) = find(tools) {
        return Ok(found);
    }
    say("There is no WebKit with a driver and an X server without a screen here.");
    if cfg!(target_os = "macos") {
        bail!(ByHand("WebKitGTK is not made for macOS, so run these tests on Linux".into()));
    }
    tools.apt_install(&["webkit2gtk-driver", "xvfb"])?;
    find(tools).context("the installed packages lack WebKitWebDriver, MiniBrowser or Xvfb")
}

/// The variables that the tests read come first, so that a person can choose.
fn find(tools: &Tools) -> Option<WebKit> {
    let chosen = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
    Some(WebKit {
        browser: chosen("MINIBROWSER").or_else(find_browser)?,
        driver: chosen("WEBKITWEBDRIVER").or_else(|| tools.find("WebKitWebDriver"))?,
        x_server: chosen("XVFB").or_else(|| tools.find("Xvfb"))?,
    })
}

fn find_browser() -> Option<PathBuf> {
    let folders = LIBRARY_FOLDERS.iter().map(PathBuf::from).filter(|folder| folder.is_dir());
    folders.flat_map(|folder| with_subfolders(&folder)).find_map(|folder| browser_below(&folder))
}

/// The folder and those in it: Debian has one for each architecture between.
fn with_subfolders(folder: &Path) -> Vec<PathBuf> {
    [vec![folder.to_owned()], subfolders(folder)].concat()
}

/// The browser of the newest interface whose folder is in this one.
fn browser_below(folder: &Path) -> Option<PathBuf> {
    let is_interface = |folder: &PathBuf| {
        folder.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with("webkit2gtk-") || name.starts_with("webkitgtk-")
        })
    };
    let browsers =
        subfolders(folder).into_iter().filter(is_interface).map(|folder| folder.join("MiniBrowser"));
    browsers.filter(|browser| browser.is_file()).max()
}

/// In order of their names; a folder that cannot be read has none.
fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_is_the_one_of_the_newest_interface() {
        let root = std::env::temp_dir().join(format!("xtask-webkit-{}", std::process::id()));
        for folder in ["webkit2gtk-4.0", "webkit2gtk-4.1", "webkit2gtk-5.0", "other-9"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        let found_in_empty_folders = browser_below(&root);
        for folder in ["webkit2gtk-4.0", "webkit2gtk-4.1", "other-9"] {
            std::fs::write(root.join(folder).join("MiniBrowser"), "").unwrap();
        }
        let found = browser_below(&root);
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(found_in_empty_folders, None);
        assert_eq!(found, Some(root.join("webkit2gtk-4.1/MiniBrowser")));
    }

    #[test]
    fn a_folder_that_is_not_there_has_no_browser() {
        assert_eq!(browser_below(Path::new("/nowhere")), None);
    }
}
