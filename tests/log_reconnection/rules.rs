//! Each rule of the overlap by itself.

use serverless_on_heroku::domain::app::LogEffect;
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::log::{
    Decoder, Encoding, Fact, GapCause, RunLog, Scope, Selection, StreamKind,
};
use serverless_on_heroku::domain::logs::Logs;
use serverless_on_heroku::domain::secret::ApiKey;
use serverless_on_heroku::domain::time::Time;

use super::model::{Row, new_log, rows};

const AGAIN: StreamKind = StreamKind::Again { history: true };
const NO_HISTORY: StreamKind = StreamKind::Again { history: false };
const HANDOVER: StreamKind = StreamKind::Handover { created_at: None };
pub(crate) const KEY: &str = "HRKU-01234567-89ab-cdef-0123-456789abcdef";

/// `5 Hello` is a line of the function, five milliseconds after the minute; `5 heroku[run.1]: …` another's.
fn line(short: &str) -> String {
    let (milliseconds, rest) = short.split_once(' ').expect("a time");
    let message = if rest.contains("]: ") { rest.to_owned() } else { format!("app[run.1]: {rest}") };
    format!("2026-01-02T03:04:00.{milliseconds:0>3}000+00:00 {message}")
}

fn feed(log: &mut RunLog, kind: StreamKind, lines: &[&str]) -> Vec<Fact> {
    let text: String = lines.iter().map(|short| line(short) + "\n").collect();
    feed_bytes(log, kind, Encoding::Plain, &text)
}

fn feed_bytes(log: &mut RunLog, kind: StreamKind, encoding: Encoding, text: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    log.begin_stream(kind, &mut facts);
    Decoder::new(encoding).push(text.as_bytes(), &mut |piece| log.take(piece, &mut facts));
    facts
}

/// The rows: lines without what [`line`] adds, marks by cause and number.
fn short_rows(log: &RunLog) -> Vec<String> {
    let short = |row| match row {
        Row::Line(line) => line.rsplit_once("]: ").map_or(line.clone(), |(_, message)| message.to_owned()),
        Row::Gap(gap) => format!("<{:?} {:?}>", gap.cause, gap.missing),
    };
    rows(log).into_iter().map(short).collect()
}

#[track_caller]
fn check(sessions: &[(StreamKind, &[&str])], expected: &[&str]) {
    let mut log = new_log();
    for (kind, lines) in sessions {
        feed(&mut log, *kind, lines);
    }
    assert_eq!(short_rows(&log), expected);
}

const FIRST: (StreamKind, &[&str]) = (StreamKind::First, &["1 a", "2 b", "3 c"]);

#[test]
fn what_comes_again_is_removed_as_soon_as_a_further_line_comes() {
    check(&[FIRST, (AGAIN, &["1 a", "2 b", "3 c", "4 d"])], &["a", "b", "c", "d"]);
    check(&[FIRST, (AGAIN, &["3 c", "4 d"])], &["a", "b", "c", "d"]);
    check(
        &[FIRST, (AGAIN, &["3 c", "3 heroku[run.1]: at the same time"])],
        &["a", "b", "c", "at the same time"],
    );
    check(&[FIRST, (HANDOVER, &["2 b", "3 c", "4 d"])], &["a", "b", "c", "d"]);
    check(&[FIRST, (NO_HISTORY, &["3 c", "4 d"])], &["a", "b", "c", "d"]);
}

#[test]
fn a_history_that_does_not_reach_leaves_a_mark() {
    check(&[FIRST, (AGAIN, &["5 e", "6 f"])], &["a", "b", "c", "<HistoryTooShort None>", "e", "f"]);
    check(&[FIRST, (NO_HISTORY, &["5 e"])], &["a", "b", "c", "<NoHistory None>", "e"]);
    check(&[(StreamKind::First, &[]), (NO_HISTORY, &["5 e"])], &["<NoHistory None>", "e"]);
    check(&[(StreamKind::First, &[]), (AGAIN, &["5 e"])], &["e"]);
    check(&[FIRST, (HANDOVER, &["5 e"])], &["a", "b", "c", "e"]);
}

