//! Several runs at once: each has its own lines, and the page's four streams are enough for all of them.

use std::collections::BTreeSet;

use serde_json::json;

use crate::harness::{APP, App, Emulator, Gate, Page, copy_of_dist};

/// Starts a further run, and waits until it has a dyno.
async fn start(page: &Page, count: usize) {
    page.run().await;
    page.until(&format!("run {count} has a dyno"), async || match page.runs().await {
        runs if runs.len() == count && ["starting", "up"].contains(&&*runs[count - 1].state) => Ok(()),
        runs => Err(format!("{runs:?}")),
    })
    .await;
}

async fn all_end(page: &Page) {
    page.until("all runs have ended", async || match page.runs().await {
        runs if runs.iter().all(|run| run.state == "ended") => Ok(()),
        runs => Err(format!("{runs:?}")),
    })
    .await;
}

#[tokio::test]
async fn eight_runs_at_once_are_each_complete_and_unmixed() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    let print = "for i in $(seq 200); do echo $NAME $i; sleep 0.01; done";
    page.fill("command", &format!("echo $NAME begins; {}; {print}", gate.wait())).await;
    for run in 1..=8 {
        page.fill("NAME", &format!("run{run}")).await;
        start(&page, run).await;
    }
    assert_eq!(emulator.open_streams().await, 4);
    gate.open();
    all_end(&page).await;

    let mut dynos = BTreeSet::new();
    for run in 1..=8 {
        page.select_run(&run.to_string()).await;
        page.shows_line("State changed from up to complete").await;
        let lines: Vec<String> = (1..=200).map(|i| format!("run{run} {i}")).collect();
        assert_eq!(page.result().await, format!("run{run} begins\n{}", lines.join("\n")));
        assert_eq!(page.log_size().await, (201 + 4, 0), "run {run}");
        let name =
            page.script("return document.querySelector('[aria-selected=true] .tab__name').textContent");
        dynos.insert(name.await.as_str().expect("a name").to_owned());
    }
    assert_eq!(dynos.len(), 8);
    assert!(page.runs().await.iter().all(|run| run.exit_status.as_deref() == Some("0")));
    let calls = emulator.api_calls();
    let count = |call: String| calls.iter().filter(|it| **it == call).count();
    assert_eq!(count(format!("POST /apps/{APP}/dynos")), 8);
    assert_eq!(count(format!("POST /apps/{APP}/log-sessions")), 4);
    assert_eq!(count(format!("GET /apps/{APP}")), 1);
}

#[tokio::test]
async fn a_cut_of_all_streams_mixes_nothing() {
    let (gate, rest) = (Gate::closed(), Gate::closed());
    let timings = ["--timings", "shortest_pause=20 longest_pause=100 stable=50"];
    let emulator = Emulator::start_with_arguments(App::empty(), &timings).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    let print = |from, to| format!("for i in $(seq {from} {to}); do echo $NAME $i; done");
    let command = format!("{}; {}; {}; {}", gate.wait(), print(1, 50), rest.wait(), print(51, 100));
    page.fill("command", &command).await;
    for run in 1..=5 {
        page.fill("NAME", &format!("run{run}")).await;
        start(&page, run).await;
    }
    gate.open();
    for run in 1..=5 {
        page.select_run(&run.to_string()).await;
        page.shows_line(&format!("run{run} 50")).await;
    }
    assert_eq!(emulator.fault_streams(json!({"cut": {}})).await, 4);
    rest.open();
    all_end(&page).await;
    for run in 1..=5 {
        page.select_run(&run.to_string()).await;
        page.shows_line("State changed from up to complete").await;
        let lines: Vec<String> = (1..=100).map(|i| format!("run{run} {i}")).collect();
        assert_eq!(page.result().await, lines.join("\n"));
        assert_eq!(page.log_size().await, (100 + 4, 0), "run {run}");
    }
}

