//! The header of a log line, `<timestamp> <source>[<process>]: `, and the messages that tell about a run.

use memchr::memchr;

use crate::domain::time::Time;

/// A line's header (platform-api.md 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    pub time: Time,
    /// `app`, `heroku`, or the name of an add-on.
    pub source: &'a [u8],
    /// `run.8361`, `api`, `router`; some sources name none.
    pub process: Option<&'a [u8]>,
    /// Where the message begins in the line, in bytes.
    pub message_start: usize,
}

impl<'a> Header<'a> {
    /// `None` when the line has another grammar.
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let timestamp_end = memchr(b' ', line)?;
        let time = Time::parse(&line[..timestamp_end])?;
        let source_start = timestamp_end + 1;
        let rest = &line[source_start..];
        let source_length = rest.iter().position(|byte| matches!(byte, b'[' | b':' | b' '))?;
        let (source, behind) = rest.split_at(source_length);
        if source.is_empty() {
            return None;
        }
        let (process, behind) = match behind.strip_prefix(b"[") {
            Some(bracket) => {
                let end = memchr(b']', bracket)?;
                let (process, behind) = bracket.split_at(end);
                if process.is_empty() || !process.iter().all(is_process_byte) {
                    return None;
                }
                (Some(process), &behind[1..])
            }
            None => (None, behind),
        };
        let behind = behind.strip_prefix(b":")?;
        let message = behind.strip_prefix(b" ").unwrap_or(behind);
        Some(Self { time, source, process, message_start: line.len() - message.len() })
    }

    /// The same with the beginning of its second as its time.
    pub(super) fn at_whole_second(self) -> Self {
        Self { time: Time(self.time.0 / 1_000 * 1_000), ..self }
    }

    /// Whether the platform wrote the line. The API's own lines come as `app[api]` (platform-api.md 6.2).
    pub fn is_from_platform(&self) -> bool {
        self.process == Some(b"api") || self.source.starts_with(b"heroku")
    }
}

fn is_process_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// What a line of the platform says about a dyno (platform-api.md 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// `Starting process with command …`
    Starting,
    /// `State changed from … to up`
    Up,
    /// `State changed from … to complete`, `crashed` or `down`: it will not run again.
    Final { crashed: bool },
    /// `Process exited with status N`; before 2012 lines came without the number.
    Exited(Option<i32>),
}

impl Lifecycle {
    /// `None` for any other message.
    pub fn parse(message: &[u8]) -> Option<Self> {
        let message = message.trim_ascii_end();
        if message.starts_with(b"Starting process with command ") {
            return Some(Self::Starting);
        }
        if let Some(change) = message.strip_prefix(b"State changed from ") {
            let mut words = change.split(|&byte| byte == b' ');
            let (Some(_), Some(b"to"), Some(state), None) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                return None;
            };
            return match state {
                b"up" => Some(Self::Up),
                b"complete" | b"down" => Some(Self::Final { crashed: false }),
                b"crashed" => Some(Self::Final { crashed: true }),
                _ => None,
            };
        }
        let status = message.strip_prefix(b"Process exited")?;
        match status.strip_prefix(b" with status ") {
            Some(number) => {
                Some(Self::Exited(std::str::from_utf8(number).ok().and_then(|it| it.parse().ok())))
            }
            None if status.is_empty() => Some(Self::Exited(None)),
            None => None,
        }
    }
}

/// Whether the line is the log system's own.
pub(super) fn is_from_log_system(header: &Header<'_>) -> bool {
    match header.process {
        Some(process) => matches!(process, b"logplex" | b"log-shuttle") || header.source == b"logplex",
        None => header.source.eq_ignore_ascii_case(b"logplex"),
    }
}

