//! The field for the memory that all logs may take.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::domain::ids::RunId;
use crate::domain::memory_bound::MemoryBound;
use crate::web::driver::Driver;

/// `run` is the one that is shown: an error in the field goes with it.
#[hook]
pub(super) fn use_memory_bound(driver: &Driver, run: RunId) -> Html {
    // Where the field was left with what is no bound.
    let wrong_in = use_state(|| None::<RunId>);
    let onchange = {
        let (wrong_in, driver) = (wrong_in.setter(), driver.clone());
        Callback::from(move |event: yew::Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let bound = MemoryBound::parse(&input.value());
            if let Some(bound) = bound {
                driver.set_memory_bound(bound);
            }
            wrong_in.set(bound.is_none().then_some(run));
        })
    };
    let is_wrong = *wrong_in == Some(run);
    html! {
        <label title="All logs together. Beyond it those of ended runs go, then the oldest lines.">
            { "Keep " }
            <input class="status__bound" id="log-memory" inputmode="numeric" autocomplete="off" {onchange}
                ~defaultValue={driver.memory_bound().megabytes().to_string()} aria-label="Memory for all logs in MB"
                aria-invalid={is_wrong.to_string()} aria-describedby="log-memory-description" />
            { " MB of logs" }
            <span class="status__error" id="log-memory-description" aria-live="polite"
                data-error={is_wrong.then_some("invalid")}>
                { if is_wrong { MemoryBound::RULE } else { "" } }
            </span>
        </label>
    }
}
