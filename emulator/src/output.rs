//! From a dyno's output pipe to lines of the log.

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use crate::dyno::DynoLog;
use crate::log::MESSAGE_BYTES;

/// Room for one read. Pipes hold 64 KiB.
const READ_BYTES: usize = 64 * 1024;

/// Copies output into the log until it ends. A last line without a line end is a line.
pub(crate) async fn copy(mut output: pipe::Receiver, log: DynoLog) {
    let mut waiting = Vec::with_capacity(READ_BYTES + MESSAGE_BYTES);
    loop {
        waiting.reserve(READ_BYTES);
        // A pipe that cannot be read has ended, whatever the reason.
        if output.read_buf(&mut waiting).await.unwrap_or_default() == 0 {
            break;
        }
        let ready = ready(&waiting);
        if ready > 0 {
            log.output(&waiting[..ready]);
            waiting.drain(..ready);
        }
    }
    log.output(&waiting);
}

/// How many of the bytes that wait can become lines: all whole lines, and of a longer one the whole pieces that
/// have something behind them (a piece at the very end may be a whole line whose `\n` is yet to come).
fn ready(waiting: &[u8]) -> usize {
    let lines = memchr::memrchr(b'\n', waiting).map_or(0, |end| end + 1);
    let unfinished = waiting.len() - lines;
    lines + unfinished.saturating_sub(1) / MESSAGE_BYTES * MESSAGE_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_and_whole_pieces_are_ready() {
        let piece = "x".repeat(MESSAGE_BYTES);
        for (waiting, expected) in [
            (String::new(), 0),
            ("no end".into(), 0),
            ("\n".into(), 1),
            ("one\ntwo".into(), 4),
            (piece.clone(), 0),
            (format!("{piece}x"), MESSAGE_BYTES),
            (format!("a\n{piece}{piece}"), 2 + MESSAGE_BYTES),
            (format!("{piece}{piece}x\ny"), 2 * MESSAGE_BYTES + 2),
        ] {
            assert_eq!(ready(waiting.as_bytes()), expected, "{} bytes", waiting.len());
        }
    }
}
