//! Config vars: the app's variables, from the file `.env` in its folder and from the API.

use std::collections::BTreeMap;
use std::path::Path;

/// Name of the file in an app's folder; `heroku local` reads the same. It is no part of the slug.
pub(crate) const FILE: &str = ".env";

/// The variables by name. A variable's value is a secret: it is in no log and in no error.
pub(crate) type ConfigVars = BTreeMap<String, String>;

/// Reads `.env` in `source`; an app without one has no config vars.
///
/// # Errors
///
/// A sentence, when the file cannot be read or a line has another form. It never quotes the line.
pub(crate) fn read(source: &Path) -> Result<ConfigVars, String> {
    match std::fs::read_to_string(source.join(FILE)) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(ConfigVars::new()),
        Err(error) => Err(format!("{FILE}: {error}")),
    }
}

/// Whether `name` can be a variable: letters, digits and `_` (platform-api.md 8).
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Reads lines of the form `NAME=value`, blank lines and lines that begin with `#`. `export` before the name means
/// nothing; quotes around the whole value are taken off; in double quotes `\n`, `\"` and `\\` are what they are
/// elsewhere. Nothing is expanded: a `$` or a `#` in a value stands for itself.
fn parse(text: &str) -> Result<ConfigVars, String> {
    let mut variables = ConfigVars::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = assignment(line)
            .ok_or_else(|| format!("{FILE}, line {}: it is not of the form `NAME=value`", index + 1))?;
        variables.insert(name.to_owned(), value);
    }
    Ok(variables)
}

fn assignment(line: &str) -> Option<(&str, String)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    (is_name(name) && !value.contains('\0')).then_some(())?;
    Some((name, unquote(value)?))
}

/// The value without its quotes; `None` when a quote at the beginning has none at the end.
fn unquote(value: &str) -> Option<String> {
    if let Some(rest) = value.strip_prefix('\'') {
        return rest.strip_suffix('\'').map(str::to_owned);
    }
    let Some(rest) = value.strip_prefix('"') else { return Some(value.to_owned()) };
    let mut unquoted = String::new();
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => match chars.next()? {
                'n' => unquoted.push('\n'),
                escaped @ ('"' | '\\') => unquoted.push(escaped),
                other => unquoted.extend(['\\', other]),
            },
            plain => unquoted.push(plain),
        }
    }
    chars.as_str().is_empty().then_some(unquoted)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn lines_are_names_and_values() {
        for (line, value) in [
            ("A=b", "b"),
            ("A=", ""),
            (" A = b c \r", "b c"),
            ("export A=b", "b"),
            ("A=b=c#d $E", "b=c#d $E"),
            ("A='b \"c\\n'", "b \"c\\n"),
            ("A=\"b \\\"c\\\\\\n'\\t\"", "b \"c\\\n'\\t"),
            ("A=\"\"", ""),
            ("A=b\"c\"", "b\"c\""),
        ] {
            let parsed = parse(&format!("# comment\n\n{line}\n")).unwrap();
            assert_eq!(parsed, ConfigVars::from([("A".to_owned(), value.to_owned())]), "{line:?}");
        }
    }

    #[test]
    fn any_other_line_is_told_with_its_number_and_without_its_content() {
        for line in [
            "hunter2",
            "=hunter2",
            "A B=hunter2",
            "A-B=hunter2",
            "A='hunter2",
            "A=\"hunter2",
            "A=\"x\"hunter2",
        ] {
            let error = parse(&format!("OK=x\n{line}\n")).unwrap_err();
            assert!(error.starts_with(".env, line 2: ") && !error.contains("hunter2"), "{error}");
        }
    }
}
