//! The state of the page, and the one function that changes it.

use super::form::{Field, FieldError, Form};
use super::ids::RunId;
use super::run::{self, Run, RunEvent, Timings};
use super::time::Time;

/// What is fixed when the page starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    pub timings: Timings,
    /// The page comes from this machine, so log streams may, too.
    pub page_is_local: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub config: Config,
    pub form: Form,
    pub form_errors: Vec<FieldError>,
    pub api_key_shown: bool,
    /// Oldest first.
    pub runs: Vec<Run>,
    /// The run whose log and result are on screen.
    pub selected: Option<RunId>,
}

/// Everything that can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Edited(Field, String),
    ApiKeyShown(bool),
    Submitted,
    Selected(RunId),
    Run(RunId, RunEvent),
    /// A deadline may have passed.
    Ticked,
}

/// Everything that the page can ask of the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Focus(Field),
    Run(RunId, run::Effect),
}

/// Applies an event that happened at `now`, and answers what is to be done about it.
pub fn update(state: &mut State, event: Event, now: Time) -> Vec<Effect> {
    match event {
        Event::Edited(field, text) => {
            state.form.set(field, text);
            state.form_errors.retain(|error| error.field != field);
            Vec::new()
        }
        Event::ApiKeyShown(shown) => {
            state.api_key_shown = shown;
            Vec::new()
        }
        Event::Submitted => submit(state, now),
        Event::Selected(id) => {
            if state.run(id).is_some() {
                state.selected = Some(id);
            }
            Vec::new()
        }
        Event::Run(id, event) => update_run(state, id, event, now).into_iter().collect(),
        Event::Ticked => {
            let ids: Vec<RunId> = state.runs.iter().map(|run| run.id).collect();
            ids.into_iter().filter_map(|id| update_run(state, id, RunEvent::Ticked, now)).collect()
        }
    }
}

impl State {
    pub fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == id)
    }

    pub fn selected_run(&self) -> Option<&Run> {
        self.run(self.selected?)
    }

    /// One run at a time.
    pub fn can_submit(&self) -> bool {
        !self.runs.iter().any(Run::holds_the_page)
    }

    /// When [`Event::Ticked`] has something to do.
    pub fn deadline(&self) -> Option<Time> {
        self.runs.iter().filter_map(|run| run.deadline(&self.config.timings)).min()
    }

    pub fn field_error(&self, field: Field) -> Option<&FieldError> {
        self.form_errors.iter().find(|error| error.field == field)
    }
}

fn submit(state: &mut State, now: Time) -> Vec<Effect> {
    if !state.can_submit() {
        return Vec::new();
    }
    state.api_key_shown = false;
    match state.form.check() {
        Ok((request, api_key)) => {
            state.form_errors.clear();
            let id = RunId(state.runs.last().map_or(1, |run| run.id.0 + 1));
            let (run, effect) = Run::start(id, &request, api_key, now);
            state.runs.push(run);
            state.selected = Some(id);
            vec![Effect::Run(id, effect)]
        }
        Err(errors) => {
            let first = errors.first().map(|error| Effect::Focus(error.field));
            state.form_errors = errors;
            first.into_iter().collect()
        }
    }
}

fn update_run(state: &mut State, id: RunId, event: RunEvent, now: Time) -> Option<Effect> {
    let Config { timings, page_is_local } = state.config;
    let run = state.runs.iter_mut().find(|run| run.id == id)?;
    let had_problem = run.problem.is_some();
    let effect = run.update(event, now, &timings, page_is_local);
    // A value that Heroku refuses is told at its field as well, unless another stands there by now.
    if let Some(notice) = run.problem.as_ref().filter(|_| !had_problem)
        && let Some(field) = notice.field
        && run.was_started_with(&state.form, field)
    {
        let error = FieldError { field, code: notice.code.clone(), message: notice.what.clone() };
        state.form_errors.retain(|it| it.field != field);
        state.form_errors.push(error);
    }
    effect.map(|effect| Effect::Run(id, effect))
}
