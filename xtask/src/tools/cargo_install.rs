//! Programs published as crates: their project's prebuilt archive where it works, else compiled by cargo.

use anyhow::{Context, Result, bail};

use crate::process::{run, say};
use crate::tools::{Tools, prebuilt};

/// A crate whose programs we need in exactly this version.
pub(super) struct Crate<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) programs: &'a [&'a str],
    /// Address of the project's own build for Linux on x86-64.
    pub(super) archive: String,
    /// The folder of the programs inside the archive; empty for its top.
    pub(super) archive_folder: String,
    /// Whether to compile with the lock file that the crate was published with.
    pub(super) is_locked: bool,
}

impl Tools {
    pub(super) fn ensure_from_crate(&self, wanted: &Crate<'_>) -> Result<()> {
        if self.has(wanted) {
            return Ok(());
        }
        let Crate { name, version, .. } = wanted;
        say(&format!("Installing {name} {version}: looking for a prebuilt one …"));
        match prebuilt::fetch(self, &wanted.archive, &wanted.archive_folder, wanted.programs, version) {
            Ok(unpacked) => {
                unpacked.move_to(&self.cargo_bin)?;
                say(&format!("{name} {version}: prebuilt, in {}", self.cargo_bin.display()));
                Ok(())
            }
            Err(error) => {
                say(&format!("No prebuilt {name} ({error:#}); compiling it, which takes 2 to 10 minutes …"));
                self.compile(wanted)?;
                if !self.has(wanted) {
                    // Cargo's configuration can name another folder.
                    bail!("{name} {version} is installed, but not in {}", self.cargo_bin.display());
                }
                Ok(())
            }
        }
    }

    fn has(&self, wanted: &Crate<'_>) -> bool {
        wanted.programs.iter().all(|program| self.version(program).as_deref() == Some(wanted.version))
    }

    fn compile(&self, wanted: &Crate<'_>) -> Result<()> {
        let mut command = self.command("cargo");
        command.args(["install", wanted.name, "--version", wanted.version, "--force"]);
        if wanted.is_locked {
            command.arg("--locked");
        }
        // Outside the workspace, whose configuration is the page's. The tools' own release profiles optimise across all
        // crates, which costs minutes here and saves no second of ours.
        command
            .current_dir(std::env::temp_dir())
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        run(&mut command).with_context(|| {
            format!(
                "{} cannot be installed (without a C compiler, install build-essential first)",
                wanted.name
            )
        })
    }
}
