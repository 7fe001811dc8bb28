//! As much HTML as it takes to find tags and their attributes, minified or not.

use std::ops::Range;

/// The elements whose content is text, whatever it looks like (HTML standard 13.2.5.1). With scripts, `noscript` is
/// one of them too; its tags are found all the same, since they count where there are none.
const TEXT_ELEMENTS: [&str; 8] =
    ["script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp"];

/// A start tag.
#[derive(Debug)]
pub struct Tag<'a> {
    /// As written, in whatever case.
    pub name: &'a str,
    pub attributes: Vec<Attribute<'a>>,
    /// What stands between this tag and its end tag, for the elements whose content is text; empty for others.
    pub text: &'a str,
}

/// An attribute with its value as written, entities included.
#[derive(Debug)]
pub struct Attribute<'a> {
    /// As written, in whatever case.
    pub name: &'a str,
    pub value: &'a str,
    /// Where the value is in the file, without its quotation marks.
    pub range: Range<usize>,
}

impl Tag<'_> {
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// An attribute by its name; the first counts (HTML standard 13.2.5.33).
    pub fn get(&self, name: &str) -> Option<&Attribute<'_>> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

/// All start tags, in order, those in comments and in text left out.
pub fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|offset| at + offset) {
        if html[start..].starts_with("<!--") {
            at = comment_end(html, start);
            continue;
        }
        at = start + 1;
        if !html[at..].starts_with(|first: char| first.is_ascii_alphabetic()) {
            continue;
        }
        let name_end = skip(html, at, |c| !c.is_ascii_whitespace() && !matches!(c, '/' | '>'));
        let name = &html[at..name_end];
        if name_end == html.len() {
            break;
        }
        let (attributes, end) = attributes(html, name_end);
        at = end;
        let mut text = "";
        if TEXT_ELEMENTS.iter().any(|element| name.eq_ignore_ascii_case(element)) {
            let text_start = (end + 1).min(html.len());
            at = text_end(html, text_start, name);
            text = &html[text_start..at];
        }
        found.push(Tag { name, attributes, text });
    }
    found
}

/// What follows the comment that begins at `start`.
fn comment_end(html: &str, start: usize) -> usize {
    let ends = ["-->", "--!>"].map(|end| html[start + 2..].find(end).map(|at| start + 2 + at + end.len()));
    ends.into_iter().flatten().min().unwrap_or(html.len())
}

/// Where the end tag of a text element is, whose text begins at `start`.
fn text_end(html: &str, start: usize, name: &str) -> usize {
    let is_end = |at: &usize| {
        let rest = &html[at + "</".len()..];
        rest.get(..name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name))
            && rest[name.len()..].starts_with(|next: char| next.is_ascii_whitespace() || "/>".contains(next))
    };
    html[start..].match_indices("</").map(|(at, _)| start + at).find(is_end).unwrap_or(html.len())
}

/// The attributes from `at` to the end of the tag, and where that is.
fn attributes(html: &str, mut at: usize) -> (Vec<Attribute<'_>>, usize) {
    let mut attributes = Vec::new();
    loop {
        at = skip(html, at, |c| c.is_ascii_whitespace() || c == '/');
        if html[at..].starts_with('>') || at == html.len() {
            return (attributes, at);
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

    /// The attributes of the tags called `meta`.
    fn metas(html: &str) -> Vec<Vec<(&str, &str)>> {
        let metas = tags(html).into_iter().filter(|tag| tag.is("meta"));
        metas.map(|tag| tag.attributes.into_iter().map(|a| (a.name, &html[a.range])).collect()).collect()
    }

    #[test]
    fn attributes_are_found_however_they_are_written() {
        for (html, expected) in [
            ("<meta a=\"1 > 2\" b='\"' c=3/>", vec![vec![("a", "1 > 2"), ("b", "\""), ("c", "3/")]]),
            ("<META\n a = 1 b><p><meta/c=\"\">", vec![vec![("a", "1"), ("b", "")], vec![("c", "")]]),
            ("<metal a=1><!-- <meta a=1> --><meta ä=ö>", vec![vec![("ä", "ö")]]),
            ("<!-- <meta a=1>", vec![]),
            ("<!--><meta a=1>", vec![vec![("a", "1")]]),
            ("<!-- --!><meta a=1>", vec![vec![("a", "1")]]),
            ("<meta a=\"cut", vec![vec![("a", "cut")]]),
            ("<meta a", vec![vec![("a", "")]]),
            ("<meta", vec![]),
            ("<metä a=1><", vec![]),
        ] {
            assert_eq!(metas(html), expected, "{html}");
        }
    }

    #[test]
    fn what_looks_like_a_tag_in_text_is_text() {
        for (html, expected) in [
            ("<script>if (a<b) '<meta>'</script >", vec![("script", "if (a<b) '<meta>'")]),
            ("<Style>a</styles></STYLE><p>", vec![("Style", "a</styles>"), ("p", "")]),
            ("<title><meta></title><br/>x", vec![("title", "<meta>"), ("br", "")]),
            ("<script src=a></script>", vec![("script", "")]),
            ("<script>cut", vec![("script", "cut")]),
            ("<noscript><img src=a></noscript>", vec![("noscript", ""), ("img", "")]),
            ("</p><?x?><!doctype html>", vec![]),
        ] {
            let found: Vec<_> = tags(html).iter().map(|tag| (tag.name, tag.text)).collect();
            assert_eq!(found, expected, "{html}");
        }
    }
}
