//! The text of a message that is shown, and whether it differs from its bytes.

use log_text::{is_invisible, visible};
use memchr::memchr;

use crate::lanes::{Lanes, WIDTH, bits};

const ESCAPE: u8 = 0x1b;

/// The letters outside of ASCII that are one of ASCII in another case, by Unicode's simple case folding, and that one.
pub(crate) const ODD_CASES: [(char, char); 2] = [('\u{17f}', 's'), ('\u{212a}', 'k')];

/// How the text of a line is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// Its bytes are its text.
    Plain,
    /// Its bytes are its text once the sequences for colours, which are what most escape sequences are about, are taken
    /// out, and a carriage return at its end.
    Coloured,
    /// [`visible`] makes it.
    Hidden,
}

/// The first byte at or behind `from` for which a line may be no plain text: neither a printable character of ASCII
/// nor a tab nor a line end.
pub(crate) fn find_unusual(bytes: &[u8], from: usize) -> Option<usize> {
    let (first, printable) = (Lanes::all(b' '), Lanes::all(0x7f - b' '));
    let (tab, line_end) = (Lanes::all(b'\t'), Lanes::all(b'\n'));
    let unusual = |chunk: &[u8; WIDTH]| {
        bits(chunk, chunk, |lanes, _| {
            lanes.less(first).at_least(printable).and_not(lanes.equal(tab).or(lanes.equal(line_end)))
        })
    };
    let mut at = from;
    while let Some(chunk) = bytes[at..].first_chunk() {
        let unusual = unusual(chunk);
        if unusual != 0 {
            return Some(at + unusual.trailing_zeros() as usize);
        }
        at += WIDTH;
    }
    if at == bytes.len() {
        return None;
    }
    if let Some(chunk) = bytes.last_chunk() {
        // Some of these were looked at before.
        let base = bytes.len() - WIDTH;
        let unusual = unusual(chunk) & u64::MAX << (at - base);
        return (unusual != 0).then(|| base + unusual.trailing_zeros() as usize);
    }
    let is_usual = |byte: &u8| matches!(byte, b'\n' | b'\t' | b' '..=b'~');
    bytes[at..].iter().position(|byte| !is_usual(byte)).map(|place| at + place)
}

/// Of a line or a message that has no unusual byte before `from`.
pub(crate) fn text_of(line: &[u8], from: usize) -> Text {
    let (mut at, mut text) = (from, Text::Plain);
    while let Some(place) = find_unusual(line, at) {
        at = match line[place] {
            ESCAPE => match behind_colour(line, place) {
                Some(behind) => behind,
                None => return Text::Hidden,
            },
            b'\r' if place + 1 == line.len() => line.len(),
            0x80.. => {
                let length = line[place..].iter().position(u8::is_ascii).unwrap_or(line.len() - place);
                // A character with a sequence in its middle is none.
                let is_shown = std::str::from_utf8(&line[place..place + length]).is_ok_and(|text| {
                    !text.contains(|it| matches!(it, '\u{80}'..='\u{9f}') || is_invisible(it))
                });
                if !is_shown {
                    return Text::Hidden;
                }
                at = place + length;
                continue;
            }
            _ => return Text::Hidden,
        };
        text = Text::Coloured;
    }
    text
}

/// Where the sequence that begins with this escape ends, if it is about colours.
fn behind_colour(line: &[u8], escape: usize) -> Option<usize> {
    let parameters = line[escape + 1..].strip_prefix(b"[")?;
    let end = parameters.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';'))?;
    (parameters[end] == b'm').then_some(escape + 2 + end + 1)
}

/// Whether `may_join` holds for a byte before sequences of a [`Coloured`](Text::Coloured) line and the one behind them.
pub(crate) fn is_joined(line: &[u8], may_join: impl Fn(u8, u8) -> bool) -> bool {
    let mut at = 0;
    while let Some(escape) = memchr(ESCAPE, &line[at..]) {
        let escape = at + escape;
        at = escape;
        while line.get(at) == Some(&ESCAPE) {
            at = behind_colour(line, at).unwrap_or(line.len());
        }
        if escape > 0 && line.get(at).is_some_and(|&behind| may_join(line[escape - 1], behind)) {
            return true;
        }
    }
    false
}

