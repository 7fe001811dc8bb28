//! The binary as its clients meet it: HTTP on loopback, real processes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod api;
mod commands;
mod endings;
mod faults;
mod page;
mod protocol;
mod readme;
mod shapes;
mod start;
mod streams;
mod support;
