//! `cargo xtask bench`: measures the built page, and writes what it found into docs/performance.md.

use anyhow::{Context, Result};

use crate::artefact;
use crate::process::run as start;
use crate::tools::Tools;
use crate::tools::engines::Engine;

/// What is measured.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Whether fewer lines are measured, and only once: to see whether the measurement works.
    pub(crate) quick: bool,
}

pub(crate) fn run(tools: &Tools, options: &Options) -> Result<()> {
    let engines = tools.ensure_engines(&[Engine::Chromium])?;
    let chromium = engines.chromium.context("the measurement needs Chromium")?;
    let artefact = artefact::build(tools)?;
    let program = tools.build_program("bench")?;
    // A quick run's figures are no measurement.
    let report = if options.quick {
        let copy = tools.target_directory()?.join("xtask/performance.md");
        std::fs::copy(tools.root().join("docs/performance.md"), &copy)?;
        copy
    } else {
        tools.root().join("docs/performance.md")
    };
    let mut command = tools.command(program);
    command.args(options.quick.then_some("--quick"));
    command.env("BENCH_DIST", &artefact.dist).env("BENCH_CHROMIUM", chromium.browser);
    start(command.env("BENCH_REPORT", &report))?;
    artefact.print_sizes()
}
