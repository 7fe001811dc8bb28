//! Heroku's error codes that concern a one-off dyno or its log (platform-api.md 5.5, 6.3).

use std::fmt;

/// The codes, and what each means to the person whose function runs.
const MEANINGS: [(&[u8; 3], &str); 15] = [
    (b"R10", "The process did not bind to its port within 60 seconds."),
    (b"R12", "The process did not exit within 30 seconds of SIGTERM."),
    (b"R13", "Heroku could not attach to the process."),
    (b"R14", "The function uses more memory than the dyno has, which slows it down."),
    (b"R15", "The function used far more memory than the dyno has, so Heroku killed it."),
    (b"R16", "The process did not end when its connection was closed."),
    (b"R17", "The app's slug is damaged, so the dyno cannot start. Deploy the app again."),
    (b"R99", "The platform failed. Run the function again."),
    (b"H82", "The account's Eco dyno hours are used up."),
    (b"H99", "The platform failed. Run the function again."),
    (b"L11", "Lines came faster than they were read, and Heroku dropped some."),
    (b"L12", "The function printed faster than the dyno could send, and lines were dropped."),
    (b"L13", "The dyno could not send some lines."),
    (b"L15", "Heroku's log history is not available at the moment."),
    (b"L20", "Heroku does not stream this app's log, because there is too much of it."),
];

/// One of the codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode([u8; 3]);

impl ErrorCode {
    /// As Heroku writes it, `R14`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// A sentence or two for the person whose function runs.
    pub fn meaning(self) -> &'static str {
        MEANINGS.iter().find(|(code, _)| **code == self.0).map_or("", |(_, meaning)| meaning)
    }

    /// The code in a platform message about a dyno: `Error R14 (Memory quota exceeded)`.
    pub(super) fn of_dyno(message: &[u8]) -> Option<Self> {
        Self::at_start(message.strip_prefix(b"Error ")?).filter(|code| code.0[0] != b'L')
    }

    /// The code in a message of the log system: `Error L11 (Tail buffer overflow) -> …`, also without the first word.
    pub(super) fn of_log_system(message: &[u8]) -> Option<Self> {
        Self::at_start(message.strip_prefix(b"Error ").unwrap_or(message)).filter(|code| code.0[0] == b'L')
    }

    /// The code in a line of the router: `at=error code=H82 desc="…"`.
    pub(super) fn of_router(message: &[u8]) -> Option<Self> {
        let code = message.windows(5).position(|bytes| bytes == b"code=")?;
        Self::at_start(&message[code + 5..]).filter(|code| code.0[0] == b'H')
    }

    fn at_start(text: &[u8]) -> Option<Self> {
        let (code, rest) = text.split_first_chunk::<3>()?;
        let ends_there = !rest.first().is_some_and(u8::is_ascii_alphanumeric);
        (ends_there && MEANINGS.iter().any(|(known, _)| *known == code)).then_some(Self(*code))
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The number in `dropped 1101 messages`, as the lines of L11, L12 and L13 have it.
pub(super) fn number_of_messages(message: &[u8]) -> Option<u64> {
    let end = message.windows(9).position(|bytes| bytes == b" messages")?;
    let digits = message[..end].rsplit(|byte| !byte.is_ascii_digit()).next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_where_heroku_writes_them() {
        #[track_caller]
        fn check(code: Option<ErrorCode>, expected: Option<&str>) {
            assert_eq!(code.as_ref().map(ErrorCode::as_str), expected);
            assert!(code.is_none_or(|code| !code.meaning().is_empty()));
        }
        check(ErrorCode::of_dyno(b"Error R14 (Memory quota exceeded)"), Some("R14"));
        check(ErrorCode::of_dyno(b"Error R99"), Some("R99"));
        check(ErrorCode::of_dyno(b"Error R145 (of no table)"), None);
        check(ErrorCode::of_dyno(b"Error R11 (of no table)"), None);
        check(ErrorCode::of_dyno(b"Error L11 (not from the log system)"), None);
        check(ErrorCode::of_dyno(b"R14"), None);
        check(ErrorCode::of_log_system(b"Error L11 (Tail buffer overflow) -> x"), Some("L11"));
        check(ErrorCode::of_log_system(b"L20 (Tail sessions forbidden)"), Some("L20"));
        check(ErrorCode::of_log_system(b"Error R14"), None);
        check(ErrorCode::of_router(b"at=error code=H82 desc=\"Quota\""), Some("H82"));
        check(ErrorCode::of_router(b"at=info method=GET"), None);
        check(ErrorCode::of_router(b"code=H1"), None);
    }

    #[test]
    fn the_number_of_lost_messages_is_read() {
        #[track_caller]
        fn check(message: &str, expected: Option<u64>) {
            assert_eq!(number_of_messages(message.as_bytes()), expected, "{message}");
        }
        check(
            "Error L11 (Tail buffer overflow) -> This tail session dropped 1101 messages since 2026.",
            Some(1101),
        );
        check("Error L12: 222 messages dropped since 2026", Some(222));
        check("Error L13: many messages lost", None);
        check("Error L11", None);
        check("99999999999999999999 messages", None);
    }
}
