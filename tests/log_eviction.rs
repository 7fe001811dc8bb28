//! Properties of logs whose oldest lines were dropped: what is left is as if nothing had been.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "helpers of tests")]

use proptest::prelude::*;
use serverless_on_heroku::domain::log::platform_lines::PlatformLines;
use serverless_on_heroku::domain::log::row::{Part, row};
use serverless_on_heroku::domain::log::store::SEGMENT_BYTES;
use serverless_on_heroku::domain::log::{
    Class, Decoder, Encoding, GapCause, LineStore, Piece, RowKind, RunLog, Scope, Selection, StreamKind,
};
use serverless_on_heroku::domain::secret::ApiKey;

fn key() -> ApiKey {
    ApiKey::parse("HRKU-01234567-89ab-cdef-0123-456789abcdef").expect("a key")
}

/// All lines that have come, and where in all bytes each begins and ends.
#[derive(Default)]
struct Naive {
    lines: Vec<(usize, usize, Vec<u8>)>,
    held: Vec<u8>,
    held_lines: usize,
    /// Where the first segment that is left begins.
    base: usize,
    first: usize,
}

impl Naive {
    fn end(&self) -> usize {
        self.lines.last().map_or(0, |(_, end, _)| *end)
    }

    fn commit(&mut self) {
        for line in self.held.split_inclusive(|&byte| byte == b'\n').take(self.held_lines) {
            let start = self.lines.last().map_or(0, |(_, end, _)| *end);
            self.lines.push((start, start + line.len(), line[..line.len() - 1].to_vec()));
        }
        let taken: usize =
            self.held.split_inclusive(|&byte| byte == b'\n').take(self.held_lines).map(<[u8]>::len).sum();
        self.held.drain(..taken);
        self.held_lines = 0;
    }

    /// A segment goes unless the last line's end is in it, and with it those in which its last line goes on and on.
    fn drop_oldest(&mut self) {
        let mut base = self.base + SEGMENT_BYTES;
        if self.end() <= base {
            return;
        }
        while self.end() > base + SEGMENT_BYTES
            && self.lines.iter().any(|(start, end, _)| *start < base && *end > base + SEGMENT_BYTES)
        {
            base += SEGMENT_BYTES;
        }
        self.base = base;
        self.first = self.lines.iter().position(|(start, ..)| *start >= base).unwrap_or(self.lines.len());
    }

    fn drop_all(&mut self) {
        self.base = self.end();
        self.first = self.lines.len();
        self.held.clear();
        self.held_lines = 0;
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Bytes of a line that may go on, so many or up to so many behind the end of the segment.
    Push(usize),
    PushToEnd(isize),
    EndLine,
    Commit,
    Discard,
    DropOldest,
    DropAll,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0usize..300).prop_map(Step::Push),
        4 => (200_000usize..900_000).prop_map(Step::Push),
        1 => (1_000_000usize..3_500_000).prop_map(Step::Push),
        3 => (-2isize..3).prop_map(Step::PushToEnd),
        9 => Just(Step::EndLine),
        6 => Just(Step::Commit),
        1 => Just(Step::Discard),
        3 => Just(Step::DropOldest),
        1 => Just(Step::DropAll),
    ];
    proptest::collection::vec(step, 1..40)
}

fn check(store: &LineStore, naive: &Naive) -> Result<(), TestCaseError> {
    prop_assert_eq!((store.first(), store.len()), (naive.first, naive.lines.len()));
    prop_assert_eq!(store.bytes() as usize, naive.end());
    prop_assert_eq!(store.is_dropped(), naive.first == naive.lines.len());
    for (index, (_, _, line)) in naive.lines.iter().enumerate() {
        let is_left = index >= naive.first;
        prop_assert!(store.line(index).as_deref() == is_left.then_some(&line[..]), "line {}", index);
        prop_assert_eq!(store.line_length(index), is_left.then_some(line.len()));
        prop_assert_eq!(store.class(index), is_left.then_some(Class::App));
        prop_assert_eq!(store.stretch(index).is_some(), is_left);
    }
    let left: Vec<u8> =
        naive.lines[naive.first..].iter().flat_map(|(_, _, line)| [line, &b"\n"[..]].concat()).collect();
    prop_assert!(store.pieces().collect::<Vec<_>>().concat() == left);
    // As the search goes through them.
    let (mut next, mut found) = (store.first(), Vec::new());
    while let Some(stretch) = store.stretch(next) {
        found.extend(stretch.pieces.concat());
        next += stretch.ends.len();
    }
    prop_assert!(next == store.len() && found == left);
    prop_assert_eq!(store.holds_nothing(), naive.held.is_empty());
    Ok(())
}

