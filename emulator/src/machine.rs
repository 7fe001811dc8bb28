//! What all apps have in common: how dynos are run on this machine.

use std::path::PathBuf;
use std::time::Duration;

use crate::dyno::DynoLog;
use crate::environment::Environment;
use crate::folder::Folder;
use crate::keeper::{self, Keeper};
#[cfg(target_os = "linux")]
use crate::memory::Sampler;
use crate::packages::Packages;
use crate::sizes::Size;

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
    pub(crate) packages: Packages,
    #[cfg(target_os = "linux")]
    memory: Sampler,
    /// Kept for its `Drop`.
    _keeper: Keeper,
}

impl Machine {
    /// Prepares this machine for dynos, on a tokio runtime.
    pub(crate) fn new(supervisor: PathBuf, stop_grace: Duration) -> std::io::Result<Self> {
        // Without links in it: a dyno sees its HOME and its working directory under one name.
        let temporary = std::env::temp_dir().canonicalize()?;
        let folder = Folder::with_name(&temporary, &keeper::new_name())?;
        let keeper = Keeper::start(&supervisor, folder.path())?;
        let environment = Environment::of_this_process(folder.path())?;
        Ok(Self {
            environment,
            stop_grace,
            supervisor,
            folder,
            packages: Packages::default(),
            #[cfg(target_os = "linux")]
            memory: Sampler::start(),
            _keeper: keeper,
        })
    }

    /// Waits until the processes below `supervisor` use so much memory that they have to be killed, and writes into
    /// `log` what the platform writes about their memory. Never returns where that is not known.
    #[cfg(target_os = "linux")]
    pub(crate) async fn memory_exceeded(&self, supervisor: Option<i32>, size: &Size, log: &DynoLog) {
        match supervisor {
            Some(supervisor) => {
                self.memory.watch(supervisor, size.memory_bytes(), |line| log.platform(line)).await;
            }
            None => std::future::pending().await,
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) async fn memory_exceeded(&self, _supervisor: Option<i32>, _size: &Size, _log: &DynoLog) {
        std::future::pending().await
    }
}
