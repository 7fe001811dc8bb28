//! A search of a log in the page's own store finds what a search of each row's text finds.

#![allow(clippy::expect_used)]

use log_search::{Place, Query, Search};
use log_text::visible;
use proptest::prelude::*;
use regex_automata::Input;
use regex_automata::meta::Regex;
use serverless_on_heroku::domain::log::header::Header;
use serverless_on_heroku::domain::log::{Class, LineStore};
use serverless_on_heroku::domain::secret::ApiKey;

/// A store with these lines.
fn store(lines: &[Vec<u8>]) -> LineStore {
    let mut store = LineStore::default();
    append(&mut store, lines);
    store
}

fn append(store: &mut LineStore, lines: &[Vec<u8>]) {
    let key = ApiKey::parse("HRKU-0123456789abcdef0123456789abcdef").expect("a key").finder();
    for line in lines {
        store.push(line);
        store.end_line();
    }
    store.commit(&key, |head| if Header::parse(head).is_some() { Class::App } else { Class::Raw });
}

/// Searches what the search has not seen yet, as `src/web/search.rs` does.
fn catch_up(search: &mut Search, store: &LineStore) {
    while let Some(stretch) = store.stretch(search.searched() as usize) {
        for piece in stretch.pieces {
            search.bytes(piece.len()).copy_from_slice(piece);
        }
        search.ends().extend_from_slice(stretch.ends);
        search.headers().extend(stretch.classes.iter().map(|class| u8::from(*class != Class::Raw)));
        search.begin(stretch.base);
        while search.step() {}
    }
}

/// The text of a line as its row shows it.
fn text(line: &[u8]) -> String {
    visible(&line[Header::parse(line).map_or(0, |header| header.message_start)..])
}

/// What finds the matches of a query in a text, each by its place in bytes, by the plainest means there are.
fn naive(query: Query<'_>) -> impl Fn(&str) -> Vec<(usize, usize)> {
    let expression = if query.is_regex { query.text.to_owned() } else { regex_syntax::escape(query.text) };
    let syntax = regex_automata::util::syntax::Config::new().case_insensitive(!query.match_case);
    let regex = Regex::builder().syntax(syntax).build(&expression).expect("an expression");
    move |text| {
        let found: Vec<_> =
            regex.find_iter(Input::new(text)).map(|found| (found.start(), found.end())).collect();
        let not_empty: Vec<_> = found.iter().copied().filter(|(start, end)| start < end).collect();
        if not_empty.is_empty() { found.into_iter().take(1).collect() } else { not_empty }
    }
}

fn check(lines: &[Vec<u8>], query: Query<'_>, seen_at_first: usize) -> Result<(), TestCaseError> {
    let mut store = store(&lines[..seen_at_first.min(lines.len())]);
    let mut search = Search::default();
    search.set_query(query).expect("a query");
    catch_up(&mut search, &store);
    append(&mut store, &lines[seen_at_first.min(lines.len())..]);
    catch_up(&mut search, &store);
    prop_assert_eq!(search.searched() as usize, lines.len());

    let matches_in = naive(query);
    let mut expected = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let text = text(line);
        let places = matches_in(&text);
        expected.extend((0..places.len() as u32).map(|nth| Place { line: number as u32, nth }));
        let units = |place: usize| text[..place].encode_utf16().count() as u32;
        let ranges: Vec<_> = places
            .iter()
            .filter(|(start, end)| start < end)
            .map(|&(start, end)| units(start)..units(end))
            .collect();
        prop_assert_eq!(search.ranges(&text), ranges, "{:?}", text);
    }
    prop_assert_eq!(search.matches() as usize, expected.len());
    let found: Vec<_> = (0..expected.len()).map(|_| search.go(true, 0).expect("a match")).collect();
    prop_assert_eq!(found, expected);
    Ok(())
}

