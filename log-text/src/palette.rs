//! A terminal's colours on the console, which is dark in both themes, and text that can be read on each of them.

use crate::style::{Color, Style};

/// Red, green and blue, as in CSS.
pub type Rgb = [u8; 3];

/// The lightest ground of a row without a colour of its own: `--console` of the light theme under the pointer, in
/// styles.css. Text that can be read on it can be read on the darker ones.
pub(crate) const GROUND: Rgb = [0x20, 0x1f, 0x27];

/// `--console-ink` in styles.css.
const INK: Rgb = [0xe8, 0xe6, 0xf0];

/// The contrast that text has at least (WCAG 2, 1.4.3).
const LEAST_CONTRAST: f32 = 4.5;

/// Black, red, green, yellow, blue, magenta, cyan and white; and the bright ones.
const NAMED: [Rgb; 16] = [
    [0x1d, 0x1b, 0x26],
    [0xe0, 0x56, 0x4d],
    [0x3f, 0xb5, 0x6f],
    [0xd3, 0xa1, 0x1e],
    [0x4d, 0x8d, 0xf0],
    [0xb4, 0x6e, 0xe0],
    [0x2f, 0xb3, 0xc2],
    [0xc9, 0xc5, 0xd6],
    [0x6f, 0x6a, 0x80],
    [0xff, 0x8f, 0x87],
    [0x7f, 0xe0, 0xa7],
    [0xf2, 0xcf, 0x6b],
    [0x8b, 0xb8, 0xff],
    [0xd3, 0xa8, 0xff],
    [0x72, 0xdb, 0xe4],
    [0xff, 0xff, 0xff],
];

impl Style {
    /// The colours of text and ground, where they are not the row's own.
    pub fn colors(self) -> (Option<Rgb>, Option<Rgb>) {
        let (mut foreground, mut ground) = (rgb(self.foreground), rgb(self.background));
        if self.inverse {
            (foreground, ground) = (Some(ground.unwrap_or(GROUND)), Some(foreground.unwrap_or(INK)));
        }
        if foreground.is_none() && ground.is_none() && !self.dim {
            return (None, None);
        }
        let behind = ground.unwrap_or(GROUND);
        let mut text = foreground.unwrap_or(INK);
        if self.dim {
            text = mix(text, behind, 6);
        }
        (Some(readable(text, behind)), ground)
    }
}

fn rgb(color: Color) -> Option<Rgb> {
    match color {
        Color::Default => None,
        Color::Rgb(rgb) => Some(rgb),
        Color::Indexed(index) => Some(match index {
            0..16 => NAMED[usize::from(index)],
            // The cube's and the greys' steps are xterm's, which all others have taken over.
            16..232 => [36, 6, 1].map(|unit| match (index - 16) / unit % 6 {
                0 => 0,
                step => 55 + 40 * step,
            }),
            232.. => [8 + 10 * (index - 232); 3],
        }),
    }
}

/// The text's colour, lighter or darker where it could not be read on that ground.
fn readable(text: Rgb, ground: Rgb) -> Rgb {
    let (white, black) = ([255; 3], [0; 3]);
    let target = if contrast(white, ground) > contrast(black, ground) { white } else { black };
    // One of the two has a contrast of 4.58 with any ground.
    let mut colors = (0..=16).map(|part| mix(text, target, part));
    colors.find(|&color| contrast(color, ground) >= LEAST_CONTRAST).unwrap_or(target)
}

/// So many sixteenths of the way from one colour to another.
fn mix(from: Rgb, to: Rgb, sixteenths: u16) -> Rgb {
    let part = |index: usize| {
        ((u16::from(from[index]) * (16 - sixteenths) + u16::from(to[index]) * sixteenths) / 16) as u8
    };
    [part(0), part(1), part(2)]
}

/// The contrast of two colours, 1 to 21 (WCAG 2, "contrast ratio").
pub(crate) fn contrast(a: Rgb, b: Rgb) -> f32 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    if a > b { a / b } else { b / a }
}