/// What the old session brought last, while the new one was open already, may have been under way for long.
#[test]
fn a_session_that_was_behind_when_the_next_one_took_its_place_leaves_a_mark() {
    let created = |second| {
        let stamp = format!("2026-01-02T03:04:{second:02}Z");
        StreamKind::Handover { created_at: Time::parse(stamp.as_bytes()) }
    };
    let before = Time::parse(b"2026-01-02T03:03:59Z");
    check(&[FIRST, (StreamKind::Handover { created_at: before }, &["5 e"])], &["a", "b", "c", "e"]);
    check(&[FIRST, (created(0), &["5 e"])], &["a", "b", "c", "<HistoryTooShort None>", "e"]);
    check(&[FIRST, (created(7), &["5 e"])], &["a", "b", "c", "<HistoryTooShort None>", "e"]);
    check(&[FIRST, (created(7), &["3 c", "5 e"])], &["a", "b", "c", "e"]);
}

/// As when a session breaks off in its history.
#[test]
fn what_is_older_than_a_log_whose_beginning_is_missing_stays_out() {
    let mut log = new_log();
    feed(&mut log, StreamKind::First, &["5 e", "6 heroku[run.1]: Process exited with status 0"]);
    feed(&mut log, AGAIN, &["1 heroku[run.1]: State changed from starting to up"]);
    log.end_stream(&mut Vec::new());
    assert_eq!(short_rows(&log), ["<BeginningMissing None>", "e", "Process exited with status 0"]);
}

#[test]
fn a_session_that_brought_nothing_leaves_the_question_to_the_next() {
    check(&[FIRST, (NO_HISTORY, &[]), (HANDOVER, &["5 e"])], &["a", "b", "c", "<NoHistory None>", "e"]);
    check(&[FIRST, (AGAIN, &[]), (HANDOVER, &["5 e"])], &["a", "b", "c", "<HistoryTooShort None>", "e"]);
    check(&[FIRST, (AGAIN, &["3 c"]), (HANDOVER, &["5 e"])], &["a", "b", "c", "e"]);
    check(&[FIRST, (AGAIN, &[]), (AGAIN, &["3 c", "5 e"])], &["a", "b", "c", "e"]);
}

#[test]
fn lines_that_the_old_session_did_not_bring_are_put_at_their_places() {
    check(
        &[(StreamKind::First, &["1 a", "4 d"]), (AGAIN, &["1 a", "2 b", "3 c", "4 d", "5 e"])],
        &["a", "b", "c", "d", "e"],
    );
    check(&[(StreamKind::First, &["3 c"]), (AGAIN, &["1 a", "2 b", "3 c", "4 d"])], &["a", "b", "c", "d"]);
}

#[test]
fn what_the_session_brings_behind_missed_lines_is_still_compared() {
    let other = "3 heroku[run.1]: other";
    check(
        &[(StreamKind::First, &["1 a", other, "4 d"]), (AGAIN, &["1 a", "2 b", "4 d", "5 e", other])],
        // When it went on with the last line, it had left out one.
        &["a", "b", "<NotDelivered None>", "other", "d", "e"],
    );
}

const L11: &str = "3 heroku[logplex]: Error L11 (Tail buffer overflow) -> dropped 3 messages since then";
const TOLD: &str = "Error L11 (Tail buffer overflow) -> dropped 3 messages since then";

#[test]
fn a_mark_tells_of_those_dropped_lines_that_have_not_come() {
    let first: (StreamKind, &[&str]) = (StreamKind::First, &["1 a", L11, "5 e"]);
    check(
        &[first, (AGAIN, &["3 c", "4 d", "5 e", "6 f"])],
        &["a", "<Dropped Some(1)>", TOLD, "c", "d", "e", "f"],
    );
    check(
        &[first, (AGAIN, &["1 a", "2 b"]), (AGAIN, &["5 e", "6 f"])],
        &["a", TOLD, "b", "<Dropped Some(2)>", "e", "f"],
    );
    check(
        &[first, (AGAIN, &["3 c"]), (AGAIN, &["5 e", "6 f"])],
        &["a", "<Dropped Some(2)>", TOLD, "c", "<NotDelivered None>", "e", "f"],
    );
    check(
        &[first, (AGAIN, &["3 c"]), (AGAIN, &["1 a", "2 b", "3 c", "4 d", "5 e", "6 f"])],
        &["a", TOLD, "b", "c", "d", "e", "f"],
    );
}

