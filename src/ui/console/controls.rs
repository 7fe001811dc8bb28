//! What the actions of a console act on.

use std::rc::Rc;

use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::action::Action;
use super::scroll::{Scroll, focus};
use super::view::LogView;
use crate::web::search::LogSearch;

pub(super) struct Controls {
    pub(super) search: LogSearch,
    pub(super) field: NodeRef,
    /// The button that opens the help for keys.
    pub(super) keys: NodeRef,
    pub(super) view: UseStateHandle<LogView>,
    pub(super) scroll: Rc<Scroll>,
    pub(super) renderer: UseForceUpdateHandle,
}

impl Controls {
    pub(super) fn act(&self, action: Action) {
        let Self { search, scroll, .. } = self;
        let shown_as = *self.view;
        let mut query = search.query();
        match action {
            Action::SearchFocused => return search.load(),
            Action::SearchWanted => return focus(&self.field),
            Action::Typed => {
                // A window that is not active tells of no focus.
                search.load();
                let input = self.field.cast::<HtmlInputElement>();
                query.text = input.map(|input| input.value()).unwrap_or_default();
            }
            Action::MatchCase => query.match_case = !query.match_case,
            Action::Regex => query.is_regex = !query.is_regex,
            Action::Escape if query.text.is_empty() => return scroll.focus(),
            Action::Escape => query.text.clear(),
            Action::Go { forward } => {
                let Some(line) = search.go(forward, scroll.top_line().0) else { return };
                scroll.show_line(line);
                return self.renderer.force_update();
            }
            Action::ShowOnly(around) => {
                search.show_around(around.unwrap_or(0));
                return self.change_view(LogView { only: around, ..shown_as });
            }
            Action::Follow if scroll.follows() => return scroll.leave_end(),
            Action::Follow | Action::LastLine => return scroll.to_end(),
            Action::FirstLine => return scroll.to_first_line(),
            Action::Wrap => return self.change_view(LogView { wraps: !shown_as.wraps, ..shown_as }),
            Action::PlatformLines => {
                return self.change_view(LogView { hides_platform: !shown_as.hides_platform, ..shown_as });
            }
            Action::Time(time_format) => return self.change_view(LogView { time_format, ..shown_as }),
            Action::Keys => {
                if let Some(keys) = self.keys.cast::<HtmlElement>() {
                    keys.click();
                }
                return;
            }
        }
        if shown_as.only.is_some() {
            scroll.keep_top();
        }
        search.set_query(query);
        self.renderer.force_update();
    }

    fn change_view(&self, changed: LogView) {
        self.scroll.keep_top();
        self.view.set(changed);
    }
}