fn lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let header = prop_oneof![
        1 => Just(String::new()),
        4 => Just("2026-01-02T03:04:05.678901+00:00 app[run.1]: ".to_owned()),
        1 => Just("2026-01-02T03:04:05Z heroku-task:".to_owned()),
    ];
    let piece = prop_oneof![
        6 => "(task|Task|TASK|ask|k|st|a|p| |:|0|run){0,5}".prop_map(String::into_bytes),
        2 => "\u{1b}\\[[0-9;]{0,3}m".prop_map(String::into_bytes),
        1 => "(é|É|世|👋|ſ|\u{212a}|\u{85}){1,2}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(11..=u8::MAX, 0..2),
        1 => "(\u{1b}\\[2K|\u{1b}]0;task\u{7}|\r|\t|\u{7})".prop_map(String::into_bytes),
    ];
    let message = proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat());
    let line = (header, message).prop_map(|(header, message)| [header.as_bytes(), &message].concat());
    proptest::collection::vec(line, 0..25)
}

const EXPRESSIONS: [&str; 25] = [
    "task",
    "t[a]+sk",
    "(t|a)+ask?",
    "^.*sk",
    "^task",
    "^",
    "$",
    "^$",
    "k$",
    "[^a]",
    ".*",
    "a*",
    r"\bask\b",
    r"\w+",
    r"\s",
    r"\d+|st",
    "(?-i)T.*k",
    "é|ſ",
    r"\A.",
    r".\z",
    "(a+)+$",
    "(?s).a",
    r"[^\x20]+",
    "run|app",
    "\u{fffd}",
];

proptest! {
    #[test]
    fn texts_are_found_in_each_row(
        lines in lines(),
        text in "(t|ta|task|ASK|k|s|é|É|👋| |ap|run|:|05|\u{fffd}|K\u{1b}|sk.){1}",
        match_case: bool,
        seen in 0usize..25,
    ) {
        check(&lines, Query { text: &text, match_case, is_regex: false }, seen)?;
    }

    #[test]
    fn expressions_are_found_in_each_row(
        lines in lines(),
        expression in proptest::sample::select(&EXPRESSIONS[..]),
        match_case: bool,
        seen in 0usize..25,
    ) {
        check(&lines, Query { text: expression, match_case, is_regex: true }, seen)?;
    }
}

#[test]
fn lines_over_several_segments_are_found() {
    let long =
        [b"x".repeat(700_000), b"needle".to_vec(), b"y".repeat(2_500_000), b"Needle".to_vec()].concat();
    let mut lines = vec![long.clone(), b"short needle".to_vec(), b"z".repeat(1 << 20), long];
    lines.extend((0..20_000).map(|number| format!("line {number} of many, each with a needle").into_bytes()));
    for query in [
        Query { text: "needle", match_case: true, is_regex: false },
        Query { text: "needle", match_case: false, is_regex: false },
        Query { text: "ne+dle", match_case: false, is_regex: true },
        Query { text: "^line|needle$", match_case: false, is_regex: true },
    ] {
        check(&lines, query, 2).expect("all of them");
    }
}

#[test]
fn no_expression_takes_the_square_of_a_line() {
    // Of each of these, one search after the other reads the whole rest of the line.
    let mut search = Search::default();
    let store = store(&[b"a".repeat(100_000)]);
    search.set_query(Query { text: "a*b|a", match_case: true, is_regex: true }).expect("a query");
    let stretch = store.stretch(0).expect("a line");
    search.bytes(stretch.pieces[0].len()).copy_from_slice(stretch.pieces[0]);
    search.ends().extend_from_slice(stretch.ends);
    search.begin(stretch.base);
    // 4 MB of reading at most, of 10 GB/2.
    assert!(search.step());
    assert_eq!(search.matches(), 0);
    search.set_query(Query { text: "(a+)+$", match_case: true, is_regex: true }).expect("a query");
    catch_up(&mut search, &store);
    assert_eq!(search.matches(), 1);
}

