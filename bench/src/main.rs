//! Measures the built page in headless Chromium: started by `cargo xtask bench`, which says by the environment where the
//! page and the browser are.
//!
//! The browser is driven by its DevTools (`browser`), the page meets servers of our own (`server`) that send a log whose
//! lines are known (`payload`), and a script that does not ship sees what happens there (`probe.js`, `page`). What counts
//! as on screen: the first task after a frame in which the row was there. `flood` is measured beside a bare drain.

mod browser;
mod cases;
mod figures;
mod flood;
mod page;
mod payload;
mod profile;
mod report;
mod server;
mod trace;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;
use serde_json::json;

use crate::browser::Browser;
use crate::cases::{Change, Query};
use crate::figures::Figures;
use crate::flood::Flood;
use crate::payload::{Body, Encoding};
use crate::report::{Growth, Report, Row};
use crate::server::{Log, Servers};

/// What all logs may take unless somebody sets another bound (src/domain/memory_bound.rs), in MB. The renderer's memory
/// has a tenth more: there is more in it than logs.
const LOGS_MEGABYTES: f64 = 320.0;

const COPIED_LINES: usize = 100_000;

/// How much is measured.
struct Effort {
    /// Lines of the floods, the most last.
    lines: &'static [usize],
    repetitions: usize,
    stops: usize,
    paced: Duration,
    /// Runs one after the other in one page.
    runs: usize,
}

const WHOLE: Effort = Effort {
    lines: &[10_000, 100_000, 1_000_000],
    repetitions: 5,
    stops: 20,
    paced: Duration::from_secs(5),
    runs: 10,
};

const QUICK: Effort =
    Effort { lines: &[10_000, 100_000], repetitions: 1, stops: 2, paced: Duration::from_secs(1), runs: 2 };

fn main() -> Result<()> {
    let mut effort = WHOLE;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("quick") => effort = QUICK,
            other => return Err(other.unexpected().into()),
        }
    }
    let path = |name: &str| -> Result<PathBuf> {
        let value = std::env::var_os(name);
        Ok(value.with_context(|| format!("{name} is not set: start this by `cargo xtask bench`"))?.into())
    };
    let report = measure(&path("BENCH_DIST")?, &path("BENCH_CHROMIUM")?, &effort)?;
    println!("{}", report.text()?);
    report.write(&path("BENCH_REPORT")?)
}

fn measure(dist: &Path, chromium: &Path, effort: &Effort) -> Result<Report> {
    let [.., most] = effort.lines else { bail!("no number of lines") };
    let most = Arc::new(Body::new(*most, Encoding::Plain));
    let servers = Servers::start(dist, Log::Whole(Arc::clone(&most)))?;
    let mut browser = Browser::start(chromium)?;
    let version = browser.version()?;

    let mut rows = Vec::new();
    let mut growth = Vec::new();
    for &lines in effort.lines {
        let body =
            if lines == most.lines { Arc::clone(&most) } else { Arc::new(Body::new(lines, Encoding::Plain)) };
        let floods = floods(&mut browser, &servers, &body, effort.repetitions)?;
        if lines == most.lines {
            rows.extend(flood_rows(&mut browser, &servers, &body, &floods)?);
        }
        growth.push(growth_of(&body, &floods));
    }
    let events = Arc::new(Body::new(most.lines, Encoding::Events));
    growth.push(growth_of(&events, &floods(&mut browser, &servers, &events, effort.repetitions)?));
    drop(events);

    rows.extend(other_rows(&mut browser, &servers, &most, effort)?);
    say("where the time goes");
    servers.bring(Log::Whole(Arc::clone(&most)));
    page::open(&mut browser, &servers)?;
    profile::start(&mut browser)?;
    page::click_run(&mut browser)?;
    browser.evaluate(&format!("probe.hasLine({})", most.lines))?;
    let shares = profile::stop(&mut browser)?;
    Ok(Report { browser: version, repetitions: effort.repetitions, rows, growth, shares })
}

fn say(what: &str) {
    eprintln!("measuring: {what}");
}

/// The drain and the page in turn.
fn floods(
    browser: &mut Browser,
    servers: &Servers,
    body: &Arc<Body>,
    repetitions: usize,
) -> Result<Vec<(Flood, Flood)>> {
    say(&format!("a flood of {} lines, {:?}", body.lines, body.encoding));
    let mut floods = Vec::new();
    for _ in 0..repetitions {
        floods.push((flood::drain(browser, servers, body)?, flood::run(browser, servers, body)?));
    }
    Ok(floods)
}

