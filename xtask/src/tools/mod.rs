//! The programs that the project needs besides Rust: where they are looked up, and how they are installed.
//!
//! Everything goes where a fresh clone finds it again: into cargo's own program folder or a cache folder of the person.

mod by_hand;
mod cargo_install;
pub(crate) mod chromium;
mod debian;
pub(crate) mod engines;
pub(crate) mod firefox;
mod heroku_cli;
mod prebuilt;
pub(crate) mod wasm_opt;
pub(crate) mod webkit;

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{announce, ask, run, say};
use crate::tools::engines::{Engine, Engines};
use crate::tools::wasm_opt::WasmOpt;

/// The package of the page.
pub(crate) const PAGE: &str = "serverless-on-heroku";

/// What the page is compiled to.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The newest that the workspace's Rust version can compile.
const TRUNK_VERSION: &str = "0.21.14";

/// Finds and installs programs, and starts them with a search path on which they find each other.
#[derive(Debug)]
pub(crate) struct Tools {
    /// The repository's folder.
    root: PathBuf,
    /// Where cargo keeps the sources of crates.
    cargo_home: PathBuf,
    /// Where cargo installs programs.
    cargo_bin: PathBuf,
    /// Ours, below the person's cache folder.
    cache: PathBuf,
    /// `PATH` with cargo's program folder in front.
    path: OsString,
}

impl Tools {
    pub(crate) fn new() -> Result<Self> {
        // As cargo sets it for this run. The compile-time value would be another clone's where two share a target folder.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
        let root = Path::new(&manifest).parent().context("xtask has no parent folder")?.to_owned();
        let home = std::env::home_dir().context("there is no home folder: set HOME")?;
        let folder = |variable: &str| std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
        let cargo_home = folder("CARGO_HOME").unwrap_or_else(|| home.join(".cargo"));
        let cargo_bin = folder("CARGO_INSTALL_ROOT").as_ref().unwrap_or(&cargo_home).join("bin");
        let cache =
            folder("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache")).join("serverless-on-heroku");
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(
            std::iter::once(cargo_bin.clone()).chain(std::env::split_paths(&inherited)),
        )?;
        Ok(Self { root, cargo_home, cargo_bin, cache, path })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn cargo_home(&self) -> &Path {
        &self.cargo_home
    }

