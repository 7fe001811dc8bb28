//! What all apps have in common: how dynos are run on this machine.

use std::path::PathBuf;
use std::time::Duration;

use crate::environment::Environment;
use crate::folder::Folder;

/// The machine that dynos run on.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) environment: Environment,
    /// From SIGTERM to SIGKILL.
    pub(crate) stop_grace: Duration,
    /// The emulator's own binary.
    pub(crate) supervisor: PathBuf,
    /// Where slugs and the homes of dynos are.
    pub(crate) folder: Folder,
}

impl Machine {
    /// Prepares this machine for dynos.
    pub(crate) fn new(supervisor: PathBuf, stop_grace: Duration) -> std::io::Result<Self> {
        // Without links in it: a dyno sees its HOME and its working directory under one name.
        let temporary = std::env::temp_dir().canonicalize()?;
        let folder = Folder::with_name(&temporary, &format!("heroku-emulator-{}", uuid::Uuid::new_v4()))?;
        let environment = Environment::of_this_process(folder.path())?;
        Ok(Self { environment, stop_grace, supervisor, folder })
    }
}
