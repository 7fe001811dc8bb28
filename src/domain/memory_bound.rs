//! How much memory the logs of all runs may take together (design.md 4).

/// What is allowed, in MB of 1,000,000 bytes: a few segments at least, and no more than a module of 32 bits can have
/// beside the rest of the page.
const LEAST: u32 = 8;
const MOST: u32 = 2_000;

/// A bound that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryBound {
    megabytes: u32,
}

impl Default for MemoryBound {
    /// Two runs of a million lines of 124 bytes, with their index.
    fn default() -> Self {
        Self { megabytes: 320 }
    }
}

impl MemoryBound {
    /// What is wrong with a text that is none.
    pub const RULE: &'static str = "A whole number from 8 to 2,000.";

    /// Reads a number of megabytes; `None` for one that is not allowed.
    pub fn parse(text: &str) -> Option<Self> {
        let megabytes = text.trim().parse().ok()?;
        (LEAST..=MOST).contains(&megabytes).then_some(Self { megabytes })
    }

    pub fn megabytes(self) -> u32 {
        self.megabytes
    }

    pub fn bytes(self) -> usize {
        self.megabytes as usize * 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_whole_number_in_a_range() {
        for (text, megabytes) in [
            ("8", Some(8)),
            (" 320\n", Some(320)),
            ("2000", Some(2_000)),
            ("7", None),
            ("2001", None),
            ("99999999999", None),
            ("-80", None),
            ("80.5", None),
            ("1,000", None),
            ("", None),
        ] {
            assert_eq!(MemoryBound::parse(text).map(MemoryBound::megabytes), megabytes, "{text:?}");
        }
        assert_eq!(MemoryBound::default().bytes(), 320_000_000);
    }
}