/// The session's first copy may be another than the one that is there.
#[test]
fn copies_with_which_a_session_begins_do_not_show_that_nothing_is_missing_before_them() {
    let first: (StreamKind, &[&str]) = (StreamKind::First, &["1 a", "2 b", L11, "4 d"]);
    check(
        &[first, (AGAIN, &["2 b", "2 b", "4 d", "5 e"])],
        &["a", "b", "<Dropped Some(2)>", TOLD, "b", "d", "e"],
    );
    check(&[first, (AGAIN, &["1 a", "2 b", "2 b", "4 d", "5 e"])], &["a", "b", TOLD, "b", "d", "e"]);
}

#[test]
fn what_the_log_itself_lost_stays_marked() {
    let l12 = "2 heroku[logplex]: Error L12 (Local buffer overflow): 5 messages dropped since then";
    let told = "Error L12 (Local buffer overflow): 5 messages dropped since then";
    check(
        &[(StreamKind::First, &["1 a", l12, "3 c"]), (AGAIN, &["1 a", l12, "3 c", "4 d"])],
        &["a", "<Dropped Some(5)>", told, "c", "d"],
    );
}

#[test]
fn two_sessions_that_drop_the_same_lines_leave_a_mark() {
    check(
        &[(StreamKind::First, &["1 a", L11]), (HANDOVER, &["1 a", L11, "4 d"])],
        &["a", "<Dropped Some(3)>", TOLD, "d"],
    );
    let marks = ["a", "<Dropped Some(3)>", TOLD, "d", "<Dropped Some(3)>", TOLD, "e"];
    check(&[(StreamKind::First, &["1 a", L11, "4 d"]), (HANDOVER, &["4 d", L11, "5 e"])], &marks);
}

#[test]
fn the_mark_of_the_log_system_is_not_put_twice() {
    let l11 = "3 heroku[logplex]: Error L11 (Tail buffer overflow) -> dropped 2 messages since then";
    let mut log = new_log();
    let facts = feed(&mut log, StreamKind::First, &["1 a", l11, "4 d", l11]);
    let codes: Vec<String> =
        facts.iter().filter(|fact| matches!(fact, Fact::Code(_))).map(|it| format!("{it:?}")).collect();
    assert_eq!(codes, ["Code(L11)"], "once");
    assert_eq!(facts.iter().filter(|fact| **fact == Fact::Gap).count(), 2);
    feed(&mut log, AGAIN, &["1 a", "2 b", "3 c", "4 d", "5 e"]);
    let told = "Error L11 (Tail buffer overflow) -> dropped 2 messages since then";
    assert_eq!(short_rows(&log), ["a", told, "b", "c", "d", told, "e"], "what they told of has come");
}

#[test]
fn lines_of_the_platform_that_the_old_session_did_not_bring_are_put_at_their_places() {
    let (complete, exited) = (
        "4 heroku[run.1]: State changed from up to complete",
        "3 heroku[run.1]: Process exited with status 0",
    );
    let starting = "0 heroku[run.1]: Starting process with command `x`";
    let mut log = new_log();
    feed(&mut log, StreamKind::First, &[starting, "1 a", complete]);
    let mut facts = feed(&mut log, AGAIN, &["1 a", exited, complete]);
    log.end_stream(&mut facts);
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Exited { status: Some(0), .. })), "{facts:?}");
    let expected = ["a", "Process exited with status 0", "State changed from up to complete"];
    assert_eq!(short_rows(&log)[1..], expected);
}

