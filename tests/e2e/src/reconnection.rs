//! Streams that break, expire or fall silent: every line is there once, and a mark stands only where lines are missing.

use serde_json::{Value, json};

use crate::harness::{APP, App, Emulator, Gate, Page};

/// Pauses so short that a test need not wait for them.
const QUICK: &str = "shortest_pause=20 longest_pause=100 stable=50";

/// Lines of the platform in the log of a run: two before what the function prints, and two behind it.
const PLATFORM_LINES: u64 = 4;

/// A function that prints so many numbers, so many of them a second.
fn numbers(count: u64, per_second: u64) -> App {
    App::python(&format!(
        "import time
start = time.monotonic()
for number in range(1, {count} + 1):
    print(f'{{number:05}}')
    time.sleep(max(0, start + number / {per_second} - time.monotonic()))
"
    ))
}

fn numbers_to(count: u64) -> String {
    (1..=count).map(|number| format!("{number:05}")).collect::<Vec<_>>().join("\n")
}

async fn run_on(emulator: &Emulator) -> Page {
    let page = Page::open(&emulator.page).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    page
}

/// Waits for the end, and checks that all numbers are there once, and no mark.
async fn ends_whole(page: &Page, count: u64) {
    let run = page.run_is("ended").await;
    assert_eq!((run.exit_status.as_deref(), run.end.as_deref()), (Some("0"), Some("exited")));
    let whole = page.whole_result().await;
    assert!(whole == numbers_to(count), "{} of {} lines:\n{whole}", whole.lines().count(), count);
    page.has_lines(count + PLATFORM_LINES).await;
    assert_eq!(page.log_size().await, (count + PLATFORM_LINES, 0));
    assert_eq!(page.errors().await, [""; 0]);
}

