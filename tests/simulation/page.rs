//! The page without a browser: what `web::driver` does, with the simulated network and clock.

use std::collections::VecDeque;

use serverless_on_heroku::domain::adoption::{from_text, to_text};
use serverless_on_heroku::domain::api::{Answer, Request};
use serverless_on_heroku::domain::app::{Config, Effect, Event, LogEffect, State, update};
use serverless_on_heroku::domain::error::{ApiError, TransportError};
use serverless_on_heroku::domain::ids::{RunId, TailId};
use serverless_on_heroku::domain::log::{Encoding, StreamKind};
use serverless_on_heroku::domain::logs::{Logs, Read};
use serverless_on_heroku::domain::run::{Call, RunEvent};
use serverless_on_heroku::domain::secret::ApiKey;
use serverless_on_heroku::domain::tail::{self, TailEvent};
use serverless_on_heroku::domain::time::Time;
use serverless_on_heroku::domain::timings::Timings;

use super::network::{Delivery, PageSide, Purpose};
use super::world::{Happening, Mutation, World};

/// Timers of a hidden tab fire once a minute.
const HIDDEN_TICK: u64 = 60_000;

#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) state: State,
    pub(crate) logs: Logs,
    queue: VecDeque<Event>,
    dispatching: bool,
    /// For which deadline, and which of all timers.
    timer: Option<(Time, u64)>,
    timers: u64,
    /// The page's clock against the true one; it never goes back (`web::clock`).
    pub(crate) ahead: u64,
    pub(crate) hidden: bool,
    pub(crate) asleep_until: u64,
}

impl Page {
    pub(crate) fn new(seed: u64, session_age: Option<u64>, mutation: Option<Mutation>) -> Self {
        let mut timings = Timings::default();
        if let Some(age) = session_age {
            timings.session_age = std::time::Duration::from_millis(age);
        }
        if mutation == Some(Mutation::Backoff) {
            timings.shortest_pause = std::time::Duration::ZERO;
            timings.longest_pause = std::time::Duration::ZERO;
        }
        Self {
            state: State::new(Config { timings, page_is_local: false, can_notify: false, seed }),
            logs: Logs::default(),
            queue: VecDeque::new(),
            dispatching: false,
            timer: None,
            timers: 0,
            ahead: 0,
            hidden: false,
            asleep_until: 0,
        }
    }
}

impl World {
    pub(crate) fn page_now(&self) -> Time {
        Time(self.now + self.page.ahead)
    }

    /// Makes something happen. An event that comes while another is handled waits for its turn.
    pub(crate) fn dispatch(&mut self, event: Event) {
        self.page.queue.push_back(event);
        if std::mem::replace(&mut self.page.dispatching, true) {
            return;
        }
        while let Some(event) = self.page.queue.pop_front() {
            let event = self.mutate(event);
            if self.trace.0.is_some() && !matches!(event, Event::ApiKeyEdited(_)) {
                self.tell("event", format_args!("{event:?}"));
            }
            self.record_event(&event);
            let now = self.page_now();
            for effect in update(&mut self.page.state, event, now) {
                if self.trace.0.is_some() {
                    self.tell("effect", format_args!("{effect:?}"));
                }
                self.record_effect(&effect);
                self.run_effect(effect);
            }
        }
        self.page.dispatching = false;
        self.arm_timer();
    }

    fn run_effect(&mut self, effect: Effect) {
        match effect {
            // Nobody opts in.
            Effect::Focus(_) | Effect::ReplaceAddress(_) | Effect::AskToNotify | Effect::Notify(_) => {}
            Effect::AskAboutDyno { run, request, api_key } => {
                self.call(Purpose::Adoption(run), request, &api_key);
            }
            Effect::Call { run, call, request, api_key } => {
                self.call(Purpose::Run(run, call), request, &api_key);
            }
            Effect::AskAboutApp { question, request, api_key } => {
                self.call(Purpose::App(question), request, &api_key);
            }
            Effect::AskRateLimits { request, api_key } => self.call(Purpose::RateLimits, request, &api_key),
            Effect::Log(run, effect) => self.change_log(run, effect),
            Effect::Tail(tail, tail::Effect::CreateSession { session, request, api_key }) => {
                self.call(Purpose::Session(tail, session), request, &api_key);
            }
            Effect::Tail(tail, tail::Effect::Open { session, url }) => {
                self.open_connection(tail, session, url);
                self.judge_connections();
            }
            Effect::Tail(tail, tail::Effect::Read { session, kind }) => self.read(tail, session, kind),
            Effect::Tail(tail, tail::Effect::Close { session }) => {
                if let Some(connection) = self.find_connection(tail, session) {
                    let it = &mut self.network.connections[connection];
                    if self.mutation != Some(Mutation::StaleRule) {
                        it.page = PageSide::Closed;
                        it.server = None;
                    }
                }
            }
        }
    }

