//! What a dyno finds in its environment: the shell, a clean set of variables, and a `python`.

use std::collections::BTreeMap;
use std::env;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::config_vars::ConfigVars;

/// Where programs are looked for when the caller has no PATH.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// PORT of a dyno that is no web process. On Heroku one has it too.
const PORT: u16 = 5000;

/// The environment that all dynos start from. Of the caller's own it has the PATH alone, without which the machine's
/// programs would not be found.
#[derive(Debug)]
pub(crate) struct Environment {
    shell: String,
    path: String,
}

/// What is a dyno's own.
#[derive(Debug)]
pub(crate) struct DynoEnvironment<'a> {
    /// `run.8361`
    pub(crate) name: &'a str,
    pub(crate) home: &'a Path,
    /// A folder of programs that come before the machine's.
    pub(crate) programs: Option<&'a Path>,
    /// Where a web process has to listen.
    pub(crate) port: Option<u16>,
    pub(crate) config_vars: &'a ConfigVars,
    /// The variables of the request, which win over all others.
    pub(crate) request: &'a BTreeMap<String, String>,
}

impl Environment {
    /// Reads the emulator's own environment. `folder` gets a folder with a `python` if the machine only has a `python3`.
    pub(crate) fn of_this_process(folder: &Path) -> std::io::Result<Self> {
        let mut path = env::var("PATH").unwrap_or_else(|_| DEFAULT_PATH.to_owned());
        let shell = find("bash", &path).map_or("/bin/sh".into(), |bash| bash.to_string_lossy().into_owned());
        if let (None, Some(python3)) = (find("python", &path), find("python3", &path)) {
            let programs = folder.join("bin");
            std::fs::create_dir(&programs)?;
            symlink(python3, programs.join("python"))?;
            path.push(':');
            path.push_str(&programs.to_string_lossy());
        }
        Ok(Self { shell, path })
    }

    /// The shell that runs commands: bash as on Heroku, where there is one.
    pub(crate) fn shell(&self) -> &str {
        &self.shell
    }

    /// All variables of one dyno.
    pub(crate) fn of(&self, dyno: &DynoEnvironment<'_>) -> BTreeMap<String, String> {
        let port = dyno.port.unwrap_or(PORT).to_string();
        let path = match dyno.programs {
            Some(programs) => format!("{}:{}", programs.display(), self.path),
            None => self.path.clone(),
        };
        let own = [
            ("PATH", path.as_str()),
            // Heroku's buildpack sets both: output in UTF-8 wherever the emulator runs, and each line at once.
            ("LANG", "C.UTF-8"),
            ("PYTHONUNBUFFERED", "1"),
            ("DYNO", dyno.name),
            ("HOME", &dyno.home.to_string_lossy()),
            ("PORT", &port),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut variables = dyno.config_vars.clone();
        // The platform's own, which config vars cannot change, but the buildpack's and PATH they can.
        variables.extend(own.into_iter().filter(|(name, _)| {
            matches!(name.as_str(), "DYNO" | "HOME" | "PORT") || !dyno.config_vars.contains_key(name)
        }));
        variables.extend(dyno.request.clone());
        variables
    }
}

/// The first executable file called `program` in the folders of `path`.
fn find(program: &str, path: &str) -> Option<PathBuf> {
    env::split_paths(path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(program)).find(
        |file| file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(of: &[(&str, &str)]) -> BTreeMap<String, String> {
        of.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn variables_of_the_request_win_over_config_vars_and_those_over_defaults() {
        let environment = Environment { shell: "/bin/sh".into(), path: "/bin".into() };
        let dyno = environment.of(&DynoEnvironment {
            name: "run.1234",
            home: Path::new("/app"),
            programs: Some(Path::new("/venv/bin")),
            port: None,
            config_vars: &variables(&[("A", "1"), ("B", "1"), ("LANG", "de"), ("PORT", "1")]),
            request: &variables(&[("B", "2"), ("PYTHONUNBUFFERED", "")]),
        });
        let expected = variables(&[
            ("A", "1"),
            ("B", "2"),
            ("DYNO", "run.1234"),
            ("HOME", "/app"),
            ("LANG", "de"),
            ("PATH", "/venv/bin:/bin"),
            ("PORT", "5000"),
            ("PYTHONUNBUFFERED", ""),
        ]);
        assert_eq!(dyno, expected);
    }
}
