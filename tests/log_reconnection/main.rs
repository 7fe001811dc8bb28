//! A log over several sessions: each line once and in the server's order, or inside a mark.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "helpers of tests")]

mod insertion;
mod model;
mod rules;

use std::collections::{HashMap, HashSet};

use model::{Frames, Outcome, Plan, Row, Stamps, plan, rows, run};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serverless_on_heroku::domain::log::{Gap, GapCause};

/// Judges a log in which no two lines are equal: lines of one process in the server's order, each once, or inside a mark.
/// Those of another process than the lines around them may come late.
fn judge(outcome: &Outcome) -> Result<(), TestCaseError> {
    let rows = rows(&outcome.log);
    let fail = |text: String| Err(TestCaseError::fail(format!("{text}\n{}", shown(&rows))));
    let number: HashMap<&str, usize> =
        outcome.server.iter().enumerate().map(|(index, line)| (line.as_str(), index)).collect();
    let found: Vec<Option<usize>> = rows
        .iter()
        .map(|row| match row {
            Row::Line(line) => number.get(line.as_str()).copied(),
            Row::Gap(_) => None,
        })
        .collect();
    let there: HashSet<usize> = found.iter().flatten().copied().collect();
    if there.len() != found.iter().flatten().count() {
        return fail("a line twice".to_owned());
    }
    // Lines that came behind later ones.
    let mut latest = None;
    let is_late = |line: &usize| {
        let is_late = latest > Some(*line);
        latest = latest.max(Some(*line));
        is_late
    };
    let mut marked = HashSet::new();
    let late: HashSet<usize> = found.iter().flatten().copied().filter(is_late).collect();
    // Lines that are in no place and yet inside a mark, whatever came late between its neighbours.
    let in_place = |index: usize| found[index].filter(|line| !late.contains(line));
    for index in (0..rows.len()).filter(|index| matches!(rows[*index], Row::Gap(_))) {
        let before = (0..index).filter_map(in_place).max();
        let behind = (index..rows.len()).filter_map(in_place).min();
        let inside = before.map_or(0, |line| line + 1)..behind.unwrap_or(outcome.server.len());
        marked.extend(inside);
    }
    let mut last: Option<usize> = None;
    let mut marks: Vec<Gap> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        match (row, found[index]) {
            (Row::Gap(gap), _) => {
                // A line of the session that broke off never comes again.
                let is_of_session = |line: &String| outcome.own.iter().any(|own| own.starts_with(line));
                let is_behind_own =
                    index > 0 && matches!(&rows[index - 1], Row::Line(line) if is_of_session(line));
                let cause = if is_behind_own { GapCause::Dropped } else { gap.cause };
                marks.push(Gap { cause, ..*gap });
            }
            (Row::Line(line), None) if outcome.own.contains(line) => {}
            (Row::Line(line), None) => {
                // The beginning of a line whose rest never came, and the mark that says so. One of the session's own never
                // comes again, and what it would have told of may have come.
                if outcome.own.iter().any(|whole| whole.starts_with(line)) {
                    continue;
                }
                let is_begun = outcome.server.iter().any(|whole| whole.starts_with(line));
                let next = (index..rows.len())
                    .find(|next| in_place(*next).is_some() || matches!(rows[*next], Row::Gap(_)));
                if !is_begun || next.is_some_and(|next| in_place(next).is_some()) {
                    return fail(format!("no line, or half of one without a mark: {line}"));
                }
            }
            (Row::Line(line), Some(_)) if line.contains(" heroku[") => {}
            (Row::Line(line), Some(found)) => {
                if last >= Some(found) {
                    return fail(format!("out of order: {line}"));
                }
                if late.contains(&found) {
                    continue;
                }
                if let Err(error) = judge_space(outcome, (&there, &late, &marked), last, Some(found), &marks)
                {
                    return fail(error);
                }
                last = Some(found);
                marks.clear();
            }
        }
    }
    judge_space(outcome, (&there, &late, &marked), last, None, &marks).or_else(fail)
}

/// Judges what stands between two lines of the function.
fn judge_space(
    outcome: &Outcome,
    (there, late, marked): (&HashSet<usize>, &HashSet<usize>, &HashSet<usize>),
    last: Option<usize>,
    next: Option<usize>,
    marks: &[Gap],
) -> Result<(), String> {
    let space = last.map_or(0, |last| last + 1)..next.unwrap_or(outcome.server.len());
    let (missing, delivered): (Vec<usize>, Vec<usize>) = (
        space.clone().filter(|line| !there.contains(line)).collect(),
        space.clone().filter(|line| outcome.delivered.contains(line) && !there.contains(line)).collect(),
    );
    if marks.is_empty() {
        // What nobody brought can be missing without a mark at the ends, and where a session left it out silently.
        let is_unknown = |line: &usize| {
            marked.contains(line)
                || !outcome.delivered.contains(line)
                    && (last.is_none() || next.is_none() || outcome.raced.contains(line))
        };
        return match missing.iter().all(is_unknown) {
            true => Ok(()),
            false => {
                Err(format!("no mark between {last:?} and {next:?} for {missing:?}, brought {delivered:?}"))
            }
        };
    }
    let is_unknowable =
        outcome.unknowable.iter().any(|line| *line >= last && (next.is_none() || *line < next));
    let were_missing = missing.len() + space.filter(|line| late.contains(line)).count();
    // What L11 tells of may have come by another session.
    let is_told = marks.iter().any(|gap| gap.cause == GapCause::Dropped);
    let known: u64 = marks.iter().filter_map(|gap| gap.missing).sum();
    let is_possible = is_told || known <= were_missing as u64 && (were_missing > 0 || is_unknowable);
    match is_possible {
        true => Ok(()),
        false => {
            Err(format!("a false mark between {last:?} and {next:?}, missing {missing:?}, marks {marks:?}"))
        }
    }
}

