//! The packages of Python apps, as Heroku's buildpack installs them: what `requirements.txt` names, in a virtual
//! environment that is made once for a content of that file and kept in the user's cache folder.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::folder;
use crate::machine::Machine;
use crate::slug::Slug;
use crate::supervision::{Supervisor, order, report};
use crate::supervisor::{self, Launch};

/// What a dyno's log tells when its start waits.
pub(crate) const TO_BE_INSTALLED: &str = "Installing the packages of requirements.txt first";

const REQUIREMENTS: &str = "requirements.txt";

/// Makes the environment `$VENV`. Without a network pip gives up after seconds.
const COMMAND: &str = "python3 -m venv \"$VENV\" && \"$VENV/bin/python\" -m pip install --disable-pip-version-check \
                       --no-input --retries 1 --timeout 15 -r requirements.txt";

/// The end of an environment's making is marked by this file beside it.
const COMPLETE: &str = "complete";

/// Heroku's limit for a build.
const LONGEST_BUILD: Duration = Duration::from_secs(15 * 60);

/// Lines at the end of a build that a dyno's log gets when it failed.
const LINES_OF_FAILURE: usize = 20;

/// How often to look whether another emulator has made the same environment.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// The environments, each made by one at a time.
#[derive(Debug, Default)]
pub(crate) struct Packages {
    by_key: std::sync::Mutex<HashMap<Uuid, Arc<Mutex<()>>>>,
}

impl Packages {
    /// The `bin` folder of the environment for `slug`; `None` if it needs none. If it has to be made first, `waiting` is
    /// called.
    ///
    /// # Errors
    ///
    /// Text for the dyno's log, when it cannot be made. The next dyno tries again.
    pub(crate) async fn of(
        &self,
        app: &str,
        slug: &Slug,
        machine: &Machine,
        waiting: impl FnOnce(),
    ) -> Result<Option<PathBuf>, String> {
        let requirements = fs::read_to_string(slug.path().join(REQUIREMENTS)).unwrap_or_default();
        if requirements.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#')) {
            return Ok(None);
        }
        let cache = dirs::cache_dir().ok_or("There is no folder for the packages of requirements.txt.")?;
        let key = key(&requirements, slug.content);
        let environment =
            VirtualEnvironment { folder: cache.join("heroku-emulator/python").join(key.to_string()) };
        let turn =
            Arc::clone(self.by_key.lock().unwrap_or_else(|error| error.into_inner()).entry(key).or_default());
        if environment.is_complete() {
            return Ok(Some(environment.programs()));
        }
        waiting();
        let _turn = turn.lock().await;
        if !environment.is_complete() {
            environment.make(app, slug, machine).await?;
        }
        Ok(Some(environment.programs()))
    }
}

/// Names an environment. One whose requirements are in the app's folder themselves is that of this folder's content.
fn key(requirements: &str, slug: u64) -> Uuid {
    let is_local = |line: &str| {
        ["-r", "-c", "-e", "--r", "--c", "--e", ".", "file:"].iter().any(|s| line.starts_with(s))
    };
    let local = requirements.lines().map(str::trim).any(is_local);
    let content = if local { format!("{slug:016x}\n{requirements}") } else { requirements.to_owned() };
    Uuid::new_v5(&Uuid::NAMESPACE_OID, content.as_bytes())
}

/// A virtual environment in the user's cache.
#[derive(Debug)]
struct VirtualEnvironment {
    folder: PathBuf,
}

impl VirtualEnvironment {
    fn programs(&self) -> PathBuf {
        self.folder.join("venv/bin")
    }

    /// Whether it is there, with an interpreter that is there too.
    fn is_complete(&self) -> bool {
        self.folder.join(COMPLETE).exists() && self.programs().join("python").exists()
    }

