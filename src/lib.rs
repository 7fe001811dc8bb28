//! Serverless on Heroku: starts a function on a one-off dyno from a web page and shows its log live.
//!
//! Imports run one way: [`domain`] ← `web` ← `ui` ← `main`. ARCHITECTURE.md says where to find what.

pub mod domain;
#[cfg(target_arch = "wasm32")]
pub mod ui;
#[cfg(target_arch = "wasm32")]
pub mod web;
