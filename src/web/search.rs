//! The search of a log: loads the module that searches (log-search/) and gives it the lines, a few milliseconds at once.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

use super::stream::next_task;
use crate::domain::log::{Class, RunLog};
use crate::domain::logs::SharedLog;

/// How long lines are searched in one go before the browser gets to handle input and paint, in milliseconds: less than a
/// frame, with the lines that are copied at its end.
const SLICE_MILLISECONDS: f64 = 13.0;

#[wasm_bindgen]
extern "C" {
    /// Of static/boot.js.
    #[wasm_bindgen(js_name = loadSearch, catch)]
    async fn load_search() -> Result<JsValue, JsValue>;

    /// Of static/search.js.
    #[derive(Clone, Debug)]
    type Module;
    #[wasm_bindgen(method)]
    fn query(this: &Module, text: &str, match_case: bool, is_regex: bool) -> String;
    #[wasm_bindgen(method)]
    fn bytes(this: &Module, piece: &[u8]);
    #[wasm_bindgen(method)]
    fn lines(this: &Module, ends: &[u32], headers: &[u8], base: u32);
    #[wasm_bindgen(method, catch)]
    fn step(this: &Module, start: u32) -> Result<u32, JsValue>;
    #[wasm_bindgen(method)]
    fn restart(this: &Module, start: u32);
    #[wasm_bindgen(method)]
    fn searched(this: &Module) -> u32;
    #[wasm_bindgen(method)]
    fn matches(this: &Module) -> u32;
    #[wasm_bindgen(method)]
    fn go(this: &Module, forward: u32, line: u32) -> i32;
    #[wasm_bindgen(method)]
    fn current(this: &Module) -> i32;
    #[wasm_bindgen(method)]
    fn show_around(this: &Module, lines: u32);
    #[wasm_bindgen(method)]
    fn rows(this: &Module, lines: u32) -> u32;
    #[wasm_bindgen(method)]
    fn line(this: &Module, row: u32) -> u32;
    #[wasm_bindgen(method)]
    fn row(this: &Module, line: u32) -> u32;
    #[wasm_bindgen(method)]
    fn highlight(this: &Module, rows: &Element);
}

/// The module, which is loaded once.
#[derive(Clone, Debug, Default)]
enum Loading {
    #[default]
    No,
    Yes,
    Done(Module),
    Failed,
}

/// What somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub text: String,
    pub match_case: bool,
    pub is_regex: bool,
}

/// How far a search is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is looked for.
    None,
    Loading,
    /// The module could not be loaded, or has stopped.
    Failed,
    /// What is wrong with the regular expression.
    Wrong(String),
    /// More lines have to be searched.
    Searching,
    /// So many matches in all lines, and the index of the one that was gone to.
    Done {
        matches: u32,
        current: Option<u32>,
    },
}

/// The search of one log at a time; equal to its clones alone.
#[derive(Clone, Default)]
pub struct LogSearch(Rc<Inner>);

impl PartialEq for LogSearch {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for LogSearch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LogSearch").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Inner {
    module: RefCell<Loading>,
    /// The log that is searched; a closed run's goes all the same.
    log: RefCell<Weak<RefCell<RunLog>>>,
    /// Is told of what has changed without a render.
    observer: RefCell<Option<Rc<dyn Fn()>>>,
    query: RefCell<Query>,
    /// What is wrong with it; empty when nothing is.
    error: RefCell<String>,
    /// Of the store, when the search began.
    revision: Cell<usize>,
    /// The platform's lines are not shown, so they are not found.
    hides_platform: Cell<bool>,
    /// Lines that were searched together, for their headers.
    headers: RefCell<Vec<u8>>,
    /// A task goes on with it.
    is_running: Cell<bool>,
}

impl LogSearch {
    /// What is called when the module is there, or could not be had, and when all lines are searched.
    pub fn observe(&self, observer: impl Fn() + 'static) {
        *self.0.observer.borrow_mut() = Some(Rc::new(observer));
    }

    fn tell(&self) {
        // It may set another.
        let observer = self.0.observer.borrow().clone();
        if let Some(observer) = observer {
            observer();
        }
    }

    /// Loads the module unless it is there.
    pub fn load(&self) {
        if !matches!(&*self.0.module.borrow(), Loading::No | Loading::Failed) {
            return;
        }
        *self.0.module.borrow_mut() = Loading::Yes;
        let search = self.clone();
        spawn_local(async move {
            let loaded = match load_search().await {
                Ok(module) => Loading::Done(module.unchecked_into()),
                Err(_) => Loading::Failed,
            };
            *search.0.module.borrow_mut() = loaded;
            search.begin();
            search.tell();
        });
    }

    pub fn query(&self) -> Query {
        self.0.query.borrow().clone()
    }