#[test]
fn texts_that_a_terminal_makes_take_several_steps() {
    // Each takes the screen as wide as it gets.
    let store = store(&vec![b"a\x1b[9999Cb".to_vec(); 500]);
    for (text, is_regex) in [("b", false), ("b|c", true)] {
        let mut search = Search::default();
        search.set_query(Query { text, match_case: true, is_regex }).expect("a query");
        let stretch = store.stretch(0).expect("lines");
        search.bytes(stretch.pieces[0].len()).copy_from_slice(stretch.pieces[0]);
        search.ends().extend_from_slice(stretch.ends);
        search.begin(stretch.base);
        assert!(search.step());
        assert!((1..100).contains(&search.matches()), "{}", search.matches());
        while search.step() {}
        assert_eq!(search.matches(), 500);
    }
}

#[test]
fn only_matches_follow_what_is_found() {
    let lines: Vec<_> = (0..100).map(|number| format!("line {number}").into_bytes()).collect();
    let mut log = store(&lines);
    let mut search = Search::default();
    search.set_query(Query { text: "5$", match_case: false, is_regex: true }).expect("a query");
    search.show_around(1);
    catch_up(&mut search, &log);
    assert_eq!(search.rows(100), 30);
    assert_eq!((search.line(0), search.line(3), search.row(15)), (4, 14, 4));
    append(&mut log, &lines);
    catch_up(&mut search, &log);
    assert_eq!(search.rows(200), 60);
    search.restart(0);
    assert_eq!((search.rows(200), search.matches()), (0, 0));
    search.set_query(Query { text: "", match_case: false, is_regex: true }).expect("a query");
    catch_up(&mut search, &log);
    assert_eq!((search.rows(200), search.matches()), (0, 0));
}

/// What a search of lines finds from this one on, told as the page asks for it.
fn found_from(start: usize, lines: &[Vec<u8>], query: Query<'_>) -> Vec<Place> {
    let matches_in = naive(query);
    let places = |(number, line): (usize, &Vec<u8>)| {
        let count = matches_in(&text(line)).len() as u32;
        (0..count).map(move |nth| Place { line: number as u32, nth })
    };
    lines.iter().enumerate().skip(start).flat_map(places).collect()
}

proptest! {
    #[test]
    fn lines_that_the_log_drops_are_forgotten(
        lines in lines(),
        is_regex: bool,
        around in 0u32..3,
        block_lines in 1usize..9,
        drops in proptest::collection::vec((0usize..40, 0usize..25), 1..4),
        gone_to in proptest::option::of(0u32..25),
    ) {
        let query = Query { text: "task|k", match_case: false, is_regex };
        let mut search = Search::default();
        search.set_query(query).expect("a query");
        search.show_around(around);
        let (mut steps, mut start, mut gone_to) = (0, 0, gone_to);
        let mut current = None;
        while (search.searched() as usize) < lines.len() {
            let first = search.searched() as usize;
            let mut end = 0;
            for line in &lines[first..lines.len().min(first + block_lines)] {
                search.bytes(line.len() + 1).copy_from_slice(&[line, &b"\n"[..]].concat());
                end += line.len() as u32 + 1;
                search.ends().push(end);
                search.headers().push(u8::from(Header::parse(line).is_some()));
            }
            search.begin(0);
            loop {
                for (_, line) in drops.iter().filter(|(at, _)| *at == steps) {
                    start = start.max((*line).min(lines.len()));
                    search.forget_before(start as u32);
                    current = current.filter(|place: &Place| place.line as usize >= start);
                    prop_assert_eq!(search.current(), current);
                }
                if let Some(line) = gone_to.take_if(|_| search.matches() > 0) {
                    current = search.go(true, line);
                }
                steps += 1;
                if !search.step() {
                    break;
                }
            }
        }
        let expected = found_from(start, &lines, query);
        prop_assert_eq!(search.matches() as usize, expected.len());
        prop_assert_eq!(search.current(), current);
        let is_shown = |line: &u32| expected.iter().any(|place| place.line.abs_diff(*line) <= around);
        let shown: Vec<u32> = (start as u32..lines.len() as u32).filter(is_shown).collect();
        let rows = search.rows(lines.len() as u32);
        prop_assert_eq!((0..rows).map(|row| search.line(row)).collect::<Vec<_>>(), shown);
        let first = search.go(true, 0);
        if current.is_none() {
            prop_assert_eq!(first, expected.first().copied());
        }
    }
}

