//! The Procfile: process types, their commands, and what a one-off dyno's command means.

use std::path::Path;

/// Name of the file in an app's folder.
const FILE: &str = "Procfile";

/// The process types of an app, in the order of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Procfile {
    processes: Vec<(String, String)>,
}

impl Procfile {
    /// Reads `Procfile` in `source`; an app without one has no process types.
    ///
    /// # Errors
    ///
    /// A sentence, when the file cannot be read or a line is none of a Procfile.
    pub(crate) fn read(source: &Path) -> Result<Self, String> {
        match std::fs::read(source.join(FILE)) {
            Ok(bytes) => Self::parse(&String::from_utf8_lossy(&bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{FILE}: {error}")),
        }
    }

    /// Whether `source` has a Procfile.
    pub(crate) fn is_in(source: &Path) -> bool {
        source.join(FILE).exists()
    }

    /// Reads lines of the form `type: command`, blank lines and comments. Heroku passes over all other lines, which
    /// leaves people to find out why a process type is missing; here they are errors.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut processes = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let process = line.split_once(':').map(|(name, command)| (name, command.trim()));
            match process.filter(|(name, command)| is_process_type(name) && !command.is_empty()) {
                Some((name, command)) => processes.push((name.to_owned(), command.to_owned())),
                None => {
                    let line_number = index + 1;
                    return Err(format!(
                        "{FILE}, line {line_number}: {line:?} is not of the form `type: command`, where a type \
                         consists of letters, digits, `-` and `_`"
                    ));
                }
            }
        }
        Ok(Self { processes })
    }

    /// The process types with their commands. Of two equal types the last counts.
    pub(crate) fn processes(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_last = |index: usize, name: &str| self.processes[index + 1..].iter().all(|(n, _)| n != name);
        let processes = self.processes.iter().enumerate();
        processes
            .filter(move |(index, (name, _))| is_last(*index, name))
            .map(|(_, (name, command))| (name.as_str(), command.as_str()))
    }

    /// The command of a process type.
    pub(crate) fn command(&self, process_type: &str) -> Option<&str> {
        self.processes().find(|(name, _)| *name == process_type).map(|(_, command)| command)
    }

    /// What runs for `command` (platform-api.md 3.4): when its first word, standing alone, is a process type, that
    /// type's command with the remaining text appended, otherwise the command as typed.
    pub(crate) fn expand(&self, command: &str) -> String {
        let typed = command.trim_start();
        let (first, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
        match self.command(first) {
            Some(process) if rest.trim().is_empty() => process.to_owned(),
            Some(process) => format!("{process} {}", rest.trim_start()),
            None => command.to_owned(),
        }
    }
}

/// Whether `name` can be a process type: `^[-\w]{1,128}$` (platform-api.md 8).
pub(crate) fn is_process_type(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn lines_of_the_form_type_colon_command_are_process_types() {
        let text =
            "serverless: python task.py\n# web: no\n\nweb:python app.py --bind :80  \r\n\nre-run_2:\tx\n";
        let parsed = Procfile::parse(text).unwrap();
        let expected =
            [("serverless", "python task.py"), ("web", "python app.py --bind :80"), ("re-run_2", "x")];
        assert_eq!(parsed.processes, expected.map(|(name, command)| (name.to_owned(), command.to_owned())));
    }

    #[test]
    fn any_other_line_is_told_with_its_number() {
        for line in ["no colon", "a b: no", "empty:", "empty: \t", ": no type", " web: indented"] {
            let error = Procfile::parse(&format!("ok: x\n\n{line}\nok: y\n")).unwrap_err();
            assert!(error.starts_with("Procfile, line 3: ") && error.contains(line.trim_end()), "{error}");
        }
    }

    #[test]
    fn a_command_is_expanded_when_its_first_word_is_a_process_type() {
        let procfile = Procfile::parse("serverless: python task.py\nweb: app\n").unwrap();
        for (typed, runs) in [
            ("serverless", "python task.py"),
            ("  serverless ", "python task.py"),
            ("serverless --name \"a  b\"", "python task.py --name \"a  b\""),
            ("serverless\ta", "python task.py a"),
            ("web ; echo x", "app ; echo x"),
            ("web; echo x", "web; echo x"),
            ("serverlessly", "serverlessly"),
            ("Serverless", "Serverless"),
            ("echo serverless", "echo serverless"),
            ("FOO=1 serverless", "FOO=1 serverless"),
        ] {
            assert_eq!(procfile.expand(typed), runs, "{typed:?}");
        }
    }

    #[test]
    fn the_last_of_two_equal_types_counts() {
        let procfile = Procfile::parse("a: 1\nb: 3\na: 2\n").unwrap();
        assert_eq!(procfile.expand("a"), "2");
        assert_eq!(procfile.processes().collect::<Vec<_>>(), [("b", "3"), ("a", "2")]);
    }
}
