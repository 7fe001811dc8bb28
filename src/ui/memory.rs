//! The field for the memory that all logs may take.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::field::input_value;
use crate::domain::memory_bound::MemoryBound;
use crate::web::driver::Driver;

#[hook]
pub(super) fn use_memory_bound(driver: &Driver) -> Html {
    // What is typed, and whether it was left although it is no bound.
    let text = use_state(|| (driver.memory_bound().megabytes().to_string(), false));
    let oninput = {
        let text = text.setter();
        Callback::from(move |event: InputEvent| text.set((input_value(&event), false)))
    };
    let onchange = {
        let (text, driver) = (text.setter(), driver.clone());
        Callback::from(move |event: yew::Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let bound = MemoryBound::parse(&input.value());
            if let Some(bound) = bound {
                driver.set_memory_bound(bound);
            }
            text.set((input.value(), bound.is_none()));
        })
    };
    let (value, is_wrong) = (*text).clone();
    html! {
        <label class="status__memory"
            title="The logs of all runs together. Beyond it those of ended runs are dropped, then the oldest lines.">
            { "kept: at most " }
            <input class="status__bound" id="log-memory" inputmode="numeric" autocomplete="off" {value} {oninput}
                {onchange} aria-invalid={is_wrong.to_string()} aria-label="Memory for all logs in MB" aria-describedby="log-memory-description" />
            { " MB" }
            <span class="status__error" id="log-memory-description" aria-live="polite" data-error={is_wrong.then_some("invalid")}>
                { if is_wrong { MemoryBound::RULE } else { "" } }
            </span>
        </label>
    }
}