/// Gives lines to the search, as the page does; some are left out.
fn give(search: &mut Search, lines: &[(Vec<u8>, bool)]) {
    let mut end = 0;
    for (line, is_left_out) in lines {
        search.bytes(line.len() + 1).copy_from_slice(&[line, &b"\n"[..]].concat());
        end += line.len() as u32 + 1;
        search.ends().push(end);
        let header = u8::from(Header::parse(line).is_some());
        search.headers().push(if *is_left_out { 2 } else { header });
    }
    search.begin(0);
    while search.step() {}
}

proptest! {
    /// As in a log of the others alone.
    #[test]
    fn lines_that_are_left_out_are_not_found_and_have_no_row(
        lines in lines(),
        left_out in proptest::collection::vec(any::<bool>(), 25),
        is_regex: bool,
        around in 0u32..3,
        seen in 0usize..25,
        dropped in 0usize..25,
    ) {
        let query = Query { text: "task|k", match_case: false, is_regex };
        let lines: Vec<(Vec<u8>, bool)> = lines.into_iter().zip(left_out).collect();
        let mut search = Search::default();
        search.set_query(query).expect("a query");
        search.show_around(around);
        let (first, rest) = lines.split_at(seen.min(lines.len()));
        give(&mut search, first);
        let dropped = dropped.min(first.len());
        search.forget_before(dropped as u32);
        give(&mut search, rest);

        let numbers: Vec<u32> =
            (dropped..lines.len()).filter(|&line| !lines[line].1).map(|line| line as u32).collect();
        let shown: Vec<(Vec<u8>, bool)> = numbers.iter().map(|&line| lines[line as usize].clone()).collect();
        let mut other = Search::default();
        other.set_query(query).expect("a query");
        other.show_around(around);
        give(&mut other, &shown);
        prop_assert_eq!(search.matches(), other.matches());
        let (count, of_other) = (lines.len() as u32, shown.len() as u32);
        prop_assert_eq!(search.rows(count), other.rows(of_other));
        for row in 0..search.rows(count) {
            prop_assert_eq!(search.line(row), numbers[other.line(row) as usize]);
            prop_assert_eq!(search.row(search.line(row)), row);
        }
        for _ in 0..search.matches() {
            let (place, of_other) = (search.go(true, 0), other.go(true, 0));
            let expected = of_other.map(|it| Place { line: numbers[it.line as usize], nth: it.nth });
            prop_assert_eq!(place, expected);
        }
    }
}

#[test]
fn a_search_follows_a_log_that_drops_its_oldest_lines() {
    let line = |number: usize| format!("line {number} {}", "x".repeat(1_000)).into_bytes();
    let query = Query { text: "line", match_case: true, is_regex: false };
    let mut search = Search::default();
    search.set_query(query).expect("a query");
    let mut log = LineStore::default();
    for number in 0..6_000 {
        append(&mut log, &[line(number)]);
        if number % 1_000 == 999 {
            catch_up(&mut search, &log);
        }
        if number % 1_500 == 0 {
            log.drop_oldest();
            search.forget_before(log.first() as u32);
        }
    }
    let left = (log.len() - log.first()) as u32;
    assert!((2_500..3_000).contains(&left), "{left}");
    assert_eq!(search.matches(), left);
    assert_eq!(search.go(false, log.first() as u32 + 1).map(|place| place.line as usize), Some(log.first()));
    // And one that begins then.
    search.set_query(query).expect("a query");
    catch_up(&mut search, &log);
    assert_eq!(search.matches(), left);
    log.drop_all();
    search.forget_before(log.first() as u32);
    catch_up(&mut search, &log);
    assert_eq!((search.searched(), search.matches(), search.go(true, 0)), (6_000, 0, None));
}
