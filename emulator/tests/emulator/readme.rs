//! The README's curl commands, as they stand there.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{APP, Emulator, KEY};

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap()
}

/// The shell commands of the section about them, without the one that sets the variables.
fn commands() -> Vec<String> {
    let readme = readme();
    let (_, section) = readme.split_once("## The same without the page\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|block| block.split_once("```").unwrap().0);
    let (first, rest): (Vec<_>, Vec<_>) = blocks.partition(|block| block.starts_with("export HEROKU_API="));
    assert_eq!((first.len(), rest.len()), (1, 3), "{section}");
    rest.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_curl_commands_work_as_written() {
    let emulator = Emulator::start();
    let output = Command::new("bash")
        .args(["-eu", "-c", &commands().concat()])
        .env("HEROKU_API", format!("http://{}", emulator.api))
        .env("HEROKU_APP", APP)
        .env("HEROKU_API_KEY", KEY)
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{stdout}\n{stderr}", output.status);
    let mut lines = stdout.lines();
    let dyno = lines.next().unwrap();
    assert!(dyno.starts_with("run."), "{stdout}");
    assert!(stdout.contains(&format!(" app[{dyno}]: Hello Daniela!\n")), "{stdout}");
    assert!(stdout.contains(&format!(" heroku[{dyno}]: Process exited with status 0\n")), "{stdout}");
    // It may have ended before it is stopped.
    let last = lines.next_back().unwrap();
    assert!(last == "{}" || last.contains("\"not_found\""), "{stdout}");
    assert_eq!(stderr, "");
}

#[test]
fn the_faults_work_as_written() {
    let readme = readme();
    let (_, flags) = readme.split_once("heroku-emulator --fault '").unwrap();
    let (flags, _) = flags.split_once("'\n```").unwrap();
    let arguments: Vec<&str> = flags.split("' \\\n  --fault '").flat_map(|rule| ["--fault", rule]).collect();
    assert_eq!(arguments.len(), 4, "{flags}");
    let emulator = Emulator::start_with(&arguments);
    let rules = emulator.call("GET", "/emulator/faults", &Value::Null).json();
    assert_eq!((&rules[0]["delay_ms"], &rules[1]["times"]), (&json!(500), &json!(2)));
}
