//! The binary as its clients meet it: HTTP on loopback, real processes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod api;
mod apps;
mod commands;
mod endings;
mod faults;
mod formation;
mod generation;
mod homes;
mod memory;
mod packages;
mod page;
mod protocol;
mod readme;
mod releases;
mod security;
mod shapes;
mod start;
mod stream_faults;
mod streams;
mod support;
