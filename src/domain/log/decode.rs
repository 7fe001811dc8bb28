//! The two encodings of a log stream, taken apart incrementally: plain lines and server-sent events.
//!
//! Fed with byte slices cut anywhere. Only an undecided handful of bytes is ever kept, and nothing is scanned twice.

use memchr::{memchr, memchr2, memrchr};

/// The names of the fields of server-sent events (HTML standard, 9.2.6); the longest has five bytes.
const FIELD_NAMES: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];

/// How a stream is encoded (platform-api.md 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// One line per LF.
    Plain,
    /// `data:` fields in frames that end with a blank line.
    ServerSentEvents,
    /// The first bytes tell.
    Unknown,
}

impl Encoding {
    /// By the response's content type; without one, or with `text/html` as the old log server sends, the body tells.
    pub fn of_content_type(content_type: Option<&str>) -> Self {
        let essence = content_type.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        match essence.as_str() {
            "text/event-stream" => Self::ServerSentEvents,
            "" | "text/html" => Self::Unknown,
            _ => Self::Plain,
        }
    }
}

/// Longest value of an `id` field that is handed on, in bytes; longer ones are ignored.
pub const LONGEST_ID: usize = 64;

/// What a decoder finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The whole value of an `id` field of the frame that is being received; empty when the frame ended without data,
    /// so that its id is no line's.
    Id(&'a [u8]),
    /// Plain lines, each with its LF; the first may be the rest of one. The same as `Text`, `LineEnd` and `Commit` for
    /// each of them, but in one piece, which in a flood counts.
    Lines(&'a [u8]),
    /// More bytes of the line that is being received.
    Text(&'a [u8]),
    /// That line ends.
    LineEnd,
    /// All lines that have ended are complete: a frame was closed, or a plain line.
    Commit,
    /// The server shows that it is there: a NUL, a comment, or a frame without data.
    Heartbeat,
}

/// A stream's bytes to lines.
#[derive(Debug)]
pub struct Decoder {
    state: State,
}

#[derive(Debug)]
enum State {
    /// The encoding is not known yet; the bytes so far begin like a field of server-sent events.
    Sniffing(Lookahead),
    Plain,
    Events(Events),
}

impl Decoder {
    pub fn new(encoding: Encoding) -> Self {
        let state = match encoding {
            Encoding::Plain => State::Plain,
            Encoding::ServerSentEvents => State::Events(Events::default()),
            Encoding::Unknown => State::Sniffing(Lookahead::default()),
        };
        Self { state }
    }

    /// Takes the next bytes of the stream. NULs are heartbeats and vanish wherever they stand (platform-api.md 5.3).
    pub fn push(&mut self, mut bytes: &[u8], found: &mut impl FnMut(Piece<'_>)) {
        while let Some(heartbeat) = memchr(0, bytes) {
            self.push_text(&bytes[..heartbeat], found);
            found(Piece::Heartbeat);
            bytes = &bytes[heartbeat + 1..];
        }
        self.push_text(bytes, found);
    }

    /// Gives out the bytes that waited for a decision that no longer comes. What has no end stays without one:
    /// whether it becomes a line is the caller's choice (design.md 2.5).
    pub fn finish(self, found: &mut impl FnMut(Piece<'_>)) {
        match self.state {
            State::Sniffing(begun) if !begun.is_empty() => found(Piece::Text(begun.as_bytes())),
            State::Events(events) => events.finish(found),
            State::Sniffing(_) | State::Plain => {}
        }
    }

    fn push_text(&mut self, bytes: &[u8], found: &mut impl FnMut(Piece<'_>)) {
        match &mut self.state {
            State::Plain => push_plain(bytes, found),
            State::Events(events) => events.push(bytes, found),
            State::Sniffing(begun) => {
                for (index, &byte) in bytes.iter().enumerate() {
                    if begun.continues_field_name(byte) {
                        begun.push(byte);
                        continue;
                    }
                    let begun = std::mem::take(begun);
                    // A comment, or a whole field name.
                    self.state = if byte == b':' && (begun.is_empty() || begun.is_field_name()) {
                        State::Events(Events::default())
                    } else {
                        State::Plain
                    };
                    self.push_text(begun.as_bytes(), found);
                    self.push_text(&bytes[index..], found);
                    return;
                }
            }
        }
    }
}

fn push_plain(bytes: &[u8], found: &mut impl FnMut(Piece<'_>)) {
    let (lines, rest) = bytes.split_at(memrchr(b'\n', bytes).map_or(0, |end| end + 1));
    if !lines.is_empty() {
        found(Piece::Lines(lines));
    }
    if !rest.is_empty() {
        found(Piece::Text(rest));
    }
}

/// Bytes that may turn out to be a field name, never more than the longest of them.
#[derive(Clone, Copy, Debug, Default)]
struct Lookahead {
    bytes: [u8; 5],
    length: usize,
}

impl Lookahead {
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn is_field_name(&self) -> bool {
        FIELD_NAMES.contains(&self.as_bytes())
    }

    fn continues_field_name(&self, byte: u8) -> bool {
        FIELD_NAMES
            .iter()
            .any(|name| name.starts_with(self.as_bytes()) && name.get(self.length) == Some(&byte))
    }

    /// Only after [`continues_field_name`](Self::continues_field_name) said yes, so that there is room.
    fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }
}

/// Server-sent events (HTML standard, 9.2.5 and 9.2.6), with one deviation: a CR alone inside a `data` field ends
/// the line only when a known field, or in a stream without LF a comment or a blank line, follows. Progress bars
/// print such CRs, and servers pass them on as they are (design.md 2.3).
#[derive(Debug, Default)]
struct Events {
    place: Place,
    /// The last line ended with CR: an LF belongs to it.
    after_cr: bool,
    /// A line of this stream has ended with LF, so its server does not end lines with CR alone.
    ends_with_lf: bool,
    /// The frame has data.
    has_data: bool,
    /// The value of the `id` field that is being received; one byte more than is handed on when it is too long.
    id: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// In a field's name, which so far may be a known one.
    Name(Lookahead),
    /// Behind `data:`, where one space may follow.
    DataStart,
    Data,
    /// Behind a CR in data, with the bytes that follow it, which so far may be a field's name.
    DataCr(Lookahead),
    /// Behind `id:`, where one space may follow.
    IdStart,
    Id,
    /// In a comment or a field that says nothing about lines.
    Ignored,
}

impl Default for Place {
    fn default() -> Self {
        Self::Name(Lookahead::default())
    }
}

impl Events {
    fn push(&mut self, mut bytes: &[u8], found: &mut impl FnMut(Piece<'_>)) {
        while let Some(&byte) = bytes.first() {
            match self.place {
                Place::Data => {
                    let end = memchr2(b'\r', b'\n', bytes).unwrap_or(bytes.len());
                    if end > 0 {
                        found(Piece::Text(&bytes[..end]));
                    }
                    bytes = &bytes[end..];
                    match bytes.first() {
                        Some(b'\n') => self.end_data_line(b'\n', found),
                        Some(_) => self.place = Place::DataCr(Lookahead::default()),
                        None => return,
                    }
                    bytes = &bytes[1..];
                }
                Place::Ignored => {
                    let Some(end) = memchr2(b'\r', b'\n', bytes) else { return };
                    self.end_line(bytes[end]);
                    bytes = &bytes[end + 1..];
                }
                Place::Id => {
                    let end = memchr2(b'\r', b'\n', bytes);
                    let value = &bytes[..end.unwrap_or(bytes.len())];
                    let room = LONGEST_ID + 1 - self.id.len();
                    self.id.extend_from_slice(&value[..value.len().min(room)]);
                    let Some(end) = end else { return };
                    if (1..=LONGEST_ID).contains(&self.id.len()) {
                        found(Piece::Id(&self.id));
                    }
                    self.end_line(bytes[end]);
                    bytes = &bytes[end + 1..];
                }
                Place::IdStart => {
                    self.id.clear();
                    self.place = Place::Id;
                    if byte == b' ' {
                        bytes = &bytes[1..];
                    }
                }
                Place::DataStart => {
                    self.place = Place::Data;
                    if byte == b' ' {
                        bytes = &bytes[1..];
                    }
                }
                Place::Name(name) => {
                    self.push_name(name, byte, found);
                    bytes = &bytes[1..];
                }
                Place::DataCr(name) => {
                    if self.push_behind_cr(name, byte, found) {
                        bytes = &bytes[1..];
                    }
                }
            }
        }
    }

    /// One byte at the beginning of a line or in a field's name.
    fn push_name(&mut self, name: Lookahead, byte: u8, found: &mut impl FnMut(Piece<'_>)) {
        let after_cr = std::mem::take(&mut self.after_cr);
        match byte {
            b'\n' if after_cr && name.is_empty() => self.ends_with_lf = true,
            b'\r' | b'\n' if name.is_empty() => {
                // A blank line closes the frame.
                self.end_line(byte);
                let has_data = std::mem::take(&mut self.has_data);
                if has_data {
                    found(Piece::Commit);
                } else {
                    found(Piece::Id(b""));
                    found(Piece::Heartbeat);
                }
            }
            b'\r' | b'\n' => {
                // A field without a colon has an empty value.
                if name.as_bytes() == b"data" {
                    self.end_data_line(byte, found);
                } else {
                    self.end_line(byte);
                }
            }
            b':' if name.as_bytes() == b"data" => self.place = Place::DataStart,
            b':' if name.as_bytes() == b"id" => self.place = Place::IdStart,
            b':' if name.is_empty() => {
                found(Piece::Heartbeat);
                self.place = Place::Ignored;
            }
            _ if name.continues_field_name(byte) => {
                let mut name = name;
                name.push(byte);
                self.place = Place::Name(name);
            }
            _ => self.place = Place::Ignored,
        }
    }

    /// One byte behind a CR in data. Answers whether the byte was taken; otherwise it is to be looked at again.
    fn push_behind_cr(&mut self, name: Lookahead, byte: u8, found: &mut impl FnMut(Piece<'_>)) -> bool {
        if name.continues_field_name(byte) {
            let mut name = name;
            name.push(byte);
            self.place = Place::DataCr(name);
            return true;
        }
        let ends_the_line = match byte {
            b'\n' if name.is_empty() => true,
            b'\r' | b':' if name.is_empty() => !self.ends_with_lf,
            b'\r' | b'\n' | b':' => name.is_field_name(),
            _ => false,
        };
        if ends_the_line {
            self.end_data_line(b'\r', found);
            self.place = Place::Name(name);
        } else {
            found(Piece::Text(b"\r"));
            if !name.is_empty() {
                found(Piece::Text(name.as_bytes()));
            }
            self.place = Place::Data;
        }
        false
    }

    fn end_data_line(&mut self, end: u8, found: &mut impl FnMut(Piece<'_>)) {
        found(Piece::LineEnd);
        self.has_data = true;
        self.end_line(end);
    }

    fn end_line(&mut self, end: u8) {
        self.place = Place::default();
        self.after_cr = end == b'\r';
        self.ends_with_lf |= end == b'\n';
    }

    fn finish(self, found: &mut impl FnMut(Piece<'_>)) {
        match self.place {
            // At the end of the stream a CR with nothing, or a whole field name, behind it has ended the line.
            Place::DataCr(name) if name.is_empty() || name.is_field_name() => found(Piece::LineEnd),
            Place::DataCr(name) => {
                found(Piece::Text(b"\r"));
                found(Piece::Text(name.as_bytes()));
            }
            Place::Name(_) | Place::DataStart | Place::Data | Place::IdStart | Place::Id | Place::Ignored => {
            }
        }
    }
}
