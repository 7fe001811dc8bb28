//! Properties of selections: what is copied is what a naive reader of the log would cut out of its text.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "helpers of tests")]

use log_text::visible;
use proptest::prelude::*;
use serverless_on_heroku::domain::log::selection::{LINE_END, Place, TextSelection};
use serverless_on_heroku::domain::log::{Class, LineStore};

const HEADER: &str = "2026-01-02T03:04:05.678901+00:00 app[run.1]: ";

/// Lines with headers, but for every fifth, which has no known grammar.
fn store_of(messages: &[String]) -> LineStore {
    let mut store = LineStore::default();
    for (index, message) in messages.iter().enumerate() {
        let line = [header_of(index), message.as_str(), "\n"].concat();
        store.append_lines(line.as_bytes(), &[line.len() as u32], Class::Output);
    }
    store
}

fn header_of(line: usize) -> &'static str {
    if line % 5 == 4 { "" } else { HEADER }
}

fn text(selection: &TextSelection, messages: &[String]) -> String {
    selection.text(&store_of(messages), false, &|_| true)
}

/// The whole log as a naive reader has it, in UTF-16, and where its lines begin.
fn naive(messages: &[String]) -> (Vec<u16>, Vec<usize>) {
    let (mut all, mut starts) = (Vec::new(), Vec::new());
    for message in messages {
        if !starts.is_empty() {
            all.push(u16::from(b'\n'));
        }
        starts.push(all.len());
        all.extend(visible(message.as_bytes()).encode_utf16());
    }
    (all, starts)
}

fn message() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "abc", " ", "\t", "世界", "👋", "e\u{301}", "\x1b[31m", "\x1b[0m", "\r", "\x1b[K", "\u{202e}",
        "grüße",
    ]);
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// Messages of a log, and places in it: between characters, the ends of lines and what is past them among them.
fn log_and_places(count: usize) -> impl Strategy<Value = (Vec<String>, Vec<Place>)> {
    let choices = prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), count);
    (prop::collection::vec(message(), 1..12), choices).prop_map(|(messages, choices)| {
        let place = |(line, offset): &(prop::sample::Index, prop::sample::Index)| {
            let line = line.index(messages.len());
            let mut offsets = vec![0];
            for character in visible(messages[line].as_bytes()).chars() {
                offsets.push(offsets.last().copied().unwrap_or_default() + character.len_utf16() as u32);
            }
            offsets.extend([LINE_END, offsets.last().map_or(1, |last| last + 1)]);
            Place { line, offset: offsets[offset.index(offsets.len())] }
        };
        let places = choices.iter().map(place).collect();
        (messages, places)
    })
}

proptest! {
    #[test]
    fn characters_are_cut_out_of_the_whole((messages, places) in log_and_places(2)) {
        let (all, starts) = naive(&messages);
        let at = |place: Place| {
            let end = starts.get(place.line + 1).map_or(all.len(), |next| next - 1);
            end.min(starts[place.line] + place.offset as usize)
        };
        let (first, last) = (places[0].min(places[1]), places[0].max(places[1]));
        let expected = String::from_utf16(&all[at(first)..at(last).max(at(first))]).expect("whole characters");
        let selection = TextSelection::begin(places[0], false).extended(places[1], false);
        prop_assert_eq!(text(&selection, &messages), expected);
        prop_assert_eq!(selection.focus_line(), places[1].line);
    }

    #[test]
    fn whole_lines_are_whole((messages, places) in log_and_places(3)) {
        let [begun, between, last] = places[..] else { unreachable!("three places") };
        let lines = begun.line.min(last.line)..=begun.line.max(last.line);
        let expected: Vec<String> =
            messages[lines.clone()].iter().map(|message| visible(message.as_bytes())).collect();
        // Whether it was so from the beginning or became so, and whatever it was extended to before.
        let from_number = TextSelection::begin(begun, true).extended(between, false).extended(last, false);
        let later = TextSelection::begin(begun, false).extended(between, true).extended(last, false);
        for selection in [from_number, later, TextSelection::lines(lines.clone())] {
            prop_assert_eq!(text(&selection, &messages), expected.join("\n"));
        }
    }

    #[test]
    fn headers_come_before_each_line_that_has_one(
        (messages, places) in log_and_places(2),
        is_by_line in any::<bool>(),
    ) {
        let selection = TextSelection::begin(places[0], is_by_line).extended(places[1], is_by_line);
        let with_headers = selection.text(&store_of(&messages), true, &|_| true);
        let first = places[0].line.min(places[1].line);
        let plain = text(&selection, &messages);
        let expected: Vec<String> = plain
            .split('\n')
            .enumerate()
            .map(|(index, line)| header_of(first + index).to_owned() + line)
            .collect();
        let expected = if selection.range().is_some() { expected.join("\n") } else { String::new() };
        prop_assert_eq!(with_headers, expected);
    }

    #[test]
    fn what_is_not_shown_is_not_copied((messages, places) in log_and_places(2), shown in any::<u16>()) {
        let is_shown = |line: usize| shown >> line & 1 == 1;
        let lines = places[0].line.min(places[1].line)..=places[0].line.max(places[1].line);
        let expected: Vec<String> =
            lines.clone().filter(|&line| is_shown(line)).map(|line| visible(messages[line].as_bytes())).collect();
        let selection = TextSelection::lines(lines);
        prop_assert_eq!(selection.text(&store_of(&messages), false, &is_shown), expected.join("\n"));
    }

    #[test]
    fn any_offset_is_a_place(line in message(), offsets in any::<[u8; 2]>()) {
        let place = |offset: u8| Place { line: 0, offset: u32::from(offset % 32) };
        let [from, to] = offsets.map(place);
        let selection = TextSelection::begin(from, false).extended(to, false);
        let shown = visible(line.as_bytes());
        prop_assert!(shown.contains(&text(&selection, &[line])));
    }
}

#[test]
fn nothing_is_selected_at_a_single_place() {
    let place = Place { line: 1, offset: 2 };
    assert_eq!(TextSelection::begin(place, false).range(), None);
    assert_eq!(text(&TextSelection::begin(place, false), &["one".to_owned(), "two".to_owned()]), "");
    let line = (Place { line: 1, offset: 0 }, Place { line: 1, offset: LINE_END });
    assert_eq!(TextSelection::begin(place, true).range(), Some(line));
}

#[test]
fn lines_that_are_not_there_are_left_out() {
    let messages = ["one".to_owned(), "two".to_owned()];
    assert_eq!(text(&TextSelection::lines(1..=9), &messages), "two");
    assert_eq!(text(&TextSelection::lines(5..=9), &messages), "");
}

/// Guards the speed: text that grows is copied time and again.
#[test]
fn the_text_of_a_hundred_thousand_lines_is_written_once() {
    let messages: Vec<String> = (0..100_000).map(|line| format!("item {line}")).collect();
    let text = TextSelection::lines(0..=99_999).text(&store_of(&messages), true, &|_| true);
    assert_eq!(text.lines().count(), 100_000);
    let bytes: usize = text.len() + 1;
    assert_eq!(text.capacity(), bytes, "it was made longer while it was written");
}
