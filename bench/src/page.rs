//! The page in the browser: what a person does there, and what the probe has seen.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::browser::Browser;
use crate::server::Servers;

/// Of every run; it is in no line.
const KEY: &str = "HRKU-5ca1ab1e-0ddb-411e-a5e1-f0ca1bead5e7";

/// A frame in which something was drawn, or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// When its callbacks ran, in milliseconds of the page's clock.
    pub(crate) called: f64,
    /// When it had been painted.
    pub(crate) painted: f64,
    /// The last line that it shows; 0 without any.
    pub(crate) last_line: usize,
}

/// What the probe has noted, on the page's clock.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Zero of the page's clock in milliseconds since 1970.
    pub(crate) origin: f64,
    /// When the stream was asked for.
    pub(crate) stream: Option<f64>,
    pub(crate) stop: Option<f64>,
    pub(crate) shown: Option<f64>,
    pub(crate) frames: Vec<Frame>,
    /// Times of keys, and until the next frame was painted.
    pub(crate) keys: Vec<(f64, f64)>,
    pub(crate) clicks: Vec<f64>,
    pub(crate) resizes: Vec<f64>,
    /// When a text was given to the clipboard, and its lines.
    pub(crate) copied: Option<(f64, usize)>,
}

impl Seen {
    /// The longest time between two frames from `start` to `end`, in milliseconds; from `start` to the first of them, too.
    pub(crate) fn longest_gap(&self, start: f64, end: f64) -> f64 {
        let called = self.frames.iter().map(|frame| frame.called);
        let mut before = start;
        let mut longest: f64 = 0.0;
        for called in called.filter(|called| (start..=end).contains(called)) {
            longest = longest.max(called - before);
            before = called;
        }
        longest
    }
}

/// Opens the page, fills in the form, and waits until the page has asked what it asks then.
pub(crate) fn open(browser: &mut Browser, servers: &Servers) -> Result<()> {
    browser.open(&servers.page())?;
    browser.until("document.querySelector('form input#app') !== null")?;
    for (field, text) in [("app", "bench"), ("api_key", KEY)] {
        browser.evaluate(&format!("document.getElementById('{field}').focus()"))?;
        browser.call("Input.insertText", serde_json::json!({ "text": text }))?;
    }
    browser.evaluate("document.activeElement.blur()")?;
    browser.evaluate("new Promise((resolve) => setTimeout(resolve, 300))")?;
    browser.evaluate("probe.clear()")?;
    Ok(())
}

/// An expression for the button with this text.
pub(crate) fn button(text: &str) -> String {
    format!(
        "[...document.querySelectorAll('button')].find((it) => it.textContent.trim().startsWith('{text}'))"
    )
}

pub(crate) fn click_run(browser: &mut Browser) -> Result<()> {
    browser.click(&button("Run function"))
}

/// Waits until the newest run has ended.
pub(crate) fn wait_for_end(browser: &mut Browser) -> Result<()> {
    browser.until("[...document.querySelectorAll('[data-run-id]')].at(-1)?.dataset.runState === 'ended'")
}

/// What the probe has noted since it was last cleared.
pub(crate) fn seen(browser: &mut Browser) -> Result<Seen> {
    let value = browser.evaluate(
        "({ origin: performance.timeOrigin, stream: probe.stream, stop: probe.stop, shown: probe.shown,
            frames: probe.frames, keys: probe.keys, clicks: probe.clicks, resizes: probe.resizes, copied: probe.copied })",
    )?;
    let list = |name: &str| value[name].as_array().cloned().unwrap_or_default();
    let pair = |value: &Value| Some((value[0].as_f64()?, value[1].as_f64()?));
    let frame = |value: &Value| {
        let (called, painted) = pair(value)?;
        Some(Frame { called, painted, last_line: value[2].as_u64()? as usize })
    };
    Ok(Seen {
        origin: value["origin"].as_f64().context("the page's clock")?,
        stream: value["stream"].as_f64(),
        stop: value["stop"].as_f64(),
        shown: value["shown"].as_f64(),
        frames: list("frames").iter().filter_map(frame).collect(),
        keys: list("keys").iter().filter_map(pair).collect(),
        clicks: list("clicks").iter().filter_map(Value::as_f64).collect(),
        resizes: list("resizes").iter().filter_map(Value::as_f64).collect(),
        copied: pair(&value["copied"]).map(|(at, lines)| (at, lines as usize)),
    })
}
