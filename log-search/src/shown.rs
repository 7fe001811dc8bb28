//! The text of a message that is shown, and whether it differs from its bytes.

use log_text::visible;
use memchr::memchr;

const ESCAPE: u8 = 0x1b;

/// Bytes that are looked at together: an unrolled loop that the compiler makes SIMD of.
const WIDTH: usize = 64;

/// The letters outside of ASCII that are one of ASCII in another case, by Unicode's simple case folding: ſ and K.
const ODD_CASES: [&[u8]; 2] = ["\u{17f}".as_bytes(), "\u{212a}".as_bytes()];

/// How the text of a line is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// Its bytes are its text.
    Plain,
    /// As [`Plain`](Self::Plain), with a letter of [`ODD_CASES`].
    OddCase,
    /// [`append`] makes it.
    Hidden,
}

/// The first byte at or behind `from` for which a line may be no plain text: neither a printable character of ASCII
/// nor a tab nor a line end.
pub(crate) fn find_unusual(bytes: &[u8], from: usize) -> Option<usize> {
    let is_unusual = |byte: u8| (byte < b' ') & (byte != b'\n') & (byte != b'\t') | (byte >= 0x7f);
    let mut at = from;
    while let Some(chunk) = bytes[at..].first_chunk::<WIDTH>() {
        if chunk.iter().fold(false, |any, &byte| any | is_unusual(byte)) {
            break;
        }
        at += WIDTH;
    }
    bytes[at..].iter().position(|&byte| is_unusual(byte)).map(|place| at + place)
}

/// Of a line with unusual bytes.
pub(crate) fn text_of(line: &[u8]) -> Text {
    if line.iter().fold(false, |any, &byte| any | ((byte < b' ') & (byte != b'\t')) | (byte == 0x7f)) {
        return Text::Hidden;
    }
    let Ok(text) = std::str::from_utf8(line) else { return Text::Hidden };
    // Letters and digits are shown as they are; of the others some may not.
    let is_doubtful = |character: char| !character.is_ascii() && !character.is_alphanumeric();
    if text.contains(is_doubtful) && visible(line) != text {
        return Text::Hidden;
    }
    if has_odd_case(line) { Text::OddCase } else { Text::Plain }
}

/// Whether a text has one of [`ODD_CASES`].
pub(crate) fn has_odd_case(text: &[u8]) -> bool {
    !text.is_ascii() && ODD_CASES.iter().any(|odd| text.windows(odd.len()).any(|bytes| bytes == *odd))
}

/// Appends the text of a message.
pub(crate) fn append(message: &[u8], text: &mut Vec<u8>) {
    let before = text.len();
    if append_without_colours(message, text).is_none() {
        text.truncate(before);
        text.extend_from_slice(visible(message).as_bytes());
    }
}

/// Colours are what most escape sequences are about, and taken away here in a tenth of the time. `None` when there is
/// anything else: then some of it is appended.
fn append_without_colours(message: &[u8], text: &mut Vec<u8>) -> Option<()> {
    let before = text.len();
    let mut rest = message;
    while let Some(escape) = memchr(ESCAPE, rest) {
        text.extend_from_slice(&rest[..escape]);
        let parameters = rest[escape + 1..].strip_prefix(b"[")?;
        let end = parameters.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';'))?;
        rest = parameters[end..].strip_prefix(b"m")?;
    }
    text.extend_from_slice(rest);
    // A sequence may have been put into the middle of a character.
    (text_of(&text[before..]) != Text::Hidden && std::str::from_utf8(message).is_ok()).then_some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Text with all that is hidden in it, and bytes that are no text.
    fn messages() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => "[a-zA-Z ,.]{0,12}".prop_map(String::into_bytes),
            2 => "\u{1b}\\[[0-9;]{0,8}m".prop_map(String::into_bytes),
            1 => "(é|世|👋|ſ|\u{212a}|\u{85}|\u{9b}|\u{a0}){1,2}".prop_map(String::into_bytes),
            1 => proptest::collection::vec(any::<u8>(), 0..3),
            1 => "\u{1b}(\\[[0-9?]{0,2}[A-HJK]|\\]0;t\u{7}|\\[|.)?".prop_map(String::into_bytes),
            1 => "[\r\t\u{7f}\u{7}]{1,2}".prop_map(String::into_bytes),
        ];
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn text_is_what_is_shown(message in messages()) {
            let shown = visible(&message);
            let mut text = b"before".to_vec();
            append(&message, &mut text);
            prop_assert_eq!(&text[6..], shown.as_bytes());
            let is_usual = find_unusual(&message, 0).is_none() || text_of(&message) != Text::Hidden;
            if is_usual && !message.contains(&b'\n') {
                prop_assert_eq!(&message[..], shown.as_bytes());
            }
            prop_assert_eq!(
                text_of(shown.as_bytes()) == Text::OddCase,
                shown.contains(['\u{17f}', '\u{212a}'])
            );
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
