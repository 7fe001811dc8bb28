//! The API key in a log: masked by as many signs wherever it stands and however it is cut, and nothing else changes.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "helpers of tests")]

use proptest::prelude::*;
use serverless_on_heroku::domain::log::{Decoder, Encoding, RunLog, Scope, Selection, StreamKind};
use serverless_on_heroku::domain::secret::ApiKey;

const KEY: &str = "HRKU-01234567-89ab-cdef-0123-456789abcdef";
const T: &str = "2026-01-02T03:04:05.678901+00:00";

/// Heroku cuts longer messages at this many bytes (platform-api.md 5.6).
const PIECE: usize = 10_000;

fn new_log() -> RunLog {
    let scope = Scope { dyno: "run.1".to_owned(), created_at: None };
    let mut log = RunLog::new(&ApiKey::parse(KEY).expect("a key"), Selection::All);
    log.set_scope(scope, &mut Vec::new());
    log.begin_stream(StreamKind::First, &mut Vec::new());
    log
}

fn push(log: &mut RunLog, line: &str) {
    let line = format!("{line}\n");
    Decoder::new(Encoding::Plain).push(line.as_bytes(), &mut |piece| log.take(piece, &mut Vec::new()));
}

fn lines(log: &RunLog) -> Vec<String> {
    let store = log.lines();
    let line = |index| String::from_utf8_lossy(&store.line(index).expect("a line")).into_owned();
    (0..store.len()).map(line).collect()
}

fn whole(log: &RunLog) -> String {
    String::from_utf8_lossy(&log.printed().whole(log.lines())).into_owned()
}

fn masked(text: &str) -> String {
    text.replace(KEY, &"*".repeat(KEY.len()))
}

#[test]
fn a_key_is_masked_in_lines_of_any_kind() {
    let mut log = new_log();
    let text = [
        format!("{T} app[run.1]: {KEY}"),
        format!("{T} app[web.1]: key={KEY}&{KEY}{KEY}"),
        format!("{T} app[api]: Starting process with command `curl {KEY}` by user"),
        format!("{KEY} has no header"),
        format!("{T} app[run.1]: {}", &KEY[..KEY.len() - 1]),
    ];
    text.iter().for_each(|line| push(&mut log, line));
    assert_eq!(lines(&log), text.map(|line| masked(&line)));
    assert_eq!(log.printed().shown().text, masked(&format!("{KEY}\n{}", &KEY[..KEY.len() - 1])));
    assert_eq!(log.lines().revision(), 0);
}

#[test]
fn a_key_with_escape_sequences_inside_is_masked() {
    let mut log = new_log();
    push(
        &mut log,
        &format!("{T} app[run.1]: \u{1b}[01;31m\u{1b}[K{}\u{1b}[m\u{1b}[K{}.", &KEY[..5], &KEY[5..]),
    );
    let hidden = KEY.len() + "\u{1b}[m\u{1b}[K".len();
    let masked = format!("\u{1b}[01;31m\u{1b}[K{}.", "*".repeat(hidden));
    assert_eq!(lines(&log), [format!("{T} app[run.1]: {masked}")]);
    assert_eq!(whole(&log), masked);
}

#[test]
fn half_a_key_where_a_line_broke_off_is_not_shown() {
    let mut log = new_log();
    let text = format!("{T} app[run.1]: key {}", &KEY[..20]);
    Decoder::new(Encoding::Plain).push(text.as_bytes(), &mut |piece| log.take(piece, &mut Vec::new()));
    log.end_stream(&mut Vec::new());
    assert_eq!(lines(&log), [format!("{T} app[run.1]: key {}", "*".repeat(20))]);
    assert_eq!(log.printed().shown().text, format!("key {}", "*".repeat(20)));
}

#[test]
fn half_a_key_at_a_cut_is_not_shown_while_the_rest_is_missing() {
    let mut log = new_log();
    let text = format!("{}{}", "x".repeat(PIECE - 30), &KEY[..30]);
    push(&mut log, &format!("{T} app[run.1]: {text}"));
    assert!(lines(&log)[0].ends_with(&format!("x{}", "*".repeat(30))));
    assert!(log.printed().shown().text.ends_with(&format!("x{}", "*".repeat(30))));
}

