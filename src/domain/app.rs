//! The state of the page, and the one function that changes it.

use super::api;
use super::closing::Closing;
use super::form::{Field, FieldError, Form};
use super::ids::RunId;
use super::link::{Address, Arrival};
use super::notifications::Notifications;
use super::run::{self, Call, Run, RunEvent, Surroundings, Timings};
use super::secret::TypedKey;
use super::time::Time;
use super::variables::{Direction, VariableId};

/// What is fixed when the page starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    pub timings: Timings,
    /// The page comes from this machine, so log streams may, too.
    pub page_is_local: bool,
    /// The browser has notifications.
    pub can_notify: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub config: Config,
    pub form: Form,
    pub form_errors: Vec<FieldError>,
    pub api_key_shown: bool,
    /// What the page's address brought, until the banner about it is closed.
    pub arrival: Option<Arrival>,
    /// Oldest first.
    pub runs: Vec<Run>,
    /// The run whose log and result are on screen.
    pub selected: Option<RunId>,
    pub closing: Closing,
    pub notifications: Notifications,
    /// Runs that were begun so far: the id of a closed one is not given again.
    begun: u32,
    /// Milliseconds that the server's clock is ahead of this browser's; 0 until an answer has shown it.
    server_ahead: i64,
}

/// Everything that can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The page was opened by this address, or its fragment was changed.
    Arrived(Address),
    ArrivalRead,
    /// Of any field but the key's.
    Edited(Field, String),
    ApiKeyEdited(TypedKey),
    VariableAdded,
    VariableRemoved(VariableId),
    VariableMoved(VariableId, Direction),
    OutputOnly(bool),
    ApiKeyShown(bool),
    FieldWanted(Field),
    Submitted,
    Selected(RunId),
    /// Its tab is to be closed.
    CloseClicked(RunId),
    /// The answers to the question that a live run leads to: the tab stays, goes, or goes once the run is stopped.
    Kept,
    Closed(RunId),
    StopAndCloseClicked(RunId),
    NotificationsWanted(bool),
    /// The browser's answer.
    NotificationsAllowed(bool),
    Run(RunId, RunEvent),
    /// A deadline may have passed.
    Ticked,
}

/// Id of the button that adds a variable.
pub const ADD_VARIABLE_ID: &str = "add_variable";

/// Id of what shows the runs.
pub const RUNS_ID: &str = "runs";

/// Id of a run's tab.
pub fn tab_id(run: RunId) -> String {
    format!("run-{run}")
}

/// Everything that the page can ask of the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Put the focus on the element of this id, once it is on the page.
    Focus(String),
    /// Show this in the address bar, in the place of what is there.
    ReplaceAddress(Address),
    /// Stop reading the run's log, and give up what was read.
    Forget(RunId),
    /// Ask for the leave to show notifications, and answer with [`Event::NotificationsAllowed`].
    AskToNotify,
    /// Tell that the run has ended, unless the page is being looked at.
    Notify(RunId),
    Run(RunId, run::Effect),
}

/// Applies an event that happened at `now`, and answers what is to be done about it.
pub fn update(state: &mut State, event: Event, now: Time) -> Vec<Effect> {
    match event {
        Event::Arrived(address) => arrive(state, &address),
        Event::ArrivalRead => {
            state.arrival = None;
            vec![state.focus(Field::App)]
        }
        Event::Edited(field, text) => {
            state.form.set(field, text);
            state.form_errors.retain(|error| error.field != field);
            Vec::new()
        }
        Event::ApiKeyEdited(typed) => {
            state.form.api_key = typed;
            state.form_errors.retain(|error| error.field != Field::ApiKey);
            Vec::new()
        }
        Event::VariableAdded => {
            let id = state.form.variables.add("", "");
            vec![state.focus(Field::VariableName(id))]
        }
        Event::VariableRemoved(id) => {
            let next = state.form.variables.remove(id);
            state
                .form_errors
                .retain(|error| ![Field::VariableName(id), Field::VariableValue(id)].contains(&error.field));
            vec![match next {
                Some(next) => state.focus(Field::VariableName(next)),
                None => Effect::Focus(ADD_VARIABLE_ID.to_owned()),
            }]
        }
        Event::VariableMoved(id, direction) => {
            state.form.variables.shift(id, direction);
            Vec::new()
        }
        Event::OutputOnly(output_only) => {
            state.form.output_only = output_only;
            Vec::new()
        }
        Event::ApiKeyShown(shown) => {
            state.api_key_shown = shown;
            Vec::new()
        }
        Event::FieldWanted(field) => vec![state.focus(field)],
        Event::Submitted => submit(state, now),
        Event::Selected(id) => {
            if state.run(id).is_some() {
                state.selected = Some(id);
            }
            Vec::new()
        }
        Event::CloseClicked(id) if state.lives(id) => {
            state.closing.asked = Some(id);
            Vec::new()
        }
        Event::StopAndCloseClicked(id) if state.lives(id) => {
            state.closing.wait_for(id);
            let mut effects = update_run(state, id, RunEvent::StopClicked, now);
            effects.push(state.focus_run());
            effects
        }
        Event::CloseClicked(id) | Event::StopAndCloseClicked(id) | Event::Closed(id) => {
            let mut effects = close(state, id);
            effects.push(state.focus_run());
            effects
        }
        Event::Kept => {
            state.closing.asked = None;
            vec![state.focus_run()]
        }
        Event::NotificationsWanted(false) => {
            state.notifications = Notifications::Off;
            Vec::new()
        }
        Event::NotificationsWanted(true) => {
            state.notifications = Notifications::Asked;
            vec![Effect::AskToNotify]
        }
        Event::NotificationsAllowed(allowed) => {
            // Whoever has changed their mind since stays with that.
            if state.notifications == Notifications::Asked {
                state.notifications = if allowed { Notifications::On } else { Notifications::Denied };
            }
            Vec::new()
        }
        Event::Run(id, event) => update_run(state, id, event, now),
        Event::Ticked => {
            let ids: Vec<RunId> = state.runs.iter().map(|run| run.id).collect();
            ids.into_iter().flat_map(|id| update_run(state, id, RunEvent::Ticked, now)).collect()
        }
    }
}

