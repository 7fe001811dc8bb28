//! App folders: what a function is made of, and the gate that it can be made to wait at.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

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

/// A file that a function waits for: the test decides when the function goes on.
pub(crate) struct Gate(TempDir);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    /// A shell command that ends when the gate is open.
    pub(crate) fn wait(&self) -> String {
        format!("until [ -e {} ]; do sleep 0.01; done", self.file().display())
    }

    pub(crate) fn open(&self) {
        std::fs::write(self.file(), "").expect("a file in a temporary folder");
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("open")
    }
}
