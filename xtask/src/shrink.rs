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

/// A stylesheet that has gone through the above, in fewer bytes: without the blanks that mean nothing in any place, and
/// in one line. One before a colon may mean something (`.a :hover`).
pub(crate) fn style(text: &str) -> String {
    let mut shorter = text.replace(": ", ":").replace(", ", ",").replace(" {", "{");
    for end in ["{", "}", ";", ","] {
        shorter = shorter.replace(&format!("{end}\n"), end);
    }
    shorter.replace(";}", "}")
}

/// The script without the lines that are comments, and without blanks. Where a literal may go over several lines, the
/// blanks belong to it and stay.
pub(crate) fn script(text: &str) -> String {
    let is_comment = |line: &&str| line.trim_start().starts_with("//");
    let code: String = text.split_inclusive('\n').filter(|line| !is_comment(line)).collect();
    if has_open_literal(&code) { code } else { without_blanks(&code) }
}

/// Whether a literal goes over several lines.
fn has_open_literal(script: &str) -> bool {
    script.lines().any(|line| line.matches('`').count() % 2 == 1)
}

/// A script that has gone through the above, in fewer lines. A short one with many texts is larger for it, so the
/// loader alone gets this.
pub(crate) fn joined(script: &str) -> String {
    if has_open_literal(script) {
        script.to_owned()
    } else {
        script.split_inclusive('\n').map(script_line).collect()
    }
}

/// The line without the blanks beside punctuation, and without its end where the next line may follow in any case. One
/// that may have a literal or a comment stays as it is, `<!--` among them. So do the blanks beside `+` and `-`: two of
/// them would be one operator.
fn script_line(line: &str) -> String {
    if line.contains(['\'', '"', '`', '/']) || line.contains("--") {
        return line.to_owned();
    }
    let is_punctuation = |character| "=<>&|?:,{}();".contains(character);
    let mut kept = String::with_capacity(line.len());
    for (at, character) in line.char_indices() {
        let is_beside_punctuation =
            kept.ends_with(is_punctuation) || line[at..].trim_start_matches(' ').starts_with(is_punctuation);
        if character != ' ' || !is_beside_punctuation {
            kept.push(character);
        }
    }
    match kept.strip_suffix('\n') {
        Some(line) if line.ends_with(['{', '(', ',', ';']) => line.to_owned(),
        _ => kept,
    }
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
    fn a_joined_script_means_the_same() {
        for (text, shorter) in [
            ("f = (a, b) => {\nreturn a ? b : { c };\n}\ng()\n", "f=(a,b)=>{return a?b:{c};}\ng()\n"),
            ("a = b - -c + +d;\ne = /[ ;] {/;\nf;\n", "a=b - -c + +d;e = /[ ;] {/;\nf;"),
            ("a = ` {\n ;\n`;\n", "a = ` {\n ;\n`;\n"),
            ("if (a < !--b) {\n", "if (a < !--b) {\n"),
            ("typeof (a) in (b)  ;\na,\n'b'\n", "typeof(a)in(b);a,'b'\n"),
        ] {
            assert_eq!(joined(text), shorter);
        }
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
    fn a_style_means_the_same() {
        let text = ".a :hover,\n.b > c {\nmargin: 0 calc(1px - 2px);\ncolor: rgb(1, 2, 3);\n}\n@media (width > 1px) {\n}\n";
        let shorter = ".a :hover,.b > c{margin:0 calc(1px - 2px);color:rgb(1,2,3)}@media (width > 1px){}";
        assert_eq!(style(text), shorter);
    }

    #[test]
    fn blanks_around_lines_go() {
        assert_eq!(without_blanks("a  b {\n  c: d;\n\n}"), "a  b {\nc: d;\n}\n");
    }
}
