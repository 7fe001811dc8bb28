//! Takes the lines of a flood out of server-sent events.

use memchr::memchr2;

/// The frames at the beginning of some bytes that have the ordinary form: an id, greater than the one before, and a line.
#[derive(Debug, Default)]
pub struct Frames {
    /// Their lines, each with its LF.
    pub lines: Vec<u8>,
    /// The id of each.
    pub ids: Vec<u64>,
}

impl Frames {
    /// Takes the frames at the beginning of `bytes`, where a frame begins. Answers their bytes.
    pub fn take(&mut self, bytes: &[u8]) -> usize {
        self.lines.clear();
        self.ids.clear();
        let (mut rest, mut last) = (bytes, 0);
        while let Some((id, line, behind)) = ordinary(rest)
            && id > last
        {
            self.lines.extend_from_slice(line);
            self.ids.push(id);
            (rest, last) = (behind, id);
        }
        bytes.len() - rest.len()
    }
}

/// The id and the line, with its LF, of an ordinary frame, and what is behind it. Without digits the id is 0; one that may
/// be beyond 64 bits is left to the decoder.
fn ordinary(bytes: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (mut id, mut value) = (0, bytes.strip_prefix(b"id: ")?);
    while let [digit @ b'0'..=b'9', behind @ ..] = value
        && id < u64::MAX / 10
    {
        (id, value) = (id * 10 + u64::from(digit - b'0'), behind);
    }
    let data = value.strip_prefix(b"\ndata: ")?;
    let end = memchr2(b'\r', b'\n', data)?;
    let behind = data.get(end..)?.strip_prefix(b"\n\n")?;
    Some((id, data.get(..=end)?, behind))
}
