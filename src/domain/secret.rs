//! The API key, in a type that cannot be printed or serialised (design.md 6).

use std::fmt;
use std::rc::Rc;

use memchr::{memchr, memchr_iter};

/// A Heroku API key: no white space, printable ASCII, not empty (platform-api.md 9).
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Rc<str>);

/// Why a text is no API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKeyError {
    Empty,
    /// White space or a line end inside: two things were pasted.
    InnerSpace,
    /// A character that no key has and that a header cannot carry.
    ForeignCharacter,
}

impl ApiKey {
    /// Surrounding white space is taken away, since copied keys often bring some.
    pub fn parse(text: &str) -> Result<Self, ApiKeyError> {
        let text = text.trim();
        if text.is_empty() {
            Err(ApiKeyError::Empty)
        } else if text.chars().any(char::is_whitespace) {
            Err(ApiKeyError::InnerSpace)
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Err(ApiKeyError::ForeignCharacter)
        } else {
            Ok(Self(text.into()))
        }
    }

    /// The value of the `Authorization` header. The only way to the key's text.
    pub fn authorization(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// Whether the text holds the key.
    pub fn is_in(&self, text: &str) -> bool {
        self.finder().find_all(text.as_bytes()).next().is_some()
    }

    /// The text with each key in it replaced, by as many signs.
    pub fn mask(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for start in self.finder().find_all(text.as_bytes()) {
            bytes[start..start + self.0.len()].fill(MASK);
        }
        // A key is ASCII, so this is text all the same.
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// What finds the key in the bytes of a log.
    pub fn finder(&self) -> KeyFinder {
        // Capitals are rare in logs; what Heroku's keys begin with is one.
        let rare = self.0.bytes().position(|byte| byte.is_ascii_uppercase()).unwrap_or(0);
        KeyFinder(self.is_maskable().then(|| (Rc::clone(&self.0), rare)))
    }

    /// No key of Heroku's is as short as a word (platform-api.md 9), and masking a word would only garble the log.
    fn is_maskable(&self) -> bool {
        self.0.len() >= SHORTEST_MASKED
    }
}

/// Stands for each byte of a key.
pub const MASK: u8 = b'*';

/// Bytes of the shortest key that is masked.
const SHORTEST_MASKED: usize = 6;

/// Finds the API key among the bytes of a log; like the key it does not print. Holds the key, and the index of a byte in
/// it that is looked for first. A crate's search for substrings would cost two kilobytes of the page.
#[derive(Clone)]
pub struct KeyFinder(Option<(Rc<str>, usize)>);

impl KeyFinder {
    /// Bytes of the key; 0 when it is too short to be masked.
    pub fn key_length(&self) -> usize {
        self.0.as_ref().map_or(0, |(key, _)| key.len())
    }

    /// A byte without which no key is among others, however it is interrupted; `None` when nothing is sought.
    pub fn rare_byte(&self) -> Option<u8> {
        self.0.as_ref().map(|(key, rare)| key.as_bytes()[*rare])
    }

    /// Whether a byte of the key is among them, without which no key is, however it is interrupted.
    pub fn may_be_in(&self, bytes: &[u8]) -> bool {
        self.rare_byte().is_some_and(|rare| memchr(rare, bytes).is_some())
    }

    /// Where keys begin that do not overlap.
    pub fn find_all<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let mut behind_last = 0;
        self.0.iter().flat_map(move |(key, rare)| {
            let key = key.as_bytes();
            let start = move |index: usize| {
                let start = index.checked_sub(*rare).filter(|&start| start >= behind_last)?;
                let is_there = bytes[start..].starts_with(key);
                is_there.then(|| {
                    behind_last = start + key.len();
                    start
                })
            };
            memchr_iter(key[*rare], bytes).filter_map(start)
        })
    }

    /// How many bytes of a key that goes on behind `bytes` stand at their end.
    pub fn begun_at_end(&self, bytes: &[u8]) -> usize {
        let Some((key, _)) = &self.0 else { return 0 };
        let key = key.as_bytes();
        let longest = bytes.len().min(key.len() - 1);
        (1..=longest).rev().find(|&length| bytes.ends_with(&key[..length])).unwrap_or(0)
    }

    /// How many bytes of a key that begins before `bytes` stand at their begin.
    pub fn ended_at_begin(&self, bytes: &[u8]) -> usize {
        let Some((key, _)) = &self.0 else { return 0 };
        let key = key.as_bytes();
        let longest = bytes.len().min(key.len() - 1);
        (1..=longest).rev().find(|&length| bytes.starts_with(&key[key.len() - length..])).unwrap_or(0)
    }
}

impl fmt::Debug for KeyFinder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyFinder(…)")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey(…)")
    }
}

