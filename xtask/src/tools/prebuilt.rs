//! Programs from a project's release archive, taken only when they start here and are the version we want.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use crate::process::run;
use crate::tools::Tools;

/// Programs in a temporary folder, which is removed with this value.
#[derive(Debug)]
pub(super) struct Unpacked {
    folder: PathBuf,
    programs: Vec<PathBuf>,
}

impl Unpacked {
    /// Moves the programs into a folder; each appears there whole or not at all.
    pub(super) fn move_to(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        for program in &self.programs {
            let target = folder.join(program.file_name().context("a program has no name")?);
            let partial = target.with_extension("partial");
            // Copied first, since the two folders can be on different file systems.
            std::fs::copy(program, &partial)
                .and_then(|_| std::fs::rename(&partial, &target))
                .with_context(|| format!("cannot write {}", target.display()))?;
        }
        Ok(())
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // What is left in the cache folder does no harm.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Downloads and unpacks an archive for Linux on x86-64; `inside` is the programs' folder in it, or empty. A network
/// without a way to the archive fails within seconds.
pub(super) fn fetch(
    tools: &Tools,
    url: &str,
    inside: &str,
    programs: &[&str],
    version: &str,
) -> Result<Unpacked> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("there is none for this system");
    }
    let folder = tools.cache.join(format!("download-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let unpacked =
        Unpacked { programs: programs.iter().map(|name| folder.join(inside).join(name)).collect(), folder };
    let archive = unpacked.folder.join("archive.tar.gz");
    let mut curl = tools.command("curl");
    curl.args(["--fail", "--location", "--silent", "--show-error", "--proto", "=https"]);
    curl.args(["--connect-timeout", "5", "--max-time", "300", "--output"]).arg(&archive).arg(url);
    run(&mut curl).map_err(|_| anyhow!("the download failed"))?;
    run(tools
        .command("tar")
        .args(["--extract", "--gzip", "--file"])
        .arg(&archive)
        .arg("-C")
        .arg(&unpacked.folder))?;
    for program in &unpacked.programs {
        let found =
            tools.version(program).with_context(|| format!("{} does not start here", program.display()))?;
        if found != version {
            bail!("the archive has version {found}");
        }
    }
    Ok(unpacked)
}
