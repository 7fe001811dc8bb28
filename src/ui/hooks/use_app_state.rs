//! The state of the page, and a render whenever it changes.

use yew::prelude::*;

use crate::ui::app_state::AppState;
use crate::web::driver::Driver;

#[hook]
pub(in crate::ui) fn use_app_state(driver: &Driver) -> AppState {
    let state = use_state(|| AppState::new(driver.state()));
    let setter = state.setter();
    use_effect_with(driver.clone(), move |driver| {
        driver.observe_state(Some(Box::new(move |state| setter.set(AppState::new(state)))));
        let driver = driver.clone();
        move || driver.observe_state(None)
    });
    (*state).clone()
}
