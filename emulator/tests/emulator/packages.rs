//! The packages of Python apps. Nothing here needs a network: the packages are in folders.

use std::fs;

use serde_json::json;

use crate::support::{APP, Emulator, Folder, KEY, command};
#[cfg(target_os = "linux")]
use crate::support::{eventually, processes_with};

/// Builds with nothing but the standard library, so that pip needs no build requirements.
const BACKEND: &str = r#"
import os, zipfile

def get_requires_for_build_wheel(config_settings=None):
    return []

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "greeting-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.write("greeting.py")
        wheel.writestr("greeting-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1\n")
        wheel.writestr("greeting-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("greeting-1.dist-info/RECORD", "")
    return name
"#;

const PROJECT: &str = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n\
                       [project]\nname = \"greeting\"\nversion = \"1\"\n";

/// An app whose function needs the package in its folder `greeting`.
fn app(requirements: &str) -> Folder {
    let app = Folder::new()
        .with("Procfile", "greet: python greet.py\n")
        .with("greet.py", "import greeting\nprint(greeting.WORD)\n")
        .with("requirements.txt", requirements);
    fs::create_dir(app.path().join("greeting")).unwrap();
    app.with("greeting/pyproject.toml", PROJECT)
        .with("greeting/backend.py", BACKEND)
        .with("greeting/greeting.py", "WORD = \"Hello\"\n")
}

/// An emulator that keeps packages in `cache`.
fn start(app: &Folder, cache: &Folder) -> Emulator {
    let mut command = command();
    command.args(["--app", APP, "--key", KEY, "--source"]).arg(app.path());
    command.env("XDG_CACHE_HOME", cache.path()).env("HOME", cache.path());
    Emulator::spawn(command)
}

#[test]
fn packages_are_installed_once_and_kept() {
    let (app, cache) = (app("# ours\n--no-index\n./greeting\n"), Folder::new());
    for first in [true, false] {
        let emulator = start(&app, &cache);
        // Both at once: one of them makes it.
        let dynos = ["greet", "greet"].map(|command| emulator.run(command));
        for dyno in dynos {
            assert_eq!(emulator.result_of(&dyno), ("Hello\n".to_owned(), 0));
        }
        emulator.signal(rustix::process::Signal::TERM);
        let (_, log) = emulator.ended();
        let installed = log.matches("installing the packages of requirements.txt").count();
        assert_eq!(installed, usize::from(first), "{log}");
        // The progress.
        assert_eq!(log.contains("Successfully installed greeting-1"), first, "{log}");
    }
    // Nothing was written into the folder itself.
    assert_eq!(fs::read_dir(app.path().join("greeting")).unwrap().count(), 3);
}

#[test]
fn other_requirements_have_other_packages() {
    let (app, cache) = (app("--no-index\n./greeting\n"), Folder::new());
    let emulator = start(&app, &cache);
    let dyno = emulator.run("greet");
    assert_eq!(emulator.result_of(&dyno).0, "Hello\n");
    let app = app.with("greeting/greeting.py", "WORD = \"Bye\"\n");
    let dyno = emulator.run("greet");
    assert_eq!(emulator.result_of(&dyno).0, "Bye\n");
    let _app = app.with("requirements.txt", "");
    let dyno = emulator.run("greet");
    let (output, status) = emulator.result_of(&dyno);
    assert!(status == 1 && output.contains("ImportError") || output.contains("AttributeError"), "{output}");
}

#[test]
fn packages_that_cannot_be_had_are_told_in_the_dyno_s_log() {
    let (app, cache) = (app("--no-index\nno-such-package-anywhere\n"), Folder::new());
    let emulator = start(&app, &cache);
    let dyno = emulator.run("greet");
    let (output, status) = emulator.result_of(&dyno);
    assert_eq!(status, 1);
    assert!(output.contains("No matching distribution found for no-such-package-anywhere"), "{output}");
    assert!(output.ends_with("could not be installed: the build exited with status 1.\n"), "{output}");
}

#[test]
fn requirements_that_name_nothing_make_no_environment() {
    let (app, cache) = (Folder::new().with("requirements.txt", "\n# none\n"), Folder::new());
    let emulator = start(&app, &cache);
    let dyno = emulator.run("echo ready");
    assert_eq!(emulator.result_of(&dyno), ("ready\n".to_owned(), 0));
    assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_dyno_that_waits_for_packages_can_be_stopped() {
    let (app, cache) = (app("--no-index\n./greeting\n"), Folder::new());
    let emulator = start(&app, &cache);
    let dyno = emulator.run("greet");
    let mut stream = emulator.stream(&json!({"dyno": dyno, "lines": 1500, "tail": true}));
    stream.line_ending_with("Installing the packages of requirements.txt first");
    let building = || !processes_with(&format!("VENV={}", cache.path().display())).is_empty();
    eventually("they are being installed", building);
    emulator.stop(&dyno);
    stream.line_ending_with("Process exited with status 143");
    stream.line_ending_with("State changed from starting to complete");
    eventually("nothing installs any more", || !building());
}
