//! What the page knows and decides: pure, total and free of browser, clock and randomness.
//!
//! The native build of this crate has no browser crate in its graph, so a use of one here does not compile.

pub mod adoption;
pub mod api;
pub mod app;
pub mod closing;
pub mod dyno_size;
pub mod error;
pub mod form;
pub mod headline;
pub mod ids;
pub mod link;
pub mod log;
pub mod logs;
pub mod memory_bound;
pub mod notice;
pub mod notifications;
pub mod percent;
pub mod run;
pub mod secret;
pub mod stream_url;
pub mod tail;
pub mod text;
pub mod time;
pub mod time_format;
pub mod time_limit;
pub mod timings;
pub mod variables;
