//! The log of a run: bytes of a stream in, lines and facts out.
//!
//! Everything here is total: any bytes make lines, and a line of no known grammar is a line all the same.

mod beginning;
mod carried;
mod classify;
mod cut_key;
pub mod decode;
pub mod error_code;
pub mod gaps;
pub mod header;
mod ids;
pub mod json;
pub mod links;
mod mask;
mod moves;
mod overlap;
pub mod platform_lines;
pub mod result;
pub mod row;
pub mod run_log;
mod scope;
pub mod selection;
pub mod store;
pub mod viewport;
pub mod wrapping;

pub use classify::Fact;
pub use decode::{Decoder, Encoding, Piece};
pub use error_code::ErrorCode;
pub use gaps::{Gap, GapCause, Gaps, RowKind};
pub use run_log::{RunLog, StreamKind};
pub use scope::{Scope, Selection};
pub use store::{Class, LineStore};
