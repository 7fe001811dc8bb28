//! The page with several runs: closing their tabs, telling of their ends, and taking them up after a reload.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod adoption;
mod closing;
mod notifications;
mod page;
