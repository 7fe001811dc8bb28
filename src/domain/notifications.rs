//! Notifications of the browser at the end of a run that took long: only for who asks for them.

use std::time::Duration;

use super::run::Run;
use super::time::Time;

/// Whoever started a shorter run is likely to be waiting for it.
const LONG: Duration = Duration::from_secs(20);

/// For as long as the page is open; the browser alone remembers what it was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notifications {
    #[default]
    Off,
    /// The browser asks the person.
    Asked,
    On,
    /// The browser does not show any from this page.
    Denied,
}

impl Notifications {
    /// Whether the end of a run is to be told. Who looks at the page needs no notification; that is for the browser
    /// to say.
    pub(super) fn tell_end_of(self, run: &Run, now: Time) -> bool {
        self == Self::On && run.is_over() && run.times.total(now) > LONG
    }
}
