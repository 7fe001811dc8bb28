//! The page listener: the built page as it is, except for the addresses (and timings) in its `index.html`.
//!
//! The page sends its key to the address in `<meta name="heroku-api">` and may connect where its policy allows. Both
//! are rewritten as the file goes out, so that what is served is the artefact that ships. A file where that is not
//! possible with certainty is not served at all: it would send the emulator's key to Heroku, or the other way round.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use html_tags::Tag;
use tower_http::services::ServeDir;

/// Where the page is and which addresses go into it.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) folder: Arc<Path>,
    /// `http://127.0.0.1:1234`
    pub(crate) api_origin: Arc<str>,
    pub(crate) stream_origin: Arc<str>,
    /// The page's time limits, when they are not to be its own.
    pub(crate) timings: Option<Arc<str>>,
}

/// What the policy of the page allows where it is published (design.md 6).
const PUBLISHED_SOURCES: &str = "https://api.heroku.com https://*.heroku.com";

/// Why an `index.html` cannot be served.
#[derive(Debug)]
pub(crate) enum PageError {
    Unreadable(std::io::Error),
    /// There is not exactly one `<meta name="heroku-api">` with a `content`.
    Address(usize),
    /// There is not exactly one `<meta http-equiv="Content-Security-Policy">` with a `content`.
    Policy(usize),
    /// Its `connect-src` does not contain [`PUBLISHED_SOURCES`] exactly once.
    Sources,
    /// There is not exactly one `<meta name="timings">` with a `content` to write the timings to.
    Timings(usize),
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "{error}"),
            Self::Address(count) => {
                write!(f, "there has to be one <meta name=\"heroku-api\" content=\"…\">, found {count}")
            }
            Self::Policy(count) => write!(
                f,
                "there has to be one <meta http-equiv=\"Content-Security-Policy\" content=\"…\">, found {count}"
            ),
            Self::Sources => {
                write!(f, "connect-src of its policy has to contain \"{PUBLISHED_SOURCES}\" exactly once")
            }
            Self::Timings(count) => {
                write!(f, "--timings needs one <meta name=\"timings\" content=\"…\">, found {count}")
            }
        }
    }
}

impl Page {
    pub(crate) fn index_path(&self) -> PathBuf {
        self.folder.join("index.html")
    }

    /// The `index.html` as it is now, with this emulator's addresses.
    pub(crate) fn index(&self) -> Result<String, PageError> {
        let html = std::fs::read_to_string(self.index_path()).map_err(PageError::Unreadable)?;
        rewrite(&html, &self.api_origin, &self.stream_origin, self.timings.as_deref())
    }
}

/// The routes of the page listener.
pub(crate) fn router(page: Page) -> Router {
    let files = ServeDir::new(&page.folder).append_index_html_on_directories(false);
    let files = Router::new().fallback_service(files).layer(middleware::map_response(hide_html));
    Router::new()
        .route("/", get(index))
        .route("/index.html", get(index))
        .fallback_service(files)
        .layer(middleware::from_fn(headers))
        .with_state(page)
}

