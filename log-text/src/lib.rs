//! The text of a message of a log: bytes in, what a terminal would show of them in one line out.
//!
//! A crate of its own, since two modules of the page have it: the app, which shows text, and the search, which has to
//! find what is shown.

mod cells;
pub mod escape;
mod palette;
mod screen;
mod style;
mod text;

pub use palette::Rgb;
pub use style::{Color, Style, Underline};
pub use text::{Fit, Run, Text, is_invisible, style_behind, text, visible};