    /// Begins anew with another query.
    pub fn set_query(&self, query: Query) {
        *self.0.query.borrow_mut() = query;
        self.begin();
    }

    fn begin(&self) {
        let Some(module) = self.module() else { return };
        let query = self.0.query.borrow();
        *self.0.error.borrow_mut() = module.query(&query.text, query.match_case, query.is_regex);
    }

    fn module(&self) -> Option<Module> {
        match &*self.0.module.borrow() {
            Loading::Done(module) => Some(module.clone()),
            _ => None,
        }
    }

    /// Searches the lines of the log that were not searched yet: what a slice of time allows at once, the rest in later
    /// tasks. Begins anew when it is another log, or other lines of it are shown.
    pub fn catch_up(&self, log: &SharedLog, hides_platform: bool) {
        let before = self.0.log.replace(Rc::downgrade(log));
        if (!std::ptr::addr_eq(before.as_ptr(), Rc::as_ptr(log))
            || self.0.hides_platform.get() != hides_platform)
            && let Some(module) = self.module()
        {
            module.restart(log.borrow().lines().first() as u32);
        }
        self.0.hides_platform.set(hides_platform);
        if self.0.is_running.get() || self.slice() {
            return;
        }
        self.0.is_running.set(true);
        let search = self.clone();
        spawn_local(async move {
            // A browser without channels of messages would fail at the log's stream before.
            while next_task().await.is_ok() && !search.slice() {}
            search.0.is_running.set(false);
            search.tell();
        });
    }

    /// Whether all lines are searched, or nothing is to be.
    fn slice(&self) -> bool {
        let (Some(module), Some(log)) = (self.module(), self.0.log.borrow().upgrade()) else { return true };
        let log = log.borrow();
        let store = log.lines();
        if self.0.query.borrow().text.is_empty() || !self.0.error.borrow().is_empty() {
            return true;
        }
        // Bytes of lines that were there already have changed.
        if self.0.revision.replace(store.revision()) != store.revision() {
            module.restart(store.first() as u32);
        }
        let end = js_sys::Date::now() + SLICE_MILLISECONDS;
        loop {
            match module.step(store.first() as u32) {
                Ok(0) => {
                    let Some(stretch) = store.stretch(module.searched() as usize) else { return true };
                    for piece in &stretch.pieces {
                        module.bytes(piece);
                    }
                    let mut headers = self.0.headers.borrow_mut();
                    headers.clear();
                    let hides_platform = self.0.hides_platform.get();
                    headers.extend(stretch.classes.iter().map(|class| match class {
                        Class::Raw => 0,
                        Class::Platform if hides_platform => 2,
                        _ => 1,
                    }));
                    module.lines(stretch.ends, &headers, stretch.base);
                }
                Ok(_) => {}
                Err(_) => {
                    *self.0.module.borrow_mut() = Loading::Failed;
                    return true;
                }
            }
            if js_sys::Date::now() > end {
                return false;
            }
        }
    }

    /// How far it is in a log of so many lines.
    pub fn progress(&self, lines: usize) -> Progress {
        if self.0.query.borrow().text.is_empty() {
            return Progress::None;
        }
        let module = match &*self.0.module.borrow() {
            Loading::Done(module) => module.clone(),
            Loading::Failed => return Progress::Failed,
            Loading::No | Loading::Yes => return Progress::Loading,
        };
        let error = self.0.error.borrow();
        if !error.is_empty() {
            return Progress::Wrong(error.clone());
        }
        if (module.searched() as usize) < lines {
            return Progress::Searching;
        }
        Progress::Done { matches: module.matches(), current: u32::try_from(module.current()).ok() }
    }

    /// Goes to the next match or the one before, the first time from a line on; the line of the match.
    pub fn go(&self, forward: bool, line: usize) -> Option<usize> {
        self.module().and_then(|module| usize::try_from(module.go(u32::from(forward), line as u32)).ok())
    }

    /// How many lines around a match are shown when only those are.
    pub fn show_around(&self, lines: u32) {
        if let Some(module) = self.module() {
            module.show_around(lines);
        }
    }

    /// Number of rows when only matches are shown, of a log of so many lines.
    pub fn rows(&self, lines: usize) -> usize {
        self.module().map_or(0, |module| module.rows(lines as u32) as usize)
    }

    /// The line of such a row.
    pub fn line(&self, row: usize) -> usize {
        self.module().map_or(0, |module| module.line(row as u32) as usize)
    }

    /// The row of a line, or of the next that is shown.
    pub fn row(&self, line: usize) -> usize {
        self.module().map_or(0, |module| module.row(line as u32) as usize)
    }

    /// Marks what matches in the rows on screen.
    pub fn highlight(&self, rows: &Element) {
        if let Some(module) = self.module() {
            module.highlight(rows);
        }
    }
}
