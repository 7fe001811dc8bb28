//! What somebody does with the console, by its buttons or its keys.

use crate::domain::time_format::TimeFormat;

#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    /// The search field is about to be used.
    SearchFocused,
    SearchWanted,
    Typed,
    MatchCase,
    Regex,
    /// Empties the search field, and leaves an empty one.
    Escape,
    Go {
        forward: bool,
    },
    /// Only matches, with so many lines around each.
    ShowOnly(Option<u32>),
    Follow,
    FirstLine,
    LastLine,
    Wrap,
    PlatformLines,
    Time(TimeFormat),
    Keys,
}

/// The keys and what they are for, as the help shows them.
pub(super) const KEYS: [(&str, &str); 10] = [
    ("/", "Search"),
    ("n  N", "Next match, previous match"),
    ("g  G", "First line, last line"),
    ("f", "Follow the end"),
    ("w", "Wrap long lines"),
    ("p", "Platform lines"),
    ("Shift ↑  ↓", "Select lines"),
    ("Ctrl A  C", "Select all lines, copy"),
    ("Esc", "Leave the search, select nothing"),
    ("?", "These keys"),
];

/// What a key without Ctrl, Alt or Meta does while the log has the focus.
pub(super) fn action_of_key(key: &str) -> Option<Action> {
    Some(match key {
        "n" => Action::Go { forward: true },
        "N" => Action::Go { forward: false },
        "g" | "Home" => Action::FirstLine,
        "G" | "End" => Action::LastLine,
        "f" => Action::Follow,
        "w" => Action::Wrap,
        "p" => Action::PlatformLines,
        _ => return action_of_page_key(key),
    })
}

/// What a key does wherever nothing is typed.
pub(super) fn action_of_page_key(key: &str) -> Option<Action> {
    match key {
        "/" => Some(Action::SearchWanted),
        "?" => Some(Action::Keys),
        _ => None,
    }
}
