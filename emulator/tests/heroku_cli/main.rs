//! The official `heroku` command line takes the emulator for Heroku: it runs here as a person would run it.
//!
//! `HEROKU_CLI` names the program; `cargo xtask test` installs it where node and npm are there. Without it nothing is
//! tested, and a line on standard error says so.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cli;
mod commands;
mod errors;
mod logs;
#[allow(dead_code, reason = "the other test target uses all of it")]
#[path = "../emulator/support.rs"]
mod support;
mod terminal;
