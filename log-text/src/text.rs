//! Bytes of a message to what a terminal would show of them in one line.

use crate::escape::{self, Terminal};
use crate::screen::Screen;
use crate::style::Style;

/// What is shown of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Without control characters but for tabs, which are kept for copying.
    pub text: String,
    /// They tile the text.
    pub runs: Vec<Run>,
}

/// A part of a text that looks alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Offset behind it in the text, in bytes.
    pub end: usize,
    pub style: Style,
    pub fit: Fit,
}

/// How characters come to stand in a terminal's columns. Fonts for the console alone keep them by themselves; a browser
/// takes the rest from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// As wide as the font has them.
    Own,
    /// Ideographs: each takes two cells, and is as wide as it is high.
    Ideographs,
    /// One picture that takes so many cells.
    Picture(u8),
}

/// The text of a message: UTF-8 read leniently; control sequences done where they concern the line, else taken away.
pub fn visible(message: &[u8]) -> String {
    if is_plain(message) {
        return String::from_utf8_lossy(message).into_owned();
    }
    let mut printed = Printed { text: String::with_capacity(message.len()), has_moved: false, is_all: true };
    escape::parse(message, &mut printed);
    if printed.is_all { printed.text } else { text(message, Style::default()).text }
}

/// The text as long as each character stands behind the one before: no screen is needed for that, which takes several
/// times as long.
struct Printed {
    text: String,
    /// The cursor may be elsewhere than behind the text.
    has_moved: bool,
    /// The text is what a screen would show.
    is_all: bool,
}

impl Terminal for Printed {
    fn print(&mut self, character: char, _offset: usize) {
        self.is_all &= !self.has_moved && !is_invisible(character);
        self.text.push(character);
    }

    fn control(&mut self, control: char) {
        match control {
            '\t' => self.print(control, 0),
            '\r' | '\x08' => self.has_moved = true,
            _ => {}
        }
    }

    fn sequence(&mut self, parameters: &str, final_byte: char) {
        match final_byte {
            'C' | 'D' | 'G' => self.has_moved = true,
            'K' => self.is_all &= parameters.is_empty() && !self.has_moved,
            _ => {}
        }
    }
}

/// The text of a message that begins in a style.
///
/// Invisible characters that turn the direction of text, or hide in it, are shown by their numbers, so that no line
/// reads as another than it is.
pub fn text(message: &[u8], style: Style) -> Text {
    if is_plain(message) {
        let end = message.len();
        let runs = if end == 0 { Vec::new() } else { vec![Run { end, style, fit: Fit::Own }] };
        return Text { text: String::from_utf8_lossy(message).into_owned(), runs };
    }
    let mut screen = Screen::new(style);
    escape::parse(message, &mut screen);
    screen.into_text()
}