#[tokio::test]
async fn a_flood_beside_a_quiet_run_leaves_both_complete() {
    let gate = Gate::closed();
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    let quiet = format!("for i in $(seq 100); do echo quiet $i; sleep 0.02; done; {}", gate.wait());
    page.fill("command", &quiet).await;
    start(&page, 1).await;
    page.fill("command", "sleep 0.5; seq -f %06.0f 200000").await;
    start(&page, 2).await;
    page.until("the flood has ended", async || match page.runs().await {
        runs if runs[1].state == "ended" => Ok(()),
        runs => Err(format!("{runs:?}")),
    })
    .await;
    page.shows_line("State changed from up to complete").await;
    assert_eq!(page.log_size().await, (200_000 + 4, 0));
    let whole = page.whole_result().await;
    assert!(whole.lines().eq((1..=200_000).map(|i| format!("{i:06}"))), "{} lines", whole.lines().count());
    gate.open();
    all_end(&page).await;
    page.select_run("1").await;
    page.shows_line("State changed from up to complete").await;
    let lines: Vec<String> = (1..=100).map(|i| format!("quiet {i}")).collect();
    assert_eq!(page.result().await, lines.join("\n"));
    assert_eq!(page.log_size().await, (100 + 4, 0));
}

/// In Firefox a page that waits for a synchronous request goes on with its streams, so it cannot be made to stand still.
mod chromium_only {
    use super::*;

    #[tokio::test]
    async fn stop_leaves_before_the_lines_that_wait_are_read() {
        // 64 MB, with what the log puts before each line.
        const LINES: u64 = 640_000;
        let (gate, printed) = (Gate::closed(), Gate::closed());
        let folder = copy_of_dist();
        let emulator = Emulator::start_with_page(App::empty(), folder.path()).await;
        let page = Page::open(&emulator.page).await;
        let print = format!("yes {} | head -n {LINES}", "x".repeat(50));
        let command = format!("echo ready; {}; {print}; {}; exec sleep 600", gate.wait(), printed.opening());
        page.run_command(&command).await;
        page.shows_line("ready").await;

        // The page stands still until the server tells that all is printed. Then Stop is clicked, as soon as a person could.
        let script = "const lines = () => Number(
                document.querySelector('footer[data-run-state]').innerText.match(/([^·]*) lines/)[1].replace(/\\D/g, ''));
            const { fetch } = window;
            window.fetch = (...request) => {
                const url = request[0].url ?? String(request[0]);
                if (url.endsWith('/actions/stop')) window.linesAtStop = lines();
                return fetch(...request);
            };
            const stop = [...document.querySelectorAll('button')].find((button) => button.innerText === 'Stop');
            const isThere = (file) => {
                const request = new XMLHttpRequest();
                request.open('GET', `${file}?${Math.random()}`, false);
                request.send();
                return request.status === 200;
            };
            const polling = setInterval(() => {
                if (!isThere('stand.txt')) return;
                clearInterval(polling);
                while (!isThere('printed.txt')) {
                    for (const next = Date.now() + 50; Date.now() < next;);
                }
                setTimeout(() => stop.click());
            }, 20);
            return stop !== undefined";
        assert_eq!(page.script(script).await, json!(true));
        let tell =
            |file: &str| std::fs::write(folder.path().join(file), "yes").expect("a file beside the page");
        tell("stand.txt");
        gate.open();
        printed.opens().await;
        tell("printed.txt");

        let run = page.run_is("ended").await;
        assert_eq!((run.end.as_deref(), run.exit_status.as_deref()), (Some("stopped"), Some("143")));
        let at_stop = page.script("return linesAtStop").await.as_u64().expect("a number");
        assert!(at_stop < LINES / 2, "{at_stop} lines had been read");
        page.shows_line("Process exited with status 143").await;
        // Two lines of the platform before `ready`, and behind the output SIGTERM, the exit and the last state.
        assert_eq!(page.rows().await.pop().expect("a row").line, 3 + LINES + 3);
    }
}
