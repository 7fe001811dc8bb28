//! Links in text: of http and https, and of nothing else.

use std::ops::Range;

use memchr::memchr;

/// The places of the links in a text, from left to right.
pub fn links(text: &str) -> Vec<Range<usize>> {
    let mut links = Vec::new();
    let mut from = 0;
    while let Some(found) = memchr(b':', &text.as_bytes()[from..]) {
        let (colon, begun) = (from + found, from);
        from = colon + 1;
        let Some(rest) = text[from..].strip_prefix("//") else { continue };
        let Some(start) = scheme_start(&text[begun..colon]).map(|start| begun + start) else { continue };
        from += 2;
        let length = rest.find(ends_link).unwrap_or(rest.len());
        let length = without_punctuation(&rest[..length]);
        // A host begins with a letter or a digit, or is an IPv6 address in brackets.
        if rest[..length]
            .starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[' || first > '\u{bf}')
        {
            from += length;
            links.push(start..from);
        }
    }
    links
}

/// Where `http` or `https` begins, if the text ends with one of them as a word.
fn scheme_start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let start = bytes.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |before| before + 1);
    let word = &bytes[start..];
    (word.eq_ignore_ascii_case(b"http") || word.eq_ignore_ascii_case(b"https")).then_some(start)
}

/// What no address has in it unescaped (RFC 3986), and the punctuation of scripts that put no space before it.
fn ends_link(character: char) -> bool {
    matches!(character,
        '\0'..=' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | '\u{7f}'..='\u{bf}'
        | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff65}' | '\u{fffd}')
}

/// The length of a link without what belongs to the sentence around it.
fn without_punctuation(link: &str) -> usize {
    let bytes = link.as_bytes();
    let mut length = bytes.len();
    while let Some((&last, before)) = bytes[..length].split_last() {
        let opening = match last {
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' | b'_' | b'~' | b'(' | b'[' => None,
            b')' => Some(b'('),
            b']' => Some(b'['),
            _ => break,
        };
        let count = |wanted: u8| before.iter().filter(|&&byte| byte == wanted).count();
        if opening.is_some_and(|opening| count(opening) > count(last)) {
            break;
        }
        length -= 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = links(text).into_iter().map(|link| &text[link]).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn links_are_found_in_sentences() {
        check("", &[]);
        check("http://a", &["http://a"]);
        check("see https://example.org/a?b=c&d=%20#e for more", &["https://example.org/a?b=c&d=%20#e"]);
        check("HTTP://EXAMPLE.ORG and hTTps://x", &["HTTP://EXAMPLE.ORG", "hTTps://x"]);
        check(
            "at https://example.org. Or https://example.org/a, b!",
            &["https://example.org", "https://example.org/a"],
        );
        check("(see https://example.org/a)", &["https://example.org/a"]);
        check(
            "https://example.org/a_(b) and (https://example.org/a_(b)).",
            &["https://example.org/a_(b)", "https://example.org/a_(b)"],
        );
        check("[text](https://example.org/a)", &["https://example.org/a"]);
        check(
            "\"https://example.org/\" '<https://example.org/b>'",
            &["https://example.org/", "https://example.org/b"],
        );
        check("'https://example.org/'", &["https://example.org/"]);
        check("url=http://127.0.0.1:8080/x,http://[::1]:9/y", &["http://127.0.0.1:8080/x,http://[::1]:9/y"]);
        check("http://[::1]", &["http://[::1]"]);
        check("https://a.b/?u=https://c.d/", &["https://a.b/?u=https://c.d/"]);
        check("siehe https://bücher.example/größe。次", &["https://bücher.example/größe"]);
        check("https://example.org/…", &["https://example.org/"]);
    }

    #[test]
    fn other_schemes_are_no_links() {
        for text in [
            "javascript:alert(1)",
            "javascript://example.org/%0aalert(1)",
            "data:text/html,x",
            "ftp://example.org",
            "postgres://user:secret@host/db",
            "xhttp://example.org",
            "http:/example.org",
            "http//example.org",
            "https://",
            "https:// example.org",
            "https://)",
            "https://-",
            "https:///etc",
            "://x",
        ] {
            check(text, &[]);
        }
        check("view-source:https://example.org", &["https://example.org"]);
    }
}
