//! What components share: the state, the pace of the log, and clocks.

mod use_height;
mod use_line_frames;
mod use_now;
mod use_revision;

pub(super) use use_height::use_height;
pub(super) use use_line_frames::use_line_frames;
pub(super) use use_now::use_now;
pub(super) use use_revision::use_revision;
