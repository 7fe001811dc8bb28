//! Percent-encoding (RFC 3986, 2.1).

/// Encodes everything that is not unreserved (RFC 3986, 2.3).
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Decodes as for forms (URL standard, 5.1): `+` is a space, what is no escape stays, and bytes that are no UTF-8 become
/// replacement characters.
pub fn decode(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, behind) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                decoded.push(hex(*high) * 16 + hex(*low));
                rest = &behind[2..];
            }
            _ => decoded.push(*first),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        for (text, encoded) in [
            ("", ""),
            ("aZ09-._~", "aZ09-._~"),
            ("a b+c", "a%20b%2Bc"),
            ("&=#%\n", "%26%3D%23%25%0A"),
            ("ü", "%C3%BC"),
        ] {
            assert_eq!(encode(text), encoded);
            assert_eq!(decode(encoded), text);
        }
    }

    #[test]
    fn anything_can_be_decoded() {
        for (text, decoded) in [
            ("a+b", "a b"),
            ("%2b%2B", "++"),
            ("100%", "100%"),
            ("%zz%", "%zz%"),
            ("%4", "%4"),
            ("%ff", "\u{fffd}"),
            ("ü", "ü"),
        ] {
            assert_eq!(decode(text), decoded, "{text}");
        }
    }
}
