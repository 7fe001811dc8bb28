//! The policy of the built page and the page itself, checked against each other (design.md 6): what a browser would
//! block is an error here, and so is a policy that allows more.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use data_encoding::BASE64;
use html_tags::Tag;
use sha2::{Digest, Sha256};

use crate::files::{Files, INDEX};

/// The policy of the page as it is published.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self'; connect-src 'self' https://api.heroku.com https://*.heroku.com; form-action 'none'; \
    base-uri 'none'";

/// What a page without scripts and files may do. A style of its own has to be there by its hash.
const STANDALONE_POLICY: &str = "default-src 'none'; img-src data:; form-action 'none'; base-uri 'none'";

/// How the address of an icon begins that is a part of its page.
const OWN_ICON: &str = "data:image/svg+xml,";

/// The relations of a `<link>` that load something from where the policy allows it.
const ALLOWED_LINKS: [&str; 4] = ["icon", "modulepreload", "preload", "stylesheet"];

/// What `<link rel="preload" as="…">` may load by the same policy.
const ALLOWED_PRELOADS: [&str; 4] = ["fetch", "image", "script", "style"];

/// Elements that the policy leaves nothing to do, or that change what other elements mean.
const FORBIDDEN_ELEMENTS: [&str; 10] =
    ["applet", "audio", "base", "embed", "frame", "iframe", "object", "portal", "track", "video"];

/// Attributes that name something to load or to go to.
const ADDRESSES: [&str; 11] = [
    "action",
    "background",
    "data",
    "formaction",
    "href",
    "imagesrcset",
    "manifest",
    "ping",
    "poster",
    "src",
    "srcset",
];

/// How a page gets what it consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// From files beside it.
    Application,
    /// It stands alone: a server may show it at any path.
    Standalone,
}

/// Checks all HTML of the page, and that no script needs what the policy forbids.
pub(crate) fn check(files: &Files) -> Result<()> {
    for (name, bytes) in files {
        let (is_html, is_script) = (name.ends_with(".html"), name.ends_with(".js"));
        if is_html || is_script {
            let text = std::str::from_utf8(bytes).with_context(|| format!("{name} is no text"))?;
            let kind = if name == INDEX { Kind::Application } else { Kind::Standalone };
            let result = if is_html { check_html(text, kind) } else { check_script(text) };
            result.with_context(|| format!("{name} and its policy disagree"))?;
        }
    }
    Ok(())
}

fn check_script(script: &str) -> Result<()> {
    for call in ["eval(", "new Function("] {
        // A longer name that ends the same is another function.
        let is_call = |(at, _): (usize, &str)| {
            !script[..at].ends_with(|c: char| c.is_alphanumeric() || "_$".contains(c))
        };
        if script.match_indices(call).any(is_call) {
            bail!("it calls {call}…)");
        }
    }
    Ok(())
}

fn check_html(html: &str, kind: Kind) -> Result<()> {
    let tags = html_tags::tags(html);
    let policy = check_place(&tags)?;
    let styles: Vec<String> =
        tags.iter().filter(|tag| tag.is("style")).map(|tag| source_of(tag.text)).collect();
    match kind {
        Kind::Application => {
            check_directives(policy, PAGE_POLICY)?;
            check_api(&tags, policy)?;
            if !styles.is_empty() {
                bail!("it has a <style> element");
            }
        }
        Kind::Standalone => {
            let styles =
                if styles.is_empty() { String::new() } else { format!("; style-src {}", styles.join(" ")) };
            check_directives(policy, &format!("{STANDALONE_POLICY}{styles}"))?;
            // Browsers look for /favicon.ico where there is none, which the policy forbids.
            if !tags.iter().any(is_own_icon) {
                bail!("it has no icon as <link rel=\"icon\" href=\"{OWN_ICON}…\">");
            }
        }
    }
    tags.iter().try_for_each(|tag| check_tag(tag, kind))
}

/// Gives the only policy, which has nothing before it that it would have to cover: browsers apply it from its place on,
/// and not at all outside of the head.
fn check_place<'a>(tags: &'a [Tag<'_>]) -> Result<&'a str> {
    let is_policy = |tag: &Tag<'_>| {
        tag.is("meta")
            && tag
                .get("http-equiv")
                .is_some_and(|it| it.value.eq_ignore_ascii_case("content-security-policy"))
    };
    let count = tags.iter().filter(|tag| is_policy(tag)).count();
    if count != 1 {
        bail!("it has {count} policies");
    }
    let before: Vec<&str> = tags.iter().take_while(|tag| !is_policy(tag)).map(|tag| tag.name).collect();
    if !before.iter().map(|name| name.to_ascii_lowercase()).eq(["html", "head", "meta"]) {
        bail!("before its policy has to be <html>, <head> and <meta charset>, but there is {before:?}");
    }
    let policy = tags.iter().find(|tag| is_policy(tag)).and_then(|tag| tag.get("content"));
    Ok(policy.context("its policy has no content")?.value)
}

