//! The page's release artefact in `dist/`.
//!
//! Trunk and wasm-opt take their time, so what comes of them is kept in the target folder as the *bundle* and made
//! again only when its inputs have changed. The rest is done each time: what the footer tells is written into the
//! page, the files get their names, and the page is checked against its policy. So a new commit needs no new bundle.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::{self, INDEX, files_below};
use crate::process::{ask, run, say};
use crate::tools::{Tools, WASM_TARGET, wasm_opt::WasmOpt};
use crate::{imports, licences, loader, locations, names, order, pack, policy, shrink, sizes, source, traps};

/// Everything that the bundle is made of, relative to the root.
const INPUTS: [&str; 20] = [
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "index.html",
    "log-flood",
    "log-search",
    "log-text",
    "src",
    "static",
    "unpack",
    "xtask/src/artefact.rs",
    "xtask/src/imports.rs",
    "xtask/src/loader.rs",
    "xtask/src/locations.rs",
    "xtask/src/order.rs",
    "xtask/src/pack.rs",
    "xtask/src/shrink.rs",
    "xtask/src/traps.rs",
    "xtask/src/wasm.rs",
];

/// The features that rustc's wasm uses; wasm-opt refuses a module with others. SIMD is ours (.cargo/config.toml).
const WASM_FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// What makes the module smallest when it is packed, which is not the same as smallest: a large function that was put
/// into its only caller has more locals than the two together, and what is repeated costs little.
const WASM_OPT_ARGUMENTS: [&str; 7] = [
    "-Oz",
    "--one-caller-inline-max-function-size=20",
    "--always-inline-max-function-size=4",
    "--skip-pass=local-cse",
    // This pass makes the module smaller, but not what gzip makes of it.
    "--skip-pass=simplify-locals",
    // The stack lies lowest in memory and grows down, so it has overflowed when it gets there.
    "--low-memory-unused",
    // What it does while writing is done in the second run alone: a module that went through it is read as a larger one.
    "--no-stack-ir",
];

/// Of the second run, which moves the functions. The levels are those of `-Oz`, here without its passes.
const WASM_OPT_ORDER_ARGUMENTS: [&str; 5] = [
    "--reorder-functions-by-name",
    "--strip-producers",
    "--strip-target-features",
    "--optimize-level=2",
    "--shrink-level=2",
];

/// A module of its own beside the page's: it has no loader.
struct OwnModule {
    package: &'static str,
    profile: &'static str,
    /// What cargo calls it.
    built: &'static str,
    /// Its name in the page; index.html has it, too. By its end [`pack`] knows what to pack.
    name: &'static str,
    /// What wasm-opt is to do.
    aim: &'static [&'static str],
}

const OWN_MODULES: [OwnModule; 2] = [
    OwnModule {
        package: "unpack",
        profile: "page",
        built: "unpack.wasm",
        name: "unpack.wasm",
        aim: &["-Oz"],
    },
    // For speed: it is not part of a first visit.
    OwnModule {
        package: "log-search",
        profile: "search",
        built: "log_search.wasm",
        name: "log_search_bg.wasm",
        // A function is compiled when it is called first. One with all in it that it calls alone, as the parser of
        // expressions, would take 30 ms where another way through it is taken.
        aim: &["-O3", "--one-caller-inline-max-function-size=100"],
    },
];

/// A built page.
#[derive(Debug)]
pub(crate) struct Artefact {
    /// Absolute path of `dist/`.
    pub(crate) dist: PathBuf,
    /// wasm-opt was there.
    is_optimised: bool,
}

impl Artefact {
    /// Whether a first visit is as small as it has to be. A page without wasm-opt cannot be.
    pub(crate) fn check_size(&self) -> Result<()> {
        if self.is_optimised { sizes::check(&self.dist) } else { Ok(()) }
    }

    pub(crate) fn print_sizes(&self) -> Result<()> {
        crate::print(&sizes::report(&self.dist)?)
    }
}

