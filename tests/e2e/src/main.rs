//! End-to-end tests: the built page in real browsers, against the emulator with real processes.
//!
//! `cargo xtask test` builds both and says by the environment where they are, and by `E2E_BROWSER` which engine is
//! meant. Each test has a browser, an emulator and an app folder of its own, so they run side by side, one a core.
//!
//! Every test runs in Chromium. In Firefox and in WebKit all run, too, but for those in modules called `chromium_only`,
//! which need what only Chromium's DevTools tell or do: requests as they left the browser, the console, layout shifts,
//! a phone's screen, a network that is switched off; or count on what Chromium keeps in its cache. The other tests ask
//! the page and the servers. In Chromium the
//! built page is unchanged; for the other two, whose drivers run no script before the page's own, emulator and scripted
//! server add the script of `harness/observers.rs`, and where the page is served unchanged it comes after the load.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod choices;
mod console;
mod console_view;
mod deployment;
mod endings;
mod error_table;
mod errors;
mod export;
mod failure;
mod fir;
mod form;
mod framing;
mod function;
mod harness;
mod layout;
mod leaving;
mod links;
mod log_text;
mod memory;
mod policy;
mod reconnection;
mod reload;
mod requests;
mod rows;
mod search;
mod secrecy;
mod selection;
mod several_runs;
mod tabs;
mod time_limit;
mod unclear;
mod variables;
