//! Properties of the log: any bytes, cut in any way, give the lines and facts of an oracle that sees them whole.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "helpers of tests")]

use proptest::prelude::*;
use serverless_on_heroku::domain::log::header::{Header, Lifecycle};
use serverless_on_heroku::domain::log::{
    Class, Decoder, Encoding, Fact, Piece, RunLog, Scope, Selection, StreamKind,
};
use serverless_on_heroku::domain::secret::ApiKey;
use serverless_on_heroku::domain::time::Time;

const DYNO: &str = "run.8361";
const KEY: &str = "HRKU-01234567-89ab-cdef-0123-456789abcdef";

fn scope() -> Scope {
    Scope { dyno: DYNO.to_owned(), created_at: Time::parse(b"2026-01-02T03:04:05Z") }
}

fn key() -> ApiKey {
    ApiKey::parse(KEY).expect("a key")
}

fn new_log() -> RunLog {
    let mut log = RunLog::new(&key(), Selection::All);
    log.set_scope(scope(), &mut Vec::new());
    log
}

/// Feeds the bytes in chunks that end at the given places.
fn ingest(encoding: Encoding, bytes: &[u8], cuts: &[usize]) -> (RunLog, Vec<Fact>) {
    let mut facts = Vec::new();
    let mut log = new_log();
    log.begin_stream(StreamKind::First, &mut Vec::new());
    let mut decoder = Decoder::new(encoding);
    for chunk in chunks(bytes, cuts) {
        decoder.push(chunk, &mut |piece| log.take(piece, &mut facts));
    }
    decoder.finish(&mut |piece| log.take(piece, &mut facts));
    log.end_stream(&mut facts);
    facts.retain(|fact| !matches!(fact, Fact::Lines | Fact::Gap));
    (log, facts)
}

fn lines(log: &RunLog) -> Vec<Vec<u8>> {
    let store = log.lines();
    (0..store.len()).map(|index| store.line(index).expect("a line").into_owned()).collect()
}

/// The oracle: obviously right, and slow.
mod oracle {
    use super::{DYNO, Encoding, Fact, Header, Lifecycle, scope};

    /// The facts that whole lines tell.
    pub(super) fn facts(lines: &[Vec<u8>]) -> Vec<Fact> {
        let mut printed = false;
        let mut facts = Vec::new();
        for line in lines {
            let Some(header) = Header::parse(line) else { continue };
            let at = header.time;
            if header.process != Some(DYNO.as_bytes()) || Some(at) < scope().created_at {
                continue;
            }
            if header.source == b"app" {
                if !std::mem::replace(&mut printed, true) {
                    facts.push(Fact::FirstOutput { at });
                }
            } else if header.source.starts_with(b"heroku") {
                facts.extend(match Lifecycle::parse(&line[header.message_start..]) {
                    Some(Lifecycle::Up) => Some(Fact::Up { at }),
                    Some(Lifecycle::Exited(status)) => Some(Fact::Exited { status, at }),
                    Some(Lifecycle::Final { crashed }) => Some(Fact::Final { at, crashed }),
                    Some(Lifecycle::Starting) => Some(Fact::Starting),
                    None => None,
                });
            }
        }
        facts
    }