/// Builds the page into `dist/`; what is there already stays as it is.
pub(crate) fn build(tools: &Tools) -> Result<Artefact> {
    tools.ensure_wasm_target()?;
    tools.ensure_wasm_bindgen()?;
    tools.ensure_trunk()?;
    let wasm_opt = tools.ensure_wasm_opt()?;

    let mut page = files::read(&bundle(tools, wasm_opt.as_ref())?)?;
    let index = page.remove(INDEX).context("Trunk has written no index.html")?;
    let source = source::find(tools);
    let index = source::write_meta(&String::from_utf8(index)?, "source-commit", &source.commit)?;
    let index = source::write_meta(&index, "source-address", source.address.as_deref().unwrap_or_default())?;
    let index = source::write_meta(&index, "licences", &format!("./{}", licences::FILE))?;
    page.insert(INDEX.to_owned(), index.into_bytes());
    page.insert(licences::FILE.to_owned(), licences::text(tools)?.into_bytes());
    let page = names::by_content(page)?;
    policy::check(&page)?;

    let artefact = Artefact { dist: tools.root().join("dist"), is_optimised: wasm_opt.is_some() };
    files::write(&artefact.dist, &page)?;
    Ok(artefact)
}

/// The folder with what Trunk and wasm-opt make of the present inputs.
fn bundle(tools: &Tools, wasm_opt: Option<&WasmOpt>) -> Result<PathBuf> {
    let folder = tools.target_directory()?.join("xtask");
    let (bundle, record) = (folder.join("bundle"), folder.join("bundle.fingerprint"));
    let inputs = inputs_fingerprint(tools, wasm_opt)?;
    if std::fs::read_to_string(&record).is_ok_and(|recorded| {
        bundle_fingerprint(&bundle).is_ok_and(|bundle| recorded == format!("{inputs:x} {bundle:x}"))
    }) {
        say("The page's bundle is up to date.");
        return Ok(bundle);
    }

    say("Building the page (the first time a minute or two) …");
    // Trunk's own check for a newer Trunk would need the internet. wasm-bindgen is on the search path in exactly the
    // version that Trunk looks for, so it downloads nothing.
    run(tools
        .command("trunk")
        .args(["build", "--release", "--locked", "--dist"])
        .arg(&bundle)
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", path_flags(tools)?))?;
    if let Some(wasm_opt) = wasm_opt {
        for module in
            files_below(&bundle)?.iter().filter(|path| path.extension().is_some_and(|e| e == "wasm"))
        {
            optimise(tools, wasm_opt, module)?;
        }
    }
    shrink(&bundle)?;
    for module in &OWN_MODULES {
        add_module(tools, &bundle, wasm_opt, module)?;
    }
    pack::modules(&bundle)?;
    std::fs::write(&record, format!("{inputs:x} {:x}", bundle_fingerprint(&bundle)?))?;
    Ok(bundle)
}

/// Puts a module of its own beside the page's.
fn add_module(tools: &Tools, bundle: &Path, wasm_opt: Option<&WasmOpt>, module: &OwnModule) -> Result<()> {
    run(tools
        .command("cargo")
        .args(["build", "--package", module.package, "--lib", "--profile", module.profile, "--locked"])
        .args(["--target", WASM_TARGET])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", path_flags(tools)?))?;
    let built = tools.target_directory()?.join(WASM_TARGET).join(module.profile).join(module.built);
    let added = bundle.join(module.name);
    match wasm_opt {
        Some(wasm_opt) => run(tools
            .command(&wasm_opt.program)
            .args(WASM_FEATURES)
            .args(module.aim)
            .args(["--strip-producers", "--strip-target-features", "-o"])
            .args([&added, &built])),
        None => {
            std::fs::copy(&built, &added).map(drop).with_context(|| format!("cannot copy {}", module.name))
        }
    }
}

/// Short names for the folders of this machine, since panics name the file that they are in. Cargo adds these flags to
/// those of .cargo/config.toml, and takes them apart at spaces, so that a folder with one in its name keeps it.
fn path_flags(tools: &Tools) -> Result<String> {
    let mut folders = vec![(tools.root().to_owned(), "."), (tools.cargo_home().to_owned(), "cargo")];
    // Of several flags that fit, rustc takes the last. What cannot be read has no crates yet.
    let registries = std::fs::read_dir(tools.cargo_home().join("registry/src"));
    for registry in registries.into_iter().flatten() {
        folders.push((registry?.path(), "crates"));
    }
    let flags =
        folders.iter().map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display()));
    let usable: Vec<_> = flags.filter(|flag| !flag.contains(char::is_whitespace)).collect();
    Ok(usable.join(" "))
}

