//! What the page calls. Numbers alone go over the border; the page writes and reads texts where it is told.

#![expect(
    unsafe_code,
    reason = "an export needs a name that is not mangled, and such an attribute counts as unsafe"
)]

use std::cell::RefCell;

use crate::matcher::Query;
use crate::search::Search;

/// What stands for no line.
const NONE: i32 = -1;

#[derive(Default)]
struct Module {
    search: Search,
    /// What the page writes: a query, or a text on screen.
    input: Vec<u8>,
    /// What it reads: what is wrong with a query.
    error: String,
    /// What it reads: where a text matches.
    ranges: Vec<u32>,
}

thread_local! {
    static MODULE: RefCell<Module> = RefCell::default();
}

fn with<T>(answer: impl FnOnce(&mut Module) -> T) -> T {
    MODULE.with(|module| answer(&mut module.borrow_mut()))
}

/// Room for so many more bytes of lines: where to write them.
#[unsafe(no_mangle)]
extern "C" fn bytes(length: usize) -> *mut u8 {
    with(|module| module.search.bytes(length).as_mut_ptr())
}

/// Room for the ends of so many lines, 32-bit each.
#[unsafe(no_mangle)]
extern "C" fn ends(count: usize) -> *mut u32 {
    with(|module| room(module.search.ends(), count))
}

/// Room for the headers of so many lines.
#[unsafe(no_mangle)]
extern "C" fn headers(count: usize) -> *mut u8 {
    with(|module| room(module.search.headers(), count))
}

/// The lines are written.
#[unsafe(no_mangle)]
extern "C" fn begin(base: u32) {
    with(|module| module.search.begin(base));
}

/// `start` is the first line of the log that was not dropped.
#[unsafe(no_mangle)]
extern "C" fn step(start: u32) -> bool {
    with(|module| {
        module.search.forget_before(start);
        module.search.step()
    })
}

#[unsafe(no_mangle)]
extern "C" fn restart(start: u32) {
    with(|module| module.search.restart(start));
}

/// Room for a query or a text in UTF-8.
#[unsafe(no_mangle)]
extern "C" fn input(length: usize) -> *mut u8 {
    with(|module| {
        module.input.clear();
        room(&mut module.input, length)
    })
}

/// The query is written. Length of the words on what is wrong with it, in bytes.
#[unsafe(no_mangle)]
extern "C" fn query(match_case: bool, is_regex: bool) -> usize {
    with(|Module { search, input, error, .. }| {
        let text = &String::from_utf8_lossy(input);
        *error = search.set_query(Query { text, match_case, is_regex }).err().unwrap_or_default();
        error.len()
    })
}

#[unsafe(no_mangle)]
extern "C" fn error() -> *const u8 {
    with(|module| module.error.as_ptr())
}

/// A text is written. Number of the ranges of its matches.
#[unsafe(no_mangle)]
extern "C" fn find() -> usize {
    with(|Module { search, input, ranges, .. }| {
        let found = search.ranges(&String::from_utf8_lossy(input));
        *ranges = found.iter().flat_map(|range| [range.start, range.end]).collect();
        found.len()
    })
}

/// Begin and end of each.
#[unsafe(no_mangle)]
extern "C" fn ranges() -> *const u32 {
    with(|module| module.ranges.as_ptr())
}

#[unsafe(no_mangle)]
extern "C" fn searched() -> u32 {
    with(|module| module.search.searched())
}

#[unsafe(no_mangle)]
extern "C" fn matches() -> u32 {
    with(|module| module.search.matches())
}

/// The line of the match.
#[unsafe(no_mangle)]
extern "C" fn go(forward: bool, line: u32) -> i32 {
    with(|module| module.search.go(forward, line).map_or(NONE, |place| place.line as i32))
}

/// The index of the present match.
#[unsafe(no_mangle)]
extern "C" fn current() -> i32 {
    with(|module| module.search.current_index().map_or(NONE, |index| index as i32))
}

#[unsafe(no_mangle)]
extern "C" fn current_line() -> i32 {
    with(|module| module.search.current().map_or(NONE, |place| place.line as i32))
}

/// Which of its line's matches it is.
#[unsafe(no_mangle)]
extern "C" fn current_nth() -> i32 {
    with(|module| module.search.current().map_or(NONE, |place| place.nth as i32))
}

#[unsafe(no_mangle)]
extern "C" fn show_around(lines: u32) {
    with(|module| module.search.show_around(lines));
}

#[unsafe(no_mangle)]
extern "C" fn rows(lines: u32) -> u32 {
    with(|module| module.search.rows(lines))
}

#[unsafe(no_mangle)]
extern "C" fn line(row: u32) -> u32 {
    with(|module| module.search.line(row))
}

#[unsafe(no_mangle)]
extern "C" fn row(line: u32) -> u32 {
    with(|module| module.search.row(line))
}

/// Makes a list longer; where the new part lies.
fn room<T: Default + Clone>(list: &mut Vec<T>, count: usize) -> *mut T {
    let before = list.len();
    list.resize(before + count, T::default());
    list[before..].as_mut_ptr()
}
