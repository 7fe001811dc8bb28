//! The deterministic simulation: a server, a network, clocks and a person against the page's whole logic, judged by what
//! the server printed. One number, the seed, decides everything.
//!
//! `cargo xtask simulate` runs it; `cargo xtask simulate --seed N` replays one seed with its trace.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test")]

mod dyno;
mod judge;
mod lines;
mod network;
mod page;
mod person;
mod random;
mod record;
mod scenario;
mod server;
mod streams;
mod trace;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use world::{Mutation, World};

/// Seeds in a plain `cargo test`, where nothing is optimised.
const FEW_SEEDS: u64 = 200;

/// Within so many seeds a mutation has to be found.
const SEEDS_FOR_MUTATIONS: u64 = 1000;

/// Complaints that are shown at most.
const SHOWN: usize = 40;

/// What is wrong with a seed; `None` for nothing.
fn complaint(seed: u64, mutation: Option<Mutation>) -> Option<String> {
    let run = || World::new(seed, mutation, false).run().record.complaint;
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Some("it panics".to_owned()))
}

/// Complaints about seeds, found by as many threads as there are processors. Ends early once `enough` were found.
fn complaints(seeds: std::ops::Range<u64>, mutation: Option<Mutation>, enough: usize) -> Vec<(u64, String)> {
    let next = AtomicU64::new(seeds.start);
    let found = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || found.lock().expect("a lock").len() >= enough {
                return;
            }
            if let Some(complaint) = complaint(seed, mutation) {
                found.lock().expect("a lock").push((seed, complaint));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut found = found.into_inner().expect("a lock");
    found.sort();
    found
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text:?}")))
}

#[test]
fn every_seed_ends_well() {
    if let Some(seed) = number("SIMULATION_SEED") {
        return replay(seed);
    }
    let first = number("SIMULATION_FIRST").unwrap_or(0);
    let seeds = number("SIMULATION_SEEDS").unwrap_or(FEW_SEEDS);
    let found = complaints(first..first + seeds, None, usize::MAX);
    for (seed, complaint) in found.iter().take(SHOWN) {
        println!("seed {seed}: {complaint}\n  replay: cargo xtask simulate --seed {seed}");
    }
    assert!(found.is_empty(), "{} of {seeds} seeds end badly", found.len());
}

fn replay(seed: u64) {
    let world = World::new(seed, None, true).run();
    for line in world.trace.0.iter().flatten() {
        println!("{line}");
    }
    assert_eq!(world.record.complaint, None, "seed {seed}");
}

#[test]
fn mutations_are_found() {
    for mutation in [Mutation::Alignment, Mutation::Backoff, Mutation::StaleRule] {
        let found = complaints(0..SEEDS_FOR_MUTATIONS, Some(mutation), 1);
        let (seed, complaint) = found.first().unwrap_or_else(|| panic!("{mutation:?} is not found"));
        println!("{mutation:?}: seed {seed}: {complaint}");
    }
}
