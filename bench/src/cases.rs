//! What is measured besides floods: paced logs, keys and Stop while lines pour in, long lines, a hidden tab.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::browser::Browser;
use crate::page;
use crate::payload::{Body, NEEDLE, Random, output};
use crate::server::{Log, Servers};
use crate::trace;

/// The DevTools' number for the key.
const CONTROL: u8 = 2;

/// Between two keys that are pressed in a flood.
const KEY_PAUSE: Duration = Duration::from_millis(30);

/// From the click on "Run function" until the first line was painted, in milliseconds.
pub(crate) fn first_line(browser: &mut Browser, servers: &Servers) -> Result<f64> {
    servers.bring(Log::Paced { lines_a_second: 100, duration: Duration::from_secs(1) });
    page::open(browser, servers)?;
    page::click_run(browser)?;
    let painted = browser.evaluate("probe.hasLine(1)")?.as_f64().context("a time")?;
    let clicked = *page::seen(browser)?.clicks.first().context("no click was seen")?;
    page::wait_for_end(browser)?;
    Ok(painted - clicked)
}

/// For each line of a paced log, from when the server sent it until it was painted, in milliseconds.
pub(crate) fn ages(
    browser: &mut Browser,
    servers: &Servers,
    lines_a_second: u32,
    duration: Duration,
) -> Result<Vec<f64>> {
    servers.bring(Log::Paced { lines_a_second, duration });
    page::open(browser, servers)?;
    page::click_run(browser)?;
    page::wait_for_end(browser)?;
    let lines = servers.notes().sent.len();
    browser.evaluate(&format!("probe.hasLine({lines})"))?;
    let (seen, sent) = (page::seen(browser)?, servers.notes().sent);
    let mut frames = seen.frames.iter();
    let mut frame = frames.next();
    let mut ages = Vec::new();
    for (index, sent) in sent.iter().enumerate() {
        while frame.is_some_and(|frame| frame.last_line <= index) {
            frame = frames.next();
        }
        let painted =
            seen.origin + frame.with_context(|| format!("line {} was never seen", index + 1))?.painted;
        ages.push(painted - milliseconds(*sent));
    }
    Ok(ages)
}

fn milliseconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1_000.0
}

/// Types into the form while a log floods in: for each key until the next frame was painted, in milliseconds.
pub(crate) fn keys(browser: &mut Browser, servers: &Servers, body: &Arc<Body>) -> Result<Vec<f64>> {
    servers.bring(Log::Whole(Arc::clone(body)));
    page::open(browser, servers)?;
    page::click_run(browser)?;
    browser.evaluate("document.getElementById('command').focus()")?;
    browser.until("probe.lastLine() > 0")?;
    browser.evaluate("probe.keys.length = 0, probe.rest()")?;
    while browser.evaluate("probe.lastLine()")?.as_u64().is_some_and(|line| (line as usize) < body.lines) {
        browser.press('a')?;
        std::thread::sleep(KEY_PAUSE);
    }
    // The probe takes note of a frame a moment after its rows are there.
    browser.until(&format!("probe.frames.some((frame) => frame[2] >= {})", body.lines))?;
    let seen = page::seen(browser)?;
    let end = seen.frames.iter().find(|frame| frame.last_line >= body.lines).context("no last line")?.painted;
    Ok(seen.keys.iter().filter(|(at, _)| *at < end).map(|(_, duration)| *duration).collect())
}

/// Clicks Stop while a log floods in: until the page made the request, and until the server had it.
pub(crate) fn stop(browser: &mut Browser, servers: &Servers, body: &Arc<Body>) -> Result<(f64, f64)> {
    servers.bring(Log::UntilStopped(Arc::clone(body)));
    page::open(browser, servers)?;
    page::click_run(browser)?;
    browser.until("probe.lastLine() > 100000")?;
    browser.click(&page::button("Stop"))?;
    page::wait_for_end(browser)?;
    let seen = page::seen(browser)?;
    let clicked = *seen.clicks.last().context("no click was seen")?;
    let asked = seen.stop.context("nothing was stopped")?;
    let arrived = servers.notes().stopped.context("nothing was stopped")?;
    Ok((asked - clicked, milliseconds(arrived) - seen.origin - clicked))
}

/// How long the page was busy in one go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Longest {
    /// A task of the main thread, in milliseconds.
    pub(crate) task: f64,
    /// From one frame to the next, while the log came.
    pub(crate) gap: f64,
}