    /// Makes it, unless another emulator does so meanwhile.
    async fn make(&self, app: &str, slug: &Slug, machine: &Machine) -> Result<(), String> {
        let lock = self.lock().await.map_err(|error| self.failed(&error.to_string()))?;
        if !self.is_complete() {
            let build = tokio::time::timeout(LONGEST_BUILD, self.build(app, slug, machine)).await;
            build.unwrap_or_else(|_| Err(self.failed("it took longer than 15 minutes")))?;
        }
        drop(lock);
        Ok(())
    }

    /// Waits for the right to change the folder. The system takes it back from whoever ends.
    async fn lock(&self) -> std::io::Result<File> {
        fs::create_dir_all(&self.folder)?;
        let lock = File::create(self.folder.with_extension("lock"))?;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(BETWEEN_LOOKS).await,
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    async fn build(&self, app: &str, slug: &Slug, machine: &Machine) -> Result<(), String> {
        let failed = |error: std::io::Error| self.failed(&error.to_string());
        tracing::info!("app {app}: installing the packages of requirements.txt");
        let folder = self.folder.clone();
        // What an earlier attempt left. The copy stays: packages may be installed as links to it.
        let copy = spawn_blocking(move || {
            folder::remove(&folder)?;
            fs::create_dir_all(folder.join("app"))?;
            Ok(folder.join("app"))
        });
        let copy = copy.await.map_err(|error| self.failed(&error.to_string()))?.map_err(failed)?;
        let launch = Launch {
            shell: machine.environment.shell().to_owned(),
            command: COMMAND.to_owned(),
            slug: slug.path().to_owned(),
            home: copy,
            environment: variables(&self.folder.join("venv")),
        };
        let Supervisor { child: _child, mut orders, mut reports, output } =
            Supervisor::start(&machine.supervisor).map_err(failed)?;
        order(&mut orders, &serde_json::to_string(&launch).unwrap_or_default()).await;
        let mut last = VecDeque::new();
        let mut lines = BufReader::new(output).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            tracing::info!("app {app}: {line}");
            if last.len() == LINES_OF_FAILURE {
                last.pop_front();
            }
            last.push_back(line);
        }
        let started = report(&mut reports, supervisor::STARTED).await;
        let status = match started {
            Ok(_) => report(&mut reports, supervisor::EXITED).await.ok(),
            Err(_) => None,
        };
        if status.as_deref() != Some("0") {
            let status = status.unwrap_or_else(|| "137".to_owned());
            tracing::error!("app {app}: the packages of requirements.txt could not be installed");
            let last = last.into_iter().map(|line| line + "\n").collect::<String>();
            return Err(last + &self.failed(&format!("the build exited with status {status}")));
        }
        fs::write(self.folder.join(COMPLETE), "").map_err(failed)?;
        tracing::info!("app {app}: the packages of requirements.txt are installed");
        Ok(())
    }

    fn failed(&self, reason: &str) -> String {
        format!("The packages of requirements.txt could not be installed: {reason}.\n")
    }
}

/// The build is the caller's own work on the caller's machine, with the settings of pip and proxies, not a dyno's. But
/// the emulator's key is nobody else's.
fn variables(environment: &Path) -> BTreeMap<String, String> {
    let of_caller = std::env::vars_os().filter_map(|(name, value)| {
        let name =
            name.into_string().ok().filter(|name| name != "HEROKU_API_KEY" && !name.starts_with("PYTHON"))?;
        Some((name, value.into_string().ok()?))
    });
    let mut variables: BTreeMap<String, String> = of_caller.collect();
    variables.insert("VENV".to_owned(), environment.to_string_lossy().into_owned());
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_of_the_app_s_folder_are_those_of_its_content() {
        assert_eq!(key("six\n", 1), key("six\n", 2));
        assert_ne!(key("six\n", 1), key("six==1\n", 1));
        for line in
            ["-r more.txt", " -c limits.txt", "-e .", "./package", ".", "--requirement x", "file:///x"]
        {
            let requirements = format!("six\n{line}\n");
            assert_ne!(key(&requirements, 1), key(&requirements, 2), "{line}");
        }
        let elsewhere = "--find-links /wheels\nsix\n";
        assert_eq!(key(elsewhere, 1), key(elsewhere, 2));
    }
}
