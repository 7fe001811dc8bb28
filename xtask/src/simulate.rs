//! `cargo xtask simulate`: the simulation of tests/simulation, optimised.

use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::tools::{PAGE, Tools};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) seeds: u64,
    /// This one alone, with its trace.
    pub(crate) seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seeds: 10_000, seed: None }
    }
}

pub(crate) fn command(tools: &Tools, options: &Options) -> Command {
    let mut command = tools.command("cargo");
    command.args(["test", "--package", PAGE, "--profile", "simulation", "--test", "simulation", "--locked"]);
    command.env("SIMULATION_SEEDS", options.seeds.to_string());
    match options.seed {
        Some(seed) => command.env("SIMULATION_SEED", seed.to_string()),
        None => command.env_remove("SIMULATION_SEED"),
    };
    command
}

pub(crate) fn run(tools: &Tools, options: &Options) -> Result<()> {
    process::run(command(tools, options).args(["--", "--nocapture", "every_seed_ends_well"]))
}