/// Cuts the streams that are open, or those that will be.
async fn cut(page: &Page, emulator: &Emulator, cut: &Value) {
    page.until("a stream that can be cut", async || {
        match emulator.fault_streams(json!({ "cut": cut })).await {
            0 => Err("none is open".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
}

fn calls(emulator: &Emulator, call: &str) -> usize {
    emulator.api_calls().iter().filter(|it| *it == call).count()
}

fn sessions(emulator: &Emulator) -> usize {
    calls(emulator, &format!("POST /apps/{APP}/log-sessions"))
}

/// Lets the page note the states that its run goes through.
async fn note_states(page: &Page) {
    let script = "window.states = [];
        new MutationObserver(() => {
            const state = document.querySelector('[role=tab]')?.dataset.runState;
            if (state && states.at(-1) !== state) states.push(state);
        }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-run-state'] })";
    page.script(script).await;
}

/// Cuts a run that prints so many lines, so many of them a second, twenty times.
async fn survives_twenty_cuts(lines: u64, per_second: u64) {
    let emulator = Emulator::start_with_arguments(numbers(lines, per_second), &["--timings", QUICK]).await;
    let page = run_on(&emulator).await;
    let kinds = [json!({}), json!({"clean": true}), json!({"after_bytes": 777})];
    for (count, kind) in (1..=20).zip(kinds.iter().cycle()) {
        page.has_lines(count * (lines / 22)).await;
        cut(&page, &emulator, kind).await;
    }
    ends_whole(&page, lines).await;
    // Two cuts may meet the same stream.
    assert!(sessions(&emulator) > 10, "{} sessions", sessions(&emulator));
}

#[tokio::test]
async fn twenty_cuts_lose_nothing_and_repeat_nothing() {
    // The history reaches back four seconds.
    survives_twenty_cuts(3_600, 360).await;
}

#[tokio::test]
async fn a_cut_that_outlasts_the_history_leaves_one_mark() {
    let (second, printed, third) = (Gate::closed(), Gate::closed(), Gate::closed());
    let emulator = Emulator::start_with_arguments(App::empty(), &["--history", "100"]).await;
    let page = Page::open(&emulator.page).await;
    let command = format!(
        "seq -f %05.0f 1 50; {}; seq -f %05.0f 51 500; {}; {}; seq -f %05.0f 501 600",
        second.wait(),
        printed.opening(),
        third.wait()
    );
    page.run_command(&command).await;
    let last = page.shows_line("00050").await.line;
    emulator.fault(json!({"path": "/apps/*/log-sessions", "answer": {"status": 503}})).await;
    cut(&page, &emulator, &json!({})).await;
    page.run_is("reconnecting").await;
    page.shows_text("Reconnecting").await;
    second.open();
    printed.opens().await;
    emulator.clear_faults().await;
    page.run_is("up").await;
    third.open();
    page.run_is("ended").await;

    let result = page.whole_result().await;
    let expected = [1..=50, 401..=600].into_iter().flatten();
    let expected: Vec<String> = expected.map(|number| format!("{number:05}")).collect();
    assert_eq!(result.lines().collect::<Vec<_>>(), expected);
    page.shows_line("State changed from up to complete").await;
    assert_eq!(page.log_size().await, (250 + PLATFORM_LINES, 1));
    page.script("document.querySelector('[role=log]').scrollTop = 900").await;
    let marks = page
        .until("the mark", async || match page.marks().await {
            marks if marks.is_empty() => Err("none".to_owned()),
            marks => Ok(marks),
        })
        .await;
    let [(words, before, behind)] = &marks[..] else { panic!("not one mark: {marks:?}") };
    assert!(words.contains("missing") && words.contains("history"), "{words}");
    assert_eq!((*before, *behind), (last, last + 1));
}

#[tokio::test]
async fn sessions_that_expire_are_replaced() {
    for open_streams in ["end", "cut"] {
        let arguments = ["--timings", QUICK, "--session-used", "0.7", "--open-streams", open_streams];
        let emulator = Emulator::start_with_arguments(numbers(1_200, 300), &arguments).await;
        let page = run_on(&emulator).await;
        ends_whole(&page, 1_200).await;
        assert!(sessions(&emulator) > 3, "{open_streams}: {} sessions", sessions(&emulator));
    }
}

#[tokio::test]
async fn sessions_are_replaced_before_they_expire_without_a_word() {
    let timings = "session_age=500 handover=50 rotation_pause=50";
    let arguments = ["--timings", timings, "--session-used", "20", "--open-streams", "silence"];
    let emulator = Emulator::start_with_arguments(numbers(1_200, 300), &arguments).await;
    let page = Page::open(&emulator.page).await;
    note_states(&page).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    ends_whole(&page, 1_200).await;
    assert!(sessions(&emulator) > 3, "{} sessions", sessions(&emulator));
    let states = page.script("return states").await;
    assert!(!states.to_string().contains("reconnecting"), "{states}");
}

#[tokio::test]
async fn a_session_that_has_expired_before_it_is_read_is_replaced() {
    for status in [403, 404, 410] {
        let emulator = Emulator::start_with_arguments(numbers(20, 100), &["--timings", QUICK]).await;
        let session = json!({"unused_ms": 0, "expired_status": status});
        emulator.fault(json!({"session": session, "times": 2})).await;
        let page = run_on(&emulator).await;
        ends_whole(&page, 20).await;
        assert_eq!(sessions(&emulator), 3, "{status}");
    }
}

#[tokio::test]
async fn a_stream_whose_heartbeats_stop_is_replaced_without_a_question() {
    let program = "import time
print('00001')
time.sleep(2)
for number in range(2, 301):
    print(f'{number:05}')
    time.sleep(0.005)
";
    let timings = format!("{QUICK} stream_silence=1500");
    let arguments = ["--timings", &timings, "--heartbeat", "0.2"];
    let emulator = Emulator::start_with_arguments(App::python(program), &arguments).await;
    let silence = json!({"after_lines": 100, "heartbeats": false});
    emulator.fault(json!({"stream": {"silence": silence}, "times": 1})).await;
    let page = Page::open(&emulator.page).await;
    note_states(&page).await;
    page.fill_in_app_and_key().await;
    page.run().await;
    ends_whole(&page, 300).await;
    let states = page.script("return states").await;
    assert!(states.to_string().contains("reconnecting"), "{states}");
    let asks = |call: &String| call.starts_with(&format!("GET /apps/{APP}/dynos/"));
    assert!(!emulator.api_calls().iter().any(asks), "{:?}", emulator.api_calls());
}

#[tokio::test]
async fn without_heartbeats_the_dyno_is_asked_before_a_silent_stream_is_replaced() {
    let timings = format!("{QUICK} silence=300 stream_silence=500");
    let arguments = ["--timings", &timings, "--heartbeat", "0"];
    let emulator = Emulator::start_with_arguments(numbers(800, 200), &arguments).await;
    emulator.fault(json!({"stream": {"silence": {"after_lines": 100}}, "times": 1})).await;
    let page = run_on(&emulator).await;
    ends_whole(&page, 800).await;
    let calls = emulator.api_calls();
    let asked = calls.iter().position(|call| call.starts_with(&format!("GET /apps/{APP}/dynos/")));
    let replaced = calls.iter().rposition(|call| *call == format!("POST /apps/{APP}/log-sessions"));
    assert!(asked.is_some() && asked < replaced, "{calls:?}");
}

#[tokio::test]
async fn lines_that_heroku_drops_leave_one_mark_with_their_number() {
    let emulator = Emulator::start(numbers(200, 200)).await;
    // Two lines of the platform come first.
    emulator.fault(json!({"stream": {"lose": {"after_lines": 52, "lines": 30}}, "times": 1})).await;
    let page = run_on(&emulator).await;
    page.run_is("ended").await;
    let expected = (1..=50).chain(81..=200).map(|number| format!("{number:05}"));
    assert_eq!(page.result().await.lines().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    page.shows_text("L11").await;
    page.shows_line("State changed from up to complete").await;
    // The log system's own line is one, too.
    assert_eq!(page.log_size().await, (170 + PLATFORM_LINES + 1, 1));
    page.script("document.querySelector('[role=log]').scrollTop = 900").await;
    let marks = page
        .until("the mark", async || match page.marks().await {
            marks if marks.is_empty() => Err("none".to_owned()),
            marks => Ok(marks),
        })
        .await;
    assert!(marks.len() == 1 && marks[0].0.starts_with("30 lines are missing here"), "{marks:?}");
    page.shows_text("Lines may be missing: the log has marks where.").await;
}

#[tokio::test]
async fn a_person_who_is_asked_tries_again_and_everything_is_kept() {
    let gate = Gate::closed();
    let emulator = Emulator::start_with_arguments(App::empty(), &["--timings", QUICK]).await;
    let page = Page::open(&emulator.page).await;
    page.run_command(&format!("echo begun; {}; echo done", gate.wait())).await;
    page.shows_line("begun").await;
    emulator.fault(json!({"path": "/apps/*/log-sessions", "answer": {"status": 503}})).await;
    cut(&page, &emulator, &json!({})).await;
    page.shows_error("http_503").await;
    // The first one and five in a row.
    assert_eq!(sessions(&emulator), 6);
    page.shows_line("begun").await;
    emulator.clear_faults().await;
    page.click("Try again").await;
    page.run_is("up").await;
    assert_eq!(page.errors().await, [""; 0]);
    gate.open();
    assert_eq!(page.ends().await, (Some("0".to_owned()), "begun\ndone".to_owned()));
    assert_eq!(page.log_size().await, (2 + PLATFORM_LINES, 0));
}

#[tokio::test]
async fn an_exit_that_comes_while_the_stream_is_replaced_is_read_from_the_history() {
    let (gate, printed) = (Gate::closed(), Gate::closed());
    let emulator = Emulator::start(App::empty()).await;
    let page = Page::open(&emulator.page).await;
    let command = format!("echo begun; {}; echo done; {}; exit 3", gate.wait(), printed.opening());
    page.run_command(&command).await;
    page.shows_line("begun").await;
    emulator.fault(json!({"path": "/apps/*/log-sessions", "answer": {"status": 503}})).await;
    cut(&page, &emulator, &json!({})).await;
    page.run_is("reconnecting").await;
    gate.open();
    printed.opens().await;
    emulator.clear_faults().await;
    assert_eq!(page.ends().await, (Some("3".to_owned()), "begun\ndone".to_owned()));
    assert_eq!(page.run_is("ended").await.end.as_deref(), Some("exited"));
}

mod chromium_only {
    use super::*;
    use crate::harness::KEY;

    async fn set_offline(page: &Page, offline: bool) {
        let conditions =
            json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        page.browser.devtools("Network.emulateNetworkConditions", conditions).await;
    }

    /// The history reaches back one second and a half.
    #[tokio::test]
    async fn twenty_cuts_of_a_fast_run_lose_nothing_and_repeat_nothing() {
        survives_twenty_cuts(50_000, 1_000).await;
    }

    #[tokio::test]
    async fn a_network_that_comes_back_brings_the_missing_lines() {
        let (second, third) = (Gate::closed(), Gate::closed());
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        let command = format!(
            "seq -f %05.0f 1 50; {}; seq -f %05.0f 51 500; {}; seq -f %05.0f 501 550",
            second.wait(),
            third.wait()
        );
        page.run_command(&command).await;
        page.shows_line("00050").await;
        set_offline(&page, true).await;
        cut(&page, &emulator, &json!({})).await;
        page.run_is("reconnecting").await;
        second.open();
        // All attempts are used up before the network is back.
        page.shows_error("offline").await;
        set_offline(&page, false).await;
        page.shows_line("00500").await;
        page.run_is("up").await;
        third.open();
        ends_whole(&page, 550).await;
        assert_eq!(calls(&emulator, &format!("POST /apps/{APP}/dynos")), 1);
    }

    #[tokio::test]
    async fn a_hidden_tab_reconnects_too() {
        let gate = Gate::closed();
        let emulator = Emulator::start_with_arguments(App::empty(), &["--timings", QUICK]).await;
        let page = Page::open(&emulator.page).await;
        let command = format!("seq -f %05.0f 1 50; {}; seq -f %05.0f 51 500", gate.wait());
        page.run_command(&command).await;
        page.shows_line("00050").await;
        // The driver lets every page believe that it has the focus.
        page.browser.devtools("Emulation.setFocusEmulationEnabled", json!({ "enabled": false })).await;
        page.browser.client.minimize_window().await.expect("a window without a view");
        page.until("the page is hidden", async || {
            match page.script("return document.visibilityState").await {
                Value::String(state) if state == "hidden" => Ok(()),
                state => Err(state.to_string()),
            }
        })
        .await;
        cut(&page, &emulator, &json!({})).await;
        gate.open();
        page.run_is("ended").await;
        page.browser.client.set_window_size(1280, 900).await.expect("a window with a view");
        ends_whole(&page, 500).await;
        assert_eq!(sessions(&emulator), 2);
    }

    #[tokio::test]
    async fn a_key_that_is_revoked_is_replaced_by_the_next_one_that_is_typed() {
        let gate = Gate::closed();
        let emulator = Emulator::start(App::empty()).await;
        let page = Page::open(&emulator.page).await;
        page.run_command(&format!("echo begun; {}; echo done", gate.wait())).await;
        page.shows_line("begun").await;
        let body = json!({"id": "unauthorized", "message": "Invalid credentials provided."});
        emulator.fault(json!({"path": "/apps/**", "answer": {"status": 401, "body": body}})).await;
        cut(&page, &emulator, &json!({})).await;
        page.shows_error("unauthorized").await;
        assert_eq!(page.field_error("api_key").await.as_deref(), Some("unauthorized"));
        // Waiting would not help, so a person is asked at once.
        assert_eq!(sessions(&emulator), 2);

        page.fill("api_key", "HRKU-other").await;
        page.click("Try again").await;
        page.until("a third session was asked for", async || match sessions(&emulator) {
            3 => Ok(()),
            count => Err(count.to_string()),
        })
        .await;
        page.shows_error("unauthorized").await;
        emulator.clear_faults().await;
        page.fill("api_key", KEY).await;
        page.click("Try again").await;
        page.run_is("up").await;
        gate.open();
        assert_eq!(page.ends().await, (Some("0".to_owned()), "begun\ndone".to_owned()));
        assert_eq!(page.log_size().await, (2 + PLATFORM_LINES, 0));

        let requests = page.requests().await;
        let keys: Vec<&str> = requests
            .iter()
            .filter(|request| !request.is_preflight() && request.url.ends_with("/log-sessions"))
            .filter_map(|request| request.headers.get("authorization").map(String::as_str))
            .collect();
        let bearer = format!("Bearer {KEY}");
        assert_eq!(keys, [&*bearer, &*bearer, "Bearer HRKU-other", &*bearer]);
    }
}