/// What a store takes beside its segments of a megabyte each.
const INDEX_BYTES: usize = 100_000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_store_without_its_oldest_segments_is_a_list_without_its_front(steps in steps()) {
        let (mut store, mut naive) = (LineStore::default(), Naive::default());
        let finder = key().finder();
        for (number, step) in steps.into_iter().enumerate() {
            let push = |store: &mut LineStore, naive: &mut Naive, length: usize| {
                let bytes = vec![b'a' + (number % 26) as u8; length];
                store.push(&bytes);
                naive.held.extend(bytes);
            };
            match step {
                Step::Push(length) => push(&mut store, &mut naive, length),
                Step::PushToEnd(behind) => {
                    let taken = (naive.end() - naive.base + naive.held.len()) % SEGMENT_BYTES;
                    push(&mut store, &mut naive, (SEGMENT_BYTES - taken).saturating_add_signed(behind));
                }
                Step::EndLine => {
                    store.end_line();
                    naive.held.push(b'\n');
                    naive.held_lines += 1;
                }
                Step::Commit => {
                    store.commit(&finder, |_| Class::App);
                    naive.commit();
                }
                Step::Discard => {
                    store.discard();
                    naive.held.clear();
                    naive.held_lines = 0;
                }
                Step::DropOldest => {
                    let expected = store.first_behind_oldest();
                    store.drop_oldest();
                    naive.drop_oldest();
                    prop_assert_eq!(expected.unwrap_or(store.first()), store.first());
                    check(&store, &naive)?;
                }
                Step::DropAll => {
                    store.drop_all();
                    naive.drop_all();
                    check(&store, &naive)?;
                }
            }
        }
        check(&store, &naive)?;
        let segments = (naive.end() + naive.held.len() - naive.base).div_ceil(SEGMENT_BYTES);
        // The first segment of all is not reserved at once, and may grow to nearly two.
        let most = (segments + 2) * SEGMENT_BYTES + INDEX_BYTES;
        prop_assert!(store.memory() <= most, "{} bytes in {} segments", store.memory(), segments);
        let held = naive.end() + naive.held.len() - naive.base;
        prop_assert!(store.memory() >= held, "{} bytes for {}", store.memory(), held);
    }
}

/// A log with a dyno, and the stream of which it is.
struct Fed {
    log: RunLog,
    decoder: Decoder,
}

impl Fed {
    fn new() -> Self {
        let mut log = RunLog::new(&key(), Selection::All);
        log.set_scope(Scope { dyno: "run.1".to_owned(), created_at: None }, &mut Vec::new());
        log.begin_stream(StreamKind::First, &mut Vec::new());
        Self { log, decoder: Decoder::new(Encoding::Plain) }
    }

