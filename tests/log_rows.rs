//! Properties of rows: any bytes make one, and its spans tile a text without control characters.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "helpers of tests")]

use log_text::{Color, Style, text, visible};
use proptest::prelude::*;
use serverless_on_heroku::domain::log::row::{Part, row};
use serverless_on_heroku::domain::log::{Decoder, Encoding, RunLog, Scope, Selection, StreamKind};
use serverless_on_heroku::domain::secret::ApiKey;

const T: &str = "2026-01-02T03:04:05.678901+00:00";

fn log_of(lines: &[Vec<u8>]) -> RunLog {
    log_with(Selection::All, lines)
}

fn log_with(selection: Selection, lines: &[Vec<u8>]) -> RunLog {
    let mut log = RunLog::new(&ApiKey::parse("HRKU-01234567").expect("a key"), selection);
    log.set_scope(Scope { dyno: "run.1".to_owned(), created_at: None }, &mut Vec::new());
    log.begin_stream(StreamKind::First, &mut Vec::new());
    let mut decoder = Decoder::new(Encoding::Plain);
    for line in lines {
        let line = [T.as_bytes(), b" app[run.1]: ", line, b"\n"].concat();
        decoder.push(&line, &mut |piece| log.take(piece, &mut Vec::new()));
    }
    log
}

fn style_of_first(log: &RunLog, line: usize) -> Style {
    row(log, line, Part::default()).expect("a row").spans[0].style
}

/// Bytes that terminals know, and any others.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "\x1b[",
        "\x1b]",
        "\x1bP",
        "\x1b\\",
        "\u{9b}",
        "\u{9d}",
        "\u{9c}",
        "31m",
        "38;2;1;2;3m",
        "38:2::9:9:9m",
        "4:3m",
        "2K",
        "1K",
        "K",
        "9D",
        "99C",
        "5G",
        "\r",
        "\t",
        "\x08",
        "\x07",
        "世",
        "👋",
        "\u{200d}",
        "\u{fe0f}",
        "🇸",
        "\u{301}",
        "م",
        "\u{202e}",
        "http://a.b/",
        "https://",
        ")",
        "]",
        ".",
        "abc",
    ]);
    let any = prop::collection::vec(
        any::<u8>().prop_filter("no line end", |&byte| byte != b'\n' && byte != 0),
        0..4,
    );
    let part = prop_oneof![3 => known.prop_map(|text: &str| text.as_bytes().to_vec()), 1 => any];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn text_without_its_looks_is_the_same(message in message()) {
        prop_assert_eq!(visible(&message), text(&message, Style::default()).text);
    }

    #[test]
    fn any_bytes_make_a_row(lines in prop::collection::vec(message(), 1..4)) {
        let log = log_of(&lines);
        for line in 0..log.lines().len() {
            let row = row(&log, line, Part::default()).expect("a row");
            prop_assert!(!row.text.chars().any(|it| it.is_control() && it != '\t'), "{:?}", row.text);
            prop_assert!(!row.text.contains('\u{202e}'), "{:?}", row.text);
            let mut end = 0;
            for span in &row.spans {
                prop_assert_eq!(span.range.start, end);
                prop_assert!(span.range.end > end && row.text.is_char_boundary(span.range.end));
                end = span.range.end;
                let is_linked = row.links.iter().position(|link| link.contains(&span.range.start));
                prop_assert_eq!(span.link, is_linked);
            }
            prop_assert_eq!(end, row.text.len());
            for link in &row.links {
                let address = row.text[link.clone()].to_ascii_lowercase();
                prop_assert!(address.starts_with("http://") || address.starts_with("https://"));
                prop_assert!(!address.contains(char::is_whitespace));
            }
        }
    }

    #[test]
    fn parts_of_a_long_line_follow_one_another(length in 0..700_000_usize) {
        let log = log_of(&[vec![b'x'; length]]);
        let mut part = Part::default();
        let mut seen = 0;
        loop {
            let row = row(&log, 0, part).expect("a row");
            prop_assert_eq!(row.bytes_before + row.text.len() + row.bytes_behind, length);
            prop_assert!(row.text.len() <= 160_000 && row.bytes_before <= seen);
            seen = row.bytes_before + row.text.len();
            if row.bytes_behind == 0 {
                break;
            }
            part = part.further();
        }
        prop_assert_eq!(seen, length);
    }
}

#[test]
fn a_line_that_is_not_long_is_whole() {
    let header = log_of(&[Vec::new()]).lines().line_length(0).expect("a line");
    for (bytes, shown) in [(5_001, 5_001 - header), (20_000, 20_000 - header), (20_001, 5_000)] {
        let log = log_of(&[vec![b'x'; bytes - header]]);
        assert_eq!(row(&log, 0, Part::default()).expect("a row").text.len(), shown);
    }
}

#[test]
fn a_style_is_carried_to_the_next_lines_of_its_process() {
    let lines: [&[u8]; 6] = [b"plain", b"\x1b[31mred", b"red", b"red\x1b[32m", b"green\x1b[0m", b"plain"];
    let (red, green) = (Color::Indexed(1), Color::Indexed(2));
    // In the second, the lines behind the first take the short way of output.
    for selection in [Selection::All, Selection::AllOutput] {
        let log = log_with(selection, &lines.map(<[u8]>::to_vec));
        let colors = (0..6).map(|line| style_of_first(&log, line).foreground);
        assert_eq!(colors.collect::<Vec<_>>(), [Color::Default, red, red, red, green, Color::Default]);
    }
}

#[test]
fn a_style_is_not_carried_to_another_process() {
    let mut log = log_of(&[b"\x1b[31mred".to_vec()]);
    let line = format!("{T} app[web.1]: plain\n{T} app[run.1]: red\n");
    Decoder::new(Encoding::Plain).push(line.as_bytes(), &mut |piece| log.take(piece, &mut Vec::new()));
    assert_eq!(style_of_first(&log, 1), Style::default());
    assert_eq!(style_of_first(&log, 2).foreground, Color::Indexed(1));
}