/// The order does not matter, and the number of spaces does not.
fn check_directives(policy: &str, expected: &str) -> Result<()> {
    let directives = |policy: &str| -> Vec<(String, BTreeSet<String>)> {
        let mut directives: Vec<_> = policy
            .split(';')
            .filter_map(|directive| {
                let mut words = directive.split_ascii_whitespace().map(str::to_owned);
                Some((words.next()?, words.collect()))
            })
            .collect();
        directives.sort();
        directives
    };
    if directives(policy) != directives(expected) {
        bail!("the policy has to be: {expected}\nbut it is: {policy}");
    }
    Ok(())
}

/// The API that gets the key is one that the policy names.
fn check_api(tags: &[Tag<'_>], policy: &str) -> Result<()> {
    let is_api =
        |tag: &&Tag<'_>| tag.is("meta") && tag.get("name").is_some_and(|it| it.value == "heroku-api");
    let addresses: Vec<_> =
        tags.iter().filter(is_api).map(|tag| tag.get("content").map(|it| it.value)).collect();
    let [Some(address)] = addresses[..] else { bail!("it names {} addresses of the API", addresses.len()) };
    let sources = policy.split(';').find_map(|directive| directive.trim().strip_prefix("connect-src "));
    if !sources.is_some_and(|sources| sources.split_ascii_whitespace().any(|source| source == address)) {
        bail!("connect-src does not name the API, {address:?}");
    }
    Ok(())
}

/// How a policy names a style.
fn source_of(style: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(&Sha256::digest(style)))
}

fn check_tag(tag: &Tag<'_>, kind: Kind) -> Result<()> {
    let name = tag.name.to_ascii_lowercase();
    if FORBIDDEN_ELEMENTS.contains(&name.as_str()) {
        bail!("it has a <{name}> element");
    }
    if name == "script"
        && (kind == Kind::Standalone || tag.get("src").is_none() || !tag.text.trim().is_empty())
    {
        bail!("it has an inline script, or a script where none may be");
    }
    if name == "meta"
        && let Some(header) = tag.get("http-equiv")
        && !header.value.eq_ignore_ascii_case("content-security-policy")
    {
        bail!("it has a <meta http-equiv={:?}>", header.value);
    }
    for attribute in &tag.attributes {
        let attribute_name = attribute.name.to_ascii_lowercase();
        if attribute_name == "style" || attribute_name == "srcdoc" || attribute_name.starts_with("on") {
            bail!("<{name}> has the attribute {attribute_name}");
        }
        // `xlink:href` is `href` in SVG.
        let is_address = ADDRESSES.contains(&attribute_name.rsplit(':').next().unwrap_or_default());
        if is_address && !is_allowed(tag, &name, &attribute_name, attribute.value, kind) {
            bail!("<{name} {attribute_name}={:?}> is not allowed", attribute.value);
        }
    }
    Ok(())
}

/// Whether this is an icon that loads nothing.
fn is_own_icon(tag: &Tag<'_>) -> bool {
    let value = |name: &str| tag.get(name).map(|it| it.value).unwrap_or_default();
    tag.is("link") && value("rel") == "icon" && value("href").starts_with(OWN_ICON)
}

