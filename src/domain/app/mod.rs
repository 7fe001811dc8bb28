//! The state of the page, and the one function that changes it.

mod adoption;
mod allowance;
mod known_apps;
mod outbox;
mod runs;
mod tails;

use super::adoption::{Adoption, Remembered};
use super::api::{Answer, Request};
use super::closing::Closing;
use super::error::{ApiError, TransportError};
use super::form::{Field, FieldError, Form};
use super::ids::{RunId, TailId};
use super::link::{Address, Arrival};
use super::log::{Fact, Scope, Selection};
use super::notifications::Notifications;
use super::run::{self, Phase, Run, RunEvent};
use super::secret::{ApiKey, TypedKey};
use super::tail::{self, Tail, TailEvent};
use super::time::Time;
use super::timings::Timings;
use super::variables::{Direction, VariableId};

use allowance::Allowance;
use known_apps::KnownApps;
use outbox::Outbox;

/// What is fixed when the page starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    pub timings: Timings,
    /// The page comes from this machine, so log streams may, too.
    pub page_is_local: bool,
    /// The browser has notifications.
    pub can_notify: bool,
    /// Any number, another one for each page: pauses between attempts differ by it.
    pub seed: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub config: Config,
    pub form: Form,
    pub form_errors: Vec<FieldError>,
    pub api_key_shown: bool,
    /// What the page's address brought, until the banner about it is closed.
    pub arrival: Option<Arrival>,
    /// The part of the address that is for the form, as it was last read.
    form_part: String,
    /// Oldest first.
    pub runs: Vec<Run>,
    /// The run whose log and result are on screen.
    pub selected: Option<RunId>,
    pub closing: Closing,
    pub notifications: Notifications,
    /// Runs of the page before it was loaded again.
    pub adoptions: Vec<Adoption>,
    tails: Vec<Tail>,
    /// How many runs and tails there have been.
    runs_begun: u32,
    tails_begun: u32,
    known_apps: KnownApps,
    allowance: Allowance,
    /// Milliseconds that the server's clock is ahead of this browser's; 0 until an answer has shown it.
    server_ahead: i64,
    /// When [`Event::Ticked`] has something to do, as it was after the last event.
    deadline: Option<Time>,
    /// Empty between events.
    outbox: Outbox,
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
    /// The focus has left a field.
    FieldLeft(Field),
    Submitted,
    Selected(RunId),
    /// These runs were alive when the page was left.
    Remembered(Vec<Remembered>),
    /// Such a run is to be followed, and stopped as well if the flag is set; or no more offered. One whose dyno is not
    /// known is looked for.
    AdoptClicked(Remembered, bool),
    ForgetClicked(Remembered),
    /// The answer to the question about its dyno.
    DynoAnswered(Remembered, Result<Answer, TransportError>),
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
    Tail(TailId, TailEvent),
    /// Bytes came on the stream of this session, and this is what they told the runs.
    LogRead {
        tail: TailId,
        session: u32,
        heartbeat: bool,
        facts: Vec<(RunId, Vec<Fact>)>,
    },
    /// The answer to a question about an app.
    AppAnswered(u32, Result<Answer, TransportError>),
    RateLimitsAnswered(Result<Answer, TransportError>),
    /// The network was away and is back.
    NetworkBack,
    /// A deadline may have passed.
    Ticked,
}

impl Event {
    /// The answer of the API that it brings, also where nobody waits for it any more.
    fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Run(_, RunEvent::Answered(_, answer))
            | Self::Tail(_, TailEvent::SessionAnswered(_, answer))
            | Self::DynoAnswered(_, answer)
            | Self::AppAnswered(_, answer)
            | Self::RateLimitsAnswered(answer) => answer.as_ref().ok(),
            _ => None,
        }
    }
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
    /// Ask for the leave to show notifications, and answer with [`Event::NotificationsAllowed`].
    AskToNotify,
    /// Tell that the run has ended, unless the page is being looked at.
    Notify(RunId),
    /// Send the request with the key, and answer with [`RunEvent::Answered`].
    Call {
        run: RunId,
        call: run::Call,
        request: Request,
        api_key: ApiKey,
    },
    /// Send the request with the key, and answer with [`Event::DynoAnswered`].
    AskAboutDyno {
        run: Remembered,
        request: Request,
        api_key: ApiKey,
    },
    Tail(TailId, tail::Effect),
    Log(RunId, LogEffect),
    /// Send the request with the key, and answer with [`Event::AppAnswered`].
    AskAboutApp {
        question: u32,
        request: Request,
        api_key: ApiKey,
    },
    /// Send the request with the key, and answer with [`Event::RateLimitsAnswered`].
    AskRateLimits {
        request: Request,
        api_key: ApiKey,
    },
}

