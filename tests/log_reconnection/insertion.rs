//! A log in which lines came late is the same as one in which they came in their order.

use proptest::prelude::*;
use serverless_on_heroku::domain::log::{Decoder, Encoding, Piece, RunLog, StreamKind};

use super::config;
use super::model::{Row, new_log, rows};
use super::rules::KEY;

/// Bytes of a message that Heroku cuts there (platform-api.md 5.6).
const PIECE_BYTES: usize = 10_000;

/// What a line has in it.
#[derive(Clone, Copy, Debug)]
enum Content {
    Plain,
    /// It leaves a style on, or off.
    Style(u8),
    Key,
    /// A piece that is cut behind so many bytes of the key, and the next one.
    CutKey(usize),
    FromPlatform,
    /// Of another process of the app.
    FromOther,
}

fn contents() -> impl Strategy<Value = Vec<Content>> {
    let content = prop_oneof![
        4 => Just(Content::Plain),
        2 => (30..34_u8).prop_map(Content::Style),
        1 => Just(Content::Key),
        2 => (1..KEY.len()).prop_map(Content::CutKey),
        1 => Just(Content::FromPlatform),
        1 => Just(Content::FromOther),
    ];
    prop::collection::vec(content, 3..30)
}

fn lines(contents: &[Content]) -> Vec<String> {
    let mut lines = Vec::new();
    for content in contents {
        let number = lines.len();
        let mut add = |process: &str, message: String| {
            let stamp = lines.len();
            lines.push(format!("2026-01-02T03:04:00.{stamp:06}+00:00 {process}: {message}"));
        };
        match content {
            Content::Plain => add("app[run.1]", format!("line {number}")),
            Content::Style(0) => add("app[run.1]", "\u{1b}[0m".to_owned()),
            Content::Style(style) => add("app[run.1]", format!("\u{1b}[{style}m{number}")),
            Content::Key => add("app[run.1]", format!("{number} {KEY}")),
            Content::CutKey(bytes) => {
                add("app[run.1]", format!("{}{}", "x".repeat(PIECE_BYTES - bytes), &KEY[..*bytes]));
                add("app[run.1]", format!("{} {number}", &KEY[*bytes..]));
            }
            Content::FromPlatform => {
                add("heroku[run.1]", format!("Error R14 (Memory quota exceeded) {number}"))
            }
            Content::FromOther => add("app[web.1]", format!("\u{1b}[1mother {number}")),
        }
    }
    lines
}

/// The lines of a session, those at `missing` dropped.
fn feed(log: &mut RunLog, kind: StreamKind, lines: &[String], missing: &[usize]) {
    log.begin_stream(kind, &mut Vec::new());
    let mut decoder = Decoder::new(Encoding::ServerSentEvents);
    for (id, line) in lines.iter().enumerate().filter(|(id, _)| !missing.contains(id)) {
        let frame = format!("id: {id}\ndata: {line}\n\n");
        decoder.push(frame.as_bytes(), &mut |piece: Piece<'_>| log.take(piece, &mut Vec::new()));
    }
}

fn texts(log: &RunLog) -> Vec<String> {
    let text = |row| match row {
        Row::Line(line) => line,
        Row::Gap(gap) => format!("{gap:?}"),
    };
    rows(log).into_iter().map(text).collect()
}

fn check(lines: &[String], missing: &[usize]) -> Result<(), TestCaseError> {
    let mut expected = new_log();
    feed(&mut expected, StreamKind::First, lines, &[]);
    let mut log = new_log();
    feed(&mut log, StreamKind::First, &lines[..lines.len() - 1], missing);
    let revision = log.lines().revision();
    feed(&mut log, StreamKind::Again { history: true }, lines, &[]);

    prop_assert_eq!(texts(&log), texts(&expected));
    prop_assert_eq!(log.lines().bytes(), expected.lines().bytes());
    let (bytes, expected_bytes) = (log.lines().pieces(), expected.lines().pieces());
    prop_assert!(bytes.flatten().eq(expected_bytes.flatten()));
    for (index, line) in lines.iter().enumerate() {
        prop_assert_eq!(log.lines().class(index), expected.lines().class(index));
        let style = log.style_before(index, line.as_bytes());
        prop_assert!(style == expected.style_before(index, line.as_bytes()), "style of line {index}");
    }
    prop_assert_eq!(
        log.printed().shown_at_end(log.lines()),
        expected.printed().shown_at_end(expected.lines())
    );
    prop_assert_eq!(log.printed().shown(), expected.printed().shown());
    prop_assert_eq!(log.printed().bytes(), expected.printed().bytes());
    let has_inserted = missing.iter().any(|line| *line < lines.len() - 2);
    prop_assert!(!has_inserted || log.lines().revision() > revision);
    // Ids and places are right: nothing of it is new.
    for _ in 0..2 {
        feed(&mut log, StreamKind::Again { history: true }, lines, &[]);
        prop_assert_eq!(texts(&log), texts(&expected));
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn a_log_whose_lines_came_late_is_like_one_in_order(
        contents in contents(),
        missing in prop::collection::vec(1..40_usize, 0..12),
    ) {
        let mut contents = contents;
        contents.insert(0, Content::Plain);
        contents.push(Content::Plain);
        check(&lines(&contents), &missing)?;
    }
}
