//! The tails that bring the runs' logs: which run reads which, and what passes between them.

use super::runs::{Change, Place};
use super::{Config, Effect, LogEffect, State};
use crate::domain::api::{LogFilter, LogSource};
use crate::domain::error::ApiError;
use crate::domain::ids::{RunId, TailId};
use crate::domain::log::{Fact, Selection};
use crate::domain::run::{Run, RunEvent};
use crate::domain::tail::{self, News, Subject, Tail, TailEvent};
use crate::domain::time::Time;

impl State {
    /// One tail at a time is replaced while it is still read.
    pub(super) fn may_rotate(&self, id: TailId) -> bool {
        !self.tails.iter().any(|tail| tail.id != id && tail.is_rotating())
    }

    /// The run gets a tail of its own, or a part in the shared one.
    pub(super) fn open_log(&mut self, id: RunId, now: Time) {
        let Some(index) = self.run_index(id) else { return };
        // The place of a run is kept from its start on. A dyno that was found later has to find one.
        if self.runs[index].dyno.is_some() {
            match self.place(&self.runs[index]) {
                Ok(place) => self.runs[index].shares_stream = place == Place::Shared,
                Err(error) => return self.change_run(id, now, Change::News(&News::GaveUp(error))),
            }
        }
        let run = &self.runs[index];
        let filter = match &run.dyno {
            Some(dyno) if !run.shares_stream => LogFilter::Dyno(dyno.name.clone()),
            _ => LogFilter::OneOffDynos,
        };
        let source = run.log_source();
        let selection = match (&filter, source) {
            (LogFilter::OneOffDynos, LogSource::All) if run.dyno.is_some() => Selection::OwnLinesOfFound,
            (LogFilter::OneOffDynos, _) => Selection::OwnLines,
            (LogFilter::Dyno(_), LogSource::All) => Selection::All,
            (LogFilter::Dyno(_), LogSource::App) => Selection::AllOutput,
        };
        let (app, api_key, has_history) = (run.app.clone(), run.api_key().clone(), !run.kind().is_fir);
        let subject = Subject { app, filter, source, has_history };
        let log_key = api_key.clone();
        let is_late = run.dyno.is_some() && !has_history;
        let begin = |tail, is_read| {
            let api_key = log_key;
            Effect::Log(id, LogEffect::Begin { tail, api_key, selection, is_read, is_late })
        };

        let is_shared = |reader: &RunId| self.run(*reader).is_some_and(|run| run.shares_stream);
        let shares = run.shares_stream;
        let shared = self.tails.iter().position(|tail| {
            shares
                && tail.subject == subject
                && !tail.readers.is_empty()
                && tail.readers.iter().all(is_shared)
        });
        if let Some(index) = shared {
            let tail = &mut self.tails[index];
            tail.readers.push(id);
            tail.use_key(&api_key);
            let tail_id = tail.id;
            let is_read = tail.is_read();
            self.outbox.push(begin(tail_id, is_read));
            if is_read {
                self.change_run(id, now, Change::News(&News::Opened));
            } else {
                self.update_tail(tail_id, &TailEvent::RetryClicked, now);
            }
            return;
        }
        self.tails_begun += 1;
        let tail_id = TailId(self.tails_begun);
        let seed = self.config.seed ^ u64::from(self.tails_begun).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let around = around_tail(&self.config, self.may_rotate(tail_id), now);
        let mut outcome = tail::Outcome::default();
        let tail = Tail::start(tail_id, subject, id, api_key, seed, &around, &mut outcome);
        self.tails.push(tail);
        self.outbox.push(begin(tail_id, false));
        self.after_tail(tail_id, outcome, now);
    }

    /// The lines of the run's dyno are its own. A log that was closed may hold some: they came before an answer that was
    /// to name the dyno and got lost.
    pub(super) fn name_dyno(&mut self, id: RunId) {
        if let Some(scope) = self.run(id).and_then(Run::scope) {
            self.outbox.push(Effect::Log(id, LogEffect::Name(scope)));
        }
    }

    pub(super) fn update_tail(&mut self, id: TailId, event: &TailEvent, now: Time) {
        let may_rotate = self.may_rotate(id);
        let Some(index) = self.tail_index(id) else { return };
        if let TailEvent::SessionAnswered(_, Ok(answer)) = event {
            self.learn_servers_time(answer, now);
        }
        let around = around_tail(&self.config, may_rotate, now);
        let mut outcome = tail::Outcome::default();
        self.tails[index].update(event, &around, &mut outcome);
        self.after_tail(id, outcome, now);
    }

    fn after_tail(&mut self, id: TailId, outcome: tail::Outcome, now: Time) {
        for effect in outcome.effects {
            self.outbox.push(Effect::Tail(id, effect));
        }
        let (Some(news), Some(index)) = (outcome.news, self.tail_index(id)) else { return };
        for reader in self.tails[index].readers.clone() {
            self.change_run(reader, now, Change::News(&news));
        }
        if self.tail_index(id).is_none() {
            // The news ended the run.
            self.outbox.withdraw_session(id);
        }
    }

    pub(super) fn tell_tail(&mut self, run: RunId, event: &TailEvent, now: Time) {
        let (Some(index), Some(reader)) = (self.tail_of(run), self.run_index(run)) else { return };
        let tail = &mut self.tails[index];
        tail.use_key(self.runs[reader].api_key());
        let id = tail.id;
        self.update_tail(id, event, now);
    }

    pub(super) fn leave_tail(&mut self, run: RunId) {
        let Some(index) = self.tail_of(run) else { return };
        let tail = &mut self.tails[index];
        tail.readers.retain(|reader| *reader != run);
        if !tail.readers.is_empty() {
            return;
        }
        let tail = self.tails.remove(index);
        for session in tail.streams() {
            self.outbox.push(Effect::Tail(tail.id, tail::Effect::Close { session }));
        }
    }

    fn tail_index(&self, id: TailId) -> Option<usize> {
        self.tails.iter().position(|tail| tail.id == id)
    }

    /// The tail that the run reads.
    pub(super) fn tail_of(&self, run: RunId) -> Option<usize> {
        self.tails.iter().position(|tail| tail.readers.contains(&run))
    }

    /// For changes in which tails may go.
    pub(super) fn tail_ids(&self) -> Vec<TailId> {
        self.tails.iter().map(|tail| tail.id).collect()
    }

    pub(super) fn log_read(
        &mut self,
        tail: TailId,
        session: u32,
        heartbeat: bool,
        facts: Vec<(RunId, Vec<Fact>)>,
        now: Time,
    ) {
        let new_lines = facts.iter().any(|(_, facts)| facts.contains(&Fact::Lines));
        self.update_tail(tail, &TailEvent::Bytes { session, heartbeat, new_lines }, now);
        for (run, facts) in facts {
            if !facts.is_empty() {
                self.update_run(run, &RunEvent::Facts(facts), now);
            }
        }
    }

    /// Connections may be dead without having closed.
    pub(super) fn suspect_streams(&mut self, reason: ApiError, now: Time) {
        let event = TailEvent::Suspected(reason);
        for id in self.tail_ids() {
            self.update_tail(id, &event, now);
        }
    }
}

/// What a tail is told of the world.
fn around_tail(config: &Config, may_rotate: bool, now: Time) -> tail::Surroundings<'_> {
    tail::Surroundings { now, timings: &config.timings, page_is_local: config.page_is_local, may_rotate }
}
