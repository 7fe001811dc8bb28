//! Where the message of a line begins.

use memchr::memchr;

/// Bytes in front of the message in a line that has a header: `<timestamp> <source>[<process>]: `.
///
/// Whether it has one the page knows from when the line came, so nothing is checked again.
pub(crate) fn length(line: &[u8]) -> usize {
    let Some(time) = memchr(b' ', line) else { return 0 };
    let rest = &line[time + 1..];
    let Some(source) = rest.iter().position(|byte| matches!(byte, b'[' | b':' | b' ')) else { return 0 };
    let behind = &rest[source..];
    let behind = match memchr(b']', behind) {
        Some(end) if behind.starts_with(b"[") => &behind[end + 1..],
        _ => behind,
    };
    let behind = behind.strip_prefix(b":").unwrap_or(behind);
    let message = behind.strip_prefix(b" ").unwrap_or(behind);
    line.len() - message.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serverless_on_heroku::domain::log::header::Header;

    use super::*;

    proptest! {
        #[test]
        fn is_where_the_page_begins_a_message(
            source in "[a-zA-Zé\\-]{1,8}",
            process in proptest::option::of("[a-z0-9._-]{1,8}"),
            message in "( |:|\\]|\\[){0,3}.{0,20}",
        ) {
            let process = process.map(|process| format!("[{process}]")).unwrap_or_default();
            let line = format!("2026-01-02T03:04:05.678901+00:00 {source}{process}:{message}");
            let expected = Header::parse(line.as_bytes()).map(|header| header.message_start);
            prop_assert_eq!(Some(length(line.as_bytes())), expected);
        }

        #[test]
        fn anything_has_a_beginning(line in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(length(&line) <= line.len());
        }
    }
}
