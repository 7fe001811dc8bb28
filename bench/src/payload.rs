//! The log that is streamed: each line can be told from its number, so that what is on screen can be checked.

use std::fmt::Write as _;

/// Names the dyno of every run.
pub(crate) const DYNO: &str = "run.8361";

/// When the dyno was created, as the API tells; no line is older.
pub(crate) const CREATED_AT: &str = "2026-01-02T03:04:05Z";

/// Stands in one line of a thousand and nowhere else.
pub(crate) const NEEDLE: &str = "needle";

/// Bytes of the largest chunk that a body is cut into.
const LARGEST_CHUNK: u64 = 64 * 1024;

/// How a stream is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Events,
}

/// A body in HTTP's chunked coding without its last chunk, in three parts, so that the middle can be sent again and again.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) encoding: Encoding,
    /// Of all three parts.
    pub(crate) lines: usize,
    /// Bytes of the lines, each with its end, whatever the encoding.
    pub(crate) line_bytes: usize,
    /// Bytes that a reader gets.
    pub(crate) bytes: usize,
    pub(crate) begin: Vec<u8>,
    pub(crate) middle: Vec<u8>,
    pub(crate) end: Vec<u8>,
}

/// Lines before and behind those of the function.
const FIRST: usize = 2;
const LAST: usize = 2;

impl Body {
    /// A whole run of so many lines, at least four of them the platform's.
    pub(crate) fn new(lines: usize, encoding: Encoding) -> Self {
        Self::of((0..lines - FIRST - LAST).map(|index| FIRST + index).map(output), encoding)
    }

    /// A whole run whose function prints these messages.
    pub(crate) fn of(messages: impl Iterator<Item = String>, encoding: Encoding) -> Self {
        let mut parts = [Vec::new(), Vec::new(), Vec::new()];
        let (mut number, mut line_bytes) = (0, 0);
        let mut put = |part: &mut Vec<u8>, source: &str, message: &str| {
            number += 1;
            let line = line(number, source, message);
            line_bytes += line.len() + 1;
            push_line(part, number, &line, encoding);
        };
        put(&mut parts[0], "heroku", "Starting process with command `serverless`");
        put(&mut parts[0], "heroku", "State changed from starting to up");
        messages.for_each(|message| put(&mut parts[1], "app", &message));
        put(&mut parts[2], "heroku", "Process exited with status 0");
        put(&mut parts[2], "heroku", "State changed from up to complete");
        let bytes = parts.iter().map(Vec::len).sum();
        let mut random = Random(7);
        let [begin, middle, end] = parts.map(|part| in_chunks(&part, &mut random));
        Self { encoding, lines: number, line_bytes, bytes, begin, middle, end }
    }
}

/// Adds a line in the stream's encoding. The id is not the line's number alone: Heroku's are long.
pub(crate) fn push_line(part: &mut Vec<u8>, number: usize, line: &str, encoding: Encoding) {
    match encoding {
        Encoding::Plain => part.extend_from_slice(format!("{line}\n").as_bytes()),
        Encoding::Events => {
            let id = 1_000_000_000 + number;
            part.extend_from_slice(format!("id: {id}\ndata: {line}\n\n").as_bytes());
        }
    }
}

/// A line with its header, stamped ten microseconds after the one before it.
fn line(number: usize, source: &str, message: &str) -> String {
    let microseconds = number as u64 * 10;
    let (seconds, fraction) = (microseconds / 1_000_000, microseconds % 1_000_000);
    let (minute, second) = (5 + seconds / 60, seconds % 60);
    format!("2026-01-02T03:{minute:02}:{second:02}.{fraction:06}+00:00 {source}[{DYNO}]: {message}")
}

/// What the function prints in the line of this number, counted from 1: in the middle 124 bytes with the header and the
/// line end; one in ten has SGR codes, one in twenty characters of several bytes, one in a thousand is 1 to 10 kB long, and
/// another one in a thousand has the [`NEEDLE`].
pub(crate) fn output(index: usize) -> String {
    const WORDS: [&str; 16] = [
        "request", "finished", "in", "worker", "queue", "batch", "of", "records", "retry", "cache", "miss",
        "for", "user", "loaded", "from", "stored",
    ];
    const WIDE: [&str; 4] = ["Grüße aus Köln", "完了しました", "готово", "done ✅ 🚀"];
    let mut random = Random(index as u64);
    let mut text = format!("item {index} ");
    let length = match index % 1000 {
        500 => 1_000 + random.below(9_000) as usize,
        _ => 24 + random.below(88) as usize,
    };
    if index % 1000 == 250 {
        text.push_str(NEEDLE);
        text.push(' ');
    }
    let kind = random.below(20);
    if kind == 2 {
        text.push_str(WIDE[random.below(4) as usize]);
        text.push(' ');
    }
    if kind < 2 {
        let colour = 31 + random.below(6);
        let _ = write!(text, "\x1b[1;{colour}m{}\x1b[0m ", WORDS[random.below(16) as usize]);
    }
    while text.len() < length {
        text.push_str(WORDS[random.below(16) as usize]);
        text.push(' ');
    }
    text.pop();
    text
}

/// Cuts a body anywhere, through lines and characters, and puts it into chunks (RFC 9112, 7.1).
pub(crate) fn in_chunks(mut body: &[u8], random: &mut Random) -> Vec<u8> {
    let mut chunks = Vec::with_capacity(body.len() + body.len() / 1_000);
    while !body.is_empty() {
        let length = body.len().min(1 + random.below(LARGEST_CHUNK) as usize);
        let (chunk, rest) = body.split_at(length);
        chunks.extend_from_slice(format!("{length:x}\r\n").as_bytes());
        chunks.extend_from_slice(chunk);
        chunks.extend_from_slice(b"\r\n");
        body = rest;
    }
    chunks
}

/// Numbers that are the same in each run: SplitMix64 (Steele, Lea and Flood, 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn lines_are_of_the_promised_kinds() {
        let messages: Vec<String> = (0..100_000).map(output).collect();
        let share = |holds: &dyn Fn(&String) -> bool| messages.iter().filter(|it| holds(it)).count();
        assert!((9_500..10_500).contains(&share(&|it| it.contains('\x1b'))));
        assert!((4_500..5_500).contains(&share(&|it| !it.is_ascii())));
        assert_eq!(share(&|it| it.contains(NEEDLE)), 100);
        assert_eq!(share(&|it| it.len() >= 1_000), 100);
        let body = Body::new(100_000, Encoding::Plain);
        assert_eq!(body.lines, 100_000);
        let mean = body.line_bytes as f64 / body.lines as f64;
        assert!((122.0..126.0).contains(&mean), "{mean}");
    }

    #[test]
    fn chunks_hold_the_body_and_cut_it_anywhere() {
        let text = "täxt\n".repeat(50_000);
        let chunks = in_chunks(text.as_bytes(), &mut Random(1));
        let (mut rest, mut joined, mut cut_lines) = (&chunks[..], Vec::new(), 0);
        while !rest.is_empty() {
            let head = rest.windows(2).position(|pair| pair == b"\r\n").unwrap();
            let length = usize::from_str_radix(std::str::from_utf8(&rest[..head]).unwrap(), 16).unwrap();
            joined.extend_from_slice(&rest[head + 2..head + 2 + length]);
            cut_lines += usize::from(!joined.ends_with(b"\n"));
            rest = &rest[head + 2 + length + 2..];
        }
        assert_eq!(joined, text.as_bytes());
        assert!(cut_lines > 0);
    }
}
