//! A page around this one could make a person click what they do not see, and no policy in a page can forbid framing
//! (design.md 6).

use web_sys::Document;

/// Whether this window is inside another one. In doubt it is.
pub fn is_framed() -> bool {
    let Some(window) = web_sys::window() else { return true };
    // Any page may compare windows, whatever their origins.
    !matches!(window.top(), Ok(Some(top)) if top == window)
}

/// Shows what index.html has for this case: a link to the page outside of the frame. `None` when there is none.
pub fn show_link(document: &Document) -> Option<()> {
    document.get_element_by_id("root")?.set_text_content(None);
    document.get_element_by_id("framed")?.remove_attribute("hidden").ok()
}
