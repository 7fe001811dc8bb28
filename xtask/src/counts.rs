//! Counts of tests, read from the output of libtest and of wasm-bindgen's test runner.

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Reads a stream of output, in pieces of any size, and adds up its `test result:` lines.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    /// The bytes since the last line end.
    line: Vec<u8>,
    counts: Counts,
}

impl Counter {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    /// The sum over all lines, the unterminated last one included.
    pub(crate) fn finish(mut self) -> Counts {
        self.end_line();
        self.counts
    }

    fn end_line(&mut self) {
        if let Some(counts) = parse(&String::from_utf8_lossy(&self.line)) {
            self.counts += counts;
        }
        self.line.clear();
    }
}

/// Both runners end with `test result: ok. 5 passed; 0 failed; 0 ignored; …`.
fn parse(line: &str) -> Option<Counts> {
    let (_outcome, fields) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let field = |name: &str| {
        fields.split(';').find_map(|field| field.trim().strip_suffix(name)?.trim_end().parse::<u64>().ok())
    };
    Some(Counts { passed: field("passed")?, failed: field("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\n\
        running 2 tests\n\
        test a ... ok\n\
        test b ... FAILED\n\
        \n\
        test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s\n\
        \n\
        test result: ok. 40 passed; 0 failed; 0 ignored; 0 filtered out; finished in 2.15s";

    fn count(pieces: impl Iterator<Item = &'static [u8]>) -> Counts {
        let mut counter = Counter::default();
        pieces.for_each(|piece| counter.feed(piece));
        counter.finish()
    }

    #[test]
    fn results_of_libtest_and_of_the_wasm_runner_are_added_up() {
        assert_eq!(count([OUTPUT.as_bytes()].into_iter()), Counts { passed: 41, failed: 1 });
    }

    #[test]
    fn cuts_anywhere_change_nothing() {
        for size in 1..OUTPUT.len() {
            assert_eq!(count(OUTPUT.as_bytes().chunks(size)), Counts { passed: 41, failed: 1 }, "{size}");
        }
    }

    #[test]
    fn other_lines_do_not_count() {
        for line in [
            "",
            "test result of mine ... ok",
            "note: test result: ok. 1 passed; 0 failed",
            "test result: ok. many passed; 0 failed",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
