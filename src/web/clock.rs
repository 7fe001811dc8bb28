//! The browser's clock.

use std::cell::Cell;

use crate::domain::time::Time;

thread_local! {
    /// The last time that was told, and what the wall clock has been set back by since the page began.
    static CLOCK: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// Now, by the wall clock, since that goes on while a laptop sleeps. When it is set back, time goes on from where it
/// was: a deadline must not move into the distance.
pub fn now() -> Time {
    CLOCK.with(|clock| {
        let (last, set_back) = clock.get();
        let wall = js_sys::Date::now() as u64;
        let set_back = set_back.max(last.saturating_sub(wall));
        let now = wall + set_back;
        clock.set((now, set_back));
        Time(now)
    })
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

/// A time in UTC as the names of files have it: `2026-01-02T03-04-05Z`.
pub fn for_file_name(time: Time) -> String {
    let text = String::from(js_sys::Date::new(&(time.0 as f64).into()).to_iso_string());
    text.split('.').next().unwrap_or_default().replace(':', "-") + "Z"
}
