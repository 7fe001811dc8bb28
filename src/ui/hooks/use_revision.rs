//! A render whenever the state changes.

use yew::prelude::*;

use crate::web::driver::Driver;

/// The state's revision. For components that show the state, which they borrow: comparing revisions costs less than
/// comparing states, and a state that is shared would be copied with each change.
#[hook]
pub(in crate::ui) fn use_revision(driver: &Driver) -> u32 {
    let revision = use_state(|| 0);
    let setter = revision.setter();
    use_effect_with(driver.clone(), move |driver| {
        driver.observe_state(Some(Box::new(move |revision| setter.set(revision))));
        let driver = driver.clone();
        move || driver.observe_state(None)
    });
    *revision
}
