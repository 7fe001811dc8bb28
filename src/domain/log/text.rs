//! Bytes of a line to the text that a person sees.

use anstyle_parse::{DefaultCharAccumulator, Parser, Perform};

/// The text of a message: UTF-8 read leniently, escape sequences and control characters taken away, and of a
/// progress bar that rewrites its line with CR the last state.
pub fn visible(message: &[u8]) -> String {
    let mut screen = Screen { text: String::with_capacity(message.len()), rewritten: false };
    let mut parser = Parser::<DefaultCharAccumulator>::new();
    // The parser drops bytes that are no UTF-8 without a trace, so they are replaced first.
    for byte in String::from_utf8_lossy(message).bytes() {
        parser.advance(&mut screen, byte);
    }
    screen.text
}

struct Screen {
    text: String,
    /// A CR came: what is printed next replaces the line.
    rewritten: bool,
}

impl Screen {
    fn put(&mut self, character: char) {
        if std::mem::take(&mut self.rewritten) {
            self.text.clear();
        }
        self.text.push(character);
    }
}

impl Perform for Screen {
    fn print(&mut self, character: char) {
        // Controls of two bytes (C1) have no shape.
        if !character.is_control() {
            self.put(character);
        }
    }

    fn execute(&mut self, control: u8) {
        match control {
            b'\r' => self.rewritten = true,
            b'\t' => self.put('\t'),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &[u8], expected: &str) {
        assert_eq!(visible(message), expected);
    }

    #[test]
    fn text_stays_as_it_is() {
        check(b"", "");
        check("grüße 世界 👋".as_bytes(), "grüße 世界 👋");
        check(b"a\tb", "a\tb");
        check(b"<b>&amp;", "<b>&amp;");
    }

    #[test]
    fn escape_sequences_do_not_show() {
        check(b"\x1b[1;31mred\x1b[0m plain", "red plain");
        check(b"\x1b[38;2;1;2;3mtrue colour", "true colour");
        check(b"\x1b]0;a title\x07text", "text");
        check(b"\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link");
        check(b"\x1b[2K\x1b[1Gcleared", "cleared");
        check(b"bell\x07 and backspace\x08", "bell and backspace");
        check(b"cut \x1b[3", "cut ");
    }

    #[test]
    fn a_progress_bar_shows_its_last_state() {
        check(b"10%\r20%\r30%", "30%");
        check(b"10%\r20%\r", "20%");
        check(b"from Windows\r", "from Windows");
    }

    #[test]
    fn bytes_that_are_no_text_show_as_replacement_characters() {
        check(b"a\xffb", "a\u{fffd}b");
        check(b"cut \xe4\xb8", "cut \u{fffd}");
    }
}
