//! Searches the lines of a log.
//!
//! The page's second module, without an import: the page writes a query and lines into its memory and asks it what it
//! has found. It is loaded when somebody searches, so that regular expressions are no part of a first visit. What is
//! searched is the text that is shown: without a line's header and without escape sequences.
//!
//! [`Search`] is all of it; `exports` is what the page calls (`static/search.js`).

mod block;
mod context;
#[cfg(target_arch = "wasm32")]
mod exports;
mod found;
mod header;
mod lanes;
mod literal;
mod matcher;
mod places;
mod search;
mod shown;

pub use found::Place;
pub use matcher::Query;
pub use search::Search;
