//! Lines that are taken together are the same as lines that are taken one by one.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "helpers of tests")]

use proptest::prelude::*;
use serverless_on_heroku::domain::log::{Decoder, Encoding, RunLog, Scope, Selection, StreamKind};
use serverless_on_heroku::domain::secret::ApiKey;

const KEY: &str = "HRKU-01234567-89ab";

/// Too short to be one of Heroku's, so that nothing is masked.
const WORD: &str = "word";

fn log_of(key: &str, text: &[u8], pieces: impl Iterator<Item = usize>) -> RunLog {
    let key = ApiKey::parse(key).expect("a key");
    let mut log = RunLog::new(&key, Selection::AllOutput);
    let (mut facts, mut decoder) = (Vec::new(), Decoder::new(Encoding::Plain));
    log.begin_stream(StreamKind::First, &mut facts);
    log.set_scope(Scope { dyno: "run.1".to_owned(), created_at: None }, &mut facts);
    let mut rest = text;
    for piece in pieces {
        let (now, later) = rest.split_at(piece.min(rest.len()));
        rest = later;
        decoder.push(now, &mut |piece| log.take(piece, &mut facts));
    }
    decoder.push(rest, &mut |piece| log.take(piece, &mut facts));
    log
}

/// Mostly ordinary lines of a flood; some with a colour, the key, or of the length at which Heroku cuts, and some of
/// another process or without a header.
fn line() -> impl Strategy<Value = String> {
    let ordinary =
        |text: &str, fraction: u32| format!("2026-01-02T03:04:05.{fraction:06}+00:00 app[run.1]: {text}\n");
    let text = prop_oneof![
        10 => "[a-z ]{0,40}",
        10 => Just("{\"last\": 1}".to_owned()),
        2 => Just("\u{1b}[31mred".to_owned()),
        2 => Just(format!("before {KEY} behind")),
        1 => Just("K".repeat(20)),
        4 => Just("x".repeat(10_000)),
        4 => Just("y".repeat(9_900)),
    ];
    prop_oneof![
        30 => (text, 0_u32..1_000_000).prop_map(move |(text, fraction)| ordinary(&text, fraction)),
        1 => Just("2026-01-02T03:04:06.000000+00:00 app[run.1]: later\n".to_owned()),
        1 => Just("2026-01-02T03:04:05.000000+00:00 app[run.2]: other\n".to_owned()),
        1 => Just("no header\n".to_owned()),
        1 => Just("\n".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn pieces_of_any_size_make_the_same_log(
        lines in prop::collection::vec(line(), 0..120),
        sizes in prop::collection::vec(1_usize..60_000, 0..12),
        key in prop_oneof![Just(KEY), Just(WORD)],
    ) {
        let text = lines.concat();
        // In pieces that end in the middle of each line no lines are taken together.
        let one_by_one = lines.iter().flat_map(|line| [line.len() / 2, line.len() - line.len() / 2]);
        let expected = log_of(key, text.as_bytes(), one_by_one);
        let log = log_of(key, text.as_bytes(), sizes.into_iter());

        let (store, other) = (log.lines(), expected.lines());
        prop_assert_eq!((store.len(), store.bytes()), (other.len(), other.bytes()));
        for index in 0..store.len() {
            prop_assert_eq!(store.line(index), other.line(index));
            prop_assert_eq!(store.class(index), other.class(index));
            let head = store.line_prefix(index, 60).unwrap_or_default();
            prop_assert_eq!(log.style_before(index, &head), expected.style_before(index, &head));
        }
        prop_assert_eq!(log.printed().shown_at_end(store), expected.printed().shown_at_end(other));
        prop_assert_eq!(log.printed().whole(store), expected.printed().whole(other));
        prop_assert_eq!(log.printed().bytes(), expected.printed().bytes());
    }
}
