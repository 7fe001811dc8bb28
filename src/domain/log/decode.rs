//! The two encodings of a log stream, taken apart incrementally: plain lines and server-sent events.
//!
//! Fed with byte slices cut anywhere. Only an undecided handful of bytes is ever kept, and nothing is scanned more than twice.

use log_flood::Frames;
use memchr::{memchr, memchr2, memrchr};

/// The names of the fields of server-sent events (HTML standard, 9.2.6).
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

/// What a decoder finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The value of an `id` field of the frame that is being received, if it is a number; `None` also when the frame ended
    /// without data, so that its id is no line's.
    Id(Option<u64>),
    /// Lines, each with its LF, and their ids where they came as server-sent events; of plain lines the first may be the
    /// rest of one. The same as `Id`, `Text`, `LineEnd` and `Commit` for each of them, but in one piece, which in a flood
    /// counts.
    Lines(&'a [u8], &'a [u64]),
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
    pub fn finish(&mut self, found: &mut impl FnMut(Piece<'_>)) {
        match &mut self.state {
            State::Sniffing(begun) if !begun.is_empty() => found(Piece::Text(begun.0)),
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
                    if let Some(longer) = begun.with(byte) {
                        *begun = longer;
                        continue;
                    }
                    let begun = *begun;
                    // A comment, or a whole field name.
                    self.state = if byte == b':' && (begun.is_empty() || begun.is_field_name()) {
                        State::Events(Events::default())
                    } else {
                        State::Plain
                    };
                    self.push_text(begun.0, found);
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
        found(Piece::Lines(lines, &[]));
    }
    if !rest.is_empty() {
        found(Piece::Text(rest));
    }
}

/// Bytes that may turn out to be a field name: the beginning of one.
#[derive(Clone, Copy, Debug, Default)]
struct Lookahead(&'static [u8]);

impl Lookahead {
    fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    fn is_field_name(self) -> bool {
        FIELD_NAMES.contains(&self.0)
    }

    /// With the byte that follows; `None` when no field's name goes on so.
    fn with(self, byte: u8) -> Option<Self> {
        let longer = FIELD_NAMES.iter().filter_map(|name| name.get(..=self.0.len()));
        longer.map(Self).find(|it| it.0.split_last() == Some((&byte, self.0)))
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
    /// Behind the colon of a field, where one space may follow.
    is_behind_colon: bool,
    /// The value of the `id` field that is being received, if it is a number; `None` while it is empty.
    id: Option<Option<u64>>,
    /// Frames that are taken together; the memory is used again.
    ordinary: Frames,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// In a field's name, which so far may be a known one.
    Name(Lookahead),
    Data,
    /// Behind a CR in data, with the bytes that follow it, which so far may be a field's name.
    DataCr(Lookahead),
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
                _ if std::mem::take(&mut self.is_behind_colon) && byte == b' ' => bytes = &bytes[1..],
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
                Place::Id | Place::Ignored => {
                    if matches!(byte, b'\r' | b'\n') {
                        if let Some(id) = self.id.take() {
                            found(Piece::Id(id));
                        }
                        self.end_line(byte);
                    } else if let Place::Id = self.place {
                        self.id = Some(self.id.unwrap_or(Some(0)).and_then(|id| with_digit(id, byte)));
                    }
                    bytes = &bytes[1..];
                }
                Place::Name(name) => {
                    let is_begin = name.is_empty() && !self.has_data;
                    let taken = if is_begin { self.ordinary.take(bytes) } else { 0 };
                    if taken > 0 {
                        found(Piece::Lines(&self.ordinary.lines, &self.ordinary.ids));
                        (self.after_cr, self.ends_with_lf) = (false, true);
                    } else {
                        self.push_name(name, byte, found);
                    }
                    bytes = &bytes[taken.max(1)..];
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
                    found(Piece::Id(None));
                    found(Piece::Heartbeat);
                }
            }
            b'\r' | b'\n' => {
                // A field without a colon has an empty value.
                if name.0 == b"data" {
                    self.end_data_line(byte, found);
                } else {
                    self.end_line(byte);
                }
            }
            b':' if name.0 == b"data" => (self.place, self.is_behind_colon) = (Place::Data, true),
            b':' if name.0 == b"id" => (self.place, self.is_behind_colon) = (Place::Id, true),
            b':' if name.is_empty() => {
                found(Piece::Heartbeat);
                self.place = Place::Ignored;
            }
            _ => self.place = name.with(byte).map_or(Place::Ignored, Place::Name),
        }
    }

    /// One byte behind a CR in data. Answers whether the byte was taken; otherwise it is to be looked at again.
    fn push_behind_cr(&mut self, name: Lookahead, byte: u8, found: &mut impl FnMut(Piece<'_>)) -> bool {
        if let Some(longer) = name.with(byte) {
            self.place = Place::DataCr(longer);
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
                found(Piece::Text(name.0));
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

    /// At the end of the stream a CR in data has ended the line where it would have before another line end.
    fn finish(&mut self, found: &mut impl FnMut(Piece<'_>)) {
        if let Place::DataCr(name) = self.place {
            self.push_behind_cr(name, b'\n', found);
        }
    }
}

/// The number that a digit makes of another; `None` for what is no digit, and beyond 64 bits.
fn with_digit(number: u64, byte: u8) -> Option<u64> {
    let digit = byte.wrapping_sub(b'0');
    if digit > 9 || number > u64::MAX / 10 {
        return None;
    }
    (number * 10).checked_add(digit.into())
}
