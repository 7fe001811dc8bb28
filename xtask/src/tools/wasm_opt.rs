//! wasm-opt: the pinned one from the cache folder, else one on the search path that is new enough, else installed.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};

use crate::process::{run, say};
use crate::tools::{Tools, in_ci, prebuilt};

/// The version that we install, as binaryen counts.
const VERSION: u32 = 132;

/// The oldest that is taken from the search path; Debian 12's 108 rejects modules of the present rustc.
const OLDEST: u32 = 119;

/// A wasm-opt that starts.
#[derive(Debug)]
pub(crate) struct WasmOpt {
    pub(crate) program: PathBuf,
    pub(crate) version: u32,
}

/// Installs it where it is missing. Where that fails, the page is built without it, except in CI.
pub(super) fn ensure(tools: &Tools) -> Result<Option<WasmOpt>> {
    if let Some(found) = find(tools) {
        return Ok(Some(found));
    }
    let missing = match install(tools) {
        Ok(()) => return find(tools).map(Some).context("the installed wasm-opt does not start"),
        Err(error) => error,
    };
    if in_ci() {
        return Err(missing.context("wasm-opt is missing"));
    }
    say(&format!("wasm-opt is missing: {missing:#}"));
    say("The page is built without it and is about a quarter larger (gzip).");
    Ok(None)
}

fn find(tools: &Tools) -> Option<WasmOpt> {
    let folder = folder(tools);
    let installed = [folder.join("bin/wasm-opt"), folder.join("node_modules/.bin/wasm-opt")];
    installed.into_iter().chain(tools.find("wasm-opt")).find_map(|program| {
        let version = tools.version(&program)?.parse().ok()?;
        (version >= OLDEST).then_some(WasmOpt { program, version })
    })
}

fn folder(tools: &Tools) -> PathBuf {
    tools.cache.join(format!("binaryen-{VERSION}"))
}

fn install(tools: &Tools) -> Result<()> {
    say(&format!("Installing wasm-opt {VERSION}: looking for a prebuilt one …"));
    let url = format!(
        "https://github.com/WebAssembly/binaryen/releases/download/version_{VERSION}/binaryen-version_{VERSION}-x86_64-linux.tar.gz"
    );
    let inside = format!("binaryen-version_{VERSION}/bin");
    match prebuilt::fetch(tools, &url, &inside, &["wasm-opt"], &VERSION.to_string()) {
        Ok(unpacked) => {
            unpacked.move_to(&folder(tools).join("bin"))?;
            say(&format!("wasm-opt {VERSION}: prebuilt"));
            return Ok(());
        }
        Err(error) => say(&format!("No prebuilt wasm-opt ({error:#}).")),
    }
    let package = format!("binaryen@{VERSION}.0.0");
    let folder = folder(tools);
    if tools.find("npm").is_none() {
        let by_hand = format!("npm install --prefix {} {package}", folder.display());
        tools
            .apt_install(&["npm"])
            .map_err(|error| anyhow!("there is no npm: {error:#}; then run `{by_hand}`"))?;
    }
    say("Taking wasm-opt from npm (100 MB on the disk) …");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    run(tools
        .command("npm")
        .args(["install", "--no-audit", "--no-fund", "--prefix"])
        .arg(&folder)
        .arg(package))?;
    if find(tools).is_none() {
        bail!("npm's wasm-opt does not start");
    }
    say(&format!("wasm-opt {VERSION}: from npm"));
    Ok(())
}
