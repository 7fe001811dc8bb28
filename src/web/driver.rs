//! Owns the state and the logs: feeds events to the domain, runs the effects, and tells the view what changed.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortSignal, HtmlElement};

use super::address;
use super::clock;
use super::fetch::{self, AbortGuard};
use super::page::PageSettings;
use super::policy::PolicyWatch;
use super::stream::ByteStream;
use crate::domain::app::{Config, Effect, Event, State, update};
use crate::domain::error::ApiError;
use crate::domain::ids::RunId;
use crate::domain::log::{Decoder, Encoding, Fact, RunLog, Selection, StreamKind};
use crate::domain::run::{self, RunEvent};
use crate::domain::time::Time;

/// Milliseconds between looks for an element that is to have the focus, and how often it is looked for.
const FOCUS_PAUSE: u32 = 10;
const FOCUS_TRIES: usize = 20;

/// A run's log. Lines are read from it while a row is drawn, never copied into the state.
pub type SharedLog = Rc<RefCell<RunLog>>;

/// Told that something changed.
type Observer<T> = RefCell<Option<Box<dyn Fn(T)>>>;

/// A handle to the one driver of the page; equal to its clones alone.
#[derive(Clone)]
pub struct Driver(Rc<Inner>);

struct Inner {
    settings: PageSettings,
    policy: PolicyWatch,
    state: RefCell<Rc<State>>,
    logs: RefCell<HashMap<RunId, SharedLog>>,
    /// The runs whose streams are read; dropping a guard ends the stream.
    streams: RefCell<HashMap<RunId, AbortGuard>>,
    queue: RefCell<VecDeque<Event>>,
    dispatching: Cell<bool>,
    timer: RefCell<Option<(Time, Timeout)>>,
    on_state: Observer<Rc<State>>,
    on_lines: Observer<RunId>,
    on_address: RefCell<Option<EventListener>>,
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
        let config = Config { timings: settings.timings, page_is_local: settings.is_local };
        let driver = Self(Rc::new(Inner {
            settings,
            policy: PolicyWatch::default(),
            state: RefCell::new(Rc::new(State::new(config))),
            logs: RefCell::default(),
            streams: RefCell::default(),
            queue: RefCell::default(),
            dispatching: Cell::new(false),
            timer: RefCell::default(),
            on_state: RefCell::default(),
            on_lines: RefCell::default(),
            on_address: RefCell::default(),
        }));
        driver.read_address();
        driver
    }

    /// Takes what the address holds, now and whenever its fragment changes.
    fn read_address(&self) {
        self.dispatch(Event::Arrived(address::read()));
        let Some(window) = web_sys::window() else { return };
        let driver = Rc::downgrade(&self.0);
        let listener = EventListener::new(&window, "hashchange", move |_| {
            if let Some(driver) = driver.upgrade() {
                Self(driver).dispatch(Event::Arrived(address::read()));
            }
        });
        *self.0.on_address.borrow_mut() = Some(listener);
    }

    /// The state as it is now.
    pub fn state(&self) -> Rc<State> {
        Rc::clone(&self.0.state.borrow())
    }

    /// The API's address.
    pub fn api(&self) -> &str {
        &self.0.settings.api
    }

    /// The log of a run, once its stream was opened.
    pub fn log(&self, id: RunId) -> Option<SharedLog> {
        self.0.logs.borrow().get(&id).cloned()
    }

    /// Who is told that the state changed.
    pub fn observe_state(&self, observer: Option<Box<dyn Fn(Rc<State>)>>) {
        *self.0.on_state.borrow_mut() = observer;
    }

    /// Who is told that a run has more lines; this may be a thousand times a second.
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
            let effects = update(Rc::make_mut(&mut self.0.state.borrow_mut()), event, clock::now());
            for effect in effects {
                self.run_effect(effect);
            }
        }
        self.0.dispatching.set(false);
        self.arm_timer();
        if changed && let Some(observer) = &*self.0.on_state.borrow() {
            observer(self.state());
        }
    }

    fn next_event(&self) -> Option<Event> {
        self.0.queue.borrow_mut().pop_front()
    }

    fn run_effect(&self, effect: Effect) {
        match effect {
            Effect::Focus(id) => spawn_local(focus(id)),
            Effect::ReplaceAddress(address) => address::replace(&address),
            Effect::Run(id, run::Effect::Call { call, request, api_key }) => {
                let driver = self.clone();
                spawn_local(async move {
                    let Inner { settings, policy, .. } = &*driver.0;
                    let limit = driver.state().config.timings.answer;
                    let answer = fetch::call(&settings.api, &request, &api_key, limit, policy).await;
                    driver.dispatch(Event::Run(id, RunEvent::Answered(call, answer)));
                });
            }
            Effect::Run(id, run::Effect::OpenStream { url, scope, api_key }) => {
                let mut log = RunLog::new(&api_key, Selection::All);
                log.set_scope(scope, &mut Vec::new());
                self.open_stream(id, url, log);
            }
            Effect::Run(id, run::Effect::CloseStream) => self.close_stream(id),
        }
    }

    fn open_stream(&self, id: RunId, url: String, log: RunLog) {
        let Ok(guard) = AbortGuard::new() else {
            let error = ApiError::StreamBroke;
            self.dispatch(Event::Run(id, RunEvent::StreamFailed(error)));
            return;
        };
        let signal = guard.signal();
        let log = Rc::new(RefCell::new(log));
        self.0.logs.borrow_mut().insert(id, Rc::clone(&log));
        self.0.streams.borrow_mut().insert(id, guard);
        let driver = self.clone();
        spawn_local(async move { driver.read_stream(id, &url, &signal, &log).await });
    }

    async fn read_stream(&self, id: RunId, url: &str, signal: &AbortSignal, log: &SharedLog) {
        let failed = match ByteStream::open(url, signal).await {
            Ok(stream) if (200..300).contains(&stream.status()) => {
                let decoder = Decoder::new(Encoding::of_content_type(stream.content_type()));
                log.borrow_mut().begin_stream(StreamKind::First, &mut Vec::new());
                self.dispatch(Event::Run(id, RunEvent::StreamOpened));
                self.drain(id, stream, decoder, log).await;
                return;
            }
            Ok(stream) => ApiError::Stream { status: stream.status() },
            Err(_) => ApiError::Transport(fetch::classify(url, &self.0.policy).await),
        };
        if self.reads(id) {
            self.dispatch(Event::Run(id, RunEvent::StreamFailed(failed)));
        }
    }

    /// Takes chunks as fast as they come: the log server drops lines for readers that do not keep up.
    async fn drain(&self, id: RunId, mut stream: ByteStream, mut decoder: Decoder, log: &SharedLog) {
        loop {
            let chunk = stream.next().await;
            if !self.reads(id) {
                return;
            }
            let mut facts = Vec::new();
            let end = match chunk {
                Ok(Some(bytes)) => {
                    let mut log = log.borrow_mut();
                    decoder.push(bytes, &mut |piece| log.take(piece, &mut facts));
                    None
                }
                Ok(None) => {
                    let mut log = log.borrow_mut();
                    let decoder = std::mem::replace(&mut decoder, Decoder::new(Encoding::Unknown));
                    decoder.finish(&mut |piece| log.take(piece, &mut facts));
                    log.end_stream(&mut facts);
                    Some(RunEvent::StreamEnded)
                }
                Err(_) => Some(RunEvent::StreamBroke),
            };
            self.report(id, facts);
            if let Some(end) = end {
                self.dispatch(Event::Run(id, end));
                return;
            }
        }
    }

    fn close_stream(&self, id: RunId) {
        self.0.streams.borrow_mut().remove(&id);
        if let Some(log) = self.log(id) {
            let mut facts = Vec::new();
            log.borrow_mut().end_stream(&mut facts);
            self.report(id, facts);
        }
    }

    fn report(&self, id: RunId, facts: Vec<Fact>) {
        if facts.is_empty() {
            return;
        }
        self.dispatch(Event::Run(id, RunEvent::Facts(facts)));
        if let Some(observer) = &*self.0.on_lines.borrow() {
            observer(id);
        }
    }

    /// Whether the run's stream is still wanted.
    fn reads(&self, id: RunId) -> bool {
        self.0.streams.borrow().contains_key(&id)
    }

    /// Has one timer for the next deadline. One that fires early does no harm, so it is only ever moved forward.
    fn arm_timer(&self) {
        let Some(deadline) = self.0.state.borrow().deadline() else { return };
        let mut timer = self.0.timer.borrow_mut();
        if timer.as_ref().is_some_and(|(armed, _)| *armed <= deadline) {
            return;
        }
        let pause = deadline.since(clock::now()).as_millis();
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
    let Event::Run(_, RunEvent::Facts(facts)) = event else { return false };
    facts.iter().all(|fact| *fact == Fact::Lines)
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