    fn push(&mut self, line: &[u8]) {
        let Self { log, decoder } = self;
        decoder.push(line, &mut |piece: Piece<'_>| log.take(piece, &mut Vec::new()));
    }

    fn begin_again(&mut self) {
        self.log.begin_stream(StreamKind::Again { history: true }, &mut Vec::new());
        self.decoder = Decoder::new(Encoding::Plain);
    }
}

#[derive(Clone, Debug)]
enum Happening {
    /// A line with this message, so many times.
    Line(&'static str, usize),
    /// The stream breaks off and another brings the last lines again; perhaps memory is short just then.
    Again(usize, bool),
    DropOldest,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let line = prop_oneof![
        3 => Just(("short", 1)),
        5 => (20_000usize..80_000).prop_map(|times| ("long ", times)),
        3 => Just(("Idling", 1)),
        2 => Just(("\x1b[31mred from here on", 1)),
        1 => Just(("\x1b[0mplain again", 1)),
        1 => Just(("Error L12 (Local buffer overflow): 12 messages dropped since 2026-01-02T03:04:05", 1)),
        1 => Just((r#"{"a": [1, 2.50]}"#, 1)),
    ];
    let happening = prop_oneof![
        8 => line.prop_map(|(message, times)| Happening::Line(message, times)),
        1 => (1usize..12, any::<bool>()).prop_map(|(lines, drops)| Happening::Again(lines, drops)),
        2 => Just(Happening::DropOldest),
    ];
    proptest::collection::vec(happening, 1..50)
}

fn line(number: usize, message: &[u8]) -> Vec<u8> {
    let origin = match message {
        _ if message.starts_with(b"Error L") => "heroku[logplex]",
        b"Idling" => "heroku[run.1]",
        _ if number % 7 == 3 => "app[web.1]",
        _ => "app[run.1]",
    };
    let header = format!("2026-01-02T03:04:05.{number:06}+00:00 {origin}: ");
    [header.as_bytes(), message, b"\n"].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_left_of_a_log_is_as_in_a_log_that_is_whole(
        happenings in happenings(),
        all_go_at_the_end: bool,
    ) {
        let (mut whole, mut part) = (Fed::new(), Fed::new());
        let mut sent: Vec<Vec<u8>> = Vec::new();
        let mut platform = PlatformLines::default();
        for happening in happenings {
            match happening {
                Happening::Line(message, times) => {
                    let line = line(sent.len(), message.repeat(times).as_bytes());
                    whole.push(&line);
                    part.push(&line);
                    sent.push(line);
                }
                Happening::Again(count, drops) => {
                    for log in [&mut whole, &mut part] {
                        log.begin_again();
                    }
                    if drops {
                        part.log.drop_oldest_lines();
                    }
                    for log in [&mut whole, &mut part] {
                        sent.iter().skip(sent.len().saturating_sub(count)).for_each(|line| log.push(line));
                    }
                }
                Happening::DropOldest => {
                    part.log.drop_oldest_lines();
                    platform.catch_up(part.log.lines());
                }
            }
        }
        let (mut whole, mut part) = (whole.log, part.log);
        whole.end_stream(&mut Vec::new());
        part.end_stream(&mut Vec::new());
        if all_go_at_the_end {
            part.drop_all_lines();
        }

        let (first, lines) = (part.lines().first(), part.lines().len());
        prop_assert_eq!(lines, whole.lines().len());
        for index in 0..lines {
            let expected = if index < first { None } else { row(&whole, index, Part::default()) };
            prop_assert_eq!(row(&part, index, Part::default()), expected, "line {}", index);
        }
        let is_left = |row: &RowKind<'_>| match row {
            RowKind::Line(line) => *line >= first,
            RowKind::Gap(gap) => gap.before >= first,
        };
        let rows_of_whole = (0..whole.gaps().rows(lines)).map(|row| whole.gaps().at(row));
        let expected: Vec<_> = rows_of_whole.filter(is_left).collect();
        let mut rows: Vec<_> = (0..part.gaps().rows(lines)).map(|row| part.gaps().at(row)).collect();
        if first > 0 {
            let RowKind::Gap(mark) = rows.remove(0) else { return Err(TestCaseError::fail("no mark")) };
            let mark = (mark.cause, mark.before, mark.missing);
            prop_assert_eq!(mark, (GapCause::Evicted, first, Some(first as u64)));
        }
        prop_assert_eq!(rows, expected);
        for line in 0..lines {
            let shown = part.gaps().at(part.gaps().row_of_line(line));
            let is_mark = matches!(shown, RowKind::Gap(gap) if gap.cause == GapCause::Evicted);
            prop_assert!(if line < first { is_mark } else { shown == RowKind::Line(line) }, "line {}", line);
        }
        for line in first..lines {
            let (of_part, of_whole) = (part.gaps().row_of_line(line), whole.gaps().row_of_line(line));
            prop_assert_eq!(of_part + part.gaps().rows_gone(), of_whole, "line {}", line);
        }
        platform.catch_up(part.lines());
        let is_shown = |row: &RowKind<'_>| match row {
            RowKind::Line(line) => part.lines().class(*line) != Some(Class::Platform),
            RowKind::Gap(_) => true,
        };
        let rows = (0..part.gaps().rows(lines)).map(|row| part.gaps().at(row));
        let expected: Vec<_> = rows.filter(is_shown).collect();
        let shown: Vec<_> =
            (0..platform.rows(part.gaps(), lines)).map(|row| platform.at(part.gaps(), row)).collect();
        prop_assert_eq!(shown, expected);
        prop_assert_eq!(part.gaps().is_empty(), whole.gaps().is_empty());

        prop_assert_eq!(part.start(), whole.start());
        let (of_part, of_whole) = (part.printed(), whole.printed());
        prop_assert_eq!(of_part.shown_at_end(part.lines()), of_whole.shown_at_end(whole.lines()));
        let (part_output, output) = (of_part.whole(part.lines()), of_whole.whole(whole.lines()));
        if of_part.is_whole(part.lines()) {
            prop_assert!(part_output == output);
        } else {
            prop_assert!(output.ends_with(&part_output) || output.starts_with(&part_output));
        }
    }
}

/// Only when that takes much memory are lines dropped that are being compared with those of a new session.
#[test]
fn lines_that_come_late_do_not_bring_back_what_was_dropped() {
    let line = |number: usize, message: &str| line(number * 7, message.as_bytes());
    let mut fed = Fed::new();
    let fill = "x".repeat(SEGMENT_BYTES);
    let before = [line(1, "one"), line(3, "three"), line(4, &fill)];
    let there: Vec<Vec<u8>> = (10..75).map(|number| line(number, &fill)).collect();
    before.iter().chain(&there).for_each(|line| fed.push(line));
    fed.push(&line(100, "hundred"));
    fed.push(&line(102, "hundred and two"));
    fed.begin_again();
    assert!(fed.log.drop_oldest_lines());
    let first = fed.log.lines().first();
    assert_eq!(first, 3);
    for (number, message) in [
        (1, "one"),
        (2, "two"),
        (3, "three"),
        (7, "seven"),
        (100, "hundred"),
        (101, "hundred and one"),
        (102, "hundred and two"),
        (103, "hundred and three"),
    ] {
        fed.push(&line(number, message));
    }
    fed.log.end_stream(&mut Vec::new());
    let store = fed.log.lines();
    let message = |index: usize| {
        let line = store.line(index).expect("a line").into_owned();
        String::from_utf8_lossy(&line[45..]).into_owned()
    };
    assert_eq!(store.len(), 3 + there.len() + 4);
    let last: Vec<String> = (store.len() - 5..store.len()).map(message).collect();
    assert_eq!(last[1..], ["hundred", "hundred and one", "hundred and two", "hundred and three"]);
    assert_eq!((message(first).len(), last[0].len()), (SEGMENT_BYTES, SEGMENT_BYTES));
    assert_eq!(store.first(), first);
}

/// Logs of several runs that are fed in turn.
mod logs {
    use serverless_on_heroku::domain::app::LogEffect;
    use serverless_on_heroku::domain::ids::{RunId, TailId};
    use serverless_on_heroku::domain::logs::Logs;
    use serverless_on_heroku::domain::memory_bound::MemoryBound;