#[test]
fn a_heartbeat_decides_what_is_behind_the_last_line() {
    let mut log = new_log();
    feed(&mut log, StreamKind::First, &["1 a", "1 a"]);
    let text = [line("1 a"), line("1 a"), line("1 b")].join("\n") + "\n";
    let mut facts = feed_bytes(&mut log, AGAIN, Encoding::Plain, &text);
    assert_eq!(short_rows(&log), ["a", "a"], "an equal line could still come");
    Decoder::new(Encoding::Plain).push(b"\0", &mut |piece| log.take(piece, &mut facts));
    assert_eq!(short_rows(&log), ["a", "a", "<Ambiguous None>", "b"]);
}

/// The first copy that the session brings may be a later one than the one that is there.
#[test]
fn a_session_that_begins_with_copies_of_the_last_line_leaves_a_mark() {
    let first: (StreamKind, &[&str]) = (StreamKind::First, &["1 a", "2 b"]);
    check(&[first, (AGAIN, &["2 b", "2 b", "3 c"])], &["a", "b", "<Ambiguous None>", "b", "c"]);
    check(&[first, (AGAIN, &["1 a", "2 b", "2 b", "3 c"])], &["a", "b", "b", "c"]);
    let first: (StreamKind, &[&str]) = (StreamKind::First, &["1 a", "2 b", "2 b"]);
    check(&[first, (AGAIN, &["2 b", "3 c"])], &["a", "b", "b", "<Ambiguous None>", "c"]);
    check(&[first, (AGAIN, &["1 a", "2 b", "2 b", "3 c"])], &["a", "b", "b", "c"]);
    let first: (StreamKind, &[&str]) = (StreamKind::First, &["2 b", "2 c", "2 b", "2 c"]);
    check(&[first, (AGAIN, &["2 b", "2 c", "3 d"])], &["b", "c", "b", "c", "<Ambiguous None>", "d"]);
    let first: (StreamKind, &[&str]) = (StreamKind::First, &["1 b", "1 a"]);
    check(&[first, (AGAIN, &["1 a", "1 b", "1 a", "2 c"])], &["a", "b", "a", "<Ambiguous None>", "c"]);
}

#[test]
fn equal_lines_in_more_than_one_place_are_marked_unless_ids_tell() {
    check(
        &[(StreamKind::First, &["1 a", "2 b", "2 b"]), (AGAIN, &["2 b", "2 b", "3 c"])],
        &["a", "b", "b", "<Ambiguous None>", "c"],
    );
    let frames =
        |ids: &[(u64, &str)]| -> String { ids.iter().map(|(id, short)| frame(*id, short)).collect() };
    let with_ids = |first: &[(u64, &str)], second: &[(u64, &str)]| {
        let mut log = new_log();
        feed_bytes(&mut log, StreamKind::First, Encoding::ServerSentEvents, &frames(first));
        feed_bytes(&mut log, AGAIN, Encoding::ServerSentEvents, &frames(second));
        short_rows(&log)
    };
    let first = [(7, "1 a"), (8, "2 b"), (9, "2 b")];
    assert_eq!(with_ids(&first, &[(8, "2 b"), (9, "2 b"), (10, "3 c")]), ["a", "b", "b", "c"]);
    assert_eq!(with_ids(&first, &[(9, "2 b"), (10, "2 b"), (11, "3 c")]), ["a", "b", "b", "b", "c"]);
    assert_eq!(with_ids(&first, &[(1, "2 b"), (2, "2 b"), (3, "3 c")])[3], "<Ambiguous None>");
}

#[test]
fn ids_move_with_lines_behind_those_that_came_late() {
    let check = |second: &[(u64, &str)], third: &[(u64, &str)]| {
        let first: &[(u64, &str)] = &[(1, "1 a"), (3, "3 c"), (4, "3 c")];
        let mut log = new_log();
        for (kind, frames) in [(StreamKind::First, first), (AGAIN, second), (AGAIN, third)] {
            let text: String = frames.iter().map(|(id, short)| frame(*id, short)).collect();
            feed_bytes(&mut log, kind, Encoding::ServerSentEvents, &text);
        }
        assert_eq!(short_rows(&log), ["a", "b", "c", "c", "e"]);
    };
    let (with_missed, next) = ([(1, "1 a"), (2, "2 b"), (3, "3 c"), (4, "3 c")], (5, "5 e"));
    // They tell with which of the copies the third session begins.
    check(&with_missed, &[(4, "3 c"), next]);
    // And that a frame comes for the second time.
    check(&[&with_missed[..], &[next, (3, "3 c")]].concat(), &[]);
}

