//! The state as components get it: a value that never changes, equal to itself alone.

use std::ops::Deref;
use std::rc::Rc;

use crate::domain::app::State;

/// Two are equal when they are the same: a changed state is always another one, and comparing runs costs time and bytes.
#[derive(Clone)]
pub(super) struct AppState(Rc<State>);

impl AppState {
    pub(super) fn new(state: Rc<State>) -> Self {
        Self(state)
    }
}

impl PartialEq for AppState {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for AppState {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}
