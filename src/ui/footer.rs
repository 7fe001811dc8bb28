//! What this is: the version, the source it was built from, and the licences of what is compiled in.

use yew::prelude::*;

use crate::web::page::About;

/// As many digits of a commit as are shown.
const SHORT_COMMIT: usize = 10;

pub(super) fn footer(about: &About) -> Html {
    let commit = about.commit.as_deref().unwrap_or("unknown");
    let (commit, changed) = match commit.strip_suffix("-dirty") {
        Some(commit) => (commit, ", changed"),
        None => (commit, ""),
    };
    let commit = commit.get(..SHORT_COMMIT).unwrap_or(commit);
    // In tabs of their own: leaving the page would end what runs in it.
    html! {
        <footer class="footer">
            <span>{ concat!("Version ", env!("CARGO_PKG_VERSION")) }</span>
            <span>
                { "Source " }
                if let Some(source) = &about.source {
                    <a href={source.clone()} target="_blank" rel="noopener">{ commit }</a>
                } else {
                    { commit }
                }
                { changed }
            </span>
            if let Some(licences) = &about.licences {
                <a href={licences.clone()} target="_blank" rel="noopener">{ "Licences" }</a>
            }
        </footer>
    }
}