fn shown(rows: &[Row]) -> String {
    let row = |row: &Row| match row {
        Row::Line(line) => line.clone(),
        Row::Gap(gap) => format!("{gap:?}"),
    };
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// The same plans each time; others with `PROPTEST_RNG_SEED`.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let rng_seed = match default.rng_seed {
        RngSeed::Random => RngSeed::Fixed(5),
        given => given,
    };
    ProptestConfig { cases, rng_seed, max_shrink_iters: 20_000, ..default }
}

fn without_swaps(mut plan: Plan) -> Plan {
    plan.sessions.iter_mut().for_each(|session| session.swapped.clear());
    plan
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn each_line_is_there_once_or_inside_a_mark(plan in plan(Stamps::Unique)) {
        let outcome = run(&without_swaps(plan));
        judge(&outcome)?;
    }
}

/// Nothing is lost: every history has the whole log, and the last session is read to its end.
fn without_loss(mut plan: Plan) -> Plan {
    for session in &mut plan.sessions {
        (session.history, session.race, session.dropped) = (plan.lines.len(), 0, None);
        // A history that begins with lines in another order does not show at once that it reaches back.
        session.swapped.retain(|place| *place > 1);
    }
    if let Some(last) = plan.sessions.last_mut() {
        (last.cut, last.handover) = (1000, false);
    }
    plan
}

fn lines(outcome: &Outcome, process: &str) -> Vec<String> {
    let line = |row| match row {
        Row::Line(line) if line.contains(process) => Some(line),
        _ => None,
    };
    rows(&outcome.log).into_iter().filter_map(line).collect()
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn without_a_loss_there_is_no_mark_even_if_processes_change_places(plan in plan(Stamps::Shared)) {
        let outcome = run(&without_loss(plan));
        prop_assert!(outcome.log.gaps().is_empty(), "{}", shown(&rows(&outcome.log)));
        let brought = outcome.delivered.iter().max().map_or(0, |last| last + 1);
        for process in [" app[", " heroku["] {
            let expected: Vec<String> =
                outcome.server[..brought].iter().filter(|line| line.contains(process)).cloned().collect();
            prop_assert_eq!(lines(&outcome, process), expected);
        }
    }

    #[test]
    fn what_a_function_prints_twice_stays_twice(plan in plan(Stamps::Repeating)) {
        let outcome = run(&without_swaps(without_loss(plan)));
        let brought = outcome.delivered.iter().max().map_or(0, |last| last + 1);
        prop_assert_eq!(lines(&outcome, ""), &outcome.server[..brought]);
        let is_ambiguous = |gap: &Gap| gap.cause == GapCause::Ambiguous;
        prop_assert!(outcome.log.gaps().iter().all(is_ambiguous), "{}", shown(&rows(&outcome.log)));
    }

    #[test]
    fn a_short_history_of_equal_lines_is_aligned_or_marked_as_ambiguous(
        plan in plan(Stamps::Repeating),
        overlaps in prop::collection::vec(1..8_usize, 6),
    ) {
        let mut plan = without_swaps(without_loss(plan));
        for (session, overlap) in plan.sessions.iter_mut().zip(overlaps) {
            (session.history, session.cut, session.handover) = (session.away + overlap, 1000, false);
            session.repeated.clear();
        }
        // Lines of two processes could have changed places.
        plan.lines.iter_mut().for_each(|line| line.0 = true);
        plan.sessions[0].away = 0;
        plan.sessions[0].live = plan.sessions[0].live.max(1);
        if plan.frames == Frames::SessionIds {
            plan.frames = Frames::WithoutIds;
        }
        let outcome = run(&plan);
        let is_marked = outcome.log.gaps().iter().any(|gap| gap.cause == GapCause::Ambiguous);
        prop_assert!(!is_marked || plan.frames != Frames::StableIds);
        if !is_marked {
            let brought = outcome.delivered.iter().max().map_or(0, |last| last + 1);
            prop_assert_eq!(lines(&outcome, ""), &outcome.server[..brought]);
            prop_assert!(outcome.log.gaps().is_empty(), "{}", shown(&rows(&outcome.log)));
        }
    }
}