impl State {
    pub fn new(config: Config) -> Self {
        Self { config, ..Self::default() }
    }

    pub fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == id)
    }

    fn lives(&self, id: RunId) -> bool {
        self.run(id).is_some_and(|run| !run.is_over())
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

    /// What was clicked may be gone, and the focus with it.
    fn focus_run(&self) -> Effect {
        Effect::Focus(self.selected.map_or_else(|| RUNS_ID.to_owned(), tab_id))
    }

    fn focus(&self, field: Field) -> Effect {
        Effect::Focus(self.form.element_id(field))
    }
}

/// A link fills in the form and starts nothing. A key in it is taken out of the address bar before anything else.
fn arrive(state: &mut State, address: &Address) -> Vec<Effect> {
    if let Some(arrival) = address.fill(&mut state.form) {
        state.arrival = Some(arrival);
        state.form_errors.clear();
    }
    address.without_key().map(Effect::ReplaceAddress).into_iter().collect()
}

fn submit(state: &mut State, now: Time) -> Vec<Effect> {
    if !state.can_submit() {
        return Vec::new();
    }
    state.api_key_shown = false;
    match state.form.check() {
        Ok((request, api_key)) => {
            state.form_errors.clear();
            state.begun += 1;
            let id = RunId(state.begun);
            let (run, effect) = Run::start(id, request, api_key, now);
            state.runs.push(run);
            state.selected = Some(id);
            vec![Effect::Run(id, effect)]
        }
        Err(errors) => {
            let first = errors.first().map(|error| state.focus(error.field));
            state.form_errors = errors;
            first.into_iter().collect()
        }
    }
}

fn close(state: &mut State, id: RunId) -> Vec<Effect> {
    let Some(index) = state.runs.iter().position(|run| run.id == id) else { return Vec::new() };
    state.runs.remove(index);
    state.closing.forget(id);
    if state.selected == Some(id) {
        let neighbour = state.runs.get(index).or(state.runs.last());
        state.selected = neighbour.map(|run| run.id);
    }
    vec![Effect::Forget(id)]
}

fn update_run(state: &mut State, id: RunId, event: RunEvent, now: Time) -> Vec<Effect> {
    let Some(index) = state.runs.iter().position(|run| run.id == id) else { return Vec::new() };
    let run = &state.runs[index];
    if run.is_over() && run.unclear.is_none() {
        return Vec::new();
    }
    if let RunEvent::Answered(Call::CreateDyno | Call::CreateLogSession, Ok(answer)) = &event
        && let Some(server) = api::created_at(answer)
    {
        state.server_ahead = server.0.cast_signed() - now.0.cast_signed();
    }
    let followed: Vec<String> = state
        .runs
        .iter()
        .filter(|other| other.id != id && other.app == run.app && !other.is_over())
        .filter_map(|run| run.dyno.as_ref().map(|dyno| dyno.name.clone()))
        .collect();
    let around = Surroundings {
        now,
        timings: &state.config.timings,
        page_is_local: state.config.page_is_local,
        server_ahead: state.server_ahead,
        followed: &followed,
    };
    let run = &mut state.runs[index];
    // A click may come after Heroku refused the run's key and another was typed.
    if event.is_click()
        && let Ok((request, api_key)) = state.form.check()
        && request.app == run.app
    {
        run.use_key(api_key);
    }
    let had_problem = run.problem.is_some();
    let was_over = run.is_over();
    let effects = run.update(event, &around);
    // A value that Heroku refuses is told at its field as well, unless another stands there by now.
    if let Some(notice) = run.problem.as_ref().filter(|_| !had_problem)
        && let Some(field) = notice.field
        && run.was_started_with(&state.form, field)
    {
        let error = FieldError { field, code: notice.code.clone(), message: notice.what.clone() };
        state.form_errors.retain(|it| it.field != field);
        state.form_errors.push(error);
    }
    let mut effects: Vec<Effect> = effects.into_iter().map(|effect| Effect::Run(id, effect)).collect();
    if !was_over && state.notifications.tell_end_of(&state.runs[index], now) {
        effects.push(Effect::Notify(id));
    }
    if let Some(id) = state.closing.due(&state.runs) {
        effects.extend(close(state, id));
    }
    effects
}
