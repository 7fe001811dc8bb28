//! What the page itself says: where the API is, where the page came from, and what it was built from.

use crate::domain::stream_url::is_loopback;
use crate::domain::timings::Timings;

/// Where the page sends the API's calls, and whether it comes from this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSettings {
    /// Without a slash at the end.
    pub api: String,
    pub is_local: bool,
    /// The limits of time, some of them shortened by whoever serves the page.
    pub timings: Timings,
}

/// Reads the settings that the artefact was built or served with; nothing comes from the address bar (design.md 6).
///
/// `None` when the page names no API, or one that a key must not be sent to: `https:`, or loopback for a page from
/// loopback.
pub fn settings() -> Option<PageSettings> {
    let is_local = is_loopback(&web_sys::window()?.location().hostname().ok()?);
    let api = meta("heroku-api")?.trim_end_matches('/').to_owned();
    let timings = Timings::default().shortened_by(&meta("timings").unwrap_or_default());
    let url = web_sys::Url::new(&api).ok()?;
    let may_get_key = url.protocol() == "https:" || (is_local && is_loopback(&url.hostname()));
    may_get_key.then_some(PageSettings { api, is_local, timings })
}

/// What `cargo xtask build` has written about the artefact; nothing of it is needed to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The commit's hash, marked when files were changed since.
    pub commit: Option<String>,
    /// The address of that source on the web.
    pub source: Option<String>,
    /// The file with the licences of what is compiled in.
    pub licences: Option<String>,
}

pub fn about() -> About {
    let written = |name| meta(name).filter(|content| !content.is_empty());
    About {
        commit: written("source-commit"),
        source: written("source-address"),
        licences: written("licences"),
    }
}

/// The content of a `<meta>` of index.html.
fn meta(name: &str) -> Option<String> {
    let document = web_sys::window()?.document()?;
    document.query_selector(&format!(r#"meta[name="{name}"]"#)).ok()??.get_attribute("content")
}