/// Whether a text has one of [`ODD_CASES`].
pub(crate) fn has_odd_case(text: &[u8]) -> bool {
    // Their first bytes.
    memchr::memchr2_iter(0xc5, 0xe2, text).any(|place| {
        text[place..].starts_with("\u{17f}".as_bytes()) || text[place..].starts_with("\u{212a}".as_bytes())
    })
}

/// Appends the text of a message.
pub(crate) fn append(message: &[u8], text: &mut Vec<u8>) {
    match text_of(message, 0) {
        Text::Plain => text.extend_from_slice(message),
        Text::Coloured => append_without_colours(message, text),
        Text::Hidden => text.extend_from_slice(visible(message).as_bytes()),
    }
}

fn append_without_colours(message: &[u8], text: &mut Vec<u8>) {
    let message = message.strip_suffix(b"\r").unwrap_or(message);
    let mut at = 0;
    while let Some(length) = memchr(ESCAPE, &message[at..]) {
        text.extend_from_slice(&message[at..at + length]);
        at = behind_colour(message, at + length).unwrap_or(message.len());
    }
    text.extend_from_slice(&message[at..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Text with all that is hidden in it, and bytes that are no text, but for line ends.
    fn messages() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => "[a-zA-Z ,.]{0,12}".prop_map(String::into_bytes),
            2 => "\u{1b}\\[[0-9;]{0,8}m".prop_map(String::into_bytes),
            1 => "(é|世|👋|ſ|\u{212a}|\u{85}|\u{9b}|\u{a0}){1,2}".prop_map(String::into_bytes),
            1 => proptest::collection::vec(any::<u8>(), 0..3),
            1 => "\u{1b}(\\[[0-9?]{0,2}[A-HJK]|\\]0;t\u{7}|\\[|.)?".prop_map(String::into_bytes),
            1 => "[\r\t\u{7f}\u{7}]{1,2}".prop_map(String::into_bytes),
        ];
        proptest::collection::vec(piece, 0..8)
            .prop_map(|pieces| pieces.concat().into_iter().filter(|&byte| byte != b'\n').collect())
    }

    proptest! {
        #[test]
        fn text_is_what_is_shown(message in messages()) {
            let shown = visible(&message);
            let mut text = b"before".to_vec();
            append(&message, &mut text);
            prop_assert_eq!(&text[6..], shown.as_bytes());
            let is_plain = find_unusual(&message, 0).is_none_or(|place| text_of(&message, place) == Text::Plain);
            if is_plain {
                prop_assert_eq!(&message[..], shown.as_bytes());
            }
            prop_assert_eq!(has_odd_case(shown.as_bytes()), shown.contains(ODD_CASES.map(|(odd, _)| odd)));
        }

        /// What is in the text, but not in the bytes, is told by the bytes around the sequences.
        #[test]
        fn text_without_colours_has_no_other_pairs_of_bytes_than_those_that_are_joined(message in messages()) {
            if text_of(&message, 0) == Text::Coloured {
                let shown = visible(&message).into_bytes();
                for pair in shown.windows(2).filter(|pair| !message.windows(2).any(|other| other == *pair)) {
                    prop_assert!(is_joined(&message, |before, behind| [before, behind] == *pair));
                }
            }
        }

        #[test]
        fn finds_the_first_unusual_byte(bytes in "[a-z\n\t]{0,150}[é\r]?[a-z]{0,100}", from in 0usize..150) {
            let bytes = bytes.as_bytes();
            let from = from.min(bytes.len());
            let is_unusual = |byte: &u8| !matches!(byte, b'\n' | b'\t' | b' '..=b'~');
            let expected = bytes[from..].iter().position(is_unusual).map(|place| from + place);
            prop_assert_eq!(find_unusual(bytes, from), expected);
        }
    }
}