    pub(super) fn lines(encoding: Encoding, bytes: &[u8]) -> Vec<Vec<u8>> {
        let bytes: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0).collect();
        match encoding {
            Encoding::Plain => plain(&bytes),
            Encoding::ServerSentEvents => events(&bytes),
            Encoding::Unknown => {
                let is_events = ["data:", "event:", "id:", "retry:", ":"]
                    .iter()
                    .any(|opening| bytes.starts_with(opening.as_bytes()));
                if is_events { events(&bytes) } else { plain(&bytes) }
            }
        }
    }

    fn plain(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut lines: Vec<Vec<u8>> = bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        // What follows the last line end is a line only when it has bytes.
        if lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        lines
    }

    /// The lines of the stream by the HTML standard, but for CRs that are content.
    fn events(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut data: Vec<Vec<u8>> = Vec::new();
        let mut line: Vec<u8> = Vec::new();
        let mut seen_lf = false;
        let mut index = 0;
        while index < bytes.len() {
            let (byte, rest) = (bytes[index], &bytes[index + 1..]);
            let length = match byte {
                b'\n' => Some(1),
                b'\r' if rest.first() == Some(&b'\n') => Some(2),
                b'\r' if is_data(&line) && !begins_a_line(rest, seen_lf) => None,
                b'\r' => Some(1),
                _ => None,
            };
            match length {
                Some(length) => {
                    seen_lf |= bytes[index + length - 1] == b'\n';
                    take(&std::mem::take(&mut line), &mut data);
                    index += length;
                }
                None => {
                    line.push(byte);
                    index += 1;
                }
            }
        }
        // The field that the stream broke off in counts when its name was whole.
        if line.starts_with(b"data:") && !value(&line).is_empty() {
            take(&line, &mut data);
        }
        data
    }

    fn is_data(line: &[u8]) -> bool {
        line.starts_with(b"data:")
    }

    fn begins_a_line(rest: &[u8], seen_lf: bool) -> bool {
        match rest.first() {
            None => true,
            Some(b'\r' | b':') => !seen_lf,
            Some(_) => ["data", "event", "id", "retry"].iter().any(|name| {
                rest.strip_prefix(name.as_bytes())
                    .is_some_and(|behind| matches!(behind.first(), None | Some(b':' | b'\r' | b'\n')))
            }),
        }
    }

    fn take(line: &[u8], data: &mut Vec<Vec<u8>>) {
        if line == b"data" || is_data(line) {
            data.push(value(line).to_vec());
        }
    }

    fn value(line: &[u8]) -> &[u8] {
        let value = line.get(5..).unwrap_or_default();
        value.strip_prefix(b" ").unwrap_or(value)
    }
}

/// Bytes that are likely to matter, and any others.
fn stream_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\0".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b"data".to_vec()),
        Just(b"data:".to_vec()),
        Just(b"data: ".to_vec()),
        // No number: a line that comes twice with one id is taken once, which the oracle does not know.
        Just(b"id: x".to_vec()),
        Just(b"id".to_vec()),
        Just(b"event:".to_vec()),
        Just(b"retry: 5".to_vec()),
        Just(b":".to_vec()),
        Just("世".as_bytes().to_vec()),
        Just(b"2026-01-02T03:04:06.000000+00:00 app[run.8361]: Hello".to_vec()),
        Just(
            b"2026-01-02T03:04:06.000000+00:00 heroku[run.8361]: State changed from starting to up".to_vec()
        ),
        Just(b"2026-01-02T03:04:07.000000+00:00 heroku[run.8361]: Process exited with status 3".to_vec()),
        Just(b"2026-01-02T03:04:04.000000+00:00 heroku[run.8361]: Process exited with status 1".to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    let piece = prop_oneof![8 => piece.prop_map(Part::Bytes), 2 => "[a-c\r ]{0,3}".prop_map(Part::Frame)];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| concat(&pieces))
}

/// A part of a stream.
#[derive(Clone, Debug)]
enum Part {
    Bytes(Vec<u8>),
    /// An ordinary frame with this line and an id greater than those before.
    Frame(String),
}

fn concat(parts: &[Part]) -> Vec<u8> {
    let bytes = |(index, part): (usize, &Part)| match part {
        Part::Bytes(bytes) => bytes.clone(),
        Part::Frame(line) => format!("id: {}\ndata: {line}\n\n", 1000 + index).into_bytes(),
    };
    parts.iter().enumerate().flat_map(bytes).collect()
}

/// Server-sent events, many of them ordinary, and others of all kinds.
fn events() -> impl Strategy<Value = Vec<u8>> {
    let end = "(\n|\n|\n|\r\n|\r)";
    let field = prop_oneof![
        4 => "data: [a-c ]{0,4}",
        1 => "data:[a-c: \r\0]{0,4}",
        4 => "id: 1?[0-9]{3}",
        1 => "(id|id:|id: |id:7|id:  7|id: \\+7|id: 7x|id: 0|id: 007|id: 7\\x007)",
        1 => "id: (1844674407370955161[0-9]|[0-9]{18,22}|0{60,70}7)",
        1 => "(:|: x|event: x|retry: 7|data|datum|\0)",
    ];
    let frame = (prop::collection::vec((field, end), 0..4), end).prop_map(|(fields, end)| {
        fields.into_iter().map(|(field, end)| field + &end).collect::<String>() + &end
    });
    let part = prop_oneof![
        4 => "[a-c ]{0,4}".prop_map(Part::Frame),
        1 => frame.prop_map(|frame| Part::Bytes(frame.into_bytes())),
        1 => "[\0-z]{0,2}".prop_map(|bytes| Part::Bytes(bytes.into_bytes())),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| concat(&parts))
}

