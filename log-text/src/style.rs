//! How text looks: "Select Graphic Rendition" of ECMA-48 (8.3.117), with the colours of ITU-T T.416 (13.1.8).

/// One of a terminal's colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    #[default]
    Default,
    /// Of 256: the sixteen with names, a cube of six steps a side, and 24 greys.
    Indexed(u8),
    Rgb([u8; 3]),
}

/// The line below text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Underline {
    #[default]
    None,
    Single,
    Double,
    Wavy,
    Dotted,
    Dashed,
}

/// What the sequences before a text have set. Blinking and concealed text is shown as any other: a log hides nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub foreground: Color,
    pub background: Color,
    pub underline: Underline,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub inverse: bool,
    pub strike: bool,
}

impl Style {
    /// Does what a sequence with these parameters asks for. What is not known is passed over.
    pub(crate) fn apply(&mut self, parameters: &str) {
        let mut parameters = parameters.split(';');
        while let Some(parameter) = parameters.next() {
            let mut parts = parameter.split(':').map(number);
            let first = parts.next().unwrap_or(0);
            let mut rest = [0; 5];
            let mut count = 0;
            for part in parts {
                if let Some(place) = rest.get_mut(count) {
                    *place = part;
                    count += 1;
                }
            }
            let rest = &rest[..count];
            match (first, rest) {
                // 58 colours the underline, which has the text's colour here.
                (38 | 48 | 58, _) => {
                    let color = if count == 0 { next_color(&mut parameters) } else { color(rest) };
                    match (first, color) {
                        (38, Some(color)) => self.foreground = color,
                        (48, Some(color)) => self.background = color,
                        _ => {}
                    }
                }
                (4, &[kind]) => self.underline = underline(kind).unwrap_or(self.underline),
                (_, &[]) => self.apply_simple(u8::try_from(first).unwrap_or(u8::MAX)),
                _ => {}
            }
        }
    }

    fn apply_simple(&mut self, number: u8) {
        match number {
            0 => *self = Self::default(),
            1 => self.bold = true,
            2 => self.dim = true,
            3 => self.italic = true,
            4 => self.underline = Underline::Single,
            7 => self.inverse = true,
            9 => self.strike = true,
            21 => self.underline = Underline::Double,
            22 => (self.bold, self.dim) = (false, false),
            23 => self.italic = false,
            24 => self.underline = Underline::None,
            27 => self.inverse = false,
            29 => self.strike = false,
            30..=37 => self.foreground = Color::Indexed(number - 30),
            39 => self.foreground = Color::Default,
            40..=47 => self.background = Color::Indexed(number - 40),
            49 => self.background = Color::Default,
            90..=97 => self.foreground = Color::Indexed(number - 82),
            100..=107 => self.background = Color::Indexed(number - 92),
            _ => {}
        }
    }
}

/// The number that a parameter is; one that is left out is 0, and one that is too large stays so.
pub(crate) fn number(digits: &str) -> u16 {
    digits.bytes().fold(0, |number: u16, digit| {
        number.saturating_mul(10).saturating_add(u16::from(digit.wrapping_sub(b'0')))
    })
}

fn underline(kind: u16) -> Option<Underline> {
    Some(match kind {
        0 => Underline::None,
        1 => Underline::Single,
        2 => Underline::Double,
        3 => Underline::Wavy,
        4 => Underline::Dotted,
        5 => Underline::Dashed,
        _ => return None,
    })
}

/// A colour whose parts are separated by colons. In T.416 a colour space, mostly left empty, stands before red; many
/// programs leave it out.
fn color(parts: &[u16]) -> Option<Color> {
    match *parts {
        [5, index, ..] => u8::try_from(index).ok().map(Color::Indexed),
        [2, red, green, blue] | [2, _, red, green, blue, ..] => rgb(red, green, blue),
        _ => None,
    }
}

/// A colour whose parts are parameters of their own, as xterm has them.
fn next_color<'a>(parameters: &mut impl Iterator<Item = &'a str>) -> Option<Color> {
    let mut next = || parameters.next().map(number);
    match next()? {
        5 => u8::try_from(next()?).ok().map(Color::Indexed),
        2 => rgb(next()?, next()?, next()?),
        _ => None,
    }
}

