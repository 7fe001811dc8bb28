//! What the page knows and decides: pure, total and free of browser, clock and randomness.
//!
//! The native build of this crate has no browser crate in its graph, so a use of one here does not compile.

pub mod api;
pub mod app;
pub mod error;
pub mod form;
pub mod ids;
pub mod log;
pub mod run;
pub mod secret;
pub mod stream_url;
pub mod time;
