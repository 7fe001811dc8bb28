//! Runs a function on a Heroku one-off dyno and shows its log live.
pub mod domain;
