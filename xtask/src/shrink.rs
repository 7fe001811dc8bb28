//! Makes files smaller without changing what they do, beyond what wasm-opt does.

/// Digits of the hashes that wasm-bindgen puts behind the names of imports.
const HASH_DIGITS: usize = 16;

/// Puts numbers in the place of the hashes in the names of the module's imports, in the loader and in the module alike.
///
/// A hash does not compress, and each stands in both files. The numbers have as many digits, so that no length changes.
pub(crate) fn number_imports(loader: &mut [u8], module: &mut [u8]) {
    for (number, hash) in hashes(loader).into_iter().enumerate() {
        let number = format!("{number:0HASH_DIGITS$}");
        replace_all(loader, hash.as_bytes(), number.as_bytes());
        replace_all(module, hash.as_bytes(), number.as_bytes());
    }
}

/// The hashes at the end of names like `__wbg_body_0da01a9a056907d8`, each once, in order.
fn hashes(loader: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(loader);
    let words = text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
    let imports = words.filter(|word| word.starts_with("__wbg_") || word.starts_with("__wbindgen_"));
    let is_hash = |end: &str| {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        end.len() == HASH_DIGITS && end.bytes().all(is_digit)
    };
    let mut hashes: Vec<String> = imports
        .filter_map(|word| word.rsplit_once('_').map(|(_, end)| end.to_owned()).filter(|end| is_hash(end)))
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Replaces bytes by as many others.
fn replace_all(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let mut at = 0;
    while at + from.len() <= bytes.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + from.len()].copy_from_slice(to);
            at += from.len();
        } else {
            at += 1;
        }
    }
}

/// The text without its comments and the blanks before them. An unfinished comment stays.
pub(crate) fn without_comments(text: &str, open: &str, close: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (_, behind))) =
        rest.split_once(open).and_then(|(before, comment)| Some((before, comment.split_once(close)?)))
    {
        kept.push_str(before.trim_end());
        rest = behind;
    }
    kept + rest
}

/// The script without the lines that are comments.
pub(crate) fn without_comment_lines(script: &str) -> String {
    script.split_inclusive('\n').filter(|line| !line.trim_start().starts_with("//")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_get_numbers_of_the_same_length_in_both_files() {
        let loader = "import0.__wbg_body_0da01a9a056907d8 = 1; __wbindgen_throw_00aa01a9a0569000: x; \
                      wasm.memory; other_0123456789abcdef; __wbg_short_12ab; __wbg_body_0da01a9a056907d8;";
        let mut module = b"\x22__wbg_body_0da01a9a056907d8\x00__wbindgen_throw_00aa01a9a0569000".to_vec();
        let mut loader_bytes = loader.as_bytes().to_vec();
        number_imports(&mut loader_bytes, &mut module);
        let expected = loader
            .replace("0da01a9a056907d8", "0000000000000001")
            .replace("00aa01a9a0569000", "0000000000000000");
        assert_eq!(String::from_utf8(loader_bytes).unwrap(), expected);
        assert_eq!(module, b"\x22__wbg_body_0000000000000001\x00__wbindgen_throw_0000000000000000");
    }

    #[test]
    fn lines_that_are_comments_go() {
        let script = "// one\nlet a = \"//\"; // two\n  // three\n\nb();";
        assert_eq!(without_comment_lines(script), "let a = \"//\"; // two\n\nb();");
    }

    #[test]
    fn comments_go_with_the_blanks_before_them() {
        for (text, kept) in [
            ("<a>\n  <!-- one -->\n  <b><!---->", "<a>\n  <b>"),
            ("<a><!-- open", "<a><!-- open"),
            ("no comment", "no comment"),
            ("", ""),
        ] {
            assert_eq!(without_comments(text, "<!--", "-->"), kept);
        }
    }
}
