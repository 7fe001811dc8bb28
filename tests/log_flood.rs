//! Lines that are taken together are the same as lines that are taken one by one.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "helpers of tests")]

use proptest::prelude::*;
use serverless_on_heroku::domain::log::{Decoder, Encoding, Fact, RunLog, Scope, Selection, StreamKind};
use serverless_on_heroku::domain::secret::ApiKey;

const KEY: &str = "HRKU-01234567-89ab";

/// Too short to be one of Heroku's, so that nothing is masked.
const WORD: &str = "word";

/// A log with what the streams bring, each cut into pieces of these sizes.
fn log_of<'a>(
    key: &str,
    encoding: Encoding,
    streams: impl IntoIterator<Item = (&'a str, Vec<usize>)>,
) -> (RunLog, Vec<Fact>) {
    let key = ApiKey::parse(key).expect("a key");
    let mut log = RunLog::new(&key, Selection::AllOutput);
    let (mut facts, mut kind) = (Vec::new(), StreamKind::First);
    for (text, sizes) in streams {
        log.begin_stream(kind, &mut facts);
        log.set_scope(Scope { dyno: "run.1".to_owned(), created_at: None }, &mut facts);
        kind = StreamKind::Again { history: true };
        let (mut rest, mut decoder) = (text.as_bytes(), Decoder::new(encoding));
        for size in sizes {
            let (now, later) = rest.split_at(size.min(rest.len()));
            rest = later;
            decoder.push(now, &mut |piece| log.take(piece, &mut facts));
        }
        decoder.push(rest, &mut |piece| log.take(piece, &mut facts));
    }
    facts.retain(|fact| *fact != Fact::Lines);
    (log, facts)
}

/// Pieces that end in the middle of each line or frame, so that none are taken together.
fn one_by_one(lines: &[String]) -> Vec<usize> {
    lines.iter().flat_map(|line| [line.len() / 2, line.len() - line.len() / 2]).collect()
}

#[track_caller]
fn check_same((log, facts): &(RunLog, Vec<Fact>), (expected, expected_facts): &(RunLog, Vec<Fact>)) {
    let (store, other) = (log.lines(), expected.lines());
    assert_eq!((store.len(), store.bytes()), (other.len(), other.bytes()));
    for index in 0..store.len() {
        assert_eq!(store.line(index), other.line(index));
        assert_eq!(store.class(index), other.class(index));
        let head = store.line_prefix(index, 60).unwrap_or_default();
        assert_eq!(log.style_before(index, &head), expected.style_before(index, &head));
    }
    assert_eq!(log.gaps(), expected.gaps());
    assert_eq!(log.printed().shown_at_end(store), expected.printed().shown_at_end(other));
    assert_eq!(log.printed().whole(store), expected.printed().whole(other));
    assert_eq!(log.printed().bytes(), expected.printed().bytes());
    assert_eq!(facts, expected_facts);
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

/// Also lines that only their ids tell apart.
fn line_or_copy() -> impl Strategy<Value = String> {
    let copy = |stamp| format!("2026-01-02T03:04:05.00000{stamp}+00:00 app[run.1]: copy\n");
    prop_oneof![line(), (0..3).prop_map(copy)]
}

#[derive(Clone, Copy, Debug)]
enum Id {
    /// Greater by so much than those before.
    Next(u64),
    /// Less than those before.
    Low,
    None,
    /// The frame comes again that came so many before.
    Again(usize),
}

fn id() -> impl Strategy<Value = Id> {
    prop_oneof![
        30 => (1_u64..3).prop_map(Id::Next),
        1 => Just(Id::Low),
        1 => Just(Id::None),
        3 => (1_usize..6).prop_map(Id::Again),
    ]
}

fn frames(lines: &[(String, Id)]) -> Vec<String> {
    let (mut frames, mut newest) = (Vec::<String>::new(), 100);
    for (line, id) in lines {
        frames.push(match id {
            Id::Next(step) => {
                newest += step;
                format!("id: {newest}\ndata: {line}\n")
            }
            Id::Low => format!("id: 7\ndata: {line}\n"),
            Id::None => format!("data: {line}\n"),
            Id::Again(back) => frames.iter().rev().nth(back - 1).cloned().unwrap_or_default(),
        });
    }
    frames
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
        let expected = log_of(key, Encoding::Plain, [(text.as_str(), one_by_one(&lines))]);
        check_same(&log_of(key, Encoding::Plain, [(text.as_str(), sizes)]), &expected);
    }

    /// Server-sent events too, of which some come again, also in a second session, which begins with the last of the first.
    #[test]
    fn events_in_pieces_of_any_size_make_the_same_log(
        lines in prop::collection::vec((line_or_copy(), id()), 0..100),
        cut in any::<prop::sample::Index>(),
        history in 0_usize..20,
        sizes in prop::collection::vec(1_usize..30_000, 0..8),
    ) {
        let frames = frames(&lines);
        let cut = cut.index(frames.len() + 1);
        let sessions = [&frames[..cut], &frames[cut.saturating_sub(history)..]];
        let texts = sessions.map(<[String]>::concat);
        let texts = || texts.iter().map(String::as_str);
        let expected = log_of(KEY, Encoding::ServerSentEvents, texts().zip(sessions.map(one_by_one)));
        let log = log_of(KEY, Encoding::ServerSentEvents, texts().map(|text| (text, sizes.clone())));
        check_same(&log, &expected);
    }
}

#[test]
fn an_id_that_another_follows_in_its_frame_is_none_of_a_later_frame() {
    let line = |text: &str| format!("data: 2026-01-02T03:04:05.000000+00:00 app[run.1]: {text}\n\n");
    let [first, second, copy] = ["first", "second", "copy"].map(line);
    let stream = format!("id: 1\n{first}id: 2\nid: 3\n{second}{copy}id: 2\n{copy}");
    let (log, _) = log_of(KEY, Encoding::ServerSentEvents, [(stream.as_str(), Vec::new())]);
    assert_eq!(log.lines().len(), 4);
}
