//! The API key, in a type that cannot be printed or serialised (design.md 6).

use std::fmt;
use std::rc::Rc;

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
        assert!(!format!("{key:?}{:?}", TypedKey("HRKU-secret".into())).contains("secret"));
    }
}