/// What took longest while the whole log came and was shown.
pub(crate) fn longest(browser: &mut Browser, servers: &Servers, body: &Arc<Body>) -> Result<Longest> {
    servers.bring(Log::Whole(Arc::clone(body)));
    page::open(browser, servers)?;
    trace::start(browser)?;
    page::click_run(browser)?;
    let end = browser.evaluate(&format!("probe.hasLine({})", body.lines))?.as_f64().context("a time")?;
    let tasks = trace::stop(browser)?;
    let seen = page::seen(browser)?;
    let start = seen.stream.context("the page has asked for no stream")?;
    Ok(Longest {
        task: tasks.iter().map(|(task, _)| task.duration).fold(0.0, f64::max),
        gap: seen.longest_gap(start, end),
    })
}

/// Brings the whole log while another tab is in front: from when the page is shown until its last line was painted.
pub(crate) fn hidden(browser: &mut Browser, servers: &Servers, body: &Arc<Body>) -> Result<f64> {
    servers.bring(Log::Whole(Arc::clone(body)));
    page::open(browser, servers)?;
    page::click_run(browser)?;
    let other = browser.cover()?;
    browser.until("document.hidden")?;
    // The end of the run tells that all of it has come.
    page::wait_for_end(browser)?;
    browser.uncover(&other)?;
    browser.until("!document.hidden && probe.shown !== null")?;
    browser.evaluate(&format!("probe.hasLine({})", body.lines))?;
    let seen = page::seen(browser)?;
    let shown = seen.shown.context("the page was never shown")?;
    // The first frame's callbacks may run before the event that tells of being shown.
    let mut frames = seen.frames.iter().filter(|frame| frame.painted >= shown);
    let whole = frames.find(|frame| frame.last_line >= body.lines).context("no frame with the last line")?;
    Ok(whole.painted - shown)
}

/// Scrolls to places of a log that is there, and compares the rows with what was sent. Gives how many were compared.
pub(crate) fn reachable(browser: &mut Browser, body: &Body) -> Result<usize> {
    let mut random = Random(11);
    let mut compared = 0;
    for place in 0..20 {
        let share = match place {
            0 => 0.0,
            1 => 1.0,
            _ => random.below(1_000_000) as f64 / 1_000_000.0,
        };
        let rows = browser.evaluate(&format!(
            "(async () => {{ const log = document.querySelector('[role=log]');
                log.scrollTop = (log.scrollHeight - log.clientHeight) * {share};
                for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
                return [...log.querySelectorAll('[data-line]')].map((row) =>
                    [Number(row.dataset.line), row.querySelector('.row__text').textContent]); }})()"
        ))?;
        for row in rows.as_array().into_iter().flatten() {
            let line = row[0].as_u64().context("a line's number")? as usize;
            let text = row[1].as_str().unwrap_or_default();
            if (3..=body.lines - 2).contains(&line) {
                let expected = output(line - 1);
                let mark = format!("item {} ", line - 1);
                ensure!(text.starts_with(&mark) && expected.starts_with(&mark), "line {line} shows {text:?}");
                compared += 1;
            }
        }
    }
    ensure!(compared > 200, "only {compared} rows were there to compare");
    Ok(compared)
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Query {
    Literal,
    Expression,
}

/// Types into the search: from the last key until the right count was painted.
pub(crate) fn search(
    browser: &mut Browser,
    body: &Body,
    query: Query,
    repetitions: usize,
) -> Result<Vec<f64>> {
    const FIELD: &str = "document.querySelector('[aria-label=\"Search the log\"]')";
    let expected = (2..body.lines - 2).filter(|index| index % 1000 == 250).count();
    let (text, last) = NEEDLE.split_at(NEEDLE.len() - 1);
    let last = last.chars().next().context("a letter")?;
    let text = match query {
        Query::Literal => text.to_owned(),
        Query::Expression => {
            browser.click("document.querySelector('[aria-label=\"Regular expression\"]')")?;
            text.replacen('e', "[e]+", 1)
        }
    };
    let mut times = Vec::new();
    for _ in 0..repetitions {
        browser.evaluate(&format!("{FIELD}.focus()"))?;
        browser.call("Input.insertText", json!({ "text": text }))?;
        browser.evaluate("new Promise((resolve) => setTimeout(resolve, 1000))")?;
        browser.evaluate("probe.keys.length = 0, probe.rest()")?;
        browser.press(last)?;
        let painted = browser.evaluate(&format!(
            "probe.until(() => document.querySelector('[data-search-count]')?.dataset.searchCount === '{expected}')"
        ))?;
        let pressed = page::seen(browser)?.keys.first().context("no key was seen")?.0;
        times.push(painted.as_f64().context("a time")? - pressed);
        browser.evaluate("probe.wake()")?;
        // Empties the field.
        browser.press_command("Escape", 0)?;
    }
    Ok(times)
}

