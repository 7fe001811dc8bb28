//! JSON as far as answers are read.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A value of which strings and whole numbers can be read: what is left of `serde_json::Value` without its map and
/// fractions, which nobody asks for here and every visitor would load.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Json {
    String(String),
    Array(Vec<Json>),
    /// The members in the order of the text.
    Object(Vec<(String, Json)>),
    /// A whole number that is not negative and has no more than 64 bits.
    Number(u64),
    /// A boolean, null, or another number; with serde_json's arbitrary precision, some of these are objects.
    Other,
}

impl Json {
    /// A member of an object; of those with the same name, the last.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(it, _)| it == name).map(|(_, value)| value)
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        let Self::String(text) = self else { return None };
        Some(text)
    }

    pub(super) fn as_u64(&self) -> Option<u64> {
        let Self::Number(number) = self else { return None };
        Some(*number)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<Json, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn strings_and_whole_numbers_are_found() {
        let value = json(r#"{"a":"one","b":{"a":"tw\u006f"},"c":["three",7],"a":"last"}"#).expect("JSON");
        assert_eq!(value.get("a").and_then(Json::as_str), Some("last"));
        assert_eq!(value.get("b").and_then(|b| b.get("a")?.as_str()), Some("two"));
        let Some(Json::Array(items)) = value.get("c") else { panic!("no array: {value:?}") };
        assert_eq!(items.iter().map(Json::as_str).collect::<Vec<_>>(), [Some("three"), None]);
        assert_eq!(items.iter().map(Json::as_u64).collect::<Vec<_>>(), [None, Some(7)]);
        assert_eq!((value.get("d"), value.as_str(), value.as_u64()), (None, None, None));
    }

    #[test]
    fn everything_else_is_read_and_not_kept() {
        for text in ["-1", "1.5", "1e400", "123456789012345678901234567890", "true", "false", "null"] {
            let value = json(text).expect("JSON");
            assert_eq!(value.as_u64(), None, "{text}");
            assert_eq!(value.as_str().or(value.get("a").and_then(Json::as_str)), None, "{text}");
            assert!(!matches!(value, Json::Array(_)), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        let too_deep = "[".repeat(1000);
        for text in ["", "{", "[1,]", "{\"a\":1}}", "Hello", "01", "\"\n\"", &too_deep] {
            assert!(json(text).is_err(), "{text}");
        }
    }
}