fn figures(floods: &[(Flood, Flood)], of: impl Fn(&(Flood, Flood)) -> f64) -> Figures {
    Figures(floods.iter().map(of).collect())
}

fn growth_of(body: &Body, floods: &[(Flood, Flood)]) -> Growth {
    Growth {
        lines: body.lines,
        encoding: match body.encoding {
            Encoding::Plain => "plain lines",
            Encoding::Events => "events",
        },
        drain: figures(floods, |(drain, _)| drain.time),
        page: figures(floods, |(_, page)| page.time),
        ratio: figures(floods, |(drain, page)| page.time / drain.time),
        bytes_a_line: figures(floods, |(_, page)| page.memory / body.lines as f64),
    }
}

fn row(
    what: impl Into<String>,
    must: Option<f64>,
    aim: Option<f64>,
    unit: &'static str,
    value: f64,
    shown: String,
) -> Row {
    Row { what: what.into(), must, aim, unit, value, shown }
}

fn flood_rows(
    browser: &mut Browser,
    servers: &Servers,
    body: &Arc<Body>,
    floods: &[(Flood, Flood)],
) -> Result<Vec<Row>> {
    let lines = body.lines;
    // The log of the last flood is still there.
    let compared = cases::reachable(browser, body)?;
    let nodes = cases::nodes(browser)?;
    let mut rows = vec![row(
        format!("{lines} lines held and reachable: rows compared at 20 places"),
        None,
        None,
        "",
        compared as f64,
        compared.to_string(),
    )];
    let ratio = figures(floods, |(drain, page)| page.time / drain.time);
    let what = format!("{lines} lines, last one on screen, × drain's time");
    rows.push(row(what, Some(2.0), Some(1.5), "×", ratio.median(), ratio.with_spread(2)));
    say("the longest task");
    let longest =
        (0..floods.len()).map(|_| cases::longest(browser, servers, body)).collect::<Result<Vec<_>>>()?;
    let tasks = Figures(longest.iter().map(|longest| longest.task).collect());
    let what = "longest task of the main thread meanwhile, by the browser's trace";
    rows.push(row(what, Some(50.0), Some(16.0), "ms", tasks.worst(), tasks.with_spread(0)));
    let gaps = Figures(longest.iter().map(|longest| longest.gap).collect());
    rows.push(row(
        "longest time between two frames",
        None,
        Some(25.0),
        "ms",
        gaps.worst(),
        gaps.with_spread(0),
    ));
    let memory = figures(floods, |(_, page)| page.memory / lines as f64);
    let text = body.line_bytes as f64 / lines as f64;
    let what =
        format!("renderer memory a line, its {text:.0} bytes included (anonymous memory of the process)");
    rows.push(row(what, Some(145.0), Some(136.0), "B", memory.median(), memory.with_spread(0)));
    rows.push(row("DOM nodes in the panel", Some(1_500.0), None, "", nodes, format!("{nodes}")));

    say("search, wrap and resize");
    for (what, query, must, aim) in
        [("a literal", Query::Literal, 60.0, 25.0), ("a regular expression", Query::Expression, 300.0, 100.0)]
    {
        let times = Figures(cases::search(browser, body, query, floods.len())?);
        let what = format!("exact count of {what}, shown, {lines} lines");
        rows.push(row(what, Some(must), Some(aim), "ms", times.median(), times.with_spread(0)));
    }
    let mut timed = |what: &str, must: f64, aim: f64, value: f64| {
        let what = format!("{what}, {lines} lines");
        rows.push(row(what, Some(must), Some(aim), "ms", value, format!("{value:.0}")));
    };
    let wrap = cases::change(browser, Change::Wrap)?;
    timed("wrap toggled, same line at the top", 100.0, 16.0, wrap);
    let resize = cases::change(browser, Change::Resize)?;
    timed("window resized while lines are wrapped, same line at the top", 100.0, 16.0, resize);
    browser.call("Emulation.clearDeviceMetricsOverride", json!({}))?;
    Ok(rows)
}

