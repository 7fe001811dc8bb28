//! `cargo xtask test`: every check and test in order of speed, up to the first that fails, and the count.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::artefact;
use crate::counts::{Counter, Counts};
use crate::process::{announce, run as check, say};
use crate::simulate;
use crate::tools::chromium::Chromium;
use crate::tools::engines::{Engine, Engines};
use crate::tools::firefox::Firefox;
use crate::tools::webkit::WebKit;
use crate::tools::{PAGE, Tools, WASM_TARGET};

/// The end-to-end tests that ask what Chromium's DevTools alone tell are in modules of this name.
const CHROMIUM_ONLY: &str = "chromium_only";

/// What is left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Whether everything is left out that needs a browser.
    pub(crate) fast: bool,
    /// The engines for the end-to-end tests; none is all that can be had.
    pub(crate) browsers: Vec<Engine>,
}

/// The last line of the output is always `N passed, M failed`: tests, and a failed check or build as one failure.
pub(crate) fn run(tools: &Tools, options: &Options) -> Result<ExitCode> {
    let mut counts = Counts::default();
    let result = steps(tools, options, &mut counts);
    if let Ok(Some(left_out)) = &result {
        say(&format!("\n{left_out}"));
    }
    if let Err(error) = &result {
        say(&format!("error: {error:#}"));
        // A test step that failed by its tests has counted them already.
        counts.failed = counts.failed.max(1);
    }
    crate::print(&format!("{} passed, {} failed\n", counts.passed, counts.failed))?;
    Ok(if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs all of it; the answer tells what was left out because it cannot be had here.
fn steps(tools: &Tools, options: &Options, counts: &mut Counts) -> Result<Option<String>> {
    // What cannot be had is told at once, and not after minutes of tests.
    tools.ensure_components()?;
    tools.ensure_wasm_target()?;
    let engines = if options.fast {
        None
    } else {
        tools.ensure_wasm_bindgen()?;
        tools.ensure_trunk()?;
        tools.ensure_wasm_opt()?;
        Some(tools.ensure_engines(&options.browsers)?)
    };
    let heroku_cli = tools.ensure_heroku_cli();
    let left_out =
        heroku_cli.as_ref().err().map(|reason| format!("The heroku command line was left out: {reason:#}."));
    left_out.iter().for_each(|line| say(line));

    heading("Format");
    check(tools.command("cargo").args(["fmt", "--all", "--check"]))?;
    heading("Clippy, native");
    let clippy = ["--all-targets", "--locked", "--", "-D", "warnings"];
    check(tools.command("cargo").args(["clippy", "--workspace"]).args(clippy))?;
    heading("Clippy, wasm");
    check(tools.command("cargo").args(["clippy", "--package", PAGE, "--target", WASM_TARGET]).args(clippy))?;
    heading("Native tests");
    let all = ["--locked", "--no-fail-fast"];
    let mut command = tools.command("cargo");
    command.args(["test", "--workspace", "--exclude", "e2e"]).args(all);
    command.envs(heroku_cli.ok().map(|program| ("HEROKU_CLI", program)));
    tests(&mut command, counts)?;
    heading("Simulation");
    tests(&mut simulate::command(tools, &simulate::Options::default()), counts)?;
    if let Some(engines) = engines {
        browser_steps(tools, &engines, counts)?;
    }
    Ok(left_out)
}

fn browser_steps(tools: &Tools, engines: &Engines, counts: &mut Counts) -> Result<()> {
    if let Some(chromium) = &engines.chromium {
        heading("Wasm tests in headless Chromium");
        let mut command = tools.command("cargo");
        command.args(["test", "--package", PAGE, "--target", WASM_TARGET, "--lib", "--test", "*"]);
        command.args(["--locked", "--no-fail-fast"]);
        command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities(tools, chromium)?);
        tests(command.env("CHROMEDRIVER", &chromium.driver), counts)?;
    }
    heading("Release build");
    let artefact = artefact::build(tools)?;
    artefact.print_sizes()?;
    artefact.check_size()?;
    let emulator = tools.build_program("heroku-emulator")?;
    let end_to_end = |engine: Engine, programs: &[(&str, &PathBuf)]| {
        heading(&format!("End-to-end tests in {engine}"));
        let mut command = tools.command("cargo");
        command.args(["test", "--package", "e2e", "--locked"]);
        if engine != Engine::Chromium {
            command.args(["--", "--skip", CHROMIUM_ONLY]);
        }
        command.env("E2E_BROWSER", engine.to_string().to_lowercase());
        command.env("E2E_DIST", &artefact.dist).env("E2E_EMULATOR", &emulator);
        command.envs(programs.iter().copied());
        command
    };
    if let Some(Chromium { browser, driver, .. }) = &engines.chromium {
        let programs = [("CHROMIUM", browser), ("CHROMEDRIVER", driver)];
        tests(&mut end_to_end(Engine::Chromium, &programs), counts)?;
    }
    if let Some(Firefox { browser, driver, .. }) = &engines.firefox {
        let programs = [("FIREFOX", browser), ("GECKODRIVER", driver)];
        tests(&mut end_to_end(Engine::Firefox, &programs), counts)?;
    }
    if let Some(WebKit { browser, driver, x_server }) = &engines.webkit {
        let programs = [("MINIBROWSER", browser), ("WEBKITWEBDRIVER", driver), ("XVFB", x_server)];
        tests(&mut end_to_end(Engine::WebKit, &programs), counts)?;
    }
    Ok(())
}

/// A copy of webdriver.json with the chosen browser, since the driver on its own takes the first that it finds.
fn capabilities(tools: &Tools, chromium: &Chromium) -> Result<PathBuf> {
    let text =
        std::fs::read_to_string(tools.root().join("webdriver.json")).context("cannot read webdriver.json")?;
    let mut capabilities: serde_json::Value =
        serde_json::from_str(&text).context("webdriver.json is no JSON")?;
    capabilities["goog:chromeOptions"]["binary"] = chromium.browser.to_string_lossy().into();
    let folder = tools.target_directory()?.join("xtask");
    let file = folder.join("webdriver.json");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&file, capabilities.to_string()))
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

fn heading(title: &str) {
    say(&format!("\n== {title}"));
}

/// Runs test binaries, passes their output on as it comes, and adds up their results.
fn tests(command: &mut Command, counts: &mut Counts) -> Result<()> {
    let line = announce(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{line}`"))?;
    let mut output = child.stdout.take().context("no pipe to read the tests' output from")?;
    let mut counter = Counter::default();
    let mut buffer = [0; 8192];
    loop {
        let length = output.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        counter.feed(&buffer[..length]);
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(&buffer[..length])?;
        stdout.flush()?;
    }
    let status = child.wait()?;
    let result = counter.finish();
    *counts += result;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    if result.passed == 0 {
        bail!("`{line}` ran no test");
    }
    Ok(())
}