fn rgb(red: u16, green: u16, blue: u16) -> Option<Color> {
    let byte = |part: u16| u8::try_from(part).ok();
    Some(Color::Rgb([byte(red)?, byte(green)?, byte(blue)?]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::text;

    /// The style of what follows the sequences.
    #[track_caller]
    fn check(sequences: &str, expected: Style) {
        let text = text(format!("{sequences}x").as_bytes(), Style::default());
        assert_eq!(text.runs.last().map(|run| run.style), Some(expected), "{sequences:?}");
    }

    const PLAIN: Style = Style {
        foreground: Color::Default,
        background: Color::Default,
        underline: Underline::None,
        bold: false,
        dim: false,
        italic: false,
        inverse: false,
        strike: false,
    };

    #[test]
    fn renditions_of_ecma_48() {
        check("\x1b[1m", Style { bold: true, ..PLAIN });
        check("\x1b[2m", Style { dim: true, ..PLAIN });
        check("\x1b[3m", Style { italic: true, ..PLAIN });
        check("\x1b[4m", Style { underline: Underline::Single, ..PLAIN });
        check("\x1b[7m", Style { inverse: true, ..PLAIN });
        check("\x1b[9m", Style { strike: true, ..PLAIN });
        check("\x1b[21m", Style { underline: Underline::Double, ..PLAIN });
        check("\x1b[5;6;8;10;11;20;26;51;52;53;60;73m", PLAIN);
        let all = "\x1b[1;2;3;4;7;9;31;42m";
        let style = Style {
            foreground: Color::Indexed(1),
            background: Color::Indexed(2),
            underline: Underline::Single,
            bold: true,
            dim: true,
            italic: true,
            inverse: true,
            strike: true,
        };
        check(all, style);
        check(&format!("{all}\x1b[22m"), Style { bold: false, dim: false, ..style });
        check(&format!("{all}\x1b[23m"), Style { italic: false, ..style });
        check(&format!("{all}\x1b[24m"), Style { underline: Underline::None, ..style });
        check(&format!("{all}\x1b[27m"), Style { inverse: false, ..style });
        check(&format!("{all}\x1b[29m"), Style { strike: false, ..style });
        check(&format!("{all}\x1b[39m"), Style { foreground: Color::Default, ..style });
        check(&format!("{all}\x1b[49m"), Style { background: Color::Default, ..style });
        for reset in ["\x1b[m", "\x1b[0m", "\x1b[;m", "\x1b[00m", "\u{9b}0m"] {
            check(&format!("{all}{reset}"), PLAIN);
        }
        check("\x1b[31;;1m", Style { bold: true, ..PLAIN });
    }

    #[test]
    fn colours_by_number() {
        for index in 0..8 {
            let (foreground, bright) = (Color::Indexed(index), Color::Indexed(index + 8));
            check(&format!("\x1b[{}m", 30 + index), Style { foreground, ..PLAIN });
            check(&format!("\x1b[{}m", 40 + index), Style { background: foreground, ..PLAIN });
            check(&format!("\x1b[{}m", 90 + index), Style { foreground: bright, ..PLAIN });
            check(&format!("\x1b[{}m", 100 + index), Style { background: bright, ..PLAIN });
        }
        check("\x1b[38;5;208m", Style { foreground: Color::Indexed(208), ..PLAIN });
        check("\x1b[48;5;0m", Style { background: Color::Indexed(0), ..PLAIN });
        check("\x1b[38:5:208m", Style { foreground: Color::Indexed(208), ..PLAIN });
        check("\x1b[38;5;256m", PLAIN);
    }

    #[test]
    fn true_colours_with_semicolons_and_as_t_416_has_them() {
        let foreground = Color::Rgb([1, 22, 255]);
        check("\x1b[38;2;1;22;255m", Style { foreground, ..PLAIN });
        check("\x1b[38:2::1:22:255m", Style { foreground, ..PLAIN });
        check("\x1b[38:2:0:1:22:255m", Style { foreground, ..PLAIN });
        check("\x1b[38:2:1:22:255m", Style { foreground, ..PLAIN });
        check("\x1b[38:2::1:22:255:0:1m", Style { foreground, ..PLAIN });
        check("\x1b[48:2::1:22:255m", Style { background: foreground, ..PLAIN });
        check(
            "\x1b[1;38;2;1;22;255;4m",
            Style { foreground, bold: true, underline: Underline::Single, ..PLAIN },
        );
        // Out of range, cut off, or of another kind: transparent, CMY and CMYK.
        for sequence in
            ["38;2;1;2;300", "38;2;1;2", "38;2", "38;5", "38", "38:1", "38:3::1:2:3", "38:4::1:2:3:4"]
        {
            check(&format!("\x1b[{sequence}m"), PLAIN);
        }
    }

    #[test]
    fn the_underlines_own_colour_sets_nothing_else() {
        check("\x1b[58;5;1m", PLAIN);
        check("\x1b[58;2;1;4;7m", PLAIN);
        check("\x1b[58:2::1:4:7m", PLAIN);
        check("\x1b[59m", PLAIN);
    }

    #[test]
    fn kinds_of_underline() {
        let kinds = [
            Underline::None,
            Underline::Single,
            Underline::Double,
            Underline::Wavy,
            Underline::Dotted,
            Underline::Dashed,
        ];
        for (number, underline) in kinds.into_iter().enumerate() {
            check(&format!("\x1b[9;4:{number}m"), Style { underline, strike: true, ..PLAIN });
        }
        check("\x1b[4:3;4:9m", Style { underline: Underline::Wavy, ..PLAIN });
        check("\x1b[4;4:0m", PLAIN);
    }

    #[test]
    fn sequences_of_other_kinds_set_nothing() {
        for sequence in
            ["\x1b[?1m", "\x1b[>4;1m", "\x1b[1 m", "\x1b[1$m", "\x1b[1h", "\x1b]1m\x07", "\x1bP1m\x1b\\"]
        {
            check(sequence, PLAIN);
        }
    }
}
