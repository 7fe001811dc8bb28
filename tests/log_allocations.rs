//! What the log costs, by counting: a line that arrives is copied into a segment and nothing else is made for it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "helpers of tests")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use serverless_on_heroku::domain::log::{Decoder, Encoding, RunLog, Scope, Selection, StreamKind};
use serverless_on_heroku::domain::secret::ApiKey;

/// Counts what is asked of the system's allocator.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator is unsafe by its nature; this one passes everything on")]
// SAFETY: as the system's, to which all goes unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the same.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is the same.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const LINES: usize = 50_000;

/// Lines of a function, 1 in 10 with colours, 1 in 20 with characters of several bytes.
fn body(encoding: Encoding) -> Vec<u8> {
    let mut body = Vec::new();
    for index in 0..LINES {
        let (second, fraction) = (index / 5_000, index % 5_000 * 200);
        let text = match index % 20 {
            0 | 10 => format!("\x1b[32mitem {index}\x1b[0m of many"),
            7 => format!("item {index}: grüße 世界"),
            _ => format!("item {index} path=/items/{} status=200 cache=hit", index % 997),
        };
        let line = format!("2026-01-02T03:04:{second:02}.{fraction:06}+00:00 app[run.1]: {text}");
        body.extend(match encoding {
            Encoding::Plain | Encoding::Unknown => format!("{line}\n").into_bytes(),
            Encoding::ServerSentEvents => format!("id: {}\ndata: {line}\n\n", 1_000_000 + index).into_bytes(),
        });
    }
    body
}

/// Alone in this file: another test's allocations would be counted, too.
#[test]
fn nothing_is_allocated_for_a_line() {
    for encoding in [Encoding::Plain, Encoding::ServerSentEvents] {
        let key = ApiKey::parse("HRKU-5ca1ab1e-0ddb-411e-a5e1-f0ca1bead5e7").expect("a key");
        let mut log = RunLog::new(&key, Selection::AllOutput);
        log.set_scope(Scope { dyno: "run.1".to_owned(), created_at: None }, &mut Vec::new());
        log.begin_stream(StreamKind::First, &mut Vec::new());
        let mut decoder = Decoder::new(encoding);
        let body = body(encoding);

        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let mut facts = Vec::new();
        for chunk in body.chunks(64 * 1024) {
            decoder.push(chunk, &mut |piece| log.take(piece, &mut facts));
            facts.clear();
        }
        let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
        assert_eq!(log.lines().len(), LINES);
        // Segments, and what grows with them.
        assert!(allocations < LINES / 200, "{allocations} allocations for {LINES} lines, {encoding:?}");
    }
}
