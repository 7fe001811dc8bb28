//! A line as a row of the console: decoded when it comes on screen, not before.

use super::header::Header;
use super::store::{Class, HEAD_BYTES, LineStore};
use super::text::visible;
use crate::domain::time::Time;

/// Bytes of a message that a row shows; layout of longer ones costs more than a frame.
const SHOWN_BYTES: usize = 20_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub class: Class,
    /// As stamped by the server; lines of no known grammar have none.
    pub time: Option<Time>,
    /// `app[run.8361]`; empty for lines of no known grammar.
    pub origin: String,
    pub text: String,
    /// Bytes of the message that are not shown.
    pub hidden_bytes: usize,
}

/// The row of a line; `None` when there is no such line.
pub fn row(store: &LineStore, index: usize) -> Option<Row> {
    let class = store.class(index)?;
    let length = store.line_length(index)?;
    let line = store.line_prefix(index, HEAD_BYTES + SHOWN_BYTES)?;
    let header = Header::parse(&line);
    let start = header.map_or(0, |header| header.message_start);
    let origin = header.map_or(String::new(), |header| origin(&header));
    let end = line.len().min(start + SHOWN_BYTES);
    Some(Row {
        class,
        time: header.map(|header| header.time),
        origin,
        text: visible(&line[start..end]),
        hidden_bytes: length - end,
    })
}

fn origin(header: &Header<'_>) -> String {
    let source = String::from_utf8_lossy(header.source);
    match header.process {
        Some(process) => format!("{source}[{}]", String::from_utf8_lossy(process)),
        None => source.into_owned(),
    }
}