    fn call(&mut self, purpose: Purpose, request: Request, api_key: &ApiKey) {
        let key = api_key.authorization().trim_start_matches("Bearer ").to_owned();
        self.send_call(purpose, request, key);
    }

    pub(crate) fn answer_arrives(&mut self, call: usize, answer: Result<Answer, TransportError>) {
        if std::mem::replace(&mut self.network.calls[call].is_done, true) {
            return;
        }
        let event = match self.network.calls[call].purpose.clone() {
            Purpose::Run(run, Call::ListDynos) => {
                let body = answer.as_ref().map(|answer| answer.body.clone()).unwrap_or_default();
                self.dispatch(Event::Run(run, RunEvent::Answered(Call::ListDynos, answer)));
                return self.judge_found(run, &body);
            }
            Purpose::Run(run, call) => Event::Run(run, RunEvent::Answered(call, answer)),
            Purpose::Adoption(run) => Event::DynoAnswered(run, answer),
            Purpose::App(question) => Event::AppAnswered(question, answer),
            Purpose::RateLimits => Event::RateLimitsAnswered(answer),
            Purpose::Session(tail, session) => Event::Tail(tail, TailEvent::SessionAnswered(session, answer)),
        };
        self.dispatch(event);
    }

    fn change_log(&mut self, run: RunId, effect: LogEffect) {
        let facts = self.page.logs.change(run, effect);
        if !facts.is_empty() {
            self.dispatch(Event::Run(run, RunEvent::Facts(facts)));
        }
    }

    pub(crate) fn head_arrives(&mut self, connection: usize, head: Result<u16, TransportError>) {
        let it = &mut self.network.connections[connection];
        if it.page != PageSide::Opening {
            return;
        }
        let (tail, session) = (it.tail, it.session);
        let event = match head {
            Ok(200..300) => {
                it.page = PageSide::Open;
                TailEvent::Opened(session)
            }
            Ok(status) => TailEvent::Failed(session, ApiError::Stream { status }),
            Err(error) => TailEvent::Failed(session, ApiError::Transport(error)),
        };
        self.dispatch(Event::Tail(tail, event));
    }

    fn read(&mut self, tail: TailId, session: u32, kind: StreamKind) {
        let Some(connection) = self.find_connection(tail, session) else { return };
        let it = &mut self.network.connections[connection];
        if it.page != PageSide::Open {
            return;
        }
        it.page = PageSide::Reading;
        let encoding = Encoding::of_content_type(it.content_type);
        let taken_for = if self.mutation == Some(Mutation::Alignment) { StreamKind::First } else { kind };
        self.record_reading(tail, connection, kind);
        let read = self.page.logs.begin_stream(tail, encoding, taken_for);
        self.take_facts(tail, session, read);
        self.judge_connections();
        self.plan(0, Happening::ReadNext(connection));
    }

    pub(crate) fn bytes_arrive(&mut self, connection: usize) {
        let it = &mut self.network.connections[connection];
        let Some(delivery) = it.in_flight.pop_front() else { return };
        it.arrived.push_back(delivery);
        if it.page == PageSide::Reading && it.arrived.len() == 1 {
            self.read_next(connection);
        }
    }

