//! Where the API key stands in a line, also with what a terminal would not show in between.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr3;

use crate::domain::secret::{KeyFinder, MASK};
use log_text::escape::{self, Terminal};

/// The places of the key in a line. `grep --color` and progress bars put escape sequences, bells and backspaces into
/// words; such a place reaches from the key's first byte to its last.
pub(super) fn places_of_key(key: &KeyFinder, line: &[u8]) -> Vec<Range<usize>> {
    if !key.may_be_in(line) {
        return Vec::new();
    }
    let length = key.key_length();
    let mut places: Vec<_> = key.find_all(line).map(|start| start..start + length).collect();
    // Escape, bell, backspace.
    if length > 0 && memchr3(0x1b, 0x07, 0x08, line).is_some() {
        let (text, offsets) = shown_ascii(line);
        for start in key.find_all(&text) {
            places.push(offsets[start]..offsets[start + length - 1] + 1);
        }
    }
    places
}

/// The line with each key in it replaced, by as many signs.
pub(super) fn masked<'a>(key: &KeyFinder, line: &'a [u8]) -> Cow<'a, [u8]> {
    let places = places_of_key(key, line);
    if places.is_empty() {
        return Cow::Borrowed(line);
    }
    let mut line = line.to_vec();
    places.into_iter().for_each(|place| line[place].fill(MASK));
    Cow::Owned(line)
}

/// The bytes that a terminal shows, each with its offset in the line. What is no ASCII is no part of a key, and stands
/// there as NUL.
fn shown_ascii(line: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let mut shown = Shown { text: Vec::with_capacity(line.len()), offsets: Vec::with_capacity(line.len()) };
    escape::parse(line, &mut shown);
    (shown.text, shown.offsets)
}

struct Shown {
    text: Vec<u8>,
    offsets: Vec<usize>,
}

impl Terminal for Shown {
    fn print(&mut self, character: char, offset: usize) {
        self.text.push(if character.is_ascii() { character as u8 } else { 0 });
        self.offsets.push(offset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::ApiKey;

    #[test]
    fn a_key_is_found_through_what_a_terminal_does_not_show() {
        #[track_caller]
        fn check(line: &str, expected: &[&str]) {
            let finder = ApiKey::parse("HRKU-secret").expect("a key").finder();
            let places = places_of_key(&finder, line.as_bytes());
            let found: Vec<&str> = places.into_iter().map(|place| &line[place]).collect();
            assert_eq!(found, expected, "{line:?}");
        }
        check("no key", &[]);
        check("a HRKU-secret b", &["HRKU-secret"]);
        check("\x1b[01;31m\x1b[KHRKU-\x1b[m\x1b[Ksecret\x1b[0m", &["HRKU-\x1b[m\x1b[Ksecret"]);
        check("ü \x1b]8;;x\x07HRKU\x07-se\x08cret", &["HRKU\x07-se\x08cret"]);
        check("\x1b[1mHRKU-secreT", &[]);
        check("HRKU-ü\x1b[1msecret", &[]);
        check("HRKU-\x1b[3", &[]);
    }
}
