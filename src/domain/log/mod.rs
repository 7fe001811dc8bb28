//! The log of a run: bytes of a stream in, lines and facts out.
//!
//! Everything here is total: any bytes make lines, and a line of no known grammar is a line all the same.

mod cut_key;
pub mod decode;
pub mod header;
pub mod json;
mod mask;
pub mod result;
pub mod row;
pub mod run_log;
pub mod store;
pub mod text;
pub mod viewport;

pub use decode::Encoding;
pub use run_log::{Fact, RunLog, Scope};
pub use store::{Class, LineStore};