/// What is to be done with a run's log. Facts that come of it are told by [`RunEvent::Facts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEffect {
    /// Keep the run's lines of what this tail brings. A log that was closed while its dyno was not known goes on.
    Begin {
        tail: TailId,
        api_key: ApiKey,
        selection: Selection,
        /// The tail's stream is read already.
        is_read: bool,
        /// The dyno was there before, and no session brings what it has printed.
        is_late: bool,
    },
    /// The run's dyno is known.
    Name(Scope),
    /// No stream follows: what is unfinished becomes a line, once the dyno is known.
    End,
    /// Its lines are wanted no more.
    Forget,
}

/// Applies an event that happened at `now`, and answers what is to be done about it.
pub fn update(state: &mut State, event: Event, now: Time) -> Vec<Effect> {
    if let Some(answer) = event.answer() {
        state.allowance.learn(answer);
    }
    let live: Vec<RunId> = state.runs.iter().filter(|run| !run.is_over()).map(|run| run.id).collect();
    state.wake_up(now);
    apply(state, event, now);
    for id in live {
        if state.run(id).is_some_and(|run| state.notifications.tell_end_of(run, now)) {
            state.outbox.push(Effect::Notify(id));
        }
    }
    while let Some(id) = state.closing.due(&state.runs) {
        state.close(id);
    }
    // One that was put off and is overdue now is waited for from here on.
    state.deadline = state.next_deadline().map(|due| due.max(now));
    state.outbox.take()
}

fn apply(state: &mut State, event: Event, now: Time) {
    match event {
        Event::Arrived(address) => arrive(state, &address),
        Event::ArrivalRead => {
            state.arrival = None;
            state.focus(Field::App);
        }
        Event::Edited(field, text) => {
            state.form.set(field, text);
            state.clear_error(field);
        }
        Event::ApiKeyEdited(typed) => {
            state.form.api_key = typed;
            state.clear_error(Field::ApiKey);
        }
        Event::VariableAdded => {
            let id = state.form.variables.add("", "");
            state.focus(Field::VariableName(id));
        }
        Event::VariableRemoved(id) => {
            let next = state.form.variables.remove(id);
            state.clear_error(Field::VariableName(id));
            state.clear_error(Field::VariableValue(id));
            match next {
                Some(next) => state.focus(Field::VariableName(next)),
                None => state.outbox.push(Effect::Focus(ADD_VARIABLE_ID.to_owned())),
            }
        }
        Event::VariableMoved(id, direction) => {
            state.form.variables.shift(id, direction);
        }
        Event::OutputOnly(output_only) => {
            state.form.output_only = output_only;
        }
        Event::ApiKeyShown(shown) => {
            state.api_key_shown = shown;
        }
        Event::FieldWanted(field) => state.focus(field),
        Event::FieldLeft(Field::App | Field::ApiKey) => state.ask_about_typed_app(),
        Event::FieldLeft(_) => {}
        Event::Submitted => state.submit(now),
        Event::Selected(id) => {
            if state.run(id).is_some() {
                state.selected = Some(id);
            }
        }
        Event::Remembered(runs) => {
            state.offer(runs);
        }
        Event::AdoptClicked(run, stop) => state.look_for(&run, stop, now),
        Event::ForgetClicked(run) => state.forget_offer(&run),
        Event::DynoAnswered(run, answer) => state.looked_for(&run, &answer, now),
        Event::CloseClicked(id) if state.lives(id) => {
            state.closing.asked = Some(id);
        }
        Event::StopAndCloseClicked(id) if state.lives(id) => {
            state.closing.wait_for(id);
            state.update_run(id, &RunEvent::StopClicked, now);
            state.focus_run();
        }
        Event::CloseClicked(id) | Event::StopAndCloseClicked(id) | Event::Closed(id) => {
            state.close(id);
            state.focus_run();
        }
        Event::Kept => {
            state.closing.asked = None;
            state.focus_run();
        }
        Event::NotificationsWanted(false) => {
            state.notifications = Notifications::Off;
        }
        Event::NotificationsWanted(true) => {
            state.notifications = Notifications::Asked;
            state.outbox.push(Effect::AskToNotify);
        }
        Event::NotificationsAllowed(allowed) => {
            // Whoever has changed their mind since stays with that.
            if state.notifications == Notifications::Asked {
                state.notifications = if allowed { Notifications::On } else { Notifications::Denied };
            }
        }
        Event::Run(id, event) => state.update_run(id, &event, now),
        Event::Tail(id, event) => state.update_tail(id, &event, now),
        Event::LogRead { tail, session, heartbeat, facts } => {
            state.log_read(tail, session, heartbeat, facts, now);
        }
        Event::AppAnswered(question, answer) => state.app_answered(question, &answer, now),
        Event::RateLimitsAnswered(answer) => {
            state.allowance.answered(&answer, now, &state.config.timings);
        }
        Event::NetworkBack => state.suspect_streams(ApiError::NetworkBack, now),
        Event::Ticked => state.tick(now),
    }
}

