//! What no command of ours can do: told with the words that let a person do it.

use std::fmt::{Display, Formatter, Result};

/// An error whose remedy is a person's: a password, another system's package manager.
#[derive(Debug)]
pub(crate) struct ByHand(pub(crate) String);

impl Display for ByHand {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ByHand {}