/// What changes the height of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Wrap is clicked.
    Wrap,
    /// The window gets narrower, while lines are wrapped.
    Resize,
}

/// In the middle of a log: from the change until a frame was painted in which the same line is at the top.
pub(crate) fn change(browser: &mut Browser, change: Change) -> Result<f64> {
    browser.evaluate("(() => { const log = document.querySelector('[role=log]'); log.scrollTop = log.scrollHeight / 2; })()")?;
    browser.evaluate("new Promise((resolve) => setTimeout(resolve, 300))")?;
    let top = "(() => { const top = document.querySelector('[role=log]').getBoundingClientRect().top;
        return [...document.querySelectorAll('[role=log] [data-line]')]
            .find((row) => row.getBoundingClientRect().bottom > top + 1)?.dataset.line; })()";
    let before = browser.evaluate(top)?;
    browser.evaluate("probe.clear()")?;
    match change {
        Change::Wrap => browser.click(&page::button("Wrap"))?,
        Change::Resize => {
            let size = json!({ "width": 1000, "height": 700, "deviceScaleFactor": 1, "mobile": false });
            browser.call("Emulation.setDeviceMetricsOverride", size)?;
        }
    }
    browser.evaluate("new Promise((resolve) => setTimeout(resolve, 300))")?;
    ensure!(browser.evaluate(top)? == before, "the line at the top was {before}");
    let seen = page::seen(browser)?;
    // What hears of a resize is called behind the frame's callbacks, so that its rows may be those of the next frame.
    let (begun, frames) = match change {
        Change::Wrap => (seen.clicks.last(), 1),
        Change::Resize => (seen.resizes.last(), 2),
    };
    let begun = *begun.context("the page has not heard of the change")?;
    let mut later = seen.frames.iter().filter(|frame| frame.called > begun);
    let painted = later.nth(frames - 1).context("no frame")?.painted;
    Ok(painted - begun)
}

/// Selects all lines and copies them: from the key until the browser's clipboard was given the text.
pub(crate) fn copy(browser: &mut Browser, servers: &Servers, body: &Arc<Body>) -> Result<f64> {
    servers.bring(Log::Whole(Arc::clone(body)));
    page::open(browser, servers)?;
    page::click_run(browser)?;
    browser.evaluate(&format!("probe.hasLine({})", body.lines))?;
    page::wait_for_end(browser)?;
    browser.evaluate("document.querySelector('[role=log]').focus()")?;
    browser.press_command("a", CONTROL)?;
    browser.evaluate("probe.clear()")?;
    browser.press_command("c", CONTROL)?;
    browser.until("probe.copied !== null")?;
    let seen = page::seen(browser)?;
    let pressed = seen.keys.first().context("no key was seen")?.0;
    let (at, lines) = seen.copied.context("nothing was copied")?;
    ensure!(lines == body.lines, "{lines} lines were copied");
    Ok(at - pressed)
}

/// Nodes of the panel.
pub(crate) fn nodes(browser: &mut Browser) -> Result<f64> {
    browser.evaluate("probe.nodes()")?.as_f64().context("a number")
}

/// Runs the same log again and again in one page: the renderer's memory in bytes after each.
pub(crate) fn memory_of_runs(
    browser: &mut Browser,
    servers: &Servers,
    body: &Arc<Body>,
    runs: usize,
) -> Result<Vec<f64>> {
    servers.bring(Log::Whole(Arc::clone(body)));
    page::open(browser, servers)?;
    let before = browser.memory()? as f64;
    let mut memory = Vec::new();
    for _ in 0..runs {
        page::click_run(browser)?;
        browser.evaluate(&format!("probe.hasLine({})", body.lines))?;
        page::wait_for_end(browser)?;
        browser.evaluate("probe.clear()")?;
        memory.push(browser.memory()? as f64 - before);
    }
    Ok(memory)
}