/// What was typed into the key's field, valid or not.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TypedKey(pub String);

/// A pasted text as one line, with spaces for the line breaks inside.
///
/// The value of an input has no line breaks (HTML standard, value sanitization), and browsers differ in what becomes of
/// pasted ones: dropped, they would silently make one wrong key of two lines. [`ApiKey::parse`] finds the spaces.
pub fn as_one_line(pasted: &str) -> String {
    pasted.trim().replace(['\r', '\n'], " ")
}

impl fmt::Debug for TypedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TypedKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, ApiKeyError>) {
        let key = ApiKey::parse(text).map(|key| key.authorization());
        assert_eq!(key, expected.map(|key| format!("Bearer {key}")), "{text:?}");
    }

    #[test]
    fn a_key_is_what_a_header_can_carry() {
        check("HRKU-01234567-89ab-cdef-0123-456789abcdef", Ok("HRKU-01234567-89ab-cdef-0123-456789abcdef"));
        check(" \tkey\r\n", Ok("key"));
        check("", Err(ApiKeyError::Empty));
        check(" \n ", Err(ApiKeyError::Empty));
        check("two keys", Err(ApiKeyError::InnerSpace));
        check("two\nkeys", Err(ApiKeyError::InnerSpace));
        check("no\u{a0}break", Err(ApiKeyError::InnerSpace));
        check("schlüssel", Err(ApiKeyError::ForeignCharacter));
        check("bell\u{7}", Err(ApiKeyError::ForeignCharacter));
    }

    #[test]
    fn a_pasted_line_break_inside_is_not_lost() {
        assert_eq!(as_one_line("HRKU-1\n"), "HRKU-1");
        assert_eq!(as_one_line("HRKU-1\r\nHRKU-2"), "HRKU-1  HRKU-2");
    }

    #[test]
    fn a_key_does_not_print() {
        let key = ApiKey::parse("HRKU-secret").expect("a key");
        assert!(!format!("{key:?}{:?}{:?}", key.finder(), TypedKey("HRKU-secret".into())).contains("secret"));
    }

    #[test]
    fn a_key_is_masked_by_as_many_signs() {
        let key = ApiKey::parse("HRKU-secret").expect("a key");
        assert_eq!(key.mask("HRKU-secret, HRKU-secretHRKU-secret."), "***********, **********************.");
        assert_eq!(key.mask("HRKU-secre"), "HRKU-secre");
        let word = ApiKey::parse("app").expect("a key");
        assert_eq!(
            (word.mask("app[web.1]: app"), word.finder().find_all(b"app").next()),
            ("app[web.1]: app".to_owned(), None)
        );
    }

    #[test]
    fn the_beginning_of_a_key_is_found_at_an_end() {
        let finder = ApiKey::parse("HRKU-HRK").expect("a key").finder();
        for (bytes, length) in
            [("", 0), ("x", 0), ("xH", 1), ("HRKU", 4), ("HRKU-HR", 7), ("HRKU-HRKU", 4), ("HRKU-HRK", 3)]
        {
            assert_eq!(finder.begun_at_end(bytes.as_bytes()), length, "{bytes}");
        }
    }
}