    /// A command in the repository's folder that finds all tools.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PATH", &self.path);
        command
    }

    /// The first executable file of this name on the search path.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        find_on(&self.path, program)
    }

    /// What a program answers to `--version`, or nothing when it is not there or does not start.
    fn version(&self, program: impl AsRef<OsStr>) -> Option<String> {
        let answer = ask(self.command(program).arg("--version"))?;
        version_in(&answer).map(str::to_owned)
    }

    /// Cargo's target folder, wherever the person's configuration puts it.
    pub(crate) fn target_directory(&self) -> Result<PathBuf> {
        let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
        let metadata = ask(self.command("cargo").args(arguments)).context("`cargo metadata` failed")?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let directory =
            metadata["target_directory"].as_str().context("`cargo metadata` names no target folder")?;
        Ok(PathBuf::from(directory))
    }

    /// Builds a package's program in release mode and returns its absolute path.
    pub(crate) fn build_program(&self, package: &str) -> Result<PathBuf> {
        let mut command = self.command("cargo");
        command.args(["build", "--release", "--locked", "--package", package, "--bin", package]);
        command.arg("--message-format=json-render-diagnostics");
        let line = announce(&command);
        let output = command
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot start `{line}`"))?;
        if !output.status.success() {
            bail!("`{line}` failed ({})", output.status);
        }
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|message| serde_json::from_str::<serde_json::Value>(message).ok())
            .filter(|message| message["target"]["name"] == package)
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .with_context(|| format!("`{line}` names no program"))
    }

    /// Installs everything that any command needs; the answer lists what is there.
    pub(crate) fn set_up(&self) -> Result<String> {
        self.ensure_components()?;
        self.ensure_wasm_target()?;
        self.ensure_wasm_bindgen()?;
        self.ensure_trunk()?;
        let wasm_opt = self.ensure_wasm_opt()?;
        let engines = self.ensure_engines(&[])?;
        let mut report = String::new();
        for program in ["rustc", "wasm-bindgen", "trunk"] {
            let version = self.version(program).with_context(|| format!("{program} does not start"))?;
            writeln!(report, "{program:<14}{version}")?;
        }
        match wasm_opt {
            Some(WasmOpt { program, version }) => {
                writeln!(report, "wasm-opt      {version}  {}", program.display())?
            }
            None => writeln!(report, "wasm-opt      missing")?,
        }
        match self.ensure_heroku_cli() {
            Ok(program) => writeln!(report, "heroku        {}", program.display())?,
            Err(reason) => writeln!(report, "heroku        missing: {reason:#}")?,
        }
        report.push_str(&engines.report());
        Ok(report)
    }

    /// rustfmt and Clippy, which rustup's minimal profile leaves out.
    pub(crate) fn ensure_components(&self) -> Result<()> {
        for (program, component) in [("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")] {
            if self.version(program).is_none() {
                self.rustup(&["component", "add", component])?;
            }
        }
        Ok(())
    }

    /// Rust's standard library for the browser.
    pub(crate) fn ensure_wasm_target(&self) -> Result<()> {
        let library = ask(self.command("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]));
        if library.is_some_and(|folder| Path::new(folder.trim()).is_dir()) {
            return Ok(());
        }
        say("Installing Rust's standard library for wasm (20 MB) …");
        self.rustup(&["target", "add", WASM_TARGET])
    }

    fn rustup(&self, arguments: &[&str]) -> Result<()> {
        if self.find("rustup").is_none() {
            bail!(
                "this Rust is not rustup's: install rustup from https://rustup.rs, then `rustup {}`",
                arguments.join(" ")
            );
        }
        run(self.command("rustup").args(arguments))
    }

    /// The bundler.
    pub(crate) fn ensure_trunk(&self) -> Result<()> {
        self.ensure_from_crate(&cargo_install::Crate {
            name: "trunk",
            version: TRUNK_VERSION,
            programs: &["trunk"],
            archive: format!(
                "https://github.com/trunk-rs/trunk/releases/download/v{TRUNK_VERSION}/trunk-x86_64-unknown-linux-gnu.tar.gz"
            ),
            archive_folder: String::new(),
            is_locked: true,
        })
    }

    /// wasm-bindgen's command line and test runner; they work with one version of the library only.
    pub(crate) fn ensure_wasm_bindgen(&self) -> Result<()> {
        let lock = std::fs::read_to_string(self.root.join("Cargo.lock")).context("cannot read Cargo.lock")?;
        let version = locked_version(&lock, "wasm-bindgen").context("Cargo.lock has no wasm-bindgen")?;
        let folder = format!("wasm-bindgen-{version}-x86_64-unknown-linux-musl");
        self.ensure_from_crate(&cargo_install::Crate {
            name: "wasm-bindgen-cli",
            version,
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            archive: format!(
                "https://github.com/wasm-bindgen/wasm-bindgen/releases/download/{version}/{folder}.tar.gz"
            ),
            archive_folder: folder,
            // 0.2.130 does not install with the lock file that it was published with.
            is_locked: false,
        })
    }

    /// A wasm-opt that understands what rustc emits, or nothing where it cannot be had.
    pub(crate) fn ensure_wasm_opt(&self) -> Result<Option<WasmOpt>> {
        wasm_opt::ensure(self)
    }

    /// The `heroku` command line; the error says why it cannot be had, which is no reason to fail.
    pub(crate) fn ensure_heroku_cli(&self) -> Result<PathBuf> {
        heroku_cli::ensure(self)
    }

    /// The browser engines that were asked for, or, when none was, all that can be had here.
    pub(crate) fn ensure_engines(&self, wanted: &[Engine]) -> Result<Engines> {
        engines::ensure(self, wanted)
    }
}

/// Whether this is a service's automatic run, in which nothing that can be had may be left out.
fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty())
}

fn find_on(path: &OsStr, program: &str) -> Option<PathBuf> {
    let is_executable = |file: &PathBuf| {
        file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(path).map(|folder| folder.join(program)).find(is_executable)
}

/// The first word that begins with a digit: `trunk 0.21.14`, `wasm-opt version 132 (version_132)`,
/// `Google Chrome 142.0.7444.59`.
fn version_in(answer: &str) -> Option<&str> {
    answer.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

/// The version of a package in the text of a Cargo.lock.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_answer() {
        for (answer, version) in [
            ("trunk 0.21.14\n", Some("0.21.14")),
            ("wasm-bindgen 0.2.130", Some("0.2.130")),
            ("wasm-opt version 132 (version_132)", Some("132")),
            ("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)", Some("156.0.8078.79")),
            (
                "ChromeDriver 156.0.8078.79 (a21ce95c24ce-refs/branch-heads/8078@{#1704})",
                Some("156.0.8078.79"),
            ),
            ("", None),
            ("command not found", None),
        ] {
            assert_eq!(version_in(answer), version, "{answer}");
        }
    }

    #[test]
    fn the_lock_file_s_version_is_the_package_s_own() {
        let lock = "[[package]]\nname = \"wasm-bindgen-shared\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"registry\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }

    #[test]
    fn the_repository_s_lock_file_has_wasm_bindgen() {
        let tools = Tools::new().unwrap();
        let lock = std::fs::read_to_string(tools.root().join("Cargo.lock")).unwrap();
        assert!(locked_version(&lock, "wasm-bindgen").is_some());
    }

    #[test]
    fn only_executable_files_are_found() {
        assert!(find_on(OsStr::new("/nowhere:/bin:/usr/bin"), "sh").is_some());
        assert_eq!(find_on(OsStr::new("/etc"), "passwd"), None);
        assert_eq!(find_on(OsStr::new("/"), "bin"), None);
    }
}