fn is_plain(message: &[u8]) -> bool {
    message.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The style behind a message that begins in one.
pub fn style_behind(message: &[u8], style: Style) -> Style {
    struct Styles(Style);
    impl Terminal for Styles {
        fn print(&mut self, _character: char, _offset: usize) {}

        fn sequence(&mut self, parameters: &str, final_byte: char) {
            if final_byte == 'm' {
                self.0.apply(parameters);
            }
        }
    }
    let mut styles = Styles(style);
    escape::parse(message, &mut styles);
    styles.0
}

/// Characters that cannot be seen and change what can (the bidirectional algorithm's controls), break lines, or hide
/// text. The joiners and the selectors of variants are none: they belong to the letters and pictures around them.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'
        | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::Color;

    #[track_caller]
    fn check(message: &[u8], expected: &str) {
        assert_eq!(visible(message), expected);
    }

    #[test]
    fn text_stays_as_it_is() {
        check(b"", "");
        check("grüße 世界 👋".as_bytes(), "grüße 世界 👋");
        check("e\u{301} नमस्ते مرحبا שלום".as_bytes(), "e\u{301} नमस्ते مرحبا שלום");
        check("👨‍👩‍👧 🇸🇪 👍🏽 ❤️".as_bytes(), "👨‍👩‍👧 🇸🇪 👍🏽 ❤️");
        check(b"a\tb", "a\tb");
        check(b"<b>&amp;", "<b>&amp;");
    }

    #[test]
    fn escape_sequences_do_not_show() {
        check(b"\x1b[1;31mred\x1b[0m plain", "red plain");
        check(b"\x1b[38;2;1;2;3mtrue colour", "true colour");
        check(b"\x1b]0;a title\x07text", "text");
        check(b"\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link");
        check(b"\x1bP1$qm\x1b\\a \x1b_b\x1b\\c \x1b^d\x1b\\e \x1bXf\x1b\\g", "a c e g");
        check(b"\x1b(B\x1b[m\x1b[?25l\x1b[2J\x1b[H\x1b[>4;1mtext\x1b7\x1b=", "text");
        check(b"bell\x07 and backspace\x08", "bell and backspace");
        check(b"delete\x7f", "delete");
    }

    #[test]
    fn controls_of_two_bytes_do_what_the_longer_ones_do() {
        check("a\u{9b}31mb\u{9d}0;title\u{9c}c\u{90}x\u{9c}d\u{85}e".as_bytes(), "abcde");
        check("a\u{9d}title".as_bytes(), "a");
        check("\u{9b}31".as_bytes(), "");
        check("a\u{9b}\u{9b}31mb".as_bytes(), "ab");
    }

    #[test]
    fn sequences_that_are_cut_off_do_not_show() {
        for cut in ["\x1b", "\x1b[", "\x1b[3", "\x1b[38;2;1", "\x1b]0;tit", "\x1bP1$q", "\x1b(", "\u{9b}3"] {
            check(format!("cut {cut}").as_bytes(), "cut ");
        }
        check(b"\x1b[3\x1b[1mbold", "bold");
        check(b"\x1b[3\x18text", "text");
    }

    #[test]
    fn a_progress_bar_shows_its_last_state() {
        check(b"10%\r20%\r30%", "30%");
        check(b"10%\r20%\r", "20%");
        check(b"from Windows\r", "from Windows");
        check(b"long text\rab", "abng text");
        check(b"100 of 200\r\x1b[Kdone", "done");
        check(b"100 of 200\x1b[2K\rdone", "done");
        check(b"\x1b[2K\x1b[1Gcleared", "cleared");
        check(b"|\x08/\x08-\x08\\", "\\");
        check(b"abcdef\x1b[3D\x1b[Kx", "abcx");
        check(b"abcdef\x1b[3G\x1b[1Kx", "  xdef");
        check(b"abc\x1b[2Kx", "   x");
        check(b"a\x1b[3Cb\x1b[2Gc", "ac  b");
        check(b"12345678901\r\tx", "12345678x01");
        check(b"a\tb\r1234", "1234    b");
        check(b"\x1b[99999Cx", &format!("{}x", " ".repeat(1_000)));
    }

    #[test]
    fn what_is_printed_over_wide_characters_takes_them_away_whole() {
        check("世界\ra".as_bytes(), "a 界");
        check("世界\rabc".as_bytes(), "abc ");
        check("abcd\r世".as_bytes(), "世cd");
        check("abc\x1b[2D世".as_bytes(), "a世");
        check("e\u{301}x\ra".as_bytes(), "ax");
        check("👨‍👩‍👧x\rab".as_bytes(), "abx");
        check("🇸🇪🇩🇪x\rab".as_bytes(), "ab🇩🇪x");
        check("❤️x\rab".as_bytes(), "abx");
        check("❤x\ra".as_bytes(), "ax");
    }

    #[test]
    fn bytes_that_are_no_text_show_as_replacement_characters() {
        check(b"a\xffb", "a\u{fffd}b");
        check(b"a\x9bb", "a\u{fffd}b");
        check(b"cut \xe4\xb8", "cut \u{fffd}");
    }

    #[test]
    fn what_cannot_be_seen_is_shown_by_its_number() {
        check("\u{202e}txt.exe\u{202c}".as_bytes(), "<U+202E>txt.exe<U+202C>");
        check("a\u{200b}b\u{feff}\u{ad}".as_bytes(), "a<U+200B>b<U+FEFF><U+00AD>");
        check("\u{2066}\u{2069}\u{200f}\u{61c}".as_bytes(), "<U+2066><U+2069><U+200F><U+061C>");
        check("\u{e0041}\u{2028}".as_bytes(), "<U+E0041><U+2028>");
        // A joiner belongs to the letters around it.
        check("می\u{200c}خواهم".as_bytes(), "می\u{200c}خواهم");
    }

    #[test]
    fn runs_are_parts_that_look_alike() {
        #[track_caller]
        fn check(message: &str, expected: &[(&str, u8, Fit)]) {
            let text = text(message.as_bytes(), Style::default());
            let mut start = 0;
            let runs = text.runs.iter().map(|run| {
                let color = match run.style.foreground {
                    Color::Indexed(index) => index,
                    _ => 0,
                };
                (&text.text[std::mem::replace(&mut start, run.end)..run.end], color, run.fit)
            });
            assert_eq!(runs.collect::<Vec<_>>(), expected, "{message:?}");
        }
        check("", &[]);
        check("plain", &[("plain", 0, Fit::Own)]);
        check("\x1b[31mred\x1b[m\x1b[32m\x1b[31m too", &[("red too", 1, Fit::Own)]);
        check("\x1b[31mred\x1b[39m plain", &[("red", 1, Fit::Own), (" plain", 0, Fit::Own)]);
        // What is printed over keeps nothing of its colour.
        check("\x1b[31mred\r\x1b[32mg", &[("g", 2, Fit::Own), ("ed", 1, Fit::Own)]);
        check(
            "grüße 世界 👋👋!",
            &[
                ("grüße ", 0, Fit::Own),
                ("世界", 0, Fit::Ideographs),
                (" ", 0, Fit::Own),
                ("👋", 0, Fit::Picture(2)),
                ("👋", 0, Fit::Picture(2)),
                ("!", 0, Fit::Own),
            ],
        );
        check(
            "✔ ❤️👨‍👩‍👧🇸🇪👍🏽",
            &[
                ("✔", 0, Fit::Picture(1)),
                (" ", 0, Fit::Own),
                ("❤️", 0, Fit::Picture(2)),
                ("👨‍👩‍👧", 0, Fit::Picture(2)),
                ("🇸🇪", 0, Fit::Picture(2)),
                ("👍🏽", 0, Fit::Picture(2)),
            ],
        );
        check("مرحبا ━━ é e\u{301}", &[("مرحبا ━━ é e\u{301}", 0, Fit::Own)]);
    }

    #[test]
    fn a_style_is_found_behind_a_message() {
        let behind = |message: &[u8]| style_behind(message, Style { bold: true, ..Style::default() });
        assert_eq!(
            behind(b"a\x1b[31mb"),
            Style { bold: true, foreground: Color::Indexed(1), ..Style::default() }
        );
        assert_eq!(behind(b"a\x1b[31mb\x1b[0m"), Style::default());
        assert_eq!(behind(b"a\x1b[31"), Style { bold: true, ..Style::default() });
    }
}