/// Whether a line of the log system says that lines were lost: L10 to L13, L15, L20 (platform-api.md 5.5).
pub fn tells_of_loss(header: &Header<'_>, message: &[u8]) -> bool {
    let code = message.strip_prefix(b"Error ").unwrap_or(message).get(..3);
    is_from_log_system(header)
        && code.is_some_and(|code| matches!(code, b"L10" | b"L11" | b"L12" | b"L13" | b"L15" | b"L20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, Option<&str>, &str)>) {
        let header = Header::parse(line.as_bytes());
        let found = header.map(|it| (it.source, it.process, &line.as_bytes()[it.message_start..]));
        let expected = expected.map(|it| (it.0.as_bytes(), it.1.map(str::as_bytes), it.2.as_bytes()));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn takes_a_header_apart() {
        const T: &str = "2026-01-02T03:04:05.678901+00:00";
        check(&format!("{T} app[run.8361]: Hello"), Some(("app", Some("run.8361"), "Hello")));
        check(&format!("{T} app[run.8361]:   indented"), Some(("app", Some("run.8361"), "  indented")));
        check(&format!("{T} app[run.8361]: "), Some(("app", Some("run.8361"), "")));
        check(&format!("{T} app[run.8361]:"), Some(("app", Some("run.8361"), "")));
        check(&format!("{T} app[run.1]: a]: b"), Some(("app", Some("run.1"), "a]: b")));
        check(&format!("{T} heroku-router[web-5d4f7c9b8d-x2k4q]: x"), {
            Some(("heroku-router", Some("web-5d4f7c9b8d-x2k4q"), "x"))
        });
        check(&format!("{T} Logplex: Error L20"), Some(("Logplex", None, "Error L20")));
        check("2010-01-02T03:04:05-08:00 heroku[api]: x", Some(("heroku", Some("api"), "x")));
    }

    #[test]
    fn a_line_of_another_grammar_has_no_header() {
        const T: &str = "2026-01-02T03:04:05Z";
        check("", None);
        check("Hello", None);
        check("yesterday app[run.1]: x", None);
        check(T, None);
        check(&format!("{T} "), None);
        check(&format!("{T} app"), None);
        check(&format!("{T} [run.1]: x"), None);
        check(&format!("{T} app[]: x"), None);
        check(&format!("{T} app[run.1: x"), None);
        check(&format!("{T} app[run 1]: x"), None);
        check(&format!("{T} app[run.1] x"), None);
    }

    #[test]
    fn reads_the_life_of_a_dyno() {
        #[track_caller]
        fn check(message: &str, expected: Option<Lifecycle>) {
            assert_eq!(Lifecycle::parse(message.as_bytes()), expected, "{message}");
        }
        check("Starting process with command `python task.py`", Some(Lifecycle::Starting));
        check("State changed from starting to up", Some(Lifecycle::Up));
        check("State changed from up to complete", Some(Lifecycle::Final { crashed: false }));
        check("State changed from starting to complete", Some(Lifecycle::Final { crashed: false }));
        check("State changed from up to crashed", Some(Lifecycle::Final { crashed: true }));
        check("State changed from up to down", Some(Lifecycle::Final { crashed: false }));
        check("State changed from created to starting", None);
        check("State changed from starting to up and more", None);
        check("State changed from up", None);
        check("Process exited with status 0", Some(Lifecycle::Exited(Some(0))));
        check("Process exited with status 143", Some(Lifecycle::Exited(Some(143))));
        check("Process exited with status ?", Some(Lifecycle::Exited(None)));
        check("Process exited", Some(Lifecycle::Exited(None)));
        check("Process exited early", None);
        check("Stopping all processes with SIGTERM", None);
        check("", None);
    }

    #[test]
    fn a_loss_is_told_by_the_log_system_alone() {
        #[track_caller]
        fn check(line: &str, expected: bool) {
            let line = format!("2026-01-02T03:04:05Z {line}");
            let header = Header::parse(line.as_bytes()).expect("a header");
            assert_eq!(tells_of_loss(&header, &line.as_bytes()[header.message_start..]), expected, "{line}");
        }
        check("heroku[logplex]: Error L10 (output buffer overflow): 500 messages dropped since 2026.", true);
        check(
            "logplex[1]: Error L11 (Tail buffer overflow) -> This tail session dropped 1101 messages",
            true,
        );
        check("heroku[logplex]: L11 (Tail buffer overflow) -> This tail session dropped 1101 messages", true);
        check("app[log-shuttle]: Error L12: 222 messages dropped since 2026", true);
        check("Logplex: Error L20 (Tail sessions forbidden) Tail sessions for this app are forbidden", true);
        check("app[run.1]: Error L11 printed by a function", false);
        check("heroku[logplex]: Error L14 (certificate validation)", false);
    }
}
