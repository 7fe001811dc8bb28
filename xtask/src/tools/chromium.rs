//! A Chromium and its driver: whatever is on the search path and fits together, else the distribution's packages.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::say;
use crate::tools::Tools;
use crate::tools::by_hand::ByHand;

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// The second one is the name in Ubuntu's snap.
const DRIVERS: [&str; 2] = ["chromedriver", "chromium.chromedriver"];

/// A browser and a driver of the same major version.
#[derive(Debug)]
pub(crate) struct Chromium {
    pub(crate) browser: PathBuf,
    pub(crate) version: String,
    pub(crate) driver: PathBuf,
    pub(crate) driver_version: String,
}

pub(super) fn ensure(tools: &Tools) -> Result<Chromium> {
    if let Some(found) = find(tools) {
        return Ok(found);
    }
    say("There is no Chromium with a driver of the same version here.");
    if cfg!(target_os = "macos") {
        bail!(ByHand("run `brew install --cask chromium chromedriver`".into()));
    }
    if tools.is_ubuntu() {
        bail!(ByHand("Ubuntu has Chromium as a snap only; run `sudo snap install chromium`".into()));
    }
    tools.apt_install(&["chromium", "chromium-driver"]).context(
        "the browser tests need Chromium and its driver (`cargo xtask test --fast` leaves them out)",
    )?;
    find(tools).context("the installed Chromium and its driver do not fit together")
}

/// The variables that the tests read come first, so that a person can choose.
fn find(tools: &Tools) -> Option<Chromium> {
    let candidates = |variable: &str, names: &[&str]| -> Vec<(PathBuf, String)> {
        let chosen = std::env::var_os(variable).map(PathBuf::from);
        let found = names.iter().filter_map(|name| tools.find(name));
        let with_version = |program: PathBuf| tools.version(&program).map(|version| (program, version));
        chosen.into_iter().chain(found).filter_map(with_version).collect()
    };
    let drivers = candidates("CHROMEDRIVER", &DRIVERS);
    candidates("CHROMIUM", &BROWSERS).into_iter().find_map(|(browser, version)| {
        let (driver, driver_version) =
            drivers.iter().find(|(_, driver_version)| major(driver_version) == major(&version))?.clone();
        Some(Chromium { browser, version, driver, driver_version })
    })
}

fn major(version: &str) -> &str {
    version.split_once('.').map_or(version, |(major, _)| major)
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn drivers_fit_by_their_major_version() {
        assert_eq!(major("156.0.8078.79"), "156");
        assert_eq!(major("156"), "156");
    }
}
