//! How many cells of a terminal a character takes.

/// Cells of a character: 0 where it goes onto the one before, 2 where it is wide, else 1.
pub(crate) fn width(character: char) -> usize {
    let code = u32::from(character);
    if code < 0x300 {
        // Also a quick way for most text.
        return 1;
    }
    if is_in(&WIDE, code) {
        return 2;
    }
    // Tags and the variation selectors that choose among ideographs.
    let is_zero = (0xe0000..0xe1000).contains(&code) || is_in(&ZERO, code);
    usize::from(!is_zero)
}

/// Whether a character is drawn by fonts for ideographs, where it is as wide as it is high.
pub(crate) fn is_ideographic(wide: char) -> bool {
    matches!(wide, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{1f000}' | '\u{20000}'..)
}

/// Whether a character is a pictogram, of a font of its own even where it takes one cell.
pub(crate) fn is_pictogram(character: char) -> bool {
    matches!(character, '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1ffff}')
}

/// Half of a flag.
pub(crate) fn is_regional_indicator(character: char) -> bool {
    matches!(character, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Whether a character colours the skin of the one before.
pub(crate) fn is_skin_colour(character: char) -> bool {
    matches!(character, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Whether a code is in one of the ranges of a table. It has two numbers for each: how many codes lie between the range
/// before and this one, and how many are in it.
fn is_in(table: &[u16], code: u32) -> bool {
    let mut end = 0;
    table.chunks_exact(2).any(|range| {
        let start = end + u32::from(range[0]);
        end = start + u32::from(range[1]);
        (start..end).contains(&code)
    })
}

/// Wide characters.
#[rustfmt::skip]
static WIDE: [u16; 258] = [
    4352, 96, 1604, 1, 2933, 2, 13, 2, 190, 4, 3, 1, 2, 1, 521, 2, 21, 2, 26, 8, 16, 12, 43, 1, 10, 6, 3,
    1, 13, 1, 8, 2, 17, 2, 5, 2, 8, 1, 5, 1, 21, 1, 7, 2, 1, 1, 4, 1, 2, 1, 7, 1, 4, 2, 28, 1, 35, 1, 1,
    1, 4, 3, 1, 1, 61, 3, 24, 1, 14, 1, 859, 2, 51, 1, 4, 1, 810, 26, 1, 89, 12, 214, 26, 58, 6, 15, 2,
    86, 4, 101, 5, 43, 1, 51, 1, 42, 1, 86, 9, 48, 1, 40, 8, 29245, 3, 55, 1177, 29, 643, 11172, 8540,
    512, 784, 10, 22, 35, 1, 19, 1, 4, 149, 96, 127, 7, 28665, 4, 14, 5, 9, 7387, 36, 34, 95, 115, 13,
    914, 14, 51, 7709, 4, 1, 7, 1, 2, 1, 297, 9, 1, 29, 3, 2, 1, 14, 5, 7, 396, 8196, 87, 9, 23, 7309, 1,
    202, 1, 190, 1, 2, 10, 19, 1, 81, 3, 13, 44, 4, 9, 7, 2, 14, 6, 154, 33, 12, 9, 1, 70, 1, 22, 12, 43,
    4, 5, 12, 17, 3, 1, 3, 71, 1, 1, 1, 187, 2, 63, 13, 4, 1, 24, 18, 1, 26, 2, 13, 1, 86, 85, 48, 70, 6,
    1, 3, 3, 2, 5, 2, 4, 11, 2, 7, 9, 221, 1, 5, 12, 4, 1, 283, 47, 1, 10, 1, 185, 112, 13, 3, 71, 1, 1,
    3, 18, 1, 13, 3, 12, 1285, 65534, 2, 65534,
];

/// Marks that go onto the character before, as far as U+FFFF: those behind it are of scripts that are no longer written.
#[rustfmt::skip]
static ZERO: [u16; 462] = [
    173, 1, 594, 112, 275, 7, 263, 45, 1, 1, 1, 2, 1, 2, 1, 3, 59, 1, 10, 11, 1, 1, 46, 21, 16, 1, 101, 7,
    2, 6, 2, 2, 1, 4, 33, 1, 1, 1, 30, 27, 91, 11, 58, 9, 9, 1, 24, 4, 1, 9, 1, 3, 1, 5, 43, 3, 52, 2, 5,
    9, 42, 57, 55, 1, 1, 1, 4, 8, 4, 1, 3, 7, 10, 2, 29, 1, 58, 1, 1, 1, 2, 4, 8, 1, 9, 1, 10, 2, 26, 1,
    2, 2, 57, 1, 4, 2, 4, 2, 2, 3, 3, 1, 30, 2, 3, 1, 11, 2, 57, 1, 4, 5, 1, 2, 4, 1, 20, 2, 22, 6, 1, 1,
    58, 1, 1, 2, 1, 4, 8, 1, 5, 5, 10, 2, 30, 1, 59, 1, 1, 1, 12, 1, 9, 1, 40, 1, 3, 1, 55, 1, 1, 3, 5, 3,
    1, 4, 7, 2, 11, 2, 29, 1, 58, 1, 2, 2, 1, 1, 3, 3, 1, 4, 7, 2, 11, 2, 28, 2, 57, 2, 1, 1, 2, 4, 8, 2,
    8, 1, 10, 2, 29, 1, 72, 1, 4, 1, 2, 3, 1, 1, 8, 1, 81, 1, 2, 7, 12, 8, 98, 1, 2, 9, 11, 7, 73, 2, 27,
    1, 1, 1, 1, 1, 55, 14, 1, 5, 1, 2, 5, 11, 1, 36, 9, 1, 102, 4, 1, 6, 1, 2, 2, 2, 25, 2, 4, 3, 16, 4,
    13, 1, 2, 2, 6, 1, 15, 1, 194, 160, 349, 3, 946, 4, 28, 3, 29, 2, 30, 2, 64, 2, 1, 7, 8, 1, 2, 11, 9,
    1, 45, 5, 117, 2, 34, 1, 118, 3, 4, 2, 9, 1, 6, 3, 219, 2, 2, 1, 58, 1, 1, 7, 1, 1, 1, 1, 2, 8, 6, 10,
    2, 1, 48, 65, 15, 4, 48, 10, 4, 3, 38, 9, 12, 2, 32, 4, 2, 6, 56, 1, 1, 2, 3, 1, 1, 5, 56, 8, 2, 2,
    152, 3, 1, 13, 1, 7, 4, 1, 6, 1, 3, 2, 198, 64, 523, 5, 26, 5, 49, 16, 96, 33, 3070, 3, 238, 32, 554,
    6, 105, 2, 201, 1, 29962, 4, 1, 10, 32, 2, 80, 2, 272, 1, 3, 1, 4, 1, 25, 2, 5, 1, 151, 2, 26, 18, 8,
    1, 4, 1, 38, 8, 25, 11, 1, 1, 44, 3, 48, 1, 2, 4, 2, 2, 2, 1, 36, 1, 67, 6, 2, 2, 2, 2, 12, 1, 8, 1,
    47, 1, 51, 1, 1, 3, 2, 2, 5, 2, 1, 1, 42, 2, 8, 1, 238, 1, 2, 1, 4, 1, 11202, 23, 4, 49, 8994, 1, 737,
    16, 16, 16, 207, 1, 160, 1, 79, 9,
];

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthChar;

    use super::*;

    #[test]
    fn widths_are_those_of_unicode() {
        for character in ('\u{a0}'..=char::MAX).filter(|&character| character != '\u{ad}') {
            let is_of_old_script = matches!(character, '\u{10000}'..'\u{e0000}');
            let expected = match character.width().expect("a width") {
                0 if is_of_old_script => 1,
                // One sign of Khmer is wider still.
                wide => {
                    if character == '\u{17d8}' {
                        1
                    } else {
                        wide
                    }
                }
            };
            assert_eq!(width(character), expected, "U+{:04X}", u32::from(character));
        }
    }
}
