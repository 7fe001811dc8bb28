//! The living dynos of an app.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::dyno::{Dyno, DynoRequest, Then};
use crate::generation::Generation;
use crate::release::Deployment;

/// One-off dynos that may run at once, as for Basic and Standard sizes (platform-api.md 3.7).
pub(crate) const MAXIMUM_ONE_OFFS: usize = 50;

/// Of the 9,000 numbers of a process type, with room for those of living dynos.
const REMEMBERED_NAMES: usize = 8_000;

/// The dynos that have not ended, and the names of those that have.
#[derive(Debug, Default)]
pub(crate) struct Dynos {
    generation: Generation,
    /// One lock for every decision: a dyno that is scaled up while it ends is either started again or made anew.
    inner: Mutex<Inner>,
    /// How many there are.
    number: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Inner {
    live: Vec<Arc<Dyno>>,
    /// Names that were given lately.
    used: HashSet<String>,
    /// No more are started.
    closed: bool,
}

/// Why a dyno was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddError {
    /// [`MAXIMUM_ONE_OFFS`] are running.
    TooMany,
    /// The emulator is stopping.
    Closed,
}

impl Dynos {
    /// None yet, which will have names by the rules of `generation`.
    pub(crate) fn new(generation: Generation) -> Self {
        Self { generation, ..Self::default() }
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Dyno>> {
        self.lock().live.clone()
    }

    /// A dyno by its id or name.
    pub(crate) fn find(&self, id_or_name: &str) -> Option<Arc<Dyno>> {
        self.lock().live.iter().find(|dyno| dyno.is(id_or_name)).cloned()
    }

    /// Adds a one-off dyno that is yet to run.
    pub(crate) fn add_one_off(
        &self,
        command: String,
        deployment: Deployment,
        request: DynoRequest,
    ) -> Result<Arc<Dyno>, AddError> {
        self.change(|inner| {
            if inner.closed {
                return Err(AddError::Closed);
            }
            if inner.live.iter().filter(|dyno| dyno.number.is_none()).count() >= MAXIMUM_ONE_OFFS {
                return Err(AddError::TooMany);
            }
            let name = inner.free_name(self.generation, &request.process_type);
            let dyno = Arc::new(Dyno::new(name, None, command, deployment, request));
            inner.live.push(Arc::clone(&dyno));
            Ok(dyno)
        })
    }

    /// Sees to it that a dyno of the formation is there. Returns one that is yet to run if there was none.
    pub(crate) fn ensure(&self, name: &str, make: impl FnOnce() -> Dyno) -> Option<Arc<Dyno>> {
        self.change(|inner| {
            if inner.closed {
                return None;
            }
            if let Some(dyno) = inner.live.iter().find(|dyno| dyno.name == name) {
                // It was about to go.
                if dyno.then() == Then::Remove {
                    dyno.stop(Then::Restart);
                }
                return None;
            }
            let dyno = Arc::new(make());
            inner.live.push(Arc::clone(&dyno));
            Some(dyno)
        })
    }

    /// What becomes of a dyno whose process has ended; one that is to be removed is gone after this.
    pub(crate) fn settle(&self, ended: &Arc<Dyno>) -> Then {
        self.change(|inner| {
            let then = if inner.closed { Then::Remove } else { ended.then() };
            if then == Then::Remove {
                inner.live.retain(|dyno| !Arc::ptr_eq(dyno, ended));
            }
            then
        })
    }

    /// Forgets a dyno that has ended.
    pub(crate) fn remove(&self, ended: &Arc<Dyno>) {
        self.change(|inner| inner.live.retain(|dyno| !Arc::ptr_eq(dyno, ended)));
    }

    /// Puts a dyno that is yet to run in the place of one that has ended, unless that is to be removed: then it is.
    pub(crate) fn replace(&self, ended: &Arc<Dyno>, next: Dyno) -> Option<Arc<Dyno>> {
        self.change(|inner| {
            let place = inner.live.iter().position(|dyno| Arc::ptr_eq(dyno, ended))?;
            if inner.closed || ended.then() == Then::Remove {
                inner.live.remove(place);
                return None;
            }
            let next = Arc::new(next);
            inner.live[place] = Arc::clone(&next);
            Some(next)
        })
    }

    /// Starts no more.
    pub(crate) fn close(&self) {
        self.change(|inner| inner.closed = true);
    }

    /// Waits until no dyno is left.
    pub(crate) async fn idle(&self) {
        // The sender is this value's own, so there is always an answer.
        let _ = self.number.subscribe().wait_for(|number| *number == 0).await;
    }

    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.lock();
        let result = change(&mut inner);
        self.number.send_replace(inner.live.len());
        result
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// A name like `run.8361` (platform-api.md 3.2) that no living dyno has. One is given again only after most others
    /// were: on Heroku too that is rare, and whoever reads back a dyno's log gets no other's.
    fn free_name(&mut self, generation: Generation, process_type: &str) -> String {
        if self.used.len() >= REMEMBERED_NAMES {
            self.used.clear();
        }
        loop {
            let name = generation.dyno_name(process_type);
            if self.live.iter().all(|dyno| dyno.name != name) && self.used.insert(name.clone()) {
                return name;
            }
        }
    }
}
