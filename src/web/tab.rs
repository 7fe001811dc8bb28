//! The browser's tab: its title, the warning when it is closed while a run lives, and what is kept until it is closed.

use gloo_events::{EventListener, EventListenerOptions};

use super::session_storage;
use crate::domain::adoption::Remembered;
use crate::domain::app::State;
use crate::domain::headline::headline;
use crate::domain::run::Run;

const NAME: &str = "Serverless on Heroku";

/// What the tab was told last.
#[derive(Debug, Default)]
pub struct Tab {
    /// There only while it has something to warn of: it keeps the page out of the browser's cache of whole pages.
    on_leave: Option<EventListener>,
    remembered: Vec<Remembered>,
}

impl Tab {
    pub fn show(&mut self, state: &State) {
        let Some((window, document)) =
            web_sys::window().and_then(|window| Some((window.clone(), window.document()?)))
        else {
            return;
        };
        let title = match state.selected_run() {
            Some(run) => headline(run) + " – " + NAME,
            None => NAME.to_owned(),
        };
        if document.title() != title {
            document.set_title(&title);
        }
        let remembered = state.remembered();
        if remembered != self.remembered {
            session_storage::remember(&remembered);
            self.remembered = remembered;
        }
        if state.runs.iter().all(Run::is_over) {
            self.on_leave = None;
        } else if self.on_leave.is_none() {
            let options = EventListenerOptions::enable_prevent_default();
            self.on_leave =
                Some(EventListener::new_with_options(&window, "beforeunload", options, |event| {
                    event.prevent_default();
                }));
        }
    }
}
