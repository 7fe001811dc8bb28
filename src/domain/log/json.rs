//! Pretty-printing of JSON that keeps every literal as it was printed.

use serde::de::IgnoredAny;

/// The same JSON on indented lines; `None` unless the text is one object or array whose indented form has no more
/// than `limit` bytes.
///
/// Numbers, escapes, the order of members and repeated names stay as they are, which a trip through a value would
/// not keep. Nesting deeper than `serde_json` reads (128) counts as no JSON, so indentation stays bounded.
pub fn pretty(text: &str, limit: usize) -> Option<String> {
    let text = text.trim();
    let is_container = text.starts_with(['{', '[']);
    if !is_container || serde_json::from_str::<IgnoredAny>(text).is_err() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut depth = 0;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (token, behind) = rest.split_at(match character {
            '"' => string_length(rest),
            _ => character.len_utf8(),
        });
        rest = behind.trim_start();
        match character {
            '{' | '[' if rest.starts_with(['}', ']']) => {
                out.push_str(token);
                out.push_str(&rest[..1]);
                rest = rest[1..].trim_start();
            }
            '{' | '[' => {
                out.push_str(token);
                depth += 1;
                begin_line(&mut out, depth);
            }
            '}' | ']' => {
                depth -= 1;
                begin_line(&mut out, depth);
                out.push_str(token);
            }
            ',' => {
                out.push_str(token);
                begin_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => out.push_str(token),
        }
        // Nested arrays grow a hundredfold.
        if out.len() > limit {
            return None;
        }
    }
    Some(out)
}

/// Length in bytes of the string literal that the text begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    end.map_or(text.len(), |end| end + 2)
}

fn begin_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(pretty(text, 1000).as_deref(), expected, "{text}");
    }

    #[test]
    fn objects_and_arrays_get_lines_and_indents() {
        check(r#"{"a":1,"b":[true,null]}"#, Some("{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null\n  ]\n}"));
        check("[ ]", Some("[]"));
        check(r#"  {"a": { } , "b" :[]} "#, Some("{\n  \"a\": {},\n  \"b\": []\n}"));
    }

    #[test]
    fn literals_stay_as_they_were_printed() {
        check(
            r#"[1e400,12345678901234567890,0.10,"\u00e9\"]},: ü\\",{"b":1,"a":2,"b":3}]"#,
            Some(
                "[\n  1e400,\n  12345678901234567890,\n  0.10,\n  \"\\u00e9\\\"]},: ü\\\\\",\n  {\n    \"b\": 1,\n    \"a\": 2,\n    \"b\": 3\n  }\n]",
            ),
        );
    }

    #[test]
    fn text_that_would_grow_too_long_is_none() {
        let text = format!("{}1{}", "[".repeat(30), "]".repeat(30));
        assert_eq!(pretty(&text, 1000), None);
        assert!(pretty(&text, 2000).is_some());
    }

    #[test]
    fn other_text_is_none() {
        for text in
            ["", "Hello World!", "42", "\"text\"", "{", "[1,]", "{\"a\":1} {\"b\":2}", "[INFO] started"]
        {
            check(text, None);
        }
        check(&"[".repeat(100_000), None);
    }
}
