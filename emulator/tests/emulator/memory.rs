//! The memory of dynos: R14, R15, and what is counted.
#![cfg(target_os = "linux")]

use serde_json::json;

use crate::support::Emulator;

/// Holds so many MiB in so many processes that share them.
fn hold(mebibytes: u32, processes: u32, then: &str) -> String {
    let code = format!(
        "import os, time\nheld = b\"x\" * ({mebibytes} << 20)\nfor _ in range({processes} - 1):\n if os.fork() == 0: \
         time.sleep(600)\n{then}"
    );
    format!("python -c '{code}'")
}

#[test]
fn a_dyno_over_its_quota_is_told_and_one_far_over_it_is_killed() {
    let emulator = Emulator::start();
    let over = emulator.run(&hold(600, 1, "time.sleep(600)"));
    let mut stream = emulator.stream(&json!({"dyno": over, "lines": 1500, "tail": true}));
    let running = loop {
        let line = stream.line().unwrap();
        if let Some((_, used)) =
            line.split_once("heroku[").and_then(|(_, line)| line.split_once("]: Process running mem="))
        {
            break used.to_owned();
        }
    };
    let (mebibytes, percent) = running.split_once("M(").unwrap();
    let mebibytes: f64 = mebibytes.parse().unwrap();
    let percent: f64 = percent.strip_suffix("%)").unwrap().parse().unwrap();
    assert!((512.0..700.0).contains(&mebibytes) && (percent - mebibytes / 5.12).abs() < 0.3, "{running}");
    let error = stream.line().unwrap();
    assert!(error.ends_with(&format!(" heroku[{over}]: Error R14 (Memory quota exceeded)")), "{error}");
    assert!(emulator.is_alive(&over));
    emulator.stop(&over);

    let far_over = emulator.run(&hold(1100, 1, "time.sleep(600)"));
    let lines = emulator.lines_of(&far_over);
    let messages: Vec<&str> = lines.iter().map(|line| line.split_once("]: ").unwrap().1).collect();
    assert!(messages[messages.len() - 5].starts_with("Process running mem="), "{messages:?}");
    assert_eq!(
        messages[messages.len() - 4..],
        [
            "Error R15 (Memory quota vastly exceeded)",
            "Stopping process with SIGKILL",
            "Process exited with status 137",
            "State changed from up to complete"
        ]
    );
}

#[test]
fn the_quota_is_that_of_the_dyno_s_size() {
    let emulator = Emulator::start();
    let command = hold(600, 1, "time.sleep(3)");
    let dyno = emulator.run_with(json!({"command": command, "size": "Standard-2X"}));
    let lines = emulator.lines_of(&dyno);
    assert!(!lines.iter().any(|line| line.contains("R14")), "{lines:?}");
}

#[test]
fn all_processes_of_a_dyno_count_and_what_they_share_counts_once() {
    let emulator = Emulator::start();
    let sharing = emulator.run(&hold(300, 5, "time.sleep(3)"));
    let separate = emulator.run(&format!("setsid {hold} & {hold}", hold = hold(300, 1, "time.sleep(600)")));
    let mut stream = emulator.stream(&json!({"dyno": separate, "lines": 1500, "tail": true}));
    stream.line_ending_with("Error R14 (Memory quota exceeded)");
    emulator.stop(&separate);
    let lines = emulator.lines_of(&sharing);
    assert!(!lines.iter().any(|line| line.contains("Error R1")), "{lines:?}");
}
