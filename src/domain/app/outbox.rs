//! Where the effects of an event are gathered.

use super::Effect;
use crate::domain::ids::TailId;
use crate::domain::tail;

/// What the event that is being applied has led to so far, on whatever level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outbox(Vec<Effect>);

impl Outbox {
    pub(super) fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    /// The tail is gone: no session is wanted that it has asked for.
    pub(super) fn withdraw_session(&mut self, tail: TailId) {
        self.0.retain(
            |effect| !matches!(effect, Effect::Tail(it, tail::Effect::CreateSession { .. }) if *it == tail),
        );
    }

    /// All of them, in the order in which they came up.
    pub(super) fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.0)
    }
}