    use super::*;

    const RUNS: usize = 4;

    fn begin(logs: &mut Logs, run: usize) {
        let (run, tail) = (RunId(run as u32), TailId(run as u32));
        let begin = LogEffect::Begin {
            tail,
            api_key: key(),
            selection: Selection::All,
            is_read: false,
            is_late: false,
        };
        logs.change(run, begin);
        logs.change(run, LogEffect::Name(Scope { dyno: "run.1".to_owned(), created_at: None }));
        logs.begin_stream(tail, Encoding::Plain, StreamKind::First);
    }

    /// Fills a run's log with so many segments of lines of 10,000 bytes.
    fn fill(logs: &mut Logs, run: usize, segments: usize) {
        let lines = line(0, &[b'x'; 9_950]).repeat(segments * SEGMENT_BYTES / 10_000);
        logs.push(TailId(run as u32), &lines);
    }

    fn end(logs: &mut Logs, run: usize) {
        logs.end_stream(TailId(run as u32));
        logs.change(RunId(run as u32), LogEffect::End);
    }

    /// Of each run, whether its log has all lines, some, or none of them.
    fn left(logs: &Logs) -> Vec<&'static str> {
        let left = |run: usize| {
            let log = logs.get(RunId(run as u32)).expect("a log").borrow();
            match log.lines().first() {
                0 => "all",
                first if first < log.lines().len() => "some",
                _ => "none",
            }
        };
        (0..RUNS).map(left).collect()
    }