/// What a decoder finds, each line by itself and in one piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found(Vec<Single>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Single {
    Id(Option<u64>),
    Text(Vec<u8>),
    LineEnd,
    Commit,
    Heartbeat,
}

impl Found {
    fn add(&mut self, piece: Piece<'_>) {
        let single = match piece {
            Piece::Lines(lines, ids) => {
                let mut ids = ids.iter();
                for line in lines.split_inclusive(|&byte| byte == b'\n') {
                    if let Some(id) = ids.next() {
                        self.add(Piece::Id(Some(*id)));
                    }
                    self.add(Piece::Text(&line[..line.len() - 1]));
                    self.add(Piece::LineEnd);
                    self.add(Piece::Commit);
                }
                assert_eq!(ids.next(), None, "each is a line's");
                return;
            }
            Piece::Text(b"") => return,
            Piece::Text(bytes) => {
                if let Some(Single::Text(text)) = self.0.last_mut() {
                    text.extend_from_slice(bytes);
                    return;
                }
                Single::Text(bytes.to_vec())
            }
            Piece::Id(id) => Single::Id(id),
            Piece::LineEnd => Single::LineEnd,
            Piece::Commit => Single::Commit,
            Piece::Heartbeat => Single::Heartbeat,
        };
        self.0.push(single);
    }
}

/// What is found in the bytes, in chunks that end at the given places.
fn found(bytes: &[u8], cuts: &[usize]) -> Found {
    let (mut found, mut decoder) = (Found::default(), Decoder::new(Encoding::ServerSentEvents));
    for chunk in chunks(bytes, cuts) {
        decoder.push(chunk, &mut |piece| found.add(piece));
    }
    decoder.finish(&mut |piece| found.add(piece));
    found
}

fn chunks<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> =
        cuts.iter().map(|cut| cut % (bytes.len() + 1)).chain([0, bytes.len()]).collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|chunk| &bytes[chunk[0]..chunk[1]]).collect()
}

