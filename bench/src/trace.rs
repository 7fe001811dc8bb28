//! Tasks of the page's main thread, by the browser's own trace: also those that are too short for the page to hear of.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::browser::Browser;

/// A task, or something inside of one. Times in milliseconds of the trace's clock.
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    pub(crate) name: String,
    pub(crate) start: f64,
    pub(crate) duration: f64,
}

pub(crate) fn start(browser: &mut Browser) -> Result<()> {
    browser.forget_events();
    let categories =
        ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "v8", "blink.user_timing"];
    let parameters = json!({
        "transferMode": "ReportEvents",
        "traceConfig": { "includedCategories": categories, "excludedCategories": ["*"] },
    });
    browser.call_browser("Tracing.start", parameters)?;
    Ok(())
}

/// The tasks of the main thread with the most work, in their order, each followed by what it did.
pub(crate) fn stop(browser: &mut Browser) -> Result<Vec<(Slice, Vec<Slice>)>> {
    let parts = browser.events_until("Tracing.end", "Tracing.tracingComplete")?;
    let events: Vec<Value> = parts
        .into_iter()
        .filter(|event| event["method"] == "Tracing.dataCollected")
        .flat_map(|mut event| match event["params"]["value"].take() {
            Value::Array(events) => events,
            _ => Vec::new(),
        })
        .collect();
    tasks(&events)
}

fn tasks(events: &[Value]) -> Result<Vec<(Slice, Vec<Slice>)>> {
    let thread = |event: &Value| (event["pid"].as_u64(), event["tid"].as_u64());
    let is_main =
        |event: &&Value| event["name"] == "thread_name" && event["args"]["name"] == "CrRendererMain";
    let busy = |thread_of: (Option<u64>, Option<u64>)| -> f64 {
        events
            .iter()
            .filter(|event| thread(event) == thread_of)
            .filter_map(|event| event["dur"].as_f64())
            .sum()
    };
    // There may be a spare renderer.
    let mains = events.iter().filter(is_main).map(thread);
    let main = mains
        .max_by(|one, other| busy(*one).total_cmp(&busy(*other)))
        .context("no main thread in the trace")?;
    let slice = |event: &Value| {
        Some(Slice {
            name: event["name"].as_str()?.to_owned(),
            start: event["ts"].as_f64()? / 1_000.0,
            duration: event["dur"].as_f64()? / 1_000.0,
        })
    };
    let mut slices: Vec<Slice> =
        events.iter().filter(|event| thread(event) == main && event["ph"] == "X").filter_map(slice).collect();
    slices.sort_by(|one, other| one.start.total_cmp(&other.start));
    let mut tasks: Vec<(Slice, Vec<Slice>)> = Vec::new();
    for slice in slices {
        match tasks.last_mut() {
            Some((task, inside)) if slice.start < task.start + task.duration => inside.push(slice),
            _ if slice.name.contains("RunTask") => tasks.push((slice, Vec::new())),
            _ => {}
        }
    }
    Ok(tasks)
}
