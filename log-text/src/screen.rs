//! A line of a terminal: cells, a cursor, and what moves it.

use crate::cells::{is_ideographic, is_pictogram, is_regional_indicator, is_skin_colour, width};
use crate::escape::Terminal;
use crate::style::{Style, number};
use crate::text::{Fit, Run, Text, is_invisible};

/// Columns that a sequence can move to in an empty line: more than any terminal has.
const MOST_COLUMNS: usize = 1_000;

const TAB_COLUMNS: usize = 8;

/// Makes one picture of the ones before and behind it, as in families and flags.
const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Asks for the picture of a character that is also a sign.
const EMOJI_VARIATION: char = '\u{fe0f}';

/// One cell of the line.
#[derive(Clone, Copy)]
struct Cell {
    /// What it shows, in `Screen::printed`.
    start: usize,
    end: usize,
    /// Index in `Screen::styles`.
    style: usize,
    /// How many cells it takes, itself included; 0 where the one before reaches into it.
    width: u8,
}

/// A cell to which nothing was printed: the first character and style of each screen.
const BLANK: Cell = Cell { start: 0, end: 1, style: 0, width: 1 };

/// What the bytes so far have printed.
pub(crate) struct Screen {
    /// All that was ever printed, in that order.
    printed: String,
    cells: Vec<Cell>,
    cursor: usize,
    styles: Vec<Style>,
}

impl Screen {
    /// An empty line, where printing begins in a style.
    pub(crate) fn new(style: Style) -> Self {
        Self { printed: " ".to_owned(), cells: Vec::new(), cursor: 0, styles: vec![Style::default(), style] }
    }

    /// Puts a character onto the one that was printed before, where they are one sign.
    fn join(&mut self, character: char, width: usize) -> bool {
        let Some(last) =
            (0..self.cells.len().min(self.cursor)).rev().find(|&cell| self.cells[cell].width > 0)
        else {
            return false;
        };
        let Cell { start, end, width: last_width, .. } = self.cells[last];
        if end != self.printed.len() {
            return false;
        }
        let sign = &self.printed[start..end];
        let is_joined = width == 0
            || sign.ends_with(ZERO_WIDTH_JOINER)
            || (is_skin_colour(character) && last_width == 2)
            || (is_regional_indicator(character)
                && sign.starts_with(is_regional_indicator)
                && sign.len() == 4);
        if is_joined {
            self.printed.push(character);
            self.cells[last].end = self.printed.len();
            if character == EMOJI_VARIATION && last_width == 1 && self.cursor == self.cells.len() {
                self.cells[last].width = 2;
                self.cells.push(Cell { width: 0, ..BLANK });
                self.cursor += 1;
            }
        }
        is_joined
    }

    fn put(&mut self, character: char, width: usize) {
        while self.cells.len() < self.cursor + width {
            self.cells.push(BLANK);
        }
        (self.cursor..self.cursor + width).for_each(|cell| self.blank(cell));
        let start = self.printed.len();
        self.printed.push(character);
        let (end, style) = (self.printed.len(), self.styles.len() - 1);
        for (index, cell) in self.cells[self.cursor..self.cursor + width].iter_mut().enumerate() {
            *cell = Cell { start, end, style, width: if index == 0 { width as u8 } else { 0 } };
        }
        self.cursor += width;
    }

    /// Empties a cell, and with it all that a wide character takes.
    fn blank(&mut self, cell: usize) {
        let start = (0..=cell).rev().find(|&cell| self.cells[cell].width > 0).unwrap_or(cell);
        let end = start + usize::from(self.cells[start].width.max(1));
        self.cells[start..end].fill(BLANK);
    }

    fn move_to(&mut self, column: usize) {
        self.cursor = column.min(self.cells.len().max(MOST_COLUMNS));
    }

    fn erase(&mut self, part: u16) {
        let cursor = self.cursor.min(self.cells.len());
        match part {
            0 if cursor < self.cells.len() => {
                self.blank(cursor);
                self.cells.truncate(cursor);
            }
            1 => (0..self.cells.len().min(cursor + 1)).for_each(|cell| self.blank(cell)),
            2 => self.cells.clear(),
            _ => {}
        }
    }

    pub(crate) fn into_text(self) -> Text {
        let mut text = Text { text: String::with_capacity(self.printed.len()), runs: Vec::new() };
        for cell in self.cells.iter().filter(|cell| cell.width > 0) {
            let sign = &self.printed[cell.start..cell.end];
            text.text.push_str(sign);
            let (end, style, fit) = (text.text.len(), self.styles[cell.style], fit(sign, cell.width));
            match text.runs.last_mut() {
                Some(run) if run.style == style && run.fit == fit && !matches!(fit, Fit::Picture(_)) => {
                    run.end = end;
                }
                _ => text.runs.push(Run { end, style, fit }),
            }
        }
        text
    }
}

fn fit(sign: &str, width: u8) -> Fit {
    match sign.chars().next() {
        None | Some('\0'..'\u{300}') => Fit::Own,
        Some(first) if width == 2 && is_ideographic(first) => Fit::Ideographs,
        Some(first) if width == 2 || is_pictogram(first) => Fit::Picture(width),
        Some(_) => Fit::Own,
    }
}

impl Terminal for Screen {
    fn print(&mut self, character: char, _offset: usize) {
        if is_invisible(character) {
            let code = u32::from(character);
            let digits = if code < 0x10000 { 4 } else { 5 };
            let hex = (0..digits).rev().filter_map(|digit| char::from_digit(code >> (4 * digit) & 15, 16));
            let hex = hex.map(|digit| digit.to_ascii_uppercase());
            "<U+".chars().chain(hex).chain(['>']).for_each(|character| self.put(character, 1));
            return;
        }
        let width = match character {
            character if is_regional_indicator(character) => 2,
            character => width(character),
        };
        if !(character >= '\u{300}' && self.join(character, width)) {
            self.put(character, width.max(1));
        }
    }

    fn control(&mut self, control: char) {
        match control {
            '\r' => self.cursor = 0,
            '\x08' => self.cursor = self.cursor.saturating_sub(1),
            '\t' => {
                let width = TAB_COLUMNS - self.cursor % TAB_COLUMNS;
                if self.cursor < self.cells.len() {
                    self.cursor += width;
                } else {
                    self.put('\t', width);
                }
            }
            _ => {}
        }
    }

    fn sequence(&mut self, parameters: &str, final_byte: char) {
        let first = number(parameters.split(';').next().unwrap_or_default());
        let count = usize::from(first.max(1));
        match final_byte {
            'm' => {
                let mut style = self.styles.last().copied().unwrap_or_default();
                style.apply(parameters);
                self.styles.push(style);
            }
            'C' => self.move_to(self.cursor + count),
            'D' => self.cursor = self.cursor.saturating_sub(count),
            'G' => self.move_to(count - 1),
            'K' => self.erase(first),
            _ => {}
        }
    }
}
