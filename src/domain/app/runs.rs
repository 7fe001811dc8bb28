//! Runs: how they are started, changed and closed.

use super::allowance::Allowance;
use super::known_apps::Knowledge;
use super::{Config, Effect, LogEffect, State};
use crate::domain::api::{self, Answer, App};
use crate::domain::error::{ApiError, TransportError};
use crate::domain::form::{FieldError, RunRequest};
use crate::domain::ids::{AppName, RunId};
use crate::domain::run::{self, Call, Phase, Run, RunEvent, Surroundings};
use crate::domain::secret::ApiKey;
use crate::domain::tail::{News, TailEvent};
use crate::domain::time::Time;

/// Runs that have a stream of their own. A browser opens six connections to a host: the fourth stream is shared by all
/// further runs, and two are left for other things (design.md 2).
const OWN_STREAMS: usize = 3;

impl State {
    /// Those at no certain time: for deadlines.
    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        around_run(&self.config, self.server_ahead, &self.allowance, Time::default(), &[])
    }

    pub(super) fn submit(&mut self, now: Time) {
        if !self.can_submit() {
            return;
        }
        self.api_key_shown = false;
        match self.form.check() {
            Ok((request, api_key)) => {
                self.form_errors.clear();
                self.start(request, api_key, now);
            }
            Err(errors) => {
                if let Some(first) = errors.first() {
                    self.focus(first.field);
                }
                self.form_errors = errors;
            }
        }
    }

    fn start(&mut self, request: RunRequest, api_key: ApiKey, now: Time) {
        let app = request.app.clone();
        let id = self.next_run();
        let mut run = Run::new(id, request, api_key.clone(), now);
        match self.place(&run) {
            Ok(place) => run.shares_stream = place == Place::Shared,
            Err(error) => run.refuse(&error, now),
        }
        let is_refused = run.is_over();
        self.runs.push(run);
        self.selected = Some(id);
        if is_refused {
            return;
        }
        self.begin_once_app_is_known(id, app, api_key, now);
    }

    pub(super) fn begin_once_app_is_known(&mut self, id: RunId, app: AppName, api_key: ApiKey, now: Time) {
        self.allowance.run_began(now, &self.config.timings);
        match self.known_apps.get(&app, &api_key) {
            Some(Knowledge::Known(kind)) => self.begin_run(id, kind, now),
            Some(Knowledge::Untold) => self.begin_run(id, App::default(), now),
            Some(Knowledge::Asked) => {}
            Some(Knowledge::Unanswered) | None => self.ask_about_app(&app, api_key),
        }
    }

    pub(super) fn next_run(&mut self) -> RunId {
        self.runs_begun += 1;
        RunId(self.runs_begun)
    }

    /// Where the lines of a run come from that has no stream yet, beside those of all others.
    pub(super) fn place(&self, run: &Run) -> Result<Place, ApiError> {
        // One that was left without a place has no tail, and one that is over may have one while it is unclear.
        let has_place = |other: &&Run| {
            other.id != run.id && (other.phase == Phase::Creating || self.tail_of(other.id).is_some())
        };
        let mut others = self.runs.iter().filter(has_place);
        if others.clone().filter(|other| !other.shares_stream).count() < OWN_STREAMS {
            return Ok(Place::Own);
        }
        match others.find(|other| other.shares_stream) {
            Some(other) if other.app != run.app || other.log_source() != run.log_source() => {
                Err(ApiError::TooManyStreams)
            }
            _ => Ok(Place::Shared),
        }
    }

    /// What kind of app the form names, once both fields are valid and left.
    pub(super) fn ask_about_typed_app(&mut self) {
        let (Some(app), Ok(api_key)) = (AppName::parse(&self.form.app), ApiKey::parse(&self.form.api_key.0))
        else {
            return;
        };
        if self.known_apps.get(&app, &api_key).is_none() && self.allowance.may_ask() {
            self.ask_about_app(&app, api_key);
        }
    }

    fn ask_about_app(&mut self, app: &AppName, api_key: ApiKey) {
        let question = self.known_apps.ask(app, &api_key);
        self.outbox.push(Effect::AskAboutApp { question, request: api::app_info(app), api_key });
    }

    pub(super) fn app_answered(&mut self, question: u32, answer: &Result<Answer, TransportError>, now: Time) {
        let Some((app, api_key, kind)) = self.known_apps.answered(question, answer) else { return };
        // No run goes while one begins.
        for index in 0..self.runs.len() {
            let run = &self.runs[index];
            if run.app == app && *run.api_key() == api_key {
                self.begin_run(run.id, kind, now);
            }
        }
    }

    /// Unless it has begun already.
    fn begin_run(&mut self, id: RunId, kind: App, now: Time) {
        self.change_run(id, now, Change::App(kind));
    }

    pub(super) fn close(&mut self, id: RunId) {
        let Some(index) = self.run_index(id) else { return };
        self.runs.remove(index);
        self.closing.forget(id);
        if self.selected == Some(id) {
            let neighbour = self.runs.get(index).or(self.runs.last());
            self.selected = neighbour.map(|run| run.id);
        }
        self.leave_tail(id);
        self.outbox.push(Effect::Log(id, LogEffect::Forget));
    }

    pub(super) fn update_run(&mut self, id: RunId, event: &RunEvent, now: Time) {
        let Some(index) = self.run_index(id) else { return };
        if let RunEvent::Answered(Call::CreateDyno, Ok(answer)) = event
            && self.runs[index].phase == Phase::Creating
        {
            self.learn_servers_time(answer, now);
        }
        // A click may come after Heroku refused the run's key and another was typed.
        if event.is_click()
            && let Ok((request, api_key)) = self.form.check()
            && request.app == self.runs[index].app
            && !self.runs[index].waits_for_app()
        {
            self.runs[index].use_key(api_key);
        }
        self.change_run(id, now, Change::Event(event));
    }

    /// The one way in which a run changes: what Heroku refuses is told at its field as well.
    pub(super) fn change_run(&mut self, id: RunId, now: Time, change: Change<'_>) {
        let Some(index) = self.run_index(id) else { return };
        let mut followed = Vec::new();
        let run = &self.runs[index];
        // Only a run that looks for its dyno wants to know: lines come a thousand times a second.
        if run.unclear.is_some() {
            for other in &self.runs {
                if other.id != id
                    && other.app == run.app
                    && !other.is_over()
                    && let Some(dyno) = &other.dyno
                {
                    followed.push(dyno.name.clone());
                }
            }
        }
        let around = around_run(&self.config, self.server_ahead, &self.allowance, now, &followed);
        let run = &mut self.runs[index];
        let had_problem = run.problem.is_some();
        let mut effects = Vec::new();
        match change {
            Change::App(kind) => run.begin(kind, &around, &mut effects),
            Change::Event(event) => run.update(event, &around, &mut effects),
            Change::News(news) => run.hear(news, &around, &mut effects),
        }
        // Unless something else stands in the field by now.
        if let Some(notice) = run.problem.as_ref().filter(|_| !had_problem)
            && let Some(field) = notice.field
            && run.was_started_with(&self.form, field)
        {
            let error = FieldError { field, code: notice.code.clone(), message: notice.what.clone() };
            self.set_error(error);
        }
        self.run_effects(id, effects, now);
    }

    fn run_effects(&mut self, id: RunId, effects: Vec<run::Effect>, now: Time) {
        for effect in effects {
            match effect {
                run::Effect::Call { call, request, api_key } => {
                    self.outbox.push(Effect::Call { run: id, call, request, api_key });
                }
                run::Effect::OpenLog => self.open_log(id, now),
                run::Effect::NameDyno => self.name_dyno(id),
                run::Effect::RetryLog if self.tail_of(id).is_some() => {
                    self.tell_tail(id, &TailEvent::RetryClicked, now);
                }
                // There was no place for it.
                run::Effect::RetryLog => {
                    self.open_log(id, now);
                    if self.tail_of(id).is_some() {
                        self.name_dyno(id);
                    }
                }
                run::Effect::DynoIsThere => self.tell_tail(id, &TailEvent::DynoIsThere, now),
                run::Effect::CloseLog => {
                    self.outbox.push(Effect::Log(id, LogEffect::End));
                    self.leave_tail(id);
                }
            }
        }
    }

    /// A timer that is much too late tells that the computer was asleep.
    pub(super) fn wake_up(&mut self, now: Time) {
        if self.deadline.is_some_and(|due| now > due.after(self.config.timings.sleep)) {
            self.suspect_streams(ApiError::Slept, now);
        }
    }

    pub(super) fn tick(&mut self, now: Time) {
        // An ended run stays in its place, and a tail that nobody reads any more is not replaced.
        for index in 0..self.runs.len() {
            self.update_run(self.runs[index].id, &RunEvent::Ticked, now);
        }
        for id in self.tail_ids() {
            self.update_tail(id, &TailEvent::Ticked, now);
        }
        let live = self.runs.iter().find(|run| !run.is_over()).map(|run| run.api_key().clone());
        if let Some(api_key) = live
            && self.allowance.take_due(now)
        {
            self.outbox.push(Effect::AskRateLimits { request: api::rate_limits(), api_key });
        }
    }

    pub(super) fn learn_servers_time(&mut self, answer: &Answer, now: Time) {
        if let Some(server) = api::created_at(answer) {
            self.server_ahead = server.0.cast_signed() - now.0.cast_signed();
        }
    }

    pub(super) fn run_index(&self, id: RunId) -> Option<usize> {
        self.runs.iter().position(|run| run.id == id)
    }
}

/// What a run is told of the world; by parts of the state, since the run is one, too.
fn around_run<'a>(
    config: &'a Config,
    server_ahead: i64,
    allowance: &Allowance,
    now: Time,
    followed: &'a [String],
) -> Surroundings<'a> {
    Surroundings { now, timings: &config.timings, server_ahead, followed, may_ask: allowance.may_ask() }
}

/// What changes a run.
pub(super) enum Change<'a> {
    /// What kind of app it is of is known.
    App(App),
    Event(&'a RunEvent),
    News(&'a News),
}

/// Where the lines of a run come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A stream of its own.
    Own,
    /// The stream of all further runs.
    Shared,
}
