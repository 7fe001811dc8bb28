//! End-to-end tests: the built page in a real Chromium, against the emulator with real processes.
//!
//! `cargo xtask test` builds both and says by the environment where they are. Each test has a browser, an emulator
//! and an app folder of its own, so they run side by side, one a core.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod choices;
mod console;
mod deployment;
mod endings;
mod error_table;
mod errors;
mod failure;
mod form;
mod framing;
mod function;
mod harness;
mod layout;
mod links;
mod log_text;
mod policy;
mod requests;
mod secrecy;
mod unclear;
mod variables;