impl State {
    pub fn new(config: Config) -> Self {
        Self { config, ..Self::default() }
    }

    pub fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == id)
    }

    pub fn selected_run(&self) -> Option<&Run> {
        self.run(self.selected?)
    }

    /// One start at a time: a second click while the first one's answer is awaited is a slip.
    pub fn can_submit(&self) -> bool {
        !self.runs.iter().any(|run| run.phase == Phase::Creating)
    }

    /// When [`Event::Ticked`] has something to do.
    pub fn deadline(&self) -> Option<Time> {
        self.deadline
    }

    fn next_deadline(&self) -> Option<Time> {
        let timings = &self.config.timings;
        let around = self.surroundings();
        let mut nearest = self.allowance.due().filter(|_| self.has_live_run());
        for run in &self.runs {
            nearest = earlier(nearest, run.deadline(&around));
        }
        for tail in &self.tails {
            nearest = earlier(nearest, tail.deadline(timings, self.may_rotate(tail.id)));
        }
        nearest
    }

    pub fn has_live_run(&self) -> bool {
        !self.runs.iter().all(Run::is_over)
    }

    pub fn field_error(&self, field: Field) -> Option<&FieldError> {
        self.form_errors.iter().find(|error| error.field == field)
    }

    fn clear_error(&mut self, field: Field) {
        self.form_errors.retain(|error| error.field != field);
    }

    /// In the place of what was told at its field before.
    fn set_error(&mut self, error: FieldError) {
        self.clear_error(error.field);
        self.form_errors.push(error);
    }

    fn lives(&self, id: RunId) -> bool {
        self.run(id).is_some_and(|run| !run.is_over())
    }

    /// What was clicked may be gone, and the focus with it.
    fn focus_run(&mut self) {
        self.outbox.push(Effect::Focus(self.selected.map_or_else(|| RUNS_ID.to_owned(), tab_id)));
    }

    fn focus(&mut self, field: Field) {
        self.outbox.push(Effect::Focus(self.form.element_id(field)));
    }
}

fn earlier(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        _ => one.or(other),
    }
}

/// A link fills in the form and starts nothing. A key in it is taken out of the address bar before anything else.
///
/// Where nothing but the line of the log has changed, the form stays as it is: it may have been edited meanwhile.
fn arrive(state: &mut State, address: &Address) {
    let (clean, form_part) = (address.without_key(), address.form_part());
    let is_other = address.had_key || clean.is_some() || form_part != state.form_part;
    state.form_part = form_part;
    if is_other && let Some(arrival) = address.fill(&mut state.form) {
        state.arrival = Some(arrival);
        state.form_errors.clear();
    }
    if let Some(address) = clean {
        state.outbox.push(Effect::ReplaceAddress(address));
    }
}