fn frame(id: u64, short: &str) -> String {
    format!("id: {id}\ndata: {}\n\n", line(short))
}

#[test]
fn a_frame_that_comes_again_in_a_session_is_dropped() {
    let mut log = new_log();
    let text = [
        frame(1, "1 a"),
        frame(2, "2 b"),
        frame(1, "1 a"),
        frame(1, "3 c"),
        frame(4, "4 d"),
        frame(3, "2 b"),
    ];
    feed_bytes(&mut log, StreamKind::First, Encoding::ServerSentEvents, &text.concat());
    assert_eq!(short_rows(&log), ["a", "b", "c", "d", "b"], "the same id with another text is another line");
}

#[test]
fn an_unfinished_line_is_dropped_when_it_comes_whole_and_else_marked() {
    let unfinished = format!("{}\n{}", line("1 a"), &line("2 unfinished")[..50]);
    let check = |kind, lines: &[&str], expected: &[&str]| {
        let mut log = new_log();
        feed_bytes(&mut log, StreamKind::First, Encoding::Plain, &unfinished);
        feed(&mut log, kind, lines);
        log.end_stream(&mut Vec::new());
        assert_eq!(short_rows(&log), expected);
    };
    check(AGAIN, &["1 a", "2 unfinished", "3 c"], &["a", "unfinished", "c"]);
    check(AGAIN, &["2 unfinished", "3 c"], &["a", "unfinished", "c"]);
    check(AGAIN, &["5 e"], &["a", "unfin", "<HistoryTooShort None>", "e"]);
    check(HANDOVER, &["2 unfinished"], &["a", "unfinished"]);
    check(HANDOVER, &["5 e"], &["a", "unfin", "<HistoryTooShort None>", "e"]);
    check(AGAIN, &[], &["a", "unfin", "<HistoryTooShort None>"]);
}

#[test]
fn an_unfinished_line_that_became_one_is_removed_when_it_comes_whole() {
    let mut log = new_log();
    let unfinished = format!("{}\n{}", line("1 a"), &line("2 unfinished")[..50]);
    feed_bytes(&mut log, StreamKind::First, Encoding::Plain, &unfinished);
    feed(&mut log, AGAIN, &["5 e"]);
    assert_eq!(short_rows(&log), ["a", "unfin", "<HistoryTooShort None>", "e"]);
    feed(&mut log, AGAIN, &["1 a", "2 unfinished", "3 c", "5 e", "6 f"]);
    assert_eq!(short_rows(&log), ["a", "unfinished", "c", "e", "f"]);
    assert_eq!(log.printed().shown().text, "a\nunfinished\nc\ne\nf");
}

#[test]
fn the_result_does_not_count_what_came_again() {
    let mut log = new_log();
    feed(&mut log, StreamKind::First, &["1 a", "2 b"]);
    feed(&mut log, AGAIN, &["1 a", "2 b", "3 c"]);
    assert_eq!(log.printed().shown().text, "a\nb\nc");
    assert_eq!(log.printed().whole(log.lines()), b"a\nb\nc");
}

#[test]
fn a_masked_key_comes_again() {
    let mut log = new_log();
    let (piece, rest) = (format!("{}{}", "x".repeat(9_997), &KEY[..3]), format!("{} and more", &KEY[3..]));
    let (cut, rest) = (format!("2 {piece}"), format!("3 {rest}"));
    let whole = format!("1 key {KEY}");
    feed(&mut log, StreamKind::First, &[&whole, &cut]);
    feed(&mut log, AGAIN, &[&whole, &cut, &rest, "4 d"]);
    let masked = "*".repeat(KEY.len());
    let printed = format!("key {masked}\n{}{masked} and more\nd", "x".repeat(9_997));
    assert!(log.printed().whole(log.lines()) == printed.as_bytes(), "a key cut by the end of a session");
    feed(&mut log, AGAIN, &[&whole, &cut, &rest, "4 d", "5 e"]);
    assert!(log.printed().whole(log.lines()) == format!("{printed}\ne").as_bytes());
    assert!(log.gaps().is_empty());
}