/// Whether an element may have this address: files of the page, where the policy lets such an element load them, and
/// links to elsewhere, which load nothing.
fn is_allowed(tag: &Tag<'_>, name: &str, attribute: &str, address: &str, kind: Kind) -> bool {
    let is_relative = address.starts_with("./") && kind == Kind::Application;
    let value = |name: &str| tag.get(name).map(|it| it.value.to_ascii_lowercase()).unwrap_or_default();
    match (name, attribute) {
        ("link", "href") if kind == Kind::Standalone => is_own_icon(tag),
        ("a", "href") => is_relative || address.starts_with("https://"),
        ("script" | "img", "src") => is_relative,
        ("link", "href") => {
            let relation = value("rel");
            is_relative
                && ALLOWED_LINKS.contains(&relation.as_str())
                && (relation != "preload" || ALLOWED_PRELOADS.contains(&value("as").as_str()))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    fn page(policy: &str) -> String {
        format!(
            r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><!-- <script>1</script> -->
            <meta http-equiv="Content-Security-Policy" content="{policy}">
            <meta name="heroku-api" content="https://api.heroku.com">
            <link rel="stylesheet" href="./styles.css"/><link rel="icon" href="./icon.svg">
            <link rel="preload" href="./app.wasm" as="fetch"><link rel="modulepreload" href="./app.js">
            <title>A <b onclick="">title</b></title><script src="./boot.js" type="module"></script></head>
            <body><a href="./">here</a><a href="https://example.com/">there</a><img src="./icon.svg"></body></html>"#
        )
    }

    fn not_found(policy: &str) -> String {
        format!(
            r#"<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="content-security-policy"
            content="{policy}"><link rel="icon" href="{OWN_ICON}a"><title>Gone</title></head><body><p>Gone.</p></body></html>"#
        )
    }

    fn error_of(name: &str, text: &str) -> String {
        let error = check(&files::of(&[(name, text)])).expect_err(text);
        format!("{error:#}")
    }

    #[test]
    fn a_page_that_keeps_to_its_policy_passes() {
        check_html(&page(PAGE_POLICY), Kind::Application).unwrap();
        let in_other_order = PAGE_POLICY.replace("default-src 'none';", "") + " ;  default-src  'none' ";
        check_html(&page(&in_other_order), Kind::Application).unwrap();
        check_html(&not_found(STANDALONE_POLICY), Kind::Standalone).unwrap();
    }

    #[test]
    fn a_policy_that_says_something_else_is_refused() {
        for (from, to) in [
            ("default-src 'none'; ", ""),
            ("'wasm-unsafe-eval'", "'wasm-unsafe-eval' 'unsafe-eval'"),
            ("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
            ("img-src 'self'", "img-src *"),
            (" https://*.heroku.com", ""),
            ("connect-src 'self'", "connect-src 'self' https://example.com"),
            ("form-action 'none'", "form-action 'self'"),
            ("; base-uri 'none'", ""),
            ("; base-uri 'none'", "; base-uri 'none'; base-uri 'none'"),
            ("; base-uri 'none'", "; base-uri 'none'; frame-ancestors 'none'"),
            ("'none'", "&#39;none&#39;"),
        ] {
            assert!(PAGE_POLICY.contains(from), "{from}");
            let error = error_of(INDEX, &page(&PAGE_POLICY.replace(from, to)));
            assert!(error.contains("the policy has to be"), "{from} → {to}: {error}");
        }
    }

    #[test]
    fn a_policy_in_the_wrong_place_is_refused() {
        let whole = page(PAGE_POLICY);
        let start = whole.find("<meta http-equiv").unwrap();
        let end = whole.find("<meta name").unwrap();
        let policy = &whole[start..end];
        let without = format!("{}{}", &whole[..start], &whole[end..]);
        for (html, expected) in [
            (without.clone(), "0 policies"),
            (format!("{whole}{policy}"), "2 policies"),
            (without.replace("<title>", &format!("{policy}<title>")), "before its policy"),
            (without.replace("<body>", &format!("<body>{policy}")), "before its policy"),
            (whole.replace("<head>", "<head><script src=\"./boot.js\"></script>"), "before its policy"),
            (whole.replace("<head>", "<head><p>"), "before its policy"),
            (whole.replace(" content=\"default", " data-content=\"default"), "no content"),
        ] {
            let error = error_of(INDEX, &html);
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn what_the_policy_would_block_is_refused() {
        for (broken, expected) in [
            ("<script>1</script>", "inline script"),
            ("<script src=\"./boot.js\">1</script>", "inline script"),
            ("<SCRIPT SRC=\"https://example.com/a.js\"></SCRIPT>", "<script src="),
            ("<script src=\"//example.com/a.js\"></script>", "<script src="),
            ("<script src=\"data:text/javascript,1\"></script>", "<script src="),
            ("<script src=\"boot.js\"></script>", "<script src="),
            ("<style>p { margin: 0 }</style>", "<style> element"),
            ("<p style=\"margin: 0\">", "the attribute style"),
            ("<p STYLE>", "the attribute style"),
            ("<p onclick=\"f()\">", "the attribute onclick"),
            ("<body onload=\"f()\">", "the attribute onload"),
            ("<img src=\"https://example.com/a.png\">", "<img src="),
            ("<img src=\"./a.png\" srcset=\"https://example.com/a.png 2x\">", "<img srcset="),
            ("<svg><image xlink:href=\"https://example.com/a.png\"/></svg>", "<image xlink:href="),
            ("<link rel=\"stylesheet\" href=\"https://example.com/a.css\">", "<link href="),
            ("<link rel=\"manifest\" href=\"./a.json\">", "<link href="),
            ("<link rel=\"preload\" as=\"font\" href=\"./a.woff2\">", "<link href="),
            ("<link rel=\"dns-prefetch\" href=\"https://example.com\">", "<link href="),
            ("<noscript><img src=\"https://example.com/a.png\"></noscript>", "<img src="),
            ("<a href=\"javascript:f()\">", "<a href="),
            ("<a href=\"./\" ping=\"https://example.com\">", "<a ping="),
            ("<form action=\"./\">", "<form action="),
            ("<button formaction=\"https://example.com\">", "<button formaction="),
            ("<input type=\"image\" src=\"./a.png\">", "<input src="),
            ("<iframe srcdoc=\"<p>\">", "<iframe> element"),
            ("<object data=\"./a.svg\">", "<object> element"),
            ("<base href=\"https://example.com\">", "<base> element"),
            ("<meta http-equiv=\"refresh\" content=\"0;url=https://example.com\">", "<meta http-equiv="),
            ("<meta name=\"heroku-api\" content=\"https://api.heroku.com\">", "2 addresses"),
        ] {
            let error = error_of(INDEX, &page(PAGE_POLICY).replace("</body>", &format!("{broken}</body>")));
            assert!(error.contains(expected), "{broken}: {error}");
        }
    }

    #[test]
    fn an_api_that_the_policy_does_not_name_is_refused() {
        let elsewhere = page(PAGE_POLICY)
            .replace("content=\"https://api.heroku.com\"", "content=\"https://example.com\"");
        assert!(error_of(INDEX, &elsewhere).contains("connect-src does not name the API"));
    }

    #[test]
    fn a_page_that_stands_alone_names_no_file_and_has_its_style_by_its_hash() {
        let style = "p { margin: 0 }";
        let with_style = format!("<style>{style}</style></head>");
        let policy = format!("{STANDALONE_POLICY}; style-src {}", source_of(style));
        check_html(&not_found(&policy).replace("</head>", &with_style), Kind::Standalone).unwrap();
        let other_policy = policy.replace("sha256-", "sha256-0");
        for (html, expected) in [
            (not_found(&policy), "the policy has to be"),
            (not_found(STANDALONE_POLICY).replace("</head>", &with_style), &*source_of(style)),
            (not_found(&other_policy).replace("</head>", &with_style), &*source_of(style)),
            (not_found(STANDALONE_POLICY).replace("<p>", "<a href=\"./\">"), "<a href="),
            (not_found(STANDALONE_POLICY).replace("<p>", "<img src=\"./icon.svg\">"), "<img src="),
            (not_found(STANDALONE_POLICY).replace("icon", "stylesheet"), "it has no icon"),
            (not_found(STANDALONE_POLICY).replace(OWN_ICON, "./icon.svg"), "it has no icon"),
            (not_found(STANDALONE_POLICY).replace("</head>", "<script src=\"./a.js\"></script>"), "a script"),
        ] {
            let error = error_of("404.html", &html);
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    /// A copy, since a page that stands alone names no file.
    #[test]
    fn the_page_for_unknown_addresses_has_the_icon_of_the_app() {
        let icon = include_str!("../../static/icon.svg").trim();
        let escaped = [('"', "'"), ('#', "%23"), ('<', "%3C"), ('>', "%3E")]
            .into_iter()
            .fold(icon.to_owned(), |icon, (character, escape)| icon.replace(character, escape));
        let page = include_str!("../../static/404.html");
        assert!(page.contains(&format!("href=\"{OWN_ICON}{escaped}\"")), "{escaped}");
    }

    #[test]
    fn a_script_that_evaluates_text_is_refused() {
        for (script, is_allowed) in [
            ("retrieval(); const newFunction = 1; import(a)", true),
            ("eval('1')", false),
            ("window.eval('1')", false),
            ("const f = new Function('return 1')", false),
        ] {
            assert_eq!(check(&files::of(&[("app.js", script)])).is_ok(), is_allowed, "{script}");
        }
    }
}
