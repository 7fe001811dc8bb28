//! The `heroku` command line, with which the emulator is tested: a pinned one from npm, in the cache folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use crate::process::{ask, run, say};
use crate::tools::Tools;

/// The version that the emulator's tests were written for.
const VERSION: &str = "11.10.0";

/// The oldest Node.js that it starts on.
const OLDEST_NODE: u32 = 20;

/// Installs it where it is missing; the error says why it cannot be had.
pub(super) fn ensure(tools: &Tools) -> Result<PathBuf> {
    let folder = tools.cache.join(format!("heroku-{VERSION}"));
    let program = folder.join("node_modules/.bin/heroku");
    match ask(tools.command("node").arg("--version")).as_deref().and_then(major) {
        None => bail!("node was not found"),
        Some(major) if major < OLDEST_NODE => bail!("node is version {major}, and {OLDEST_NODE} is needed"),
        Some(_) if program.exists() => return Ok(program),
        Some(_) => {}
    }
    if tools.find("npm").is_none() {
        bail!("npm was not found");
    }
    say(&format!("Taking the heroku command line {VERSION} from npm (400 MB on the disk) …"));
    // Whole or not at all: a run that is broken off leaves nothing that looks installed.
    let partial = tools.cache.join(format!("heroku-{VERSION}-{}", std::process::id()));
    let installed = install(tools, &partial).and_then(|()| {
        std::fs::rename(&partial, &folder).with_context(|| format!("cannot create {}", folder.display()))
    });
    if installed.is_err() {
        // What is left in the cache folder does no harm.
        let _ = std::fs::remove_dir_all(&partial);
    }
    installed.map(|()| program)
}

/// From npm's cache, if all of it is there; else from the registry, once: a machine without a network has to find out
/// within seconds.
fn install(tools: &Tools, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let npm = |arguments: &[&str]| {
        let mut command = tools.command("npm");
        command.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"]);
        command.args(arguments).arg("--prefix").arg(folder).arg(format!("heroku@{VERSION}"));
        run(&mut command)
    };
    if npm(&["--offline"]).is_ok() {
        return Ok(());
    }
    npm(&["--fetch-retries", "0", "--fetch-timeout", "30000"])
        .map_err(|_| anyhow!("npm could not install it"))
}

/// The first number of a version as node tells it: `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn a_version_of_node_has_a_major_number() {
        for (version, expected) in [("v20.20.2\n", Some(20)), ("v8", Some(8)), ("20.1.0", None), ("", None)] {
            assert_eq!(major(version), expected, "{version}");
        }
    }
}