fn scope() -> Scope {
    Scope { dyno: "run.1".to_owned(), created_at: Time::parse(b"2026-01-02T03:04:00Z") }
}

fn log_of(selection: Selection) -> RunLog {
    RunLog::new(&ApiKey::parse(KEY).expect("a key"), selection)
}

#[test]
fn lines_that_come_before_the_dyno_is_known_are_taken_then() {
    let mut log = log_of(Selection::OwnLines);
    let others = ["1 app[run.2]: other", "2 heroku[logplex]: Error L12: 5 messages dropped since then"];
    feed(&mut log, StreamKind::First, &[others[0], others[1], "3 a", "4 b"]);
    feed(&mut log, AGAIN, &["3 a", "4 b", "5 c", others[0]]);
    assert!(log.lines().is_empty());
    let mut facts = Vec::new();
    log.set_scope(scope(), &mut facts);
    let expected = ["<Dropped Some(5)>", "Error L12: 5 messages dropped since then", "a", "b", "c"];
    assert_eq!(short_rows(&log), expected);
    assert!(facts.contains(&Fact::FirstOutput { at: Time(1_767_323_040_003) }), "{facts:?}");
    let mut decoder = Decoder::new(Encoding::Plain);
    let text = format!("no header\n{}\n{}\n", line("6 app[run.3]: x"), line("7 d"));
    decoder.push(text.as_bytes(), &mut |piece| log.take(piece, &mut facts));
    assert_eq!(short_rows(&log)[5..], ["d"]);
}

/// As when the answer to the request for a dyno got lost, and there is no place for another stream once it was found.
#[test]
fn lines_of_a_log_that_was_closed_before_the_dyno_is_known_are_taken_then() {
    let (run, tail) = (RunId(1), TailId(1));
    let mut logs = Logs::default();
    let api_key = ApiKey::parse(KEY).expect("a key");
    let begin = |tail, is_read| {
        let api_key = api_key.clone();
        LogEffect::Begin { tail, api_key, selection: Selection::OwnLines, is_read, is_late: false }
    };
    logs.change(run, begin(tail, false));
    logs.begin_stream(tail, Encoding::Plain, StreamKind::First);
    logs.push(tail, format!("{}\n{}\n{}", line("1 a"), line("2 app[run.2]: other"), line("3 b")).as_bytes());
    assert!(logs.change(run, LogEffect::End).is_empty());
    let facts = logs.change(run, LogEffect::Name(scope()));
    assert!(facts.contains(&Fact::FirstOutput { at: Time(1_767_323_040_001) }), "{facts:?}");
    let rows = |logs: &Logs| short_rows(&logs.get(run).expect("a log").borrow());
    assert_eq!(rows(&logs), ["a"], "the rest of the last one may still come");

    // A place is free.
    let next = TailId(2);
    logs.change(run, begin(next, false));
    logs.change(run, LogEffect::Name(scope()));
    logs.begin_stream(next, Encoding::Plain, StreamKind::Again { history: true });
    logs.push(next, format!("{}\n{}\n{}\n", line("1 a"), line("3 bc"), line("4 d")).as_bytes());
    logs.change(run, LogEffect::End);
    assert_eq!(rows(&logs), ["a", "bc", "d"]);
}