#[test]
fn rows_are_made_anew_when_an_earlier_line_has_changed() {
    let mut log = new_log();
    push(&mut log, &format!("{T} app[run.1]: {}{}", "x".repeat(PIECE - 3), &KEY[..3]));
    let before = log.lines().revision();
    assert!(lines(&log)[0].ends_with(&KEY[..3]), "three bytes are no key yet");
    push(&mut log, &format!("{T} app[run.1]: {}", &KEY[3..]));
    assert_ne!(log.lines().revision(), before);
    assert!(lines(&log)[0].ends_with("x***"));
    assert!(log.printed().shown().text.ends_with(&format!("x{}", "*".repeat(KEY.len()))));
}

#[test]
fn lines_of_other_processes_do_not_complete_a_key() {
    let mut log = new_log();
    push(&mut log, &format!("{T} app[run.1]: {}{}", "x".repeat(PIECE - 3), &KEY[..3]));
    let other = format!("{T} app[run.2]: {}", &KEY[3..]);
    push(&mut log, &other);
    // Nor does a line after one that was not cut.
    push(&mut log, &format!("{T} app[run.1]: -"));
    let later = format!("{T} app[run.1]: {}", &KEY[3..]);
    push(&mut log, &later);
    assert!(lines(&log)[0].ends_with(&KEY[..3]));
    assert_eq!(lines(&log)[1..], [other, format!("{T} app[run.1]: -"), later]);
}

#[derive(Clone, Debug)]
struct Printed {
    /// What the function prints on one line.
    text: String,
    /// Before which pieces a line of another process stands.
    interrupted: Vec<bool>,
}

fn printed() -> impl Strategy<Value = Printed> {
    let filler = prop_oneof![0..60_usize, 9_900..10_050_usize, 19_900..20_050_usize];
    let parts = prop::collection::vec((filler, prop::bool::weighted(0.8)), 1..4);
    (parts, prop::collection::vec(any::<bool>(), 8)).prop_map(|(parts, interrupted)| {
        let part = |(length, has_key): (usize, bool)| "x".repeat(length) + if has_key { KEY } else { "" };
        Printed { text: parts.into_iter().map(part).collect(), interrupted }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_key_is_masked_however_it_is_cut(
        printed in prop::collection::vec(printed(), 1..4),
        events in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let mut stream = String::new();
        let mut add = |line: &str| stream += &if events { format!("data: {line}\n\n") } else { format!("{line}\n") };
        for Printed { text, interrupted } in &printed {
            let pieces: Vec<&str> = if text.is_empty() {
                vec![""]
            } else {
                text.as_bytes().chunks(PIECE).map(|piece| std::str::from_utf8(piece).expect("ASCII")).collect()
            };
            for (index, piece) in pieces.iter().enumerate() {
                if interrupted[index % interrupted.len()] {
                    add(&format!("{T} heroku[run.1]: in between"));
                }
                add(&format!("{T} app[run.1]: {piece}"));
            }
        }
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).chain([0, stream.len()]).collect();
        cuts.sort_unstable();
        let mut log = new_log();
        let mut decoder = Decoder::new(if events { Encoding::ServerSentEvents } else { Encoding::Plain });
        for chunk in cuts.windows(2) {
            decoder.push(&stream.as_bytes()[chunk[0]..chunk[1]], &mut |piece| log.take(piece, &mut Vec::new()));
        }
        decoder.finish(&mut |piece| log.take(piece, &mut Vec::new()));
        log.end_stream(&mut Vec::new());

        // A text whose last piece is full looks as if it went on in the next line.
        let mut expected = String::new();
        for (index, Printed { text, .. }) in printed.iter().enumerate() {
            expected += text;
            let looks_cut = !text.is_empty() && text.len().is_multiple_of(PIECE);
            if index + 1 < printed.len() && !looks_cut {
                expected.push('\n');
            }
        }
        let whole = whole(&log);
        prop_assert!(whole == masked(&expected), "{} bytes became {}", expected.len(), whole.len());
        let shown = log.printed().shown();
        prop_assert!(masked(&expected).starts_with(&shown.text));
    }
}