fn encoding() -> impl Strategy<Value = Encoding> {
    prop_oneof![Just(Encoding::Plain), Just(Encoding::ServerSentEvents), Just(Encoding::Unknown)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn lines_and_facts_are_the_oracles_however_the_stream_is_cut(
        encoding in encoding(),
        bytes in stream_bytes(),
        cuts in prop::collection::vec(any::<usize>(), 0..20),
    ) {
        let (log, facts) = ingest(encoding, &bytes, &cuts);
        let expected = oracle::lines(encoding, &bytes);
        prop_assert_eq!(facts, oracle::facts(&expected));
        prop_assert_eq!(lines(&log), expected);
    }

    #[test]
    fn the_result_does_not_depend_on_the_cuts(
        encoding in encoding(),
        bytes in stream_bytes(),
        cuts in prop::collection::vec(any::<usize>(), 0..20),
    ) {
        let (whole, _) = ingest(encoding, &bytes, &[]);
        let (cut, _) = ingest(encoding, &bytes, &cuts);
        prop_assert_eq!(whole.printed().whole(whole.lines()), cut.printed().whole(cut.lines()));
        prop_assert_eq!(whole.printed().shown_at_end(whole.lines()), cut.printed().shown_at_end(cut.lines()));
    }

    /// Frames that are taken together are cut by a byte more or less.
    #[test]
    fn the_same_is_found_in_events_however_they_are_cut(
        bytes in events(),
        cuts in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        let byte_by_byte: Vec<usize> = (0..bytes.len()).collect();
        let expected = found(&bytes, &byte_by_byte);
        prop_assert_eq!(found(&bytes, &cuts), expected.clone());
        prop_assert_eq!(found(&bytes, &[]), expected);
    }

    #[test]
    fn byte_by_byte_is_as_good_as_whole(encoding in encoding(), bytes in stream_bytes()) {
        let cuts: Vec<usize> = (0..bytes.len()).collect();
        let (log, _) = ingest(encoding, &bytes, &cuts);
        prop_assert_eq!(lines(&log), oracle::lines(encoding, &bytes));
    }
}

#[test]
fn ordinary_events_are_taken_together() {
    #[track_caller]
    fn check(events: &str, expected: &[(&str, &[u64])]) {
        let mut taken = Vec::new();
        Decoder::new(Encoding::ServerSentEvents).push(events.as_bytes(), &mut |piece| {
            if let Piece::Lines(lines, ids) = piece {
                taken.push((String::from_utf8_lossy(lines).into_owned(), ids.to_vec()));
            }
        });
        let taken: Vec<_> = taken.iter().map(|(lines, ids)| (lines.as_str(), ids.as_slice())).collect();
        assert_eq!(taken, expected);
    }
    check("id: 7\ndata: a\n\nid: 9\ndata: \n\nid: 10\ndata:  b\n\n", &[("a\n\n b\n", &[7, 9, 10])]);
    // With ids that do not grow, each by itself.
    check(
        "id: 7\ndata: a\n\nid: 7\ndata: a\n\nid: 6\ndata: b\n\n",
        &[("a\n", &[7]), ("a\n", &[7]), ("b\n", &[6])],
    );
    // Behind others.
    for other in
        ["\n", ":\n\n", "\0", "data: x\n\n", "id: 1\ndata: 1\ndata: 2\n\n", "id: 1\r\ndata: x\r\n\r\n"]
    {
        check(&format!("{other}id: 7\ndata: a\n\n"), &[("a\n", &[7])]);
    }
    for other in [
        "id:7\ndata: a\n\n",
        "id: 7\ndata:a\n\n",
        "id: 7\r\ndata: a\r\n\r\n",
        "id: 7\ndata: a\rb\n\n",
        "id: 7\ndata: a\ndata: b\n\n",
        "id: 7\nevent: x\ndata: a\n\n",
        "id: 7\n\n",
        "id: \ndata: a\n\n",
        "id: x\ndata: a\n\n",
        "id: 18446744073709551616\ndata: a\n\n",
        "data: a\nid: 7\n\n",
        "data: a\n\n",
        "id: 7\ndata: a\n",
        "data: a\nid: 7\ndata: b\n\n",
    ] {
        check(other, &[]);
    }
}

#[track_caller]
fn check(encoding: Encoding, bytes: &[u8], expected: &[&str]) {
    for cuts in [Vec::new(), (0..bytes.len()).collect()] {
        let (log, _) = ingest(encoding, bytes, &cuts);
        let found = lines(&log);
        let found: Vec<_> = found.iter().map(|line| String::from_utf8_lossy(line)).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn plain_lines() {
    check(Encoding::Plain, b"", &[]);
    check(Encoding::Plain, b"a\nb\n", &["a", "b"]);
    check(Encoding::Plain, b"a\n\n\nb", &["a", "", "", "b"]);
    check(Encoding::Plain, b"a\r\nb\r\n", &["a\r", "b\r"]);
    check(Encoding::Plain, b"\0a\0\0b\n\0", &["ab"]);
    check(Encoding::Plain, "世界\n".as_bytes(), &["世界"]);
}

#[test]
fn frames_of_server_sent_events() {
    use Encoding::ServerSentEvents;
    check(ServerSentEvents, b"id: 1\ndata: a\n\nid: 2\ndata: b\n\n", &["a", "b"]);
    check(ServerSentEvents, b"data: a\r\n\r\ndata:b\r\n\r\n", &["a", "b"]);
    check(ServerSentEvents, b"data: a\r\rdata: b\r\r", &["a", "b"]);
    check(ServerSentEvents, b"data: a\ndata: b\n\n", &["a", "b"]);
    check(ServerSentEvents, b"data:  a \n\n", &[" a "]);
    check(ServerSentEvents, b"data\n\ndata:\n\n", &["", ""]);
    check(ServerSentEvents, b": comment\nevent: x\nretry: 1\nid: 1\n\ndatabase: x\n\n", &[]);
    // Unfinished, and the stream ended: the bytes become a line; a cut field name does not.
    check(ServerSentEvents, b"data: a\n\ndata: b", &["a", "b"]);
    check(ServerSentEvents, b"data: a\n\ndat", &["a"]);
}

#[test]
fn a_bare_cr_in_data_is_content_unless_a_field_follows() {
    use Encoding::ServerSentEvents;
    check(ServerSentEvents, b"data: 10%\r20%\r30%\n\n", &["10%\r20%\r30%"]);
    check(ServerSentEvents, b"id: 1\ndata: 10%\r\r20%\n\n", &["10%\r\r20%"]);
    check(ServerSentEvents, b"id: 1\ndata: from Windows\r\r\n\n", &["from Windows\r"]);
    check(ServerSentEvents, b"data: a\rdata: b\n\n", &["a", "b"]);
    check(ServerSentEvents, b"data: a\rdatum\n\n", &["a\rdatum"]);
    check(ServerSentEvents, b"data: a\rid\n\n", &["a"]);
}

#[test]
fn without_a_content_type_the_first_bytes_tell() {
    check(Encoding::Unknown, b"data: a\n\n", &["a"]);
    check(Encoding::Unknown, b"id: 1\ndata: a\n\n", &["a"]);
    check(Encoding::Unknown, b": hello\n\ndata: a\n\n", &["a"]);
    check(Encoding::Unknown, b"\0\0data: a\n\n", &["a"]);
    check(Encoding::Unknown, b"idle\n", &["idle"]);
    check(Encoding::Unknown, b"data\n", &["data"]);
    check(
        Encoding::Unknown,
        b"2026-01-02T03:04:05Z app[run.1]: data: a\n",
        &["2026-01-02T03:04:05Z app[run.1]: data: a"],
    );
    check(Encoding::Unknown, b"eve", &["eve"]);
}

#[test]
fn the_content_type_names_the_encoding() {
    #[track_caller]
    fn check(content_type: Option<&str>, expected: Encoding) {
        assert_eq!(Encoding::of_content_type(content_type), expected, "{content_type:?}");
    }
    check(Some("text/event-stream"), Encoding::ServerSentEvents);
    check(Some("Text/Event-Stream; charset=utf-8"), Encoding::ServerSentEvents);
    check(Some("text/plain"), Encoding::Plain);
    check(Some("application/octet-stream"), Encoding::Plain);
    check(Some("text/html"), Encoding::Unknown);
    check(Some(""), Encoding::Unknown);
    check(None, Encoding::Unknown);
}

#[test]
fn a_line_of_a_megabyte_and_its_neighbours_stay_whole() {
    let long = "x".repeat(3 << 20);
    let text = format!("before\n{long}\nafter\n");
    let cuts: Vec<usize> = (0..text.len()).step_by(65_521).collect();
    let (log, _) = ingest(Encoding::Plain, text.as_bytes(), &cuts);
    let store = log.lines();
    assert_eq!(store.len(), 3);
    assert_eq!(store.line(0).as_deref(), Some(b"before".as_slice()));
    assert_eq!(store.line_length(1), Some(long.len()));
    assert_eq!(store.line(1).as_deref(), Some(long.as_bytes()));
    assert_eq!(store.line(2).as_deref(), Some(b"after".as_slice()));
    assert_eq!(store.line(3), None);
    assert_eq!(store.bytes(), text.len() as u64);
}

#[test]
fn the_lines_of_a_frame_that_fills_segments_keep_their_numbers() {
    let lines: Vec<String> = ["a", "b", "c", "d", "e"].map(|letter| letter.repeat(700_000)).to_vec();
    let frame: String = lines.iter().map(|line| format!("data: {line}\n")).collect();
    let (log, _) = ingest(Encoding::ServerSentEvents, format!("{frame}\ndata: last\n\n").as_bytes(), &[]);
    let store = log.lines();
    assert_eq!(store.len(), 6);
    for (index, line) in lines.iter().enumerate() {
        assert!(store.line(index).as_deref() == Some(line.as_bytes()), "line {index}");
    }
    assert_eq!(store.line(5).as_deref(), Some(b"last".as_slice()));
}

#[test]
fn the_id_of_a_frame_without_data_is_not_that_of_the_next() {
    let text = b"data\nid: 1\n\nid: 1\n\n\ndata:\n\n";
    let (log, _) = ingest(Encoding::ServerSentEvents, text, &[]);
    assert_eq!(lines(&log), [b"", b""]);
    let text = b"id: 1\n:\ndata: a\n\nid: 1\ndata: a\n\n";
    let (log, _) = ingest(Encoding::ServerSentEvents, text, &[]);
    assert_eq!(lines(&log), [b"a"], "a comment does not end the frame");
}

#[test]
fn a_line_that_has_not_ended_is_no_piece_of_the_log() {
    let mut log = new_log();
    log.begin_stream(StreamKind::First, &mut Vec::new());
    let pieces = |log: &RunLog| log.lines().pieces().collect::<Vec<_>>().concat();
    assert_eq!(pieces(&log), b"");
    Decoder::new(Encoding::Plain).push(b"a\nb", &mut |piece| log.take(piece, &mut Vec::new()));
    assert_eq!(pieces(&log), b"a\n");
}

#[test]
fn many_lines_over_many_segments_keep_their_numbers() {
    let text: String = (0..200_000).map(|number| format!("line {number}\n")).collect();
    let cuts: Vec<usize> = (0..text.len()).step_by(100_003).collect();
    let (log, _) = ingest(Encoding::Plain, text.as_bytes(), &cuts);
    let store = log.lines();
    assert_eq!(store.len(), 200_000);
    assert!(store.pieces().collect::<Vec<_>>().concat() == text.as_bytes());
    for number in 0..200_000 {
        assert_eq!(store.line(number).as_deref(), Some(format!("line {number}").as_bytes()));
    }
}

const HISTORY: &str = "\
2026-01-02T03:04:04.900000+00:00 app[run.8361]: of an earlier dyno of this name
2026-01-02T03:04:04.950000+00:00 heroku[run.8361]: Process exited with status 1
2026-01-02T03:04:05.000000+00:00 app[api]: Starting process with command `python task.py` by user me@example.com
2026-01-02T03:04:05.100000+00:00 app[web.1]: of another dyno
2026-01-02T03:04:08.100000+00:00 heroku[run.8361]: Starting process with command `python task.py`
2026-01-02T03:04:08.600000+00:00 heroku[run.8361]: State changed from starting to up
2026-01-02T03:04:09.000000+00:00 app[run.8361]: Hello
2026-01-02T03:04:09.100000+00:00 heroku[logplex]: Error L11 (Tail buffer overflow) -> dropped 3 messages
2026-01-02T03:04:09.200000+00:00 app[run.8361]: Process exited with status 9
Of no known grammar
2026-01-02T03:04:10.200000+00:00 heroku[run.8361]: Process exited with status 0
2026-01-02T03:04:10.300000+00:00 heroku[run.8361]: State changed from up to complete
";

#[test]
fn only_lines_of_this_dyno_since_its_creation_are_facts() {
    let (log, mut facts) = ingest(Encoding::Plain, HISTORY.as_bytes(), &[]);
    facts.retain(|fact| !matches!(fact, Fact::Code(_)));
    let at = |text: &str| Time::parse(text.as_bytes()).expect("a time");
    assert_eq!(
        facts,
        [
            Fact::Starting,
            Fact::Up { at: at("2026-01-02T03:04:08.600Z") },
            Fact::FirstOutput { at: at("2026-01-02T03:04:09Z") },
            Fact::Exited { status: Some(0), at: at("2026-01-02T03:04:10.200Z") },
            Fact::Final { at: at("2026-01-02T03:04:10.300Z"), crashed: false },
        ]
    );
    assert_eq!(log.printed().shown().text, "Hello\nProcess exited with status 9");
    use Class::{App, Loss, Output, Platform, Raw};
    let classes: Vec<_> = (0..log.lines().len()).filter_map(|index| log.lines().class(index)).collect();
    let expected =
        [App, Platform, Platform, App, Platform, Platform, Output, Loss, Output, Raw, Platform, Platform];
    assert_eq!(classes, expected);
}

/// What a function printed, as a run's log.
fn printed(lines: &[&str]) -> RunLog {
    let header = "2026-01-02T03:04:06.000000+00:00 app[run.8361]: ";
    let text: String = lines.iter().map(|line| format!("{header}{line}\n")).collect();
    ingest(Encoding::Plain, text.as_bytes(), &[]).0
}

#[test]
fn the_result_is_what_the_function_printed() {
    #[track_caller]
    fn check(lines: &[&str], expected: &str) {
        let log = printed(lines);
        let shown = log.printed().shown_at_end(log.lines());
        assert_eq!(shown.text + &shown.json, expected);
        assert_eq!(log.printed().whole(log.lines()), lines.join("\n").as_bytes());
    }
    check(&[], "");
    check(&["Hello World!"], "Hello World!");
    check(&["", "  indented", ""], "\n  indented\n");
    check(&["\x1b[31mred\x1b[0m"], "red");
    check(&["[1,2]"], "[\n  1,\n  2\n]");
    check(&["{", "\"a\":1", "}"], "{\n  \"a\": 1\n}");
    check(&["starting", "", "{\"a\":1}"], "starting\n\n{\n  \"a\": 1\n}");
    check(&["{\"a\":1}", "done"], "{\"a\":1}\ndone");
    check(&["42"], "42");
}

#[test]
fn pieces_of_ten_thousand_bytes_are_one_line_of_the_result() {
    let piece = "x".repeat(10_000);
    let log = printed(&[&piece, &piece, "end", "next"]);
    let shown = log.printed().shown_at_end(log.lines());
    assert_eq!(shown.text, format!("{piece}{piece}end\nnext"));
    assert_eq!(shown.joined, 2);
    let json = format!("[\"{}\"]", "y".repeat(12_000));
    let log = printed(&["log", &json[..10_000], &json[10_000..]]);
    let shown = log.printed().shown_at_end(log.lines());
    assert_eq!(shown.text, "log\n");
    assert_eq!(shown.json, format!("[\n  \"{}\"\n]", "y".repeat(12_000)));
}

#[test]
fn a_long_result_shows_its_beginning_and_gives_all() {
    let line = "z".repeat(999);
    let lines = vec![line.as_str(); 200];
    let log = printed(&lines);
    let shown = log.printed().shown_at_end(log.lines());
    assert_eq!(shown.text.len(), 64 * 1024);
    assert_eq!(shown.hidden_bytes, 199_999 - 64 * 1024);
    assert_eq!(log.printed().whole(log.lines()).len(), 199_999);

    let with_json: Vec<&str> = lines.iter().copied().chain(["{\"a\":1}"]).collect();
    let log = printed(&with_json);
    let shown = log.printed().shown_at_end(log.lines());
    assert_eq!(shown.json, "{\n  \"a\": 1\n}");
    assert!(shown.text.ends_with("z\n…\n"), "the beginning, and a mark where lines are left out");
    assert_eq!(shown.hidden_bytes, 200_000 - 64 * 1024);
}

#[test]
fn what_a_stream_left_unfinished_is_dropped_when_another_brings_it() {
    let mut facts = Vec::new();
    let mut log = new_log();
    log.begin_stream(StreamKind::First, &mut Vec::new());
    Decoder::new(Encoding::Plain).push(b"whole\nunfini", &mut |piece| log.take(piece, &mut facts));
    log.begin_stream(StreamKind::Again { history: true }, &mut facts);
    let mut decoder = Decoder::new(Encoding::ServerSentEvents);
    decoder.push(b"data: whole\n\ndata: unfinished\n\ndata: last", &mut |piece| log.take(piece, &mut facts));
    assert_eq!(lines(&log), [b"whole".as_slice(), b"unfinished"]);
    log.end_stream(&mut facts);
    log.end_stream(&mut facts);
    assert_eq!(lines(&log), [b"whole".as_slice(), b"unfinished", b"last"]);
}