    /// One chunk, as `Driver::drain` takes it.
    pub(crate) fn read_next(&mut self, connection: usize) {
        let it = &mut self.network.connections[connection];
        if it.page != PageSide::Reading {
            return;
        }
        let Some(delivery) = it.arrived.pop_front() else { return };
        if !it.arrived.is_empty() {
            self.plan(0, Happening::ReadNext(connection));
        }
        let it = &self.network.connections[connection];
        let (tail, session) = (it.tail, it.session);
        let (read, end) = match delivery {
            Delivery::Chunk(bytes) => {
                let read = self.page.logs.push(tail, &bytes);
                self.record_bytes(connection, bytes.len() as u64);
                (read, None)
            }
            Delivery::End { clean: true } => {
                (self.page.logs.finish_stream(tail), Some(TailEvent::Ended(session)))
            }
            Delivery::End { clean: false } => {
                self.page.logs.end_stream(tail);
                (Read::default(), Some(TailEvent::Broke(session)))
            }
        };
        self.take_facts(tail, session, read);
        if let Some(end) = end {
            self.dispatch(Event::Tail(tail, end));
        }
    }

    fn take_facts(&mut self, tail: TailId, session: u32, Read { heartbeat, facts }: Read) {
        self.dispatch(Event::LogRead { tail, session, heartbeat, facts });
        self.page.logs.keep_within_bound(self.page.state.selected);
    }

    /// Has one timer for the next deadline, as `Driver::arm_timer`. A timer counts by a clock of its own.
    fn arm_timer(&mut self) {
        let Some(deadline) = self.page.state.deadline() else { return };
        let now = self.page_now();
        if self.page.timer.is_some_and(|(armed, _)| (now..=deadline).contains(&armed)) {
            return;
        }
        let mut pause = deadline.since(now).as_millis() as u64;
        if self.page.hidden {
            pause = (self.now + pause).next_multiple_of(HIDDEN_TICK) - self.now;
        }
        self.page.timers += 1;
        self.page.timer = Some((deadline, self.page.timers));
        self.plan(pause, Happening::Timer(self.page.timers));
    }

    pub(crate) fn timer_fires(&mut self, number: u64) {
        if self.page.timer.is_some_and(|(_, armed)| armed == number) {
            self.page.timer = None;
            self.dispatch(Event::Ticked);
        }
    }

    pub(crate) fn jump_clock(&mut self) {
        // A dyno that the API does not know after 20 s counts as gone (platform-api.md 3.3): those are the page's.
        if self.server.dynos.iter().any(|dyno| dyno.visible + 1000 > self.now) {
            return;
        }
        let jump = self.random.magnitude(100, 2 * 3_600_000);
        self.tell("clock", format_args!("the page's clock is set {jump} ms ahead"));
        self.page.ahead += jump;
        self.record.forgive_haste();
    }

    /// What the page has asked for may have arrived, and no answer reaches it any more.
    pub(crate) fn reload(&mut self) {
        let runs: Vec<RunId> = self.page.state.runs.iter().map(|run| run.id).collect();
        runs.into_iter().for_each(|run| self.judge_run(run));
        let remembered = to_text(self.page.state.remembered().iter());
        self.tell("person", format_args!("loads the page again: {remembered:?}"));
        self.page.state = State::new(self.page.state.config.clone());
        self.page.logs = Logs::default();
        self.page.timer = None;
        self.network.calls.iter_mut().for_each(|call| call.is_done = true);
        for connection in &mut self.network.connections {
            connection.page = PageSide::Closed;
            connection.server = None;
        }
        self.record.forget_page();
        self.person.has_typed = false;
        self.was_reloaded = true;
        self.dispatch(Event::Remembered(from_text(&remembered)));
    }

    pub(crate) fn go_online(&mut self) {
        self.tell("network", format_args!("online"));
        self.network.is_online = true;
        self.record.forgive_haste();
        self.dispatch(Event::NetworkBack);
    }

    /// Breaks the rule that an event of an old session changes nothing.
    fn mutate(&self, event: Event) -> Event {
        if self.mutation != Some(Mutation::StaleRule) {
            return event;
        }
        let newest = |tail: TailId| {
            let of_tail = self.network.connections.iter().filter(|it| it.tail == tail);
            of_tail.map(|it| it.session).max().unwrap_or_default()
        };
        match event {
            Event::Tail(tail, TailEvent::Ended(_)) => Event::Tail(tail, TailEvent::Ended(newest(tail))),
            Event::Tail(tail, TailEvent::Broke(_)) => Event::Tail(tail, TailEvent::Broke(newest(tail))),
            Event::LogRead { tail, heartbeat, facts, .. } => {
                Event::LogRead { tail, session: newest(tail), heartbeat, facts }
            }
            other => other,
        }
    }
}
