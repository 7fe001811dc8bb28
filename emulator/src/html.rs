//! As much HTML as it takes to find tags and their attributes, minified or not.

use std::ops::Range;

/// A start tag.
#[derive(Debug)]
pub(crate) struct Tag<'a> {
    attributes: Vec<Attribute<'a>>,
}

/// An attribute with its value as written, entities included.
#[derive(Debug)]
pub(crate) struct Attribute<'a> {
    name: &'a str,
    pub(crate) value: &'a str,
    /// Where the value is in the file, without its quotation marks.
    pub(crate) range: Range<usize>,
}

impl Tag<'_> {
    /// An attribute by its name; the first counts (HTML standard 13.2.5.33).
    pub(crate) fn get(&self, name: &str) -> Option<&Attribute<'_>> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

/// The tags called `name`, in order, those in comments left out.
pub(crate) fn tags<'a>(html: &'a str, name: &str) -> Vec<Tag<'a>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|offset| at + offset) {
        let rest = &html[start..];
        if rest.starts_with("<!--") {
            let Some(end) = rest.find("-->") else { break };
            at = start + end;
            continue;
        }
        at = start + 1;
        let is_named = html.get(at..at + name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name));
        let is_whole =
            html[at..].chars().nth(name.len()).is_some_and(|next| next.is_ascii_whitespace() || next == '/');
        if is_named && is_whole {
            let (tag, end) = attributes(html, at + name.len());
            found.push(tag);
            at = end;
        }
    }
    found
}

/// The attributes from `at` to the end of the tag, and where that is.
fn attributes(html: &str, mut at: usize) -> (Tag<'_>, usize) {
    let mut attributes = Vec::new();
    loop {
        at = skip(html, at, |c| c.is_ascii_whitespace() || c == '/');
        if html[at..].starts_with('>') || at == html.len() {
            return (Tag { attributes }, at);
        }
        let start = at;
        // An `=` in the first place belongs to the name.
        at = skip(html, at + html[at..].chars().next().map_or(0, char::len_utf8), |c| {
            !c.is_ascii_whitespace() && !matches!(c, '/' | '>' | '=')
        });
        let name = &html[start..at];
        let equals = skip(html, at, |c| c.is_ascii_whitespace());
        let range = if html[equals..].starts_with('=') {
            let (range, end) = value(html, skip(html, equals + 1, |c| c.is_ascii_whitespace()));
            at = end;
            range
        } else {
            at..at
        };
        attributes.push(Attribute { name, value: &html[range.clone()], range });
    }
}

/// Where the value that begins at `at` is, and what follows it.
fn value(html: &str, at: usize) -> (Range<usize>, usize) {
    match html[at..].chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let end = skip(html, at + 1, |c| c != quote);
            (at + 1..end, (end + 1).min(html.len()))
        }
        _ => {
            let end = skip(html, at, |c| !c.is_ascii_whitespace() && c != '>');
            (at..end, end)
        }
    }
}

/// The first place from `at` on whose character is not `skipped`.
fn skip(html: &str, at: usize, skipped: impl Fn(char) -> bool) -> usize {
    html[at..].find(|c| !skipped(c)).map_or(html.len(), |offset| at + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> Vec<Vec<(String, &str)>> {
        let show = |tag: Tag<'_>| -> Vec<_> {
            tag.attributes.iter().map(|a| (a.name.to_owned(), &html[a.range.clone()])).collect()
        };
        tags(html, "meta").into_iter().map(show).collect()
    }

    #[test]
    fn attributes_are_found_however_they_are_written() {
        for (html, expected) in [
            ("<meta a=\"1 > 2\" b='\"' c=3/>", vec![vec![("a", "1 > 2"), ("b", "\""), ("c", "3/")]]),
            ("<META\n a = 1 b><p><meta/c=\"\">", vec![vec![("a", "1"), ("b", "")], vec![("c", "")]]),
            ("<metal a=1><!-- <meta a=1> --><meta ä=ö>", vec![vec![("ä", "ö")]]),
            ("<!-- <meta a=1>", vec![]),
            ("<meta a=\"cut", vec![vec![("a", "cut")]]),
            ("<meta a", vec![vec![("a", "")]]),
            ("<meta", vec![]),
            ("<metä a=1><", vec![]),
        ] {
            let expected: Vec<Vec<(String, &str)>> = expected
                .into_iter()
                .map(|tag| tag.into_iter().map(|(a, b)| (a.to_owned(), b)).collect())
                .collect();
            assert_eq!(shown(html), expected, "{html}");
        }
    }
}