/// WCAG 2, "relative luminance".
fn luminance(color: Rgb) -> f32 {
    let [red, green, blue] = color.map(|part| {
        let part = f32::from(part) / 255.0;
        if part <= 0.03928 { part / 12.92 } else { power_2_4((part + 0.055) / 1.055) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// `x` to the power of 2.4, for x from 0.08 to 1: its fifth root by Newton's method, since the library's power costs
/// kilobytes.
fn power_2_4(x: f32) -> f32 {
    let mut root = 1.0;
    for _ in 0..8 {
        let square: f32 = root * root;
        root = (4.0 * root + x / (square * square)) / 5.0;
    }
    x * x * root * root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        #[track_caller]
        fn check(a: Rgb, b: Rgb, expected: f32) {
            assert!((contrast(a, b) - expected).abs() < 0.005, "{a:?} on {b:?}: {}", contrast(a, b));
            assert_eq!(contrast(a, b), contrast(b, a));
        }
        check([0; 3], [255; 3], 21.0);
        check([255; 3], [255; 3], 1.0);
        // #777 and #767676 on white are the well-known neighbours of the limit.
        check([0x77; 3], [255; 3], 4.48);
        check([0x76; 3], [255; 3], 4.54);
        check([255, 0, 0], [255; 3], 4.0);
        check([0, 0, 255], [255; 3], 8.59);
        for step in 0..=255_u8 {
            let x = f32::from(step) / 255.0;
            if x > 0.08 {
                assert!((power_2_4(x) - x.powf(2.4)).abs() < 1e-5, "{x}");
            }
        }
    }

    #[test]
    fn all_text_of_256_colours_can_be_read() {
        let colors = || [Color::Default].into_iter().chain((0..=255).map(Color::Indexed));
        for (foreground, background) in colors().flat_map(|a| colors().map(move |b| (a, b))) {
            for (dim, inverse) in [(false, false), (true, false), (false, true), (true, true)] {
                let style = Style { foreground, background, dim, inverse, ..Style::default() };
                let (text, ground) = style.colors();
                let ratio = contrast(text.unwrap_or(INK), ground.unwrap_or(GROUND));
                assert!(ratio >= LEAST_CONTRAST, "{ratio}: {style:?}");
            }
        }
    }

    #[test]
    fn colours_that_can_be_read_stay_as_they_are() {
        #[track_caller]
        fn check(foreground: Color, background: Color, expected: (Option<Rgb>, Option<Rgb>)) {
            assert_eq!(Style { foreground, background, ..Style::default() }.colors(), expected);
        }
        check(Color::Default, Color::Default, (None, None));
        check(Color::Indexed(208), Color::Default, (Some([255, 135, 0]), None));
        check(Color::Indexed(231), Color::Indexed(16), (Some([255; 3]), Some([0; 3])));
        check(Color::Indexed(255), Color::Default, (Some([238; 3]), None));
        check(Color::Rgb([1, 2, 3]), Color::Rgb([250, 251, 252]), (Some([1, 2, 3]), Some([250, 251, 252])));
    }

    #[test]
    fn inverse_text_has_the_colours_of_the_row_the_other_way_round() {
        let inverse = Style { inverse: true, ..Style::default() };
        assert_eq!(inverse.colors(), (Some(GROUND), Some(INK)));
        let red = Style { foreground: Color::Indexed(9), ..inverse };
        assert_eq!(red.colors(), (Some(GROUND), Some(NAMED[9])));
    }

    #[test]
    fn the_ground_is_no_darker_than_that_of_the_page() {
        let css = include_str!("../../static/styles.css");
        let property = |name: &str| {
            let begin = format!("  --{name}: #");
            let values = css.split(begin.as_str()).skip(1).map(|rest| &rest[..6]);
            values.map(|hex| u32::from_str_radix(hex, 16).expect("six digits")).collect::<Vec<_>>()
        };
        let rgb = |number: u32| [(number >> 16) as u8, (number >> 8) as u8, number as u8];
        assert_eq!(property("console-ink").into_iter().map(rgb).collect::<Vec<_>>(), [INK]);
        let grounds = property("console");
        assert_eq!(grounds.len(), 2, "one for each theme");
        // Under the pointer it is lighter: `#ffffff0d`.
        let is_hovered = css.contains(".row:hover {\n  background: #ffffff0d;");
        assert!(is_hovered, "another colour under the pointer");
        for ground in grounds {
            let hovered = rgb(ground).map(|part| f32::from(part) + (255.0 - f32::from(part)) * 13.0 / 255.0);
            assert!(luminance(hovered.map(|part| part.round() as u8)) <= luminance(GROUND), "{ground:x}");
        }
    }
}
