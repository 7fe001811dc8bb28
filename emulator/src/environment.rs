//! What a dyno finds in its environment: the shell, a clean set of variables, and a `python`.

use std::collections::BTreeMap;
use std::env;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// Variables of the caller that a dyno gets. All others, the emulator's key and the caller's secrets among them, stay
/// behind.
const INHERITED: [&str; 7] = ["HOME", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER"];

/// Where programs are looked for when the caller has no PATH.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The port that a web process would have to listen on; a one-off dyno has one too.
const PORT: u16 = 5000;

/// The environment that all dynos of the app start from.
#[derive(Debug)]
pub(crate) struct Environment {
    shell: String,
    variables: BTreeMap<String, String>,
    /// Kept for its `Drop`.
    _python: Option<PythonFolder>,
}

impl Environment {
    /// Reads the emulator's own environment.
    pub(crate) fn of_this_process() -> std::io::Result<Self> {
        let inherited = INHERITED.iter().filter_map(|&name| Some((name.to_owned(), env::var(name).ok()?)));
        let mut variables: BTreeMap<String, String> = inherited.collect();
        let path = variables.entry("PATH".to_owned()).or_insert_with(|| DEFAULT_PATH.to_owned());
        let shell = find("bash", path).map_or("/bin/sh".into(), |bash| bash.to_string_lossy().into_owned());
        let python = match (find("python", path), find("python3", path)) {
            (None, Some(python3)) => Some(PythonFolder::create(&python3)?),
            _ => None,
        };
        if let Some(folder) = &python {
            path.push(':');
            path.push_str(&folder.path.to_string_lossy());
        }
        // Heroku's buildpack sets both: output in UTF-8 wherever the emulator runs, and each line at once.
        variables.insert("LANG".to_owned(), "C.UTF-8".to_owned());
        variables.insert("PYTHONUNBUFFERED".to_owned(), "1".to_owned());
        variables.insert("PORT".to_owned(), PORT.to_string());
        Ok(Self { shell, variables, _python: python })
    }

    /// The shell that runs commands: bash as on Heroku, where there is one.
    pub(crate) fn shell(&self) -> &str {
        &self.shell
    }

    /// The variables of the dyno called `name`; those of the request win over the app's.
    pub(crate) fn for_dyno(
        &self,
        name: &str,
        request: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let mut variables = self.variables.clone();
        variables.insert("DYNO".to_owned(), name.to_owned());
        variables.extend(request.clone());
        variables
    }
}

/// A folder with nothing but a `python`, for machines that only have a `python3`. Removed when dropped.
#[derive(Debug)]
struct PythonFolder {
    path: PathBuf,
}

impl PythonFolder {
    fn create(python3: &Path) -> std::io::Result<Self> {
        let path = env::temp_dir().join(format!("heroku-emulator-{}", Uuid::new_v4()));
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        let folder = Self { path };
        symlink(python3, folder.path.join("python"))?;
        Ok(folder)
    }
}

impl Drop for PythonFolder {
    fn drop(&mut self) {
        // What cannot be removed is one link in the folder for temporary files.
        let _ = std::fs::remove_file(self.path.join("python")).and_then(|()| std::fs::remove_dir(&self.path));
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
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn variables_of_the_request_win() {
        let variables = BTreeMap::from([("PYTHONUNBUFFERED", "1"), ("PATH", "/bin")])
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let environment = Environment { shell: "/bin/sh".into(), variables, _python: None };
        let request = BTreeMap::from([("PYTHONUNBUFFERED".to_owned(), String::new())]);
        let dyno = environment.for_dyno("run.1234", &request);
        assert_eq!(dyno["PYTHONUNBUFFERED"], "");
        assert_eq!(dyno["PATH"], "/bin");
        assert_eq!(dyno["DYNO"], "run.1234");
    }

    #[test]
    fn the_python_folder_holds_a_python_and_vanishes() {
        let folder = PythonFolder::create(Path::new("/bin/sh")).unwrap();
        let path = folder.path.clone();
        assert_eq!(find("python", path.to_str().unwrap()), Some(path.join("python")));
        drop(folder);
        assert!(!path.exists());
    }
}
