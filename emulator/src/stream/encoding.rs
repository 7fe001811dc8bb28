//! How lines are written into a stream (platform-api.md 5.1 to 5.3).

use axum::body::Bytes;

use crate::faults::Format;
use crate::log::Batch;

/// The form of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Lines; on Fir without their ends.
    Plain { line_ends: bool },
    /// Server-Sent Events, each with the number of its line as its id, or without ids.
    Events { ids: bool },
}

impl Encoding {
    /// What a client that accepts `accept` gets.
    pub(super) fn of_accept(accept: &str, line_ends: bool) -> Self {
        let wants_events = accept
            .split(',')
            .filter_map(|range| range.split(';').next())
            .any(|media_type| media_type.trim().eq_ignore_ascii_case("text/event-stream"));
        if wants_events { Self::Events { ids: true } } else { Self::Plain { line_ends } }
    }

    /// What a fault makes of it.
    pub(super) fn with_faults(self, format: Option<Format>, event_ids: Option<bool>) -> Self {
        let form = match (format, self) {
            (Some(Format::Plain), Self::Events { .. }) => Self::Plain { line_ends: true },
            (Some(Format::Events), Self::Plain { .. }) => Self::Events { ids: true },
            _ => self,
        };
        match (form, event_ids) {
            (Self::Events { .. }, Some(ids)) => Self::Events { ids },
            _ => form,
        }
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self {
            Self::Plain { .. } => "text/plain; charset=utf-8",
            Self::Events { .. } => "text/event-stream",
        }
    }

    /// A NUL byte, or an event without data.
    pub(super) fn heartbeat(&self) -> Bytes {
        Bytes::from_static(match self {
            Self::Plain { .. } => b"\0",
            Self::Events { .. } => b": heartbeat\n\n",
        })
    }

    /// Lines as they come from the log.
    pub(super) fn encode(&self, batches: &[Batch]) -> Bytes {
        match (self, batches) {
            (Self::Plain { line_ends: true }, [batch]) => batch.text().clone(),
            (Self::Plain { line_ends: true }, batches) => {
                let texts: Vec<&[u8]> = batches.iter().map(|batch| &batch.text()[..]).collect();
                texts.concat().into()
            }
            _ => {
                let bytes: usize = batches.iter().map(|batch| batch.text().len()).sum();
                let mut out = Vec::with_capacity(bytes + bytes / 4 + 64);
                for (number, line) in batches.iter().flat_map(Batch::numbered_lines) {
                    self.write(number, line, &mut out);
                }
                out.into()
            }
        }
    }

    /// Appends a line that comes without its end.
    pub(super) fn write(&self, number: u64, line: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Plain { line_ends } => {
                out.extend_from_slice(line);
                out.extend_from_slice(if *line_ends { b"\n" } else { b"" });
            }
            Self::Events { ids } => {
                if *ids {
                    out.extend_from_slice(b"id: ");
                    out.extend_from_slice(number.to_string().as_bytes());
                    out.push(b'\n');
                }
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(line);
                out.extend_from_slice(b"\n\n");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_to_be_asked_for() {
        for (accept, events) in [
            ("text/event-stream", true),
            ("Text/Event-Stream;q=0.5", true),
            ("text/plain, text/event-stream", true),
            ("*/*", false),
            ("text/*", false),
            ("", false),
        ] {
            let expected =
                if events { Encoding::Events { ids: true } } else { Encoding::Plain { line_ends: true } };
            assert_eq!(Encoding::of_accept(accept, true), expected, "{accept}");
        }
    }
}