    /// Runs with logs of three segments each, of which some have ended; the bound is 8 MB.
    fn logs(ended: &[usize]) -> Logs {
        let mut logs = Logs::default();
        logs.set_memory_bound(MemoryBound::parse("8").expect("a bound"));
        for run in 0..RUNS {
            begin(&mut logs, run);
            fill(&mut logs, run, 3);
            if ended.contains(&run) {
                end(&mut logs, run);
            }
        }
        logs
    }

    #[test]
    fn ended_logs_go_first_then_the_oldest_lines() {
        for (ended, selected, expected) in [
            (&[0, 1, 2][..], 3, ["none", "none", "all", "all"]),
            (&[0, 1, 2], 0, ["all", "none", "none", "all"]),
            (&[0, 2], 0, ["none", "all", "none", "all"]),
            (&[1], 0, ["some", "none", "all", "all"]),
            (&[], 3, ["some", "some", "some", "all"]),
            // The newest is not dropped whole.
            (&[0, 1, 2, 3], 3, ["none", "none", "all", "all"]),
        ] {
            let mut logs = logs(ended);
            assert!(logs.keep_within_bound(Some(RunId(selected))));
            assert_eq!(left(&logs), expected, "{ended:?} have ended, {selected} is selected");
            assert!(logs.memory() <= logs.memory_bound().bytes());
            assert!(!logs.keep_within_bound(Some(RunId(selected))));
        }
    }

    #[test]
    fn a_log_that_is_alone_keeps_its_newest_lines() {
        for has_ended in [false, true] {
            let mut logs = Logs::default();
            begin(&mut logs, 0);
            fill(&mut logs, 0, 20);
            if has_ended {
                end(&mut logs, 0);
            }
            assert!(!logs.keep_within_bound(Some(RunId(0))));
            logs.set_memory_bound(MemoryBound::parse("8").expect("a bound"));
            assert!(logs.keep_within_bound(Some(RunId(0))));
            let log = logs.get(RunId(0)).expect("a log").borrow();
            let left = log.lines().len() - log.lines().first();
            assert!((600..800).contains(&left), "{left} lines of 10,000 bytes");
        }
    }

    #[test]
    fn memory_stays_within_the_bound_while_runs_follow_each_other() {
        let mut logs = Logs::default();
        logs.set_memory_bound(MemoryBound::parse("20").expect("a bound"));
        for run in 0..10 {
            begin(&mut logs, run);
            for _ in 0..12 {
                fill(&mut logs, run, 1);
                logs.keep_within_bound(Some(RunId(run as u32)));
                assert!(logs.memory() <= 20_000_000, "{} bytes in run {run}", logs.memory());
            }
            end(&mut logs, run);
        }
        // Of the two last runs, each of 12 MB, one is left whole.
        let log = logs.get(RunId(9)).expect("a log").borrow();
        assert_eq!(log.lines().first(), 0);
    }
}
