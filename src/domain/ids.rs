//! Names that are valid by construction.

use std::fmt;

/// Identifies a run within the page, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u32);

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Identifies a tail of a log within the page, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TailId(pub u32);

/// An app's name, or its UUID: both address an app (platform-api.md 1.1 and 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppName(String);

impl AppName {
    /// `^[a-z][a-z0-9-]{1,28}[a-z0-9]$`, or a UUID. Surrounding white space is taken away. `None` otherwise.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (is_name(text) || is_uuid(text)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_name(text: &str) -> bool {
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    match text.as_bytes() {
        [first, middle @ .., last] => {
            first.is_ascii_lowercase()
                && (1..=28).contains(&middle.len())
                && middle.iter().all(inner)
                && inner(last)
                && *last != b'-'
        }
        _ => false,
    }
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::AppName;

    #[test]
    fn an_app_has_a_name_or_a_uuid() {
        #[track_caller]
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(AppName::parse(text).as_ref().map(AppName::as_str), expected, "{text:?}");
        }
        let longest = format!("a{}z", "-".repeat(28));
        for name in ["abc", "a1b", "sleepy-meadow-81273", &longest, "01234567-89ab-cdef-0123-456789abcdef"] {
            check(name, Some(name));
        }
        check("  abc\n", Some("abc"));
        let too_long = format!("a{}z", "b".repeat(29));
        for text in [
            "",
            "ab",
            "1bc",
            "-bc",
            "ab-",
            "Abc",
            "a_c",
            "a.c",
            "a c",
            "a/c",
            "äbc",
            &too_long,
            "01234567-89ab",
        ] {
            check(text, None);
        }
    }
}
