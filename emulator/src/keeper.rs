//! The process that outlives the emulator for as long as it takes to remove the emulator's folder, should the emulator
//! be killed.
//!
//! It is the emulator's own binary, started with [`ARGUMENT`]. Its stdin names the folder in one line, and ends when the
//! emulator is gone.

use std::ffi::OsStr;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::folder;

/// First argument of the binary when it is to be a keeper.
pub(crate) const ARGUMENT: &str = "keep-folder";

/// How the name of an emulator's folder begins; a UUID follows.
const PREFIX: &str = "heroku-emulator-";

/// How long dynos may take to be gone: until then some write into the folder.
const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(20);

/// A keeper that runs. It does its work when this is dropped.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// Its stdin is what it waits on.
    _child: Child,
}

impl Keeper {
    /// Starts `binary`, which has to be the emulator's, as a keeper of `folder`.
    pub(crate) fn start(binary: &Path, folder: &Path) -> io::Result<Self> {
        let mut child = Command::new(binary)
            .arg(ARGUMENT)
            .current_dir("/")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let stdin = child.stdin.as_mut().ok_or_else(|| io::Error::other("a process without pipes"))?;
        writeln!(stdin, "{}", folder.display())?;
        Ok(Self { _child: child })
    }
}

/// A name for a new emulator's folder.
pub(crate) fn new_name() -> String {
    format!("{PREFIX}{}", Uuid::new_v4())
}

/// Whether an emulator's folder has this name. Keepers remove no other.
pub(crate) fn is_name(name: &OsStr) -> bool {
    name.to_str().and_then(|name| Uuid::try_parse(name.strip_prefix(PREFIX)?).ok()).is_some()
}

/// The whole life of a keeper. Its exit code says only whether it was used as it is meant to be.
pub(crate) fn run() -> ExitCode {
    match keep() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn keep() -> io::Result<()> {
    // Away from the terminal: its Ctrl-C is for the emulator.
    rustix::process::setsid()?;
    let mut lines = io::stdin().lock().lines();
    let folder = PathBuf::from(lines.next().transpose()?.unwrap_or_default());
    if !folder.is_absolute() || !folder.file_name().is_some_and(is_name) {
        return Err(io::Error::other("no folder of an emulator"));
    }
    for line in lines {
        line?;
    }
    let start = Instant::now();
    loop {
        match folder::remove(&folder) {
            Err(_) if start.elapsed() < PATIENCE => std::thread::sleep(BETWEEN_ATTEMPTS),
            result => return result,
        }
    }
}
