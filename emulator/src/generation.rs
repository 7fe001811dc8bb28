//! The two generations of Heroku's platform, as far as clients tell them apart (platform-api.md 4.4 and 7).

use clap::ValueEnum;
use uuid::Uuid;

use crate::procfile::Procfile;

/// The word before a command on an app of Cloud Native Buildpacks that lets it find the process types.
const LAUNCHER: &str = "launcher";

/// A generation of the platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Generation {
    /// Dynos like run.8361, a history of the log, lines that end
    #[default]
    Cedar,
    /// Dynos like run-5d4f7c9b8d-x2k4q, no history, streams that always go on, plain lines without ends, and process
    /// types only behind `launcher`
    Fir,
}

impl Generation {
    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cedar => "cedar",
            Self::Fir => "fir",
        }
    }

    /// What an app's dynos are built on.
    pub(crate) fn stack(self) -> &'static str {
        match self {
            Self::Cedar => "heroku-24",
            Self::Fir => "cnb",
        }
    }

    /// A name for a one-off dyno. Of those on Fir it is not known; this one has the form of the others there.
    pub(crate) fn dyno_name(self, process_type: &str) -> String {
        let random = Uuid::new_v4();
        match self {
            Self::Cedar => format!("{process_type}.{}", 1_000 + random.as_u128() % 9_000),
            Self::Fir => {
                let digits = random.simple().to_string();
                format!("{process_type}-{}-{}", &digits[..10], &digits[20..25])
            }
        }
    }

    /// Whether `process` is a dyno of this process type.
    pub(crate) fn is_of_type(self, process: &str, process_type: &str) -> bool {
        let separator = match self {
            Self::Cedar => '.',
            Self::Fir => '-',
        };
        process.strip_prefix(process_type).is_some_and(|rest| rest.starts_with(separator))
    }

    /// What runs for a command, by the rules of the Procfile.
    pub(crate) fn expand(self, procfile: &Procfile, command: &str) -> String {
        let behind_launcher = || {
            let (first, rest) = command.trim_start().split_once(char::is_whitespace)?;
            (first == LAUNCHER).then(|| rest.trim_start())
        };
        match self {
            Self::Cedar => procfile.expand(command),
            Self::Fir => behind_launcher().map_or(command.to_owned(), |rest| procfile.expand(rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn process_types_are_found_behind_launcher_on_fir_only() {
        let procfile = Procfile::parse("serverless: python task.py\n").unwrap();
        for (generation, command, runs) in [
            (Generation::Cedar, "serverless -v", "python task.py -v"),
            (Generation::Cedar, "launcher serverless", "launcher serverless"),
            (Generation::Fir, "serverless -v", "serverless -v"),
            (Generation::Fir, "launcher serverless -v", "python task.py -v"),
            (Generation::Fir, " launcher  echo hello", "echo hello"),
            (Generation::Fir, "launcher", "launcher"),
            (Generation::Fir, "launchers serverless", "launchers serverless"),
        ] {
            assert_eq!(generation.expand(&procfile, command), runs, "{generation:?} {command}");
        }
    }

    #[test]
    fn dynos_are_of_the_type_that_their_name_begins_with() {
        for generation in [Generation::Cedar, Generation::Fir] {
            let name = generation.dyno_name("run");
            assert!(generation.is_of_type(&name, "run") && !generation.is_of_type(&name, "ru"), "{name}");
        }
        let name = Generation::Fir.dyno_name("run");
        let parts: Vec<&str> = name.split('-').collect();
        assert!(matches!(parts[..], ["run", hash, end] if hash.len() == 10 && end.len() == 5), "{name}");
    }
}
