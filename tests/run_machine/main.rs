//! The run machine: every transition, and events that come late, twice or never.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod adopted;
mod attempts;
mod ends;
mod ends_without_platform_lines;
mod form;
mod found_by_simulation;
mod manners;
mod page;
mod properties;
mod questions;
mod reading;
mod replaced;
mod rotation;
mod several;
mod start;
mod stop;
mod unclear;
mod unclear_log;