async fn index(State(page): State<Page>) -> Response {
    match page.index() {
        Ok(html) => ([(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => {
            let message = format!("{}: {error}\n", page.index_path().display());
            tracing::error!("{}", message.trim_end());
            (StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        }
    }
}

/// The only HTML that goes out is what [`index`] has rewritten, however a path is spelled (`/%69ndex.html`).
async fn hide_html(response: Response) -> Response {
    let content_type = response.headers().get(CONTENT_TYPE);
    if content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html")) {
        StatusCode::NOT_FOUND.into_response()
    } else {
        response
    }
}

async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // Asked for again each time, answered by 304: a build may replace a file's bytes under its name.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // A policy in the page cannot forbid framing.
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if let Some(text) = content_type.filter(|value| value.starts_with("text/") && !value.contains("charset"))
        && let Ok(with_charset) = HeaderValue::try_from(format!("{text}; charset=utf-8"))
    {
        headers.insert(CONTENT_TYPE, with_charset);
    }
    response
}

fn rewrite(
    html: &str,
    api_origin: &str,
    stream_origin: &str,
    timings: Option<&str>,
) -> Result<String, PageError> {
    let tags = html_tags::tags(html);
    let address = content(&tags, "name", "heroku-api").map_err(PageError::Address)?;
    let policy = content(&tags, "http-equiv", "content-security-policy").map_err(PageError::Policy)?;
    let sources = connect_sources(&html[policy.clone()]).ok_or(PageError::Sources)?;
    let sources = policy.start + sources.start..policy.start + sources.end;

    let mut replacements =
        vec![(address, api_origin.to_owned()), (sources, format!("{api_origin} {stream_origin}"))];
    if let Some(timings) = timings {
        let content = content(&tags, "name", "timings").map_err(PageError::Timings)?;
        replacements.push((content, attribute_value(timings)));
    }
    replacements.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(html.len() + 64);
    let mut copied = 0;
    for (range, text) in replacements {
        out.push_str(&html[copied..range.start]);
        out.push_str(&text);
        copied = range.end;
    }
    out.push_str(&html[copied..]);
    Ok(out)
}

/// `text` for any place where a value can stand, also one without quotation marks.
fn attribute_value(text: &str) -> String {
    let write = |c: char| if c.is_alphanumeric() { c.to_string() } else { format!("&#{};", u32::from(c)) };
    text.chars().map(write).collect()
}

/// Where the `content` of the only `<meta>` with `attribute` = `value` is; the number of them if that is not one.
fn content(tags: &[Tag<'_>], attribute: &str, value: &str) -> Result<Range<usize>, usize> {
    let is_meant = |tag: &&Tag<'_>| {
        tag.is("meta") && tag.get(attribute).is_some_and(|found| found.value.eq_ignore_ascii_case(value))
    };
    let found: Vec<&Tag<'_>> = tags.iter().filter(is_meant).collect();
    match found[..] {
        [tag] => tag.get("content").map(|content| content.range.clone()).ok_or(0),
        _ => Err(found.len()),
    }
}

/// Where [`PUBLISHED_SOURCES`] are in a policy, if they are there once and in `connect-src`.
fn connect_sources(policy: &str) -> Option<Range<usize>> {
    let start = policy.find(PUBLISHED_SOURCES)?;
    let end = start + PUBLISHED_SOURCES.len();
    // A quotation mark may be written as an entity, whose semicolon ends no directive.
    let before = policy[..start].replace("&#39;", "'").replace("&#x27;", "'").replace("&apos;", "'");
    let directive = before.rsplit(';').next()?;
    let is_connect = directive.split_ascii_whitespace().next() == Some("connect-src");
    let stands_alone = directive.ends_with(char::is_whitespace)
        && policy[end..].chars().next().is_none_or(|next| next == ';' || next.is_whitespace());
    let is_once = !policy[end..].contains("heroku.com") && !before.contains("heroku.com");
    (is_connect && stands_alone && is_once).then_some(start..end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const POLICY: &str = "default-src 'none'; connect-src 'self' https://api.heroku.com https://*.heroku.com; \
                          form-action 'none'";

    fn page(policy: &str) -> String {
        format!(
            "<!doctype html><head><!-- <meta name=\"heroku-api\" content=\"x\"> -->\
             <meta charset=utf-8><meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
             <meta name=\"heroku-api\" content=\"https://api.heroku.com\"><title>https://api.heroku.com</title>"
        )
    }

    #[test]
    fn the_address_and_the_policy_are_rewritten_and_nothing_else() {
        let before = page(POLICY);
        let after = rewrite(&before, "http://127.0.0.1:1", "http://127.0.0.1:2", None).unwrap();
        let expected = before
            .replace(PUBLISHED_SOURCES, "http://127.0.0.1:1 http://127.0.0.1:2")
            .replace("content=\"https://api.heroku.com\"", "content=\"http://127.0.0.1:1\"");
        assert_eq!(after, expected);
    }

    #[test]
    fn a_minified_page_is_understood() {
        let before = format!(
            "<META content='{}' HTTP-EQUIV=content-security-policy><meta content=https://api.heroku.com name=heroku-api>",
            POLICY.replace('\'', "&#39;")
        );
        let after = rewrite(&before, "http://127.0.0.1:1", "http://127.0.0.1:2", None).unwrap();
        assert!(after.ends_with("<meta content=http://127.0.0.1:1 name=heroku-api>"), "{after}");
        assert!(
            after.contains("connect-src &#39;self&#39; http://127.0.0.1:1 http://127.0.0.1:2;"),
            "{after}"
        );
    }

    #[test]
    fn a_page_that_is_not_certain_is_refused() {
        let whole = page(POLICY);
        for (broken, expected) in [
            (whole.replace("name=\"heroku-api\"", "name=\"api\""), "found 0"),
            (format!("{whole}<meta name=\"heroku-api\" content=\"\">"), "found 2"),
            (format!("{whole}<meta http-equiv=\"Content-Security-Policy\" content=\"\">"), "found 2"),
            (page("default-src 'none'; connect-src 'self'"), "exactly once"),
            (page(&POLICY.replace("connect-src", "img-src")), "exactly once"),
            (page(&format!("{POLICY}; connect-src {PUBLISHED_SOURCES}")), "exactly once"),
            (page(&POLICY.replace("*.heroku.com;", "*.heroku.com.evil.example;")), "exactly once"),
        ] {
            let error =
                rewrite(&broken, "http://127.0.0.1:1", "http://127.0.0.1:2", None).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}: {broken}");
        }
    }
}
