//! Owns the state and the logs: feeds events to the domain, runs the effects, and tells the view what changed.

use std::cell::{Cell, Ref, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use super::address;
use super::clock;
use super::fetch;
use super::local_storage;
use super::memory::Memory;
use super::notification;
use super::page::PageSettings;
use super::policy::PolicyWatch;
use super::session_storage;
use super::stream::ByteStream;
use super::streams::Streams;
use super::tab::Tab;
use crate::domain::api::{Answer, Request};
use crate::domain::app::{Config, Effect, Event, LogEffect, State, update};
use crate::domain::error::{ApiError, TransportError};
use crate::domain::headline::headline;
use crate::domain::ids::{RunId, TailId};
use crate::domain::log::{Encoding, Fact};
use crate::domain::logs::{Logs, Read, SharedLog};
use crate::domain::memory_bound::MemoryBound;
use crate::domain::run::RunEvent;
use crate::domain::secret::ApiKey;
use crate::domain::tail::{self, TailEvent};
use crate::domain::time::Time;

/// Milliseconds between looks for an element that is to have the focus, and how often it is looked for.
const FOCUS_PAUSE: u32 = 10;
const FOCUS_TRIES: usize = 20;

/// Told that something changed.
type Observer<T> = RefCell<Option<Box<dyn Fn(T)>>>;

/// A handle to the one driver of the page; equal to its clones alone.
#[derive(Clone)]
pub struct Driver(Rc<Inner>);

struct Inner {
    settings: PageSettings,
    policy: PolicyWatch,
    state: RefCell<State>,
    /// Another number after each change of the state that is shown.
    revision: Cell<u32>,
    logs: RefCell<Logs>,
    streams: Streams,
    queue: RefCell<VecDeque<Event>>,
    dispatching: Cell<bool>,
    timer: RefCell<Option<(Time, Timeout)>>,
    on_state: Observer<u32>,
    on_lines: Observer<RunId>,
    listeners: RefCell<Vec<EventListener>>,
    tab: RefCell<Tab>,
}

impl PartialEq for Driver {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Driver").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Driver {
    pub fn new(settings: PageSettings) -> Self {
        let seed = js_sys::Math::random().to_bits();
        let config = Config {
            timings: settings.timings,
            page_is_local: settings.is_local,
            can_notify: notification::are_there(),
            seed,
        };
        let driver = Self(Rc::new(Inner {
            settings,
            policy: PolicyWatch::default(),
            state: RefCell::new(State::new(config)),
            revision: Cell::new(0),
            logs: RefCell::default(),
            streams: Streams::default(),
            queue: RefCell::default(),
            dispatching: Cell::new(false),
            timer: RefCell::default(),
            on_state: RefCell::default(),
            on_lines: RefCell::default(),
            listeners: RefCell::default(),
            tab: RefCell::default(),
        }));
        driver.0.logs.borrow_mut().set_memory_bound(local_storage::memory_bound());
        driver.listen();
        driver.dispatch(Event::Arrived(address::read()));
        driver.dispatch(Event::Remembered(session_storage::remembered()));
        driver
    }

    /// Hears of new fragments in the address, and of a network that is back.
    fn listen(&self) {
        let Some(window) = web_sys::window() else { return };
        let on = |name: &'static str, event: fn() -> Event| {
            let driver = Rc::downgrade(&self.0);
            EventListener::new(&window, name, move |_| {
                if let Some(driver) = driver.upgrade() {
                    Self(driver).dispatch(event());
                }
            })
        };
        *self.0.listeners.borrow_mut() =
            vec![on("hashchange", || Event::Arrived(address::read())), on("online", || Event::NetworkBack)];
    }

    /// The state as it is now. Nothing may be dispatched while it is borrowed.
    pub fn state(&self) -> Ref<'_, State> {
        self.0.state.borrow()
    }

    /// The API's address.
    pub fn api(&self) -> &str {
        &self.0.settings.api
    }

    /// The log of a run, once its stream was opened.
    pub fn log(&self, id: RunId) -> Option<SharedLog> {
        self.0.logs.borrow().get(id).cloned()
    }

    /// How much memory all logs may take together.
    pub fn memory_bound(&self) -> MemoryBound {
        self.0.logs.borrow().memory_bound()
    }

    /// Sets it, also for the next visit.
    pub fn set_memory_bound(&self, bound: MemoryBound) {
        self.0.logs.borrow_mut().set_memory_bound(bound);
        local_storage::keep_memory_bound(bound);
        self.keep_within_bound();
    }

    fn keep_within_bound(&self) {
        let selected = self.state().selected;
        let has_dropped = self.0.logs.borrow_mut().keep_within_bound(selected);
        // Perhaps of another run, which is drawn when it is selected.
        if let Some(run) = selected.filter(|_| has_dropped) {
            self.tell_of_lines(run);
        }
    }

    /// Who is told that the state changed, and its revision.
    pub fn observe_state(&self, observer: Option<Box<dyn Fn(u32)>>) {
        *self.0.on_state.borrow_mut() = observer;
    }

    /// Who is told that a run has other lines; this may be a thousand times a second.
    pub fn observe_lines(&self, observer: Option<Box<dyn Fn(RunId)>>) {
        *self.0.on_lines.borrow_mut() = observer;
    }

    /// Makes something happen. An event that comes while another is handled waits for its turn.
    pub fn dispatch(&self, event: Event) {
        self.0.queue.borrow_mut().push_back(event);
        if self.0.dispatching.replace(true) {
            return;
        }
        let mut changed = false;
        while let Some(event) = self.next_event() {
            changed |= !brings_lines_only(&event);
            let effects = update(&mut self.0.state.borrow_mut(), event, clock::now());
            for effect in effects {
                self.run_effect(effect);
            }
        }
        self.0.dispatching.set(false);
        self.arm_timer();
        if !changed {
            return;
        }
        self.0.revision.set(self.0.revision.get().wrapping_add(1));
        self.0.tab.borrow_mut().show(&self.state());
        if let Some(observer) = &*self.0.on_state.borrow() {
            observer(self.0.revision.get());
        }
    }

    fn next_event(&self) -> Option<Event> {
        self.0.queue.borrow_mut().pop_front()
    }

    fn run_effect(&self, effect: Effect) {
        match effect {
            Effect::Focus(id) => spawn_local(focus(id)),
            Effect::ReplaceAddress(address) => address::replace(&address),
            Effect::AskToNotify => {
                let driver = self.clone();
                spawn_local(async move {
                    driver.dispatch(Event::NotificationsAllowed(notification::ask().await));
                });
            }
            Effect::Notify(id) => self.notify(id),
            Effect::AskAboutDyno { run, request, api_key } => {
                self.call(request, api_key, move |answer| Event::DynoAnswered(run, answer));
            }
            Effect::Call { run, call, request, api_key } => {
                self.call(request, api_key, move |answer| Event::Run(run, RunEvent::Answered(call, answer)));
            }
            Effect::AskAboutApp { question, request, api_key } => {
                self.call(request, api_key, move |answer| Event::AppAnswered(question, answer));
            }
            Effect::AskRateLimits { request, api_key } => {
                self.call(request, api_key, Event::RateLimitsAnswered);
            }
            Effect::Log(run, effect) => self.change_log(run, effect),
            Effect::Tail(tail, tail::Effect::CreateSession { session, request, api_key }) => {
                self.call(request, api_key, move |answer| {
                    Event::Tail(tail, TailEvent::SessionAnswered(session, answer))
                });
            }
            Effect::Tail(tail, tail::Effect::Open { session, url }) => self.open_stream(tail, session, url),
            Effect::Tail(tail, tail::Effect::Read { session, kind }) => {
                let Some(stream) = self.0.streams.take(tail, session) else { return };
                let encoding = Encoding::of_content_type(stream.content_type());
                let read = self.0.logs.borrow_mut().begin_stream(tail, encoding, kind);
                self.take_facts(tail, session, read);
                let driver = self.clone();
                spawn_local(async move { driver.drain(tail, session, stream).await });
            }
            Effect::Tail(tail, tail::Effect::Close { session }) => self.0.streams.close(tail, session),
        }
    }

    fn notify(&self, id: RunId) {
        let Some(title) = self.state().run(id).map(headline) else { return };
        let driver = self.clone();
        notification::show(&title, move || driver.dispatch(Event::Selected(id)));
    }

    fn call(
        &self,
        request: Request,
        api_key: ApiKey,
        event: impl FnOnce(Result<Answer, TransportError>) -> Event + 'static,
    ) {
        let driver = self.clone();
        let event: Box<dyn FnOnce(Result<Answer, TransportError>) -> Event> = Box::new(event);
        spawn_local(async move {
            let Inner { settings, policy, .. } = &*driver.0;
            let limit = driver.state().config.timings.answer;
            let answer = fetch::call(&settings.api, &request, &api_key, limit, policy).await;
            driver.dispatch(event(answer));
        });
    }

    fn change_log(&self, run: RunId, effect: LogEffect) {
        let facts = self.0.logs.borrow_mut().change(run, effect);
        if !facts.is_empty() {
            self.dispatch(Event::Run(run, RunEvent::Facts(facts)));
            self.tell_of_lines(run);
        }
    }

    fn open_stream(&self, tail: TailId, session: u32, url: String) {
        let Some(signal) = self.0.streams.begin(tail, session) else {
            self.dispatch(Event::Tail(tail, TailEvent::Failed(session, ApiError::StreamBroke)));
            return;
        };
        let driver = self.clone();
        spawn_local(async move {
            let Inner { streams, policy, .. } = &*driver.0;
            let event = match streams.open(tail, session, &url, &signal).await {
                Ok(200..300) => TailEvent::Opened(session),
                Ok(status) => TailEvent::Failed(session, ApiError::Stream { status }),
                Err(_) => {
                    TailEvent::Failed(session, ApiError::Transport(fetch::classify(&url, policy).await))
                }
            };
            driver.dispatch(Event::Tail(tail, event));
        });
    }

    /// Takes chunks as fast as they come: the log server drops lines for readers that do not keep up.
    async fn drain(&self, tail: TailId, session: u32, mut stream: ByteStream) {
        let mut memory = Memory::now();
        loop {
            let chunk = stream.next().await;
            if !self.0.streams.has(tail, session) {
                return;
            }
            let (read, end) = match chunk {
                Ok(Some(bytes)) => (self.0.logs.borrow_mut().push(tail, bytes), None),
                Ok(None) => (self.0.logs.borrow_mut().finish_stream(tail), Some(TailEvent::Ended(session))),
                Err(_) => {
                    self.0.logs.borrow_mut().end_stream(tail);
                    (Read::default(), Some(TailEvent::Broke(session)))
                }
            };
            self.take_facts(tail, session, read);
            memory.keep_ahead();
            if let Some(end) = end {
                self.dispatch(Event::Tail(tail, end));
                return;
            }
        }
    }

    fn take_facts(&self, tail: TailId, session: u32, Read { heartbeat, facts }: Read) {
        let runs: Vec<RunId> =
            facts.iter().filter(|(_, facts)| !facts.is_empty()).map(|(run, _)| *run).collect();
        self.dispatch(Event::LogRead { tail, session, heartbeat, facts });
        runs.into_iter().for_each(|run| self.tell_of_lines(run));
        self.keep_within_bound();
    }

    fn tell_of_lines(&self, run: RunId) {
        if let Some(observer) = &*self.0.on_lines.borrow() {
            observer(run);
        }
    }

    /// Has one timer for the next deadline. One that fires early does no harm, so it is only ever moved forward. One
    /// that is overdue has not counted the time that the computer slept, and may be as late again.
    fn arm_timer(&self) {
        let Some(deadline) = self.0.state.borrow().deadline() else { return };
        let now = clock::now();
        let mut timer = self.0.timer.borrow_mut();
        if timer.as_ref().is_some_and(|(armed, _)| (now..=deadline).contains(armed)) {
            return;
        }
        let pause = deadline.since(now).as_millis();
        let driver = self.clone();
        let timeout =
            Timeout::new(u32::try_from(pause).unwrap_or(u32::MAX).min(i32::MAX as u32), move || {
                // Fired, so dropping it cancels nothing.
                driver.0.timer.borrow_mut().take();
                driver.dispatch(Event::Ticked);
            });
        *timer = Some((deadline, timeout));
    }
}

fn brings_lines_only(event: &Event) -> bool {
    let Event::LogRead { facts, .. } = event else { return false };
    facts.iter().flat_map(|(_, facts)| facts).all(|fact| *fact == Fact::Lines)
}

/// Waits until the view has caught up: an element may be new, or its id another's.
async fn focus(id: String) {
    for _ in 0..FOCUS_TRIES {
        TimeoutFuture::new(FOCUS_PAUSE).await;
        let document = web_sys::window().and_then(|window| window.document());
        let element = document.and_then(|document| document.get_element_by_id(&id));
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            // An element that cannot take the focus keeps its message all the same.
            let _ = element.focus();
            return;
        }
    }
}
