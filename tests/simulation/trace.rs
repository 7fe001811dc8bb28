//! What happened, a line each, for a person to read.

use std::fmt::Arguments;

/// Longest line, in characters.
const LONGEST: usize = 400;

#[derive(Debug, Default)]
pub(crate) struct Trace(pub(crate) Option<Vec<String>>);

impl Trace {
    /// `time` in milliseconds since the beginning.
    pub(crate) fn add(&mut self, time: u64, who: &str, what: Arguments<'_>) {
        if let Some(lines) = &mut self.0 {
            let what: String = what.to_string().replace('\n', "\\n").chars().take(LONGEST).collect();
            lines.push(format!("{:>11.3} s  {who:<8} {what}", time as f64 / 1000.0));
        }
    }
}