#[test]
fn a_log_that_joins_a_stream_again_has_a_mark() {
    let (run, other, tail) = (RunId(1), RunId(2), TailId(1));
    let mut logs = Logs::default();
    let begin = |is_read| {
        let api_key = ApiKey::parse(KEY).expect("a key");
        LogEffect::Begin { tail, api_key, selection: Selection::OwnLines, is_read, is_late: false }
    };
    let push = |logs: &mut Logs, text| logs.push(tail, format!("{}\n", line(text)).as_bytes());
    logs.change(run, begin(false));
    logs.change(other, begin(false));
    logs.begin_stream(tail, Encoding::Plain, StreamKind::Again { history: false });
    push(&mut logs, "1 a");
    logs.change(run, LogEffect::End);
    push(&mut logs, "2 b");
    logs.change(run, begin(true));
    push(&mut logs, "3 c");
    for run in [run, other] {
        logs.change(run, LogEffect::Name(scope()));
    }
    let rows = |run| short_rows(&logs.get(run).expect("a log").borrow());
    assert_eq!(rows(run), ["a", "<NoHistory None>", "c"]);
    assert_eq!(rows(other), ["a", "b", "c"]);
}

#[test]
fn more_than_is_held_back_leaves_a_mark() {
    let text = "x".repeat(1 << 20);
    let lines: Vec<String> = (1..=20).map(|number| format!("{number} {text}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for (selection, missing) in [(Selection::AllOutput, Some(15)), (Selection::OwnLines, None)] {
        let mut log = log_of(selection);
        feed(&mut log, StreamKind::First, &lines);
        log.set_scope(scope(), &mut Vec::new());
        let marks: Vec<_> = log.gaps().iter().map(|gap| (gap.before, gap.missing, gap.cause)).collect();
        assert_eq!(marks, [(0, missing, GapCause::TooManyHeldBack)]);
        assert_eq!(log.lines().len(), 5);
    }
}

#[test]
fn a_run_whose_first_lines_did_not_come_has_a_mark() {
    #[track_caller]
    fn check(selection: Selection, lines: &[&str], is_marked: bool) {
        let mut log = log_of(selection);
        log.set_scope(scope(), &mut Vec::new());
        feed(&mut log, StreamKind::First, lines);
        let marks: Vec<_> = log.gaps().iter().map(|gap| (gap.before, gap.cause)).collect();
        assert_eq!(marks, if is_marked { vec![(0, GapCause::BeginningMissing)] } else { vec![] });
    }
    let exited = "9 heroku[run.1]: Process exited with status 0";
    let up = "2 heroku[run.1]: State changed from starting to up";
    check(Selection::All, &["1 a", exited], true);
    check(Selection::All, &["1 a", "9 heroku[run.1]: State changed from up to complete"], true);
    check(Selection::All, &["1 a", up, exited], false);
    check(Selection::All, &["1 heroku[run.1]: Starting process with command `x`", "2 a", exited], false);
    check(Selection::All, &["0 heroku[run.2]: older", "1 a", exited], false);
    check(Selection::AllOutput, &["1 a", exited], false);
    let many = vec!["1 a"; 1_500];
    check(Selection::All, &many, true);
    check(Selection::All, &many[1..], false);
}

#[test]
fn a_found_run_that_joins_a_stream_has_a_mark_unless_its_first_lines_come() {
    #[track_caller]
    fn check(selection: Selection, lines: &[&str], is_marked: bool) {
        let (mut log, mut facts) = (log_of(selection), Vec::new());
        log.begin_stream(StreamKind::First, &mut facts);
        log.set_scope(scope(), &mut facts);
        let mut decoder = Decoder::new(Encoding::Plain);
        let text: String = lines.iter().map(|text| format!("{}\n", line(text))).collect();
        decoder.push(text.as_bytes(), &mut |piece| log.take(piece, &mut facts));
        assert_eq!(!log.gaps().is_empty(), is_marked);
    }
    let (starting, exited) = (
        "1 heroku[run.1]: Starting process with command `x`",
        "9 heroku[run.1]: Process exited with status 0",
    );
    check(Selection::OwnLinesOfFound, &["2 app[run.2]: other", "3 a", exited], true);
    check(Selection::OwnLinesOfFound, &[starting, "3 a", exited], false);
    // Its stream was open before its dyno.
    check(Selection::OwnLines, &["3 a", exited], false);
}
