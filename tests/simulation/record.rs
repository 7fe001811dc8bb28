//! What happened that the judge needs: what was asked for and when, and which lines reached the page.

use std::collections::{BTreeMap, BTreeSet};

use serverless_on_heroku::domain::app::{Effect, Event, LogEffect};
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::log::{Fact, Selection, StreamKind};
use serverless_on_heroku::domain::run::{Call, RunEvent};
use serverless_on_heroku::domain::tail::{self, TailEvent};

use super::network::{Connection, PageSide};
use super::world::World;

/// A new session's first pause after a failure (platform-api.md 5.4).
const SHORTEST_PAUSE: u64 = 500;
const MOST_FAILURES: u32 = 5;

/// A stream that lasted so long was no failure.
const STABLE: u64 = 5000;

/// Fewer remaining requests than this, and nothing is asked without a click.
const RESERVE: u64 = 100;

#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) complaint: Option<String>,
    pub(crate) runs: BTreeMap<RunId, RunRecord>,
    /// Runs whose dyno a person chose from a list.
    pub(crate) followed: BTreeSet<RunId>,
    tails: BTreeMap<TailId, TailRecord>,
    /// Lines that a connection began with.
    pub(crate) histories: BTreeMap<usize, Vec<usize>>,
    rate_limits_asked: Option<u64>,
    remaining: Option<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct RunRecord {
    posts: u32,
    conflicts: u32,
    /// Page times of questions about the dyno.
    questions: Vec<u64>,
    /// What made the pauses begin anew: losses of the log, clicks.
    resets: Vec<u64>,
    not_before: u64,
    tail: Option<TailId>,
    pub(crate) selection: Option<Selection>,
    /// Its dyno was there before its first stream, which has no history.
    is_late: bool,
    /// Numbers of lines of the app that reached the page while the run read, in order.
    pub(crate) delivered: Vec<usize>,
    pub(crate) streams: Vec<StreamRecord>,
    pub(crate) is_judged: bool,
}

/// A stream that was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamRecord {
    pub(crate) connection: usize,
    pub(crate) kind: StreamKind,
    /// Lines in the store when it began.
    pub(crate) at_line: usize,
    /// Lines that had been delivered.
    pub(crate) delivered: usize,
}

#[derive(Debug, Default)]
struct TailRecord {
    asked: Vec<u64>,
    failures: u32,
    not_before: u64,
    /// A stream of the newest session was read.
    was_read: bool,
    /// The next session may come at once: a click, a sleep, a network that is back.
    is_forgiven: bool,
}

impl Record {
    pub(crate) fn forgive_haste(&mut self) {
        for tail in self.tails.values_mut() {
            tail.is_forgiven = true;
            tail.failures = 0;
        }
    }

    /// The page is loaded again.
    pub(crate) fn forget_page(&mut self) {
        let (complaint, histories) = (self.complaint.take(), std::mem::take(&mut self.histories));
        *self = Self { complaint, histories, ..Self::default() };
    }

    pub(crate) fn click(&mut self, run: RunId) {
        self.forgive_haste();
        let record = self.runs.entry(run).or_default();
        record.not_before = 0;
        let tail = record.tail;
        if let Some(tail) = tail.and_then(|tail| self.tails.get_mut(&tail)) {
            tail.not_before = 0;
        }
    }

    pub(crate) fn history_sent(&mut self, connection: usize, history: &[usize]) {
        self.histories.insert(connection, history.to_vec());
    }

    fn readers(&self, tail: TailId) -> Vec<RunId> {
        self.runs.iter().filter(|(_, run)| run.tail == Some(tail)).map(|(id, _)| *id).collect()
    }
}

impl World {
    pub(crate) fn record_event(&mut self, event: &Event) {
        let now = self.page_now().0;
        match event {
            Event::Run(run, RunEvent::Answered(call, Ok(answer))) => {
                let wait = answer.retry_after.map_or(60_000, |wait| wait.as_millis() as u64);
                let record = self.record.runs.entry(*run).or_default();
                match (call, answer.status) {
                    (Call::CreateDyno, 409) => record.conflicts += 1,
                    (Call::DynoInfo, 429) => record.not_before = now + wait,
                    _ => {}
                }
                self.record.remaining = answer.remaining_requests.or(self.record.remaining);
            }
            Event::Run(run, event) if event.is_click() => {
                if matches!(event, RunEvent::FollowClicked(_) | RunEvent::StopFoundClicked(_)) {
                    self.record.followed.insert(*run);
                }
                self.record.runs.entry(*run).or_default().resets.push(now);
            }
            Event::AppAnswered(_, Ok(answer)) => {
                self.record.remaining = answer.remaining_requests.or(self.record.remaining);
            }
            Event::RateLimitsAnswered(Ok(answer)) if answer.status == 200 => {
                let told = answer.body.trim_matches(|it: char| !it.is_ascii_digit()).parse().ok();
                self.record.remaining = told.or(self.record.remaining);
            }
            Event::Tail(tail, event) => self.record_tail_event(*tail, event),
            Event::LogRead { tail, facts, .. }
                if facts.iter().any(|(_, facts)| facts.contains(&Fact::Lines)) =>
            {
                self.record.tails.entry(*tail).or_default().failures = 0;
            }
            _ => {}
        }
    }

