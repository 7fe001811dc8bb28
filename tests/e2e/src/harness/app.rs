//! App folders: what a function is made of, and the gate that it can be made to wait at.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::wait;

/// The source folder of an app.
pub(crate) enum App {
    /// The tutorial's function, as the repository has it.
    Tutorial,
    Temporary(TempDir),
}

impl App {
    /// An app without a Procfile: every command is a shell's.
    pub(crate) fn empty() -> Self {
        Self::Temporary(TempDir::new().expect("a temporary folder"))
    }

    /// An app whose process type `serverless` runs this program.
    pub(crate) fn python(program: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("Procfile"), "serverless: python function.py\n")
            .expect("a Procfile");
        std::fs::write(folder.path().join("function.py"), program).expect("a function");
        Self::Temporary(folder)
    }

    pub(crate) fn folder(&self) -> PathBuf {
        match self {
            Self::Tutorial => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../one-off-dyno"),
            Self::Temporary(folder) => folder.path().to_owned(),
        }
    }
}

/// A file that a function waits for, so that the test decides when it goes on; or the other way round.
pub(crate) struct Gate(TempDir);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    /// A shell command that ends when the gate is open.
    pub(crate) fn wait(&self) -> String {
        format!("until [ -e {} ]; do sleep 0.01; done", self.file().display())
    }

    /// A shell command that opens it: the test waits for the function.
    pub(crate) fn opening(&self) -> String {
        format!("touch {}", self.file().display())
    }

    /// Waits until it is open.
    pub(crate) async fn opens(&self) {
        let is_open = async || if self.file().exists() { Ok(()) } else { Err("it is closed".to_owned()) };
        wait(is_open).await.expect("the function opens the gate");
    }

    pub(crate) fn open(&self) {
        std::fs::write(self.file(), "").expect("a file in a temporary folder");
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("open")
    }
}
