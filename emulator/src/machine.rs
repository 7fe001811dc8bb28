//! What all apps have in common: how dynos are run on this machine.

use std::path::PathBuf;
use std::time::Duration;

use uuid::Uuid;

use crate::environment::Environment;
use crate::folder::Folder;
use crate::keeper::{self, Keeper};

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
    /// Kept for its `Drop`.
    _keeper: Keeper,
}

impl Machine {
    /// Prepares this machine for dynos.
    pub(crate) fn new(supervisor: PathBuf, stop_grace: Duration) -> std::io::Result<Self> {
        // Without links in it: a dyno sees its HOME and its working directory under one name.
        let temporary = std::env::temp_dir().canonicalize()?;
        let folder = Folder::with_name(&temporary, &format!("{}{}", keeper::PREFIX, Uuid::new_v4()))?;
        let keeper = Keeper::start(&supervisor, folder.path())?;
        let environment = Environment::of_this_process(folder.path())?;
        Ok(Self { environment, stop_grace, supervisor, folder, _keeper: keeper })
    }
}