    fn record_tail_event(&mut self, tail: TailId, event: &TailEvent) {
        let now = self.page_now().0;
        let reads = self.network.connections.iter().any(|it| it.tail == tail && it.page == PageSide::Reading);
        let readers = self.record.readers(tail);
        let record = self.record.tails.entry(tail).or_default();
        match event {
            TailEvent::SessionAnswered(_, answer) => {
                let failed = answer.as_ref().map_or(true, |answer| answer.status >= 300);
                if let Ok(answer) = answer {
                    self.record.remaining = answer.remaining_requests.or(self.record.remaining);
                    if answer.status == 429 {
                        let wait = answer.retry_after.map_or(60_000, |wait| wait.as_millis() as u64);
                        record.not_before = now + wait;
                    }
                }
                record.failures += u32::from(failed && !reads);
            }
            TailEvent::Failed(..) => record.failures += u32::from(!reads),
            _ => {}
        }
        for run in readers {
            self.record.runs.entry(run).or_default().resets.push(now);
        }
    }

    pub(crate) fn record_effect(&mut self, effect: &Effect) {
        let now = self.page_now().0;
        match effect {
            Effect::Call { run, call: Call::CreateDyno, .. } => {
                let record = self.record.runs.entry(*run).or_default();
                record.posts += 1;
                if record.posts > 1 + record.conflicts.min(2) {
                    self.complain(format!("run {run} asks for a second dyno without a click"));
                }
            }
            Effect::Call { run, call: Call::DynoInfo, .. } => self.judge_question(*run, now),
            Effect::AskRateLimits { .. } => {
                let before = self.record.rate_limits_asked.replace(now);
                if before.is_some_and(|before| now < before + 60_000) {
                    self.complain("the rate limits are asked for more than once a minute".to_owned());
                }
            }
            Effect::Tail(tail, tail::Effect::CreateSession { session, .. }) => {
                self.judge_session(*tail, *session, now);
            }
            Effect::Log(run, LogEffect::Begin { tail, selection, is_late, .. }) => {
                let record = self.record.runs.entry(*run).or_default();
                record.is_late |= *is_late;
                record.tail = Some(*tail);
                record.selection.get_or_insert(*selection);
                let is_read = |it: &Connection| it.tail == *tail && it.page == PageSide::Reading;
                if let Some(connection) = self.network.connections.iter().position(is_read) {
                    // In the middle of the stream.
                    self.record_stream(*run, connection, StreamKind::Again { history: false });
                }
            }
            Effect::Log(run, LogEffect::End | LogEffect::Forget) => {
                self.record.runs.entry(*run).or_default().tail = None;
            }
            _ => {}
        }
    }

    fn judge_question(&mut self, run: RunId, now: u64) {
        let is_doubtful = self
            .page
            .state
            .run(run)
            .is_some_and(|run| run.stop == serverless_on_heroku::domain::run::Stop::Doubtful);
        let remaining = self.record.remaining;
        let record = self.record.runs.entry(run).or_default();
        record.questions.push(now);
        let recent = record.questions.iter().filter(|&&asked| asked + 60_000 > now).count();
        let resets = record.resets.iter().filter(|&&reset| reset + 60_000 > now).count();
        let not_before = record.not_before;
        if now < not_before {
            self.complain(format!(
                "run {run} asks about its dyno {} ms too early after 429",
                not_before - now
            ));
        } else if recent > 10 + 4 * resets && !is_doubtful {
            self.complain(format!("run {run} asked about its dyno {recent} times in a minute"));
        } else if remaining.is_some_and(|remaining| remaining < RESERVE) {
            self.complain(format!("run {run} asks about its dyno with {remaining:?} requests left"));
        }
    }

    fn judge_session(&mut self, tail: TailId, session: u32, now: u64) {
        let record = self.record.tails.entry(tail).or_default();
        let before = record.asked.last().copied();
        if std::mem::take(&mut record.was_read) && before.is_some_and(|before| now >= before + STABLE) {
            record.failures = 0;
        }
        record.asked.push(now);
        let is_forgiven = std::mem::take(&mut record.is_forgiven);
        let (failures, not_before) = (record.failures, record.not_before);
        if now < not_before {
            self.complain(format!("{tail:?} asks for a session {} ms too early after 429", not_before - now));
        } else if is_forgiven {
        } else if session > 2 && before.is_some_and(|before| now < before + SHORTEST_PAUSE) {
            self.complain(format!("{tail:?} asks for session {session} without a pause"));
        } else if failures >= MOST_FAILURES {
            self.complain(format!("{tail:?} asks for a session after {failures} failures in a row"));
        }
    }

    /// The page begins to read a stream.
    pub(crate) fn record_reading(&mut self, tail: TailId, connection: usize, kind: StreamKind) {
        self.record.tails.entry(tail).or_default().was_read = true;
        for run in self.record.readers(tail) {
            self.record_stream(run, connection, kind);
        }
    }

    fn record_stream(&mut self, run: RunId, connection: usize, kind: StreamKind) {
        let at_line = self.page.logs.get(run).map_or(0, |log| log.borrow().lines().len());
        let record = self.record.runs.entry(run).or_default();
        let is_first = record.streams.is_empty() && !record.is_late;
        let kind = if is_first { StreamKind::First } else { kind };
        let delivered = record.delivered.len();
        record.streams.push(StreamRecord { connection, kind, at_line, delivered });
    }

    /// The page has read bytes.
    pub(crate) fn record_bytes(&mut self, connection: usize, bytes: u64) {
        let it = &mut self.network.connections[connection];
        it.read += bytes;
        let tail = it.tail;
        let mut lines = Vec::new();
        while it.line_ends.front().is_some_and(|(end, _)| *end <= it.read) {
            lines.extend(it.line_ends.pop_front().map(|(_, line)| line));
        }
        for run in self.record.readers(tail) {
            if let Some(record) = self.record.runs.get_mut(&run) {
                record.delivered.extend(&lines);
            }
        }
    }
}
