//! The tails that bring the runs' logs: which run reads which, and what passes between them.

use super::runs::Change;
use super::{Config, Effect, LogEffect, State};
use crate::domain::api::{LogFilter, LogSource};
use crate::domain::error::ApiError;
use crate::domain::ids::{RunId, TailId};
use crate::domain::log::{Fact, Selection};
use crate::domain::run::RunEvent;
use crate::domain::tail::{self, News, Subject, Tail, TailEvent};
use crate::domain::time::Time;

impl State {
    /// One tail at a time is replaced while it is still read.
    pub(super) fn may_rotate(&self, id: TailId) -> bool {
        !self.tails.iter().any(|tail| tail.id != id && tail.is_rotating())
    }

    /// The run gets a tail of its own, or a part in the shared one.
    pub(super) fn open_log(&mut self, id: RunId, now: Time) -> Vec<Effect> {
        let Some(run) = self.run(id) else { return Vec::new() };
        let filter = match &run.dyno {
            Some(dyno) if !run.shares_stream => LogFilter::Dyno(dyno.name.clone()),
            _ => LogFilter::OneOffDynos,
        };
        let source = run.log_source();
        let selection = match (&filter, source) {
            (LogFilter::OneOffDynos, _) => Selection::OwnLines,
            (LogFilter::Dyno(_), LogSource::All) => Selection::All,
            (LogFilter::Dyno(_), LogSource::App) => Selection::AllOutput,
        };
        let (app, api_key, has_history) = (run.app.clone(), run.api_key().clone(), !run.kind().is_fir);
        let subject = Subject { app, filter, source, has_history };
        let log_key = api_key.clone();
        let begin = |tail| Effect::Log(id, LogEffect::Begin { tail, api_key: log_key, selection });

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
            let mut effects = vec![begin(tail_id)];
            if tail.is_read() {
                effects.extend(self.change_run(id, now, Change::News(&News::Opened)));
            } else {
                effects.extend(self.update_tail(tail_id, TailEvent::RetryClicked, now));
            }
            return effects;
        }
        self.tails_begun += 1;
        let tail_id = TailId(self.tails_begun);
        let seed = self.config.seed ^ u64::from(self.tails_begun).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let around = around_tail(&self.config, self.may_rotate(tail_id), now);
        let (tail, outcome) = Tail::start(tail_id, subject, id, api_key, seed, &around);
        self.tails.push(tail);
        let mut effects = vec![begin(tail_id)];
        effects.extend(self.after_tail(tail_id, outcome, now));
        effects
    }

    pub(super) fn update_tail(&mut self, id: TailId, event: TailEvent, now: Time) -> Vec<Effect> {
        let may_rotate = self.may_rotate(id);
        let Some(index) = self.tails.iter().position(|tail| tail.id == id) else { return Vec::new() };
        if let TailEvent::SessionAnswered(_, Ok(answer)) = &event {
            self.allowance.learn(answer);
            self.learn_servers_time(answer, now);
        }
        let tail = &mut self.tails[index];
        let around = around_tail(&self.config, may_rotate, now);
        let outcome = tail.update(event, &around);
        self.after_tail(id, outcome, now)
    }

    fn after_tail(&mut self, id: TailId, outcome: tail::Outcome, now: Time) -> Vec<Effect> {
        let mut effects: Vec<Effect> =
            outcome.effects.into_iter().map(|effect| Effect::Tail(id, effect)).collect();
        if let Some(news) = outcome.news {
            let readers = self.tails.iter().find(|tail| tail.id == id).map(|tail| tail.readers.clone());
            for reader in readers.unwrap_or_default() {
                effects.extend(self.change_run(reader, now, Change::News(&news)));
            }
        }
        if !self.tails.iter().any(|tail| tail.id == id) {
            // The news ended the run: no other session is wanted.
            effects.retain(
                |effect| !matches!(effect, Effect::Tail(it, tail::Effect::CreateSession { .. }) if *it == id),
            );
        }
        effects
    }

    pub(super) fn tell_tail(&mut self, run: RunId, event: TailEvent, now: Time) -> Vec<Effect> {
        let api_key = self.run(run).map(|run| run.api_key().clone());
        let Some(tail) = self.tails.iter_mut().find(|tail| tail.readers.contains(&run)) else {
            return Vec::new();
        };
        if let Some(api_key) = api_key {
            tail.use_key(&api_key);
        }
        let id = tail.id;
        self.update_tail(id, event, now)
    }

    pub(super) fn leave_tail(&mut self, run: RunId) -> Vec<Effect> {
        let Some(index) = self.tails.iter().position(|tail| tail.readers.contains(&run)) else {
            return Vec::new();
        };
        let tail = &mut self.tails[index];
        tail.readers.retain(|reader| *reader != run);
        if !tail.readers.is_empty() {
            return Vec::new();
        }
        let tail = self.tails.remove(index);
        tail.close().into_iter().map(|effect| Effect::Tail(tail.id, effect)).collect()
    }

    pub(super) fn log_read(
        &mut self,
        tail: TailId,
        session: u32,
        heartbeat: bool,
        facts: Vec<(RunId, Vec<Fact>)>,
        now: Time,
    ) -> Vec<Effect> {
        let new_lines = facts.iter().any(|(_, facts)| facts.contains(&Fact::Lines));
        let mut effects = self.update_tail(tail, TailEvent::Bytes { session, heartbeat, new_lines }, now);
        for (run, facts) in facts.into_iter().filter(|(_, facts)| !facts.is_empty()) {
            effects.extend(self.update_run(run, RunEvent::Facts(facts), now));
        }
        effects
    }

    /// Connections may be dead without having closed.
    pub(super) fn suspect_streams(&mut self, reason: &ApiError, now: Time) -> Vec<Effect> {
        let tails: Vec<TailId> = self.tails.iter().map(|tail| tail.id).collect();
        tails
            .into_iter()
            .flat_map(|id| self.update_tail(id, TailEvent::Suspected(reason.clone()), now))
            .collect()
    }
}

/// What a tail is told of the world.
fn around_tail(config: &Config, may_rotate: bool, now: Time) -> tail::Surroundings<'_> {
    tail::Surroundings { now, timings: &config.timings, page_is_local: config.page_is_local, may_rotate }
}
