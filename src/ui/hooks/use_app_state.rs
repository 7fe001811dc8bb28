//! The state of the page, and a render whenever it changes.

use std::rc::Rc;
use yew::prelude::*;

use crate::domain::app::State;
use crate::web::driver::Driver;

#[hook]
pub(in crate::ui) fn use_app_state(driver: &Driver) -> Rc<State> {
    let state = use_state(|| driver.state());
    let setter = state.setter();
    use_effect_with(driver.clone(), move |driver| {
        driver.observe_state(Some(Box::new(move |state| setter.set(state))));
        let driver = driver.clone();
        move || driver.observe_state(None)
    });
    Rc::clone(&state)
}
