//! A script in the page that notes, from the first moment on, what a test may ask about later.

use super::browser::Engine;

/// Makes `observed`. Engines other than Chromium know no layout shifts, and note none.
pub(crate) const SCRIPT: &str = r#"
    window.observed = { violations: [], shifts: [], errors: [] };
    for (const type of ["error", "unhandledrejection"]) {
        addEventListener(type, ({ error, reason = error }) =>
            observed.errors.push(`${type}: ${reason}\n${reason?.stack}`));
    }
    document.addEventListener("securitypolicyviolation", (event) =>
        observed.violations.push(`${event.effectiveDirective}: ${event.blockedURI}`));
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            const moved = entry.sources.map(({ node }) => node?.className ?? node?.nodeName ?? "?");
            observed.shifts.push({ value: entry.value, moved: moved.join(", ") });
        }
    }).observe({ type: "layout-shift", buffered: true });
"#;

/// The script's name beside index.html, where it is served.
pub(crate) const FILE: &str = "observers.js";

/// What stands behind the page's policy.
const AFTER_POLICY: &str = r#"<meta name="heroku-api""#;

/// Whether the script is one of the page's files. Chromium's driver runs it before any script of an unchanged page;
/// the other drivers have no such command.
pub(crate) fn are_served() -> bool {
    Engine::chosen() != Engine::Chromium
}

/// index.html with the script as its first, a file as the policy demands.
pub(crate) fn added_to(html: &str) -> String {
    assert_eq!(html.matches(AFTER_POLICY).count(), 1, "index.html has to name the API once");
    html.replace(AFTER_POLICY, &format!(r#"<script src="{FILE}"></script>{AFTER_POLICY}"#))
}
