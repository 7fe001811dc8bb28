//! The text of a message that is shown, and whether it differs from its bytes.

use log_text::{is_invisible, visible};
use memchr::memchr;

use crate::lanes::bits;
use crate::places::{Places, Test};

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

/// Bytes for which a line may be no plain text: neither a printable character of ASCII nor a tab nor a line end.
#[derive(Debug)]
pub(crate) struct Unusual;

impl Test for Unusual {
    fn length(&self) -> usize {
        1
    }

    fn bits(&self, text: &[u8], place: usize) -> u64 {
        let Some(chunk) = text[place..].first_chunk() else { return 0 };
        bits(chunk, chunk, |bytes, _| bytes.outside(b' ', b'~').and(bytes.outside(b'\t', b'\n')))
    }

    fn fits(&self, text: &[u8], place: usize) -> bool {
        !matches!(text[place], b'\n' | b'\t' | b' '..=b'~')
    }

    fn holds(&self, _text: &[u8], _place: usize) -> bool {
        true
    }
}

/// Looks at a line or a message up to its end. Its first unusual byte is at `place`, the others come from `unusual`.
/// `join` is told of bytes between which sequences for colours stand, and `odd` of one of [`ODD_CASES`].
pub(crate) fn text_of(
    unusual: &mut Places<'_, Unusual>,
    mut place: usize,
    end: usize,
    mut join: impl FnMut(u8, u8),
    mut odd: impl FnMut(),
) -> Text {
    let line = &unusual.text()[..end];
    let mut text = Text::Plain;
    // Behind the last sequence, and before it and those that it follows.
    let (mut last, mut before) = (0, None);
    while let Some(&byte) = line.get(place) {
        let behind = match byte {
            ESCAPE => {
                let Some(behind) = behind_colour(line, place) else { return Text::Hidden };
                if place > last || last == 0 {
                    before = place.checked_sub(1).map(|before| line[before]);
                }
                if let (Some(before), Some(&behind)) = (before, line.get(behind))
                    && behind != ESCAPE
                {
                    join(before, behind);
                }
                last = behind;
                text = Text::Coloured;
                behind
            }
            b'\r' if place + 1 == end => {
                text = Text::Coloured;
                end
            }
            0x80.. => {
                let length = line[place..].iter().position(u8::is_ascii).unwrap_or(end - place);
                // A character with a sequence in its middle is none.
                let Ok(characters) = std::str::from_utf8(&line[place..place + length]) else {
                    return Text::Hidden;
                };
                for character in characters.chars() {
                    match character {
                        '\u{80}'..='\u{9f}' => return Text::Hidden,
                        _ if is_invisible(character) => return Text::Hidden,
                        _ if ODD_CASES.iter().any(|&(other, _)| character == other) => odd(),
                        _ => {}
                    }
                }
                place + length
            }
            _ => return Text::Hidden,
        };
        match unusual.next(behind) {
            Some(next) => place = next,
            None => break,
        }
    }
    text
}

/// Where the sequence that begins with this escape ends, if it is about colours.
fn behind_colour(line: &[u8], escape: usize) -> Option<usize> {
    let parameters = line[escape + 1..].strip_prefix(b"[")?;
    let end = parameters.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';'))?;
    (parameters[end] == b'm').then_some(escape + 2 + end + 1)
}

/// Whether a text has one of [`ODD_CASES`].
pub(crate) fn has_odd_case(text: &[u8]) -> bool {
    // Their first bytes.
    memchr::memchr2_iter(0xc5, 0xe2, text).any(|place| {
        text[place..].starts_with("\u{17f}".as_bytes()) || text[place..].starts_with("\u{212a}".as_bytes())
    })
}

/// Appends the text of a message; how it was had.
pub(crate) fn append(message: &[u8], text: &mut Vec<u8>) -> Text {
    let mut unusual = Places::new(message, Unusual);
    let first = unusual.next(0);
    let how =
        first.map_or(Text::Plain, |place| text_of(&mut unusual, place, message.len(), |_, _| (), || ()));
    match how {
        Text::Plain => text.extend_from_slice(message),
        Text::Coloured => append_without_colours(message, text),
        Text::Hidden => text.extend_from_slice(visible(message).as_bytes()),
    }
    how
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

    /// How the text of a message is had, the bytes that are joined in it, and whether it has an odd case.
    fn look(message: &[u8]) -> (Text, Vec<[u8; 2]>, bool) {
        let (mut joined, mut has_odd_case) = (Vec::new(), false);
        let mut unusual = Places::new(message, Unusual);
        let text = unusual.next(0).map_or(Text::Plain, |place| {
            let join = |before, behind| joined.push([before, behind]);
            text_of(&mut unusual, place, message.len(), join, || has_odd_case = true)
        });
        (text, joined, has_odd_case)
    }

    proptest! {
        #[test]
        fn text_is_what_is_shown(message in messages()) {
            let shown = visible(&message);
            let mut text = b"before".to_vec();
            append(&message, &mut text);
            prop_assert_eq!(&text[6..], shown.as_bytes());
            let (text, _, is_odd) = look(&message);
            if text == Text::Plain {
                prop_assert_eq!(&message[..], shown.as_bytes());
            }
            let has_odd = shown.contains(ODD_CASES.map(|(odd, _)| odd));
            prop_assert_eq!(has_odd_case(shown.as_bytes()), has_odd);
            if text != Text::Hidden {
                prop_assert_eq!(is_odd, has_odd);
            }
        }

        /// What is in the text, but not in the bytes, is told by the bytes around the sequences.
        #[test]
        fn text_without_colours_has_no_other_pairs_of_bytes_than_those_that_are_joined(message in messages()) {
            let (text, joined, _) = look(&message);
            if text == Text::Coloured {
                let shown = visible(&message).into_bytes();
                for pair in shown.windows(2).filter(|pair| !message.windows(2).any(|other| other == *pair)) {
                    prop_assert!(joined.iter().any(|joined| joined == pair));
                }
            }
        }

        #[test]
        fn finds_each_unusual_byte(bytes in "[a-z\n\t]{0,150}([é\r\u{7f}~ ]?[a-z]{0,70}){0,4}", from in 0usize..150) {
            let bytes = bytes.as_bytes();
            let mut from = from.min(bytes.len());
            let is_unusual = |byte: &u8| !matches!(byte, b'\n' | b'\t' | b' '..=b'~');
            let mut unusual = Places::new(bytes, Unusual);
            loop {
                let expected = bytes[from..].iter().position(is_unusual).map(|place| from + place);
                prop_assert_eq!(unusual.next(from), expected);
                let Some(place) = expected else { break };
                from = place + 1;
            }
        }
    }
}