/// Replaces a module by its smaller form.
fn optimise(tools: &Tools, wasm_opt: &WasmOpt, module: &Path) -> Result<()> {
    let before = sizes::gzip_size(&std::fs::read(module)?)?;
    let smaller = module.with_extension("wasm.smaller");
    let (trapping, traps) = traps::in_place_of_panics(&std::fs::read(module)?)?;
    let (smaller_data, locations) = locations::without_them(&trapping)?;
    std::fs::write(module, smaller_data)?;
    let wasm_opt_to_smaller = |arguments: &[&str]| {
        run(tools
            .command(&wasm_opt.program)
            .args(WASM_FEATURES)
            .args(arguments)
            .arg("-o")
            .arg(&smaller)
            .arg(module))
    };
    wasm_opt_to_smaller(&WASM_OPT_ARGUMENTS)?;
    std::fs::write(module, order::name_in_order(&std::fs::read(&smaller)?)?)?;
    wasm_opt_to_smaller(&WASM_OPT_ORDER_ARGUMENTS)?;
    let after = sizes::gzip_size(&std::fs::read(&smaller)?)?;
    std::fs::rename(&smaller, module)?;
    say(&format!(
        "wasm-opt {}: {before} bytes gzip before, {after} after, {traps} ways to panic trap, {locations} places forgotten",
        wasm_opt.version
    ));
    Ok(())
}

/// What wasm-opt leaves: names of imports, and the comments and blanks of the text files.
fn shrink(bundle: &Path) -> Result<()> {
    let files = files_below(bundle)?;
    let with_end = |end: &'static str| files.iter().filter(move |path| path.to_string_lossy().ends_with(end));
    for module in with_end("_bg.wasm") {
        let loader = PathBuf::from(module.to_string_lossy().replace("_bg.wasm", ".js"));
        let (shorter_loader, shorter_module) =
            imports::shorten(&std::fs::read_to_string(&loader)?, &std::fs::read(module)?)
                .with_context(|| format!("cannot shorten the names of imports in {}", module.display()))?;
        std::fs::write(module, shorter_module)?;
        std::fs::write(loader, shrink::joined(&shrink::script(&loader::shorten(&shorter_loader)?)))?;
    }
    for script in with_end(".js") {
        std::fs::write(script, shrink::script(&std::fs::read_to_string(script)?))?;
    }
    for style in with_end(".css") {
        let text = shrink::without_comments(&std::fs::read_to_string(style)?, "/*", "*/");
        std::fs::write(style, shrink::style(&shrink::without_blanks(&text)))?;
    }
    // The blanks of a page stay: a policy has the hash of the style in 404.html.
    for page in with_end(".html") {
        let text = shrink::without_comments(&std::fs::read_to_string(page)?, "<!--", "-->");
        std::fs::write(page, text)?;
    }
    Ok(())
}

/// Of the sources' names and contents and of the tools' versions.
fn inputs_fingerprint(tools: &Tools, wasm_opt: Option<&WasmOpt>) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for input in INPUTS {
        hash_files(&tools.root().join(input), &mut hasher).with_context(|| format!("cannot read {input}"))?;
    }
    ask(tools.command("rustc").arg("--version")).hash(&mut hasher);
    ask(tools.command("trunk").arg("--version")).hash(&mut hasher);
    wasm_opt.map(|tool| tool.version).hash(&mut hasher);
    (WASM_FEATURES, WASM_OPT_ARGUMENTS, WASM_OPT_ORDER_ARGUMENTS).hash(&mut hasher);
    Ok(hasher.finish())
}

fn bundle_fingerprint(bundle: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    hash_files(bundle, &mut hasher)?;
    Ok(hasher.finish())
}

fn hash_files(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    for file in files_below(path)? {
        file.hash(hasher);
        std::fs::read(&file)?.hash(hasher);
    }
    Ok(())
}
