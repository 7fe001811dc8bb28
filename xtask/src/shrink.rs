//! Makes text files smaller without changing what they do.

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

/// The text without the blanks around its lines, and without empty lines.
pub(crate) fn without_blanks(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect()
}

/// The script without the lines that are comments, and without blanks. Where a literal may go over several lines, the
/// blanks belong to it and stay.
pub(crate) fn script(text: &str) -> String {
    let is_comment = |line: &&str| line.trim_start().starts_with("//");
    let code: String = text.split_inclusive('\n').filter(|line| !is_comment(line)).collect();
    let is_literal_open = code.lines().any(|line| line.matches('`').count() % 2 == 1);
    if is_literal_open { code } else { without_blanks(&code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_loses_comments_and_blanks() {
        let text = "// one\nlet a = \"//\"; // two\n  // three\n\n  b(`${a} `);\n";
        assert_eq!(script(text), "let a = \"//\"; // two\nb(`${a} `);\n");
    }

    #[test]
    fn the_blanks_of_a_literal_stay() {
        let text = "let a = `\n  one\n\n  two`;\n";
        assert_eq!(script(text), text);
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

    #[test]
    fn blanks_around_lines_go() {
        assert_eq!(without_blanks("a  b {\n  c: d;\n\n}"), "a  b {\nc: d;\n}\n");
    }
}
