//! The browser's clock.

use crate::domain::time::Time;

/// Now, by the wall clock: it goes on while a laptop sleeps.
pub fn now() -> Time {
    Time(js_sys::Date::now() as u64)
}

/// A time of day as this browser's local clock shows it: `HH:MM:SS.mmm`.
pub fn local_time_of_day(time: Time) -> String {
    let date = js_sys::Date::new(&(time.0 as f64).into());
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds(),
        date.get_milliseconds()
    )
}
