//! The Procfile: process types, their commands, and what a one-off dyno's command means.

use std::path::Path;

/// The process types of an app, in the order of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Procfile {
    processes: Vec<(String, String)>,
}

impl Procfile {
    /// Reads `Procfile` in `source`; an app without one has no process types.
    pub(crate) fn read(source: &Path) -> std::io::Result<Self> {
        match std::fs::read(source.join("Procfile")) {
            Ok(bytes) => Ok(Self::parse(&String::from_utf8_lossy(&bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Takes every line of the form `type: command`; all others (comments, blank lines) mean nothing, as on Heroku.
    pub(crate) fn parse(text: &str) -> Self {
        let processes = text
            .lines()
            .filter_map(|line| {
                let (name, command) = line.split_once(':')?;
                let command = command.trim();
                let is_name = is_process_type(name);
                (is_name && !command.is_empty()).then(|| (name.to_owned(), command.to_owned()))
            })
            .collect();
        Self { processes }
    }

    /// The process types with their commands. Of two equal types the last counts.
    pub(crate) fn processes(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_last = |index: usize, name: &str| self.processes[index + 1..].iter().all(|(n, _)| n != name);
        let processes = self.processes.iter().enumerate();
        processes
            .filter(move |(index, (name, _))| is_last(*index, name))
            .map(|(_, (name, command))| (name.as_str(), command.as_str()))
    }

    /// What runs for `command` (platform-api.md 3.4): when its first word, standing alone, is a process type, that
    /// type's command with the remaining text appended, otherwise the command as typed.
    pub(crate) fn expand(&self, command: &str) -> String {
        let typed = command.trim_start();
        let (first, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
        match self.processes().find(|(name, _)| *name == first) {
            Some((_, process)) if rest.trim().is_empty() => process.to_owned(),
            Some((_, process)) => format!("{process} {}", rest.trim_start()),
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
    use super::*;

    #[test]
    fn lines_of_the_form_type_colon_command_are_process_types() {
        let text = "serverless: python task.py\n# web: no\n\nno colon\nweb:python app.py --bind :80  \r\n\
                    a b: no\nempty:\nre-run_2:\tx\n";
        let parsed = Procfile::parse(text);
        let expected =
            [("serverless", "python task.py"), ("web", "python app.py --bind :80"), ("re-run_2", "x")];
        assert_eq!(parsed.processes, expected.map(|(name, command)| (name.to_owned(), command.to_owned())));
    }

    #[test]
    fn a_command_is_expanded_when_its_first_word_is_a_process_type() {
        let procfile = Procfile::parse("serverless: python task.py\nweb: app\n");
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
        let procfile = Procfile::parse("a: 1\nb: 3\na: 2\n");
        assert_eq!(procfile.expand("a"), "2");
        assert_eq!(procfile.processes().collect::<Vec<_>>(), [("b", "3"), ("a", "2")]);
    }
}
