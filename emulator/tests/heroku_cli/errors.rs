//! What goes wrong is told in the command line's own words.

use crate::cli::{Cli, Output};
use crate::support::{APP, Emulator};

/// The error without its frame and line breaks, and the exit status.
fn error(output: &Output) -> (Option<i32>, String) {
    let words: Vec<&str> = output.stderr.split_whitespace().filter(|word| *word != "›").collect();
    (output.code, words.join(" "))
}

#[test]
fn what_does_not_exist_is_an_error() {
    let emulator = Emulator::start();
    let Some(cli) = Cli::of(&emulator) else { return };
    for (arguments, message) in [
        (&["ps", "--app", "other"][..], "Error: Couldn't find that app. Error ID: not_found"),
        (&["apps:info", "--app", "other"], "Error: Couldn't find that app. Error ID: not_found"),
        (&["logs", "--app", "other"], "Error: Couldn't find that app. Error ID: not_found"),
        (
            &["ps:stop", "--dyno-name", "run.1", "--app", APP],
            "Error: Couldn't find that dyno. Error ID: not_found",
        ),
        (
            &["run:detached", "--size", "huge", "--app", APP, "serverless"],
            "Error: No such size as huge. Available dyno sizes are Eco, Basic, Standard-1X, Standard-2X, \
             Performance-M, Performance-L, Performance-L-RAM, Performance-XL, Performance-2XL. Error ID: \
             invalid_params",
        ),
    ] {
        let (code, told) = error(&cli.run(arguments));
        assert_eq!(code, Some(2), "{arguments:?}: {told}");
        assert!(told.contains(message), "{arguments:?}: {told}");
    }
}

#[test]
fn a_wrong_key_is_an_error() {
    let emulator = Emulator::start();
    let Some(cli) = Cli::of(&emulator) else { return };
    let cli = cli.with_key("HRKU-wrong");
    let (code, told) = error(&cli.run(&["ps", "--app", APP]));
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("Error: The token provided to HEROKU_API_KEY is invalid."), "{told}");
    let (code, told) = error(&cli.run(&["auth:whoami"]));
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("Error: Invalid credentials provided. Error ID: unauthorized"), "{told}");
}

#[test]
fn the_rate_limit_is_an_error() {
    let emulator = Emulator::start_with(&["--rate-limit", "0"]);
    let Some(cli) = Cli::of(&emulator) else { return };
    let (code, told) = error(&cli.run(&["config", "--app", APP]));
    assert_eq!(code, Some(2), "{told}");
    assert!(
        told.contains("Error: Your account reached the API rate limit Please wait a few minutes"),
        "{told}"
    );
}
