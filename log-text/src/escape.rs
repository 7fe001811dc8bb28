//! Takes the escape sequences of a line apart.
//!
//! The states are those of a VT500 as far as they tell what is shown. A parser of a terminal (anstyle-parse) was here
//! before: it keeps the contents of strings that nobody looks at, and was a kilobyte of the page.

/// What a line has a terminal do. Whatever else it asks for (titles, device control strings, keyboard modes) is ignored.
pub trait Terminal {
    /// Shows a character, whose last byte stands at `offset` in the line. Bytes that are no UTF-8 are U+FFFD.
    fn print(&mut self, character: char, offset: usize);

    /// Does a control of one byte (C0).
    fn control(&mut self, _control: char) {}

    /// Does a control sequence (ECMA-48, 5.4). `parameters` are numbers, with semicolons and colons in between.
    fn sequence(&mut self, _parameters: &str, _final_byte: char) {}
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    /// Behind an escape and an intermediate byte: one more character belongs to it.
    Intermediate,
    /// In the parameters of a control sequence.
    Sequence,
    /// In an operating system command, which a bell may end, or in another string.
    Command,
    String,
}

/// Longest parameters of a control sequence that are read, in bytes; it does nothing with longer ones.
const MOST_PARAMETER_BYTES: usize = 200;

/// Has a terminal do what stands in `line`. Sequences that are cut off do nothing.
pub fn parse(line: &[u8], terminal: &mut dyn Terminal) {
    let (mut state, mut parameters, mut offset) = (State::Ground, String::new(), 0);
    for chunk in line.utf8_chunks() {
        let invalid = if chunk.invalid().is_empty() { "" } else { "\u{fffd}" };
        for character in chunk.valid().chars().chain(invalid.chars()) {
            offset += character.len_utf8();
            state = step(state, character, offset - 1, &mut parameters, terminal);
        }
        offset = (offset + chunk.invalid().len()).saturating_sub(invalid.len());
    }
}

fn step(
    state: State,
    character: char,
    offset: usize,
    parameters: &mut String,
    terminal: &mut dyn Terminal,
) -> State {
    match (state, character) {
        (_, '\x1b') => State::Escape,
        // Cancel, substitute, and the string terminator of the set C1.
        (_, '\x18' | '\x1a' | '\u{9c}') | (State::Command, '\x07') => State::Ground,
        (State::Command | State::String, _) => state,
        // A control of the set C1 means what an escape and a letter mean (ECMA-48, 5.3).
        (_, '\u{80}'..='\u{9f}') => behind_escape(char::from(character as u8 - 0x40), parameters),
        (_, '\0'..='\x1f') => {
            terminal.control(character);
            state
        }
        (_, '\x7f') => state,
        (State::Escape | State::Intermediate, ' '..='/') => State::Intermediate,
        (State::Escape, _) => behind_escape(character, parameters),
        (State::Sequence, ' '..='?') => {
            if parameters.len() <= MOST_PARAMETER_BYTES {
                parameters.push(character);
            }
            state
        }
        (State::Sequence, '@'..='~') => {
            // Others than digits and what separates them: private parameters, or intermediate bytes of another sequence.
            let is_known = parameters.bytes().all(|byte| matches!(byte, b'0'..=b';'));
            if is_known && parameters.len() <= MOST_PARAMETER_BYTES {
                terminal.sequence(parameters, character);
            }
            State::Ground
        }
        (State::Intermediate, '0'..='~') => State::Ground,
        _ => {
            terminal.print(character, offset);
            State::Ground
        }
    }
}

/// What a letter behind an escape begins.
fn behind_escape(letter: char, parameters: &mut String) -> State {
    parameters.clear();
    match letter {
        '[' => State::Sequence,
        ']' => State::Command,
        'P' | 'X' | '^' | '_' => State::String,
        _ => State::Ground,
    }
}
