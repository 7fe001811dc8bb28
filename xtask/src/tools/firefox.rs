//! A Firefox and its driver: from the search path, else the distribution's package and the project's own driver.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::say;
use crate::tools::by_hand::ByHand;
use crate::tools::{Tools, cargo_install};

/// Debian has the long-term release alone.
const BROWSERS: [&str; 2] = ["firefox", "firefox-esr"];

/// The version of geckodriver that we install; each one drives all Firefoxes of its time.
const DRIVER_VERSION: &str = "0.37.1";

/// A browser and its driver.
#[derive(Debug)]
pub(crate) struct Firefox {
    pub(crate) browser: PathBuf,
    pub(crate) version: String,
    pub(crate) driver: PathBuf,
    pub(crate) driver_version: String,
}

pub(super) fn ensure(tools: &Tools) -> Result<Firefox> {
    let (browser, version) = match find_browser(tools) {
        Some(found) => found,
        None => {
            install_browser(tools)?;
            find_browser(tools).context("the installed Firefox does not start")?
        }
    };
    let (driver, driver_version) = match find_driver(tools) {
        Some(found) => found,
        None => {
            install_driver(tools)?;
            find_driver(tools).context("the installed geckodriver does not start")?
        }
    };
    Ok(Firefox { browser, version, driver, driver_version })
}

/// The variables that the tests read come first, so that a person can choose.
fn find_browser(tools: &Tools) -> Option<(PathBuf, String)> {
    let chosen = std::env::var_os("FIREFOX").map(PathBuf::from);
    let found = BROWSERS.iter().filter_map(|name| tools.find(name)).filter(|program| !is_script(program));
    chosen.into_iter().chain(found).find_map(|program| {
        let version = tools.version(&program)?;
        Some((program, version))
    })
}

/// A script in Firefox's place starts a snap, which may not read a test's profile.
fn is_script(program: &PathBuf) -> bool {
    std::fs::read(program).is_ok_and(|content| content.starts_with(b"#!"))
}

fn install_browser(tools: &Tools) -> Result<()> {
    say("There is no Firefox here.");
    if cfg!(target_os = "macos") {
        bail!(ByHand(
            "run `brew install --cask firefox`, and put the folder of its program on the PATH".into()
        ));
    }
    if tools.is_ubuntu() {
        bail!(ByHand(
            "Ubuntu has Firefox as a snap only, which cannot read a test's profile; install the package of \
             https://packages.mozilla.org"
                .into()
        ));
    }
    tools.apt_install(&["firefox-esr"])
}

fn find_driver(tools: &Tools) -> Option<(PathBuf, String)> {
    let chosen = std::env::var_os("GECKODRIVER").map(PathBuf::from);
    chosen.into_iter().chain(tools.find("geckodriver")).find_map(|program| {
        let version = tools.version(&program)?;
        Some((program, version))
    })
}

fn install_driver(tools: &Tools) -> Result<()> {
    tools.ensure_from_crate(&cargo_install::Crate {
        name: "geckodriver",
        version: DRIVER_VERSION,
        programs: &["geckodriver"],
        archive: format!(
            "https://github.com/mozilla/geckodriver/releases/download/v{DRIVER_VERSION}/geckodriver-v{DRIVER_VERSION}-linux64.tar.gz"
        ),
        archive_folder: String::new(),
        is_locked: true,
    })
}