fn other_rows(
    browser: &mut Browser,
    servers: &Servers,
    most: &Arc<Body>,
    effort: &Effort,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    say("keys");
    let mut keys = Vec::new();
    for _ in 0..effort.repetitions {
        keys.extend(cases::keys(browser, servers, most)?);
    }
    let keys = Figures(keys);
    let what = format!("key to paint while ingesting flat out, worst of {}", keys.0.len());
    rows.push(row(what, Some(33.0), Some(20.0), "ms", keys.worst(), keys.with_spread(0)));

    say("Stop");
    let (mut asked, mut arrived) = (Figures::default(), Figures::default());
    for _ in 0..effort.stops {
        let (to_request, to_server) = cases::stop(browser, servers, most)?;
        asked.0.push(to_request);
        arrived.0.push(to_server);
    }
    let what = format!("Stop from click to request while flat out, worst of {}", asked.0.len());
    rows.push(row(what, Some(100.0), None, "ms", asked.worst(), asked.with_spread(0)));
    rows.push(row(
        "the same until the server has it, preflight included",
        None,
        None,
        "ms",
        arrived.worst(),
        arrived.with_spread(0),
    ));

    say("the first line");
    let first =
        (0..effort.repetitions).map(|_| cases::first_line(browser, servers)).collect::<Result<Vec<_>>>()?;
    let first = Figures(first);
    rows.push(row(
        "first line on screen after the click",
        Some(60.0),
        Some(40.0),
        "ms",
        first.median(),
        first.with_spread(0),
    ));

    for (lines_a_second, limits) in [(1_000, None), (2_000, Some(([10.0, 18.0], [8.0, 16.0]))), (5_000, None)]
    {
        say(&format!("{lines_a_second} lines a second"));
        let ages = Figures(cases::ages(browser, servers, lines_a_second, effort.paced)?);
        for (place, (name, share)) in [("median", 0.5), ("95 of 100 within", 0.95)].into_iter().enumerate() {
            let value = ages.quantile(share);
            let what = format!("age of a line when painted, {lines_a_second} lines/s, {name}");
            let (must, aim) = (limits.map(|(must, _)| must[place]), limits.map(|(_, aim)| aim[place]));
            rows.push(row(what, must, aim, "ms", value, format!("{value:.0}")));
        }
    }

    say("copying");
    let body = Arc::new(Body::new(COPIED_LINES, Encoding::Plain));
    let copies =
        (0..effort.repetitions).map(|_| cases::copy(browser, servers, &body)).collect::<Result<Vec<_>>>()?;
    let copies = Figures(copies);
    rows.push(row(
        format!("{COPIED_LINES} lines copied from a selection"),
        Some(300.0),
        None,
        "ms",
        copies.median(),
        copies.with_spread(0),
    ));

    say("a hidden tab");
    let hidden = cases::hidden(browser, servers, most)?;
    let what = format!("{} lines in a hidden tab, then shown", most.lines);
    rows.push(row(what, Some(200.0), Some(50.0), "ms", hidden, format!("{hidden:.0}")));

    say("long lines");
    for (what, body) in [
        (
            "longest task with one line of 10 MB",
            Body::of(std::iter::once("x".repeat(10_000_000)), Encoding::Plain),
        ),
        ("longest task with 100 lines of 1 MB of JSON", Body::of((0..100).map(json_line), Encoding::Plain)),
    ] {
        let task = cases::longest(browser, servers, &Arc::new(body))?.task;
        rows.push(row(what, Some(50.0), None, "ms", task, format!("{task:.0}")));
    }

    say("runs one after the other");
    let memory = cases::memory_of_runs(browser, servers, most, effort.runs)?;
    let megabytes = |bytes: Option<&f64>| bytes.map_or(0.0, |bytes| bytes / 1e6);
    let (first, last) = (megabytes(memory.first()), megabytes(memory.last()));
    let what = format!(
        "renderer memory after {} runs of {} lines (after the first: {first:.0} MB), of which logs may take {LOGS_MEGABYTES} MB",
        effort.runs, most.lines
    );
    rows.push(row(what, Some(LOGS_MEGABYTES * 1.1), None, "MB", last, format!("{last:.0}")));
    Ok(rows)
}

/// A megabyte of JSON on one line.
fn json_line(index: usize) -> String {
    let item = format!(r#"{{"index":{index},"name":"record","tags":["a","b"],"ok":true}},"#);
    format!("[{}null]", item.repeat(1_000_000 / item.len()))
}
