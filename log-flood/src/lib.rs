//! Finds the lines of a flood: those whose header differs from that of the line before in the fraction of a second alone; and
//! takes lines out of server-sent events ([`Frames`]).
//!
//! A crate of its own, because each line of a flood goes through it: it is compiled for speed, the page for size.

mod frames;

pub use frames::Frames;

use memchr::memchr3_iter;

/// Bytes up to the fraction: `2026-01-02T03:04:05.`
const SECOND_BYTES: usize = 20;

const ESCAPE: u8 = 0x1b;

/// The header of a line of output, with which the next one is compared.
#[derive(Debug)]
pub struct KnownHeader {
    bytes: Vec<u8>,
    /// Behind the last digit of the fraction.
    fraction_end: usize,
}

/// The lines at the beginning of some bytes that have a known header.
#[derive(Debug, Default)]
pub struct Lines {
    /// Of each, the offset behind its end.
    pub ends: Vec<u32>,
    /// Indices of those with an escape character.
    pub with_escape: Vec<u32>,
}

impl KnownHeader {
    /// `None` for a header without a fraction, or without the space that ordinarily stands before the message.
    pub fn new(header: &[u8]) -> Option<Self> {
        let (second, rest) = header.split_at_checked(SECOND_BYTES)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_ordinary = second.ends_with(b".") && header.ends_with(b": ");
        is_ordinary.then(|| Self { bytes: header.to_vec(), fraction_end: SECOND_BYTES + digits })
    }

    /// Length in bytes.
    pub fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the line's header is the same but for the fraction.
    pub fn is_of(&self, line: &[u8]) -> bool {
        let Some((second, rest)) = self.bytes.split_first_chunk::<SECOND_BYTES>() else { return false };
        let Some((line_second, line_rest)) = line.split_first_chunk::<SECOND_BYTES>() else { return false };
        let digits = self.fraction_end - SECOND_BYTES;
        line_second == second
            && line_rest.len() >= rest.len()
            && line_rest[..digits].iter().all(u8::is_ascii_digit)
            && line_rest[digits..].iter().zip(&rest[digits..]).all(|(byte, known)| byte == known)
    }

    /// Finds the lines at the beginning of `bytes` that have this header, no `excluded` byte in them, and fewer bytes
    /// than `longest`.
    pub fn lines(&self, bytes: &[u8], excluded: u8, longest: usize, found: &mut Lines) {
        found.ends.clear();
        found.with_escape.clear();
        let (mut start, mut has_escape) = (0, false);
        for place in memchr3_iter(b'\n', ESCAPE, excluded, bytes) {
            match bytes[place] {
                b'\n' if place - start < longest && self.is_of(&bytes[start..place]) => {
                    if std::mem::take(&mut has_escape) {
                        found.with_escape.push(found.ends.len() as u32);
                    }
                    start = place + 1;
                    found.ends.push(start as u32);
                }
                ESCAPE => has_escape = true,
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "2026-01-02T03:04:05.678901+00:00 app[run.1]: ";

    #[test]
    fn only_the_fraction_may_differ() {
        let known = KnownHeader::new(HEADER.as_bytes()).expect("an ordinary header");
        for (line, is_known) in [
            (HEADER, true),
            ("2026-01-02T03:04:05.000000+00:00 app[run.1]: x", true),
            ("2026-01-02T03:04:06.678901+00:00 app[run.1]: x", false),
            ("2026-01-02T03:04:05.67890x+00:00 app[run.1]: x", false),
            ("2026-01-02T03:04:05.67890+00:00 app[run.1]: x", false),
            ("2026-01-02T03:04:05.678901+01:00 app[run.1]: x", false),
            ("2026-01-02T03:04:05.678901+00:00 app[run.2]: x", false),
            ("2026-01-02T03:04:05.678901+00:00 app[run.1]:x", false),
            ("2026-01-02T03:04:05.678901+00:00 app[run.1]:", false),
            ("2026", false),
        ] {
            assert_eq!(known.is_of(line.as_bytes()), is_known, "{line}");
        }
        assert_eq!(known.length(), HEADER.len());
    }

    #[test]
    fn a_header_of_another_form_is_read_each_time() {
        for header in
            ["", "2026-01-02T03:04:05Z app[run.1]: ", "2026-01-02T03:04:05.678901+00:00 app[run.1]:"]
        {
            assert!(KnownHeader::new(header.as_bytes()).is_none(), "{header}");
        }
    }

    proptest! {
        /// Line by line.
        #[test]
        fn lines_are_found_up_to_the_first_other_one(
            lines in prop::collection::vec(
                ("(2026-01-02T03:04:05\\.[0-9]{6}|2026-01-02T03:04:06.000000|x)", "[a-c\u{1b}K]{0,12}"), 0..9),
            cut in 0_usize..20,
            longest in 46_usize..60,
        ) {
            let known = KnownHeader::new(HEADER.as_bytes()).expect("an ordinary header");
            let lines: Vec<String> =
                lines.iter().map(|(time, text)| format!("{time}+00:00 app[run.1]: {text}\n")).collect();
            let text = lines.concat();
            let text = &text[..text.len().saturating_sub(cut)];

            let mut found = Lines::default();
            // What is there of an earlier call.
            found.ends.push(7);
            known.lines(text.as_bytes(), b'K', longest, &mut found);

            let is_ordinary = |line: &&str| {
                line.ends_with('\n')
                    && line.len() <= longest
                    && !line.contains('K')
                    && known.is_of(line.trim_end_matches('\n').as_bytes())
            };
            let expected: Vec<&str> = text.split_inclusive('\n').take_while(is_ordinary).collect();
            let mut end = 0;
            let ends: Vec<u32> = expected.iter().map(|line| { end += line.len() as u32; end }).collect();
            let with_escape = expected.iter().enumerate().filter(|(_, line)| line.contains('\u{1b}'));
            let with_escape: Vec<u32> = with_escape.map(|(index, _)| index as u32).collect();
            prop_assert_eq!(found.ends, ends);
            prop_assert_eq!(found.with_escape, with_escape);
        }
    }
}
