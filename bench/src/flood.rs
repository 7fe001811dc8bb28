//! A log as fast as it is taken, beside a page that drains the same stream.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use crate::browser::Browser;
use crate::page;
use crate::payload::Body;
use crate::server::{Log, Servers};

/// One run of the page, or one drain. Times in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flood {
    /// From the stream's request until the last line was painted, or the last byte had come.
    pub(crate) time: f64,
    /// What the renderer has more at the end, in bytes.
    pub(crate) memory: f64,
}

pub(crate) fn drain(browser: &mut Browser, servers: &Servers, body: &Arc<Body>) -> Result<Flood> {
    servers.bring(Log::Whole(Arc::clone(body)));
    browser.open(&servers.drain())?;
    let before = browser.memory()?;
    browser.evaluate("probe.rest()")?;
    let script = format!(
        "(async () => {{
            const start = performance.now();
            const options = {{ headers: {{ Accept: 'text/event-stream' }}, cache: 'no-store', credentials: 'omit',
                redirect: 'error', referrerPolicy: 'no-referrer' }};
            const reader = (await fetch('{}', options)).body.getReader();
            let bytes = 0;
            for (;;) {{
                const {{ done, value }} = await reader.read();
                if (done) break;
                bytes += value.length;
            }}
            return [start, performance.now(), bytes];
        }})()",
        servers.stream()
    );
    let result = browser.evaluate(&script)?;
    let number = |index: usize| result[index].as_f64().context("the drain's result");
    let (start, end) = (number(0)?, number(1)?);
    ensure!(number(2)? as usize == body.bytes, "the drain got {result}, not {} bytes", body.bytes);
    Ok(Flood { time: end - start, memory: browser.memory()? as f64 - before as f64 })
}

pub(crate) fn run(browser: &mut Browser, servers: &Servers, body: &Arc<Body>) -> Result<Flood> {
    servers.bring(Log::Whole(Arc::clone(body)));
    page::open(browser, servers)?;
    let before = browser.memory()?;
    browser.evaluate("probe.clear(), probe.rest()")?;
    page::click_run(browser)?;
    let end = browser.evaluate(&format!("probe.hasLine({})", body.lines))?.as_f64().context("a time")?;
    page::wait_for_end(browser)?;
    let seen = page::seen(browser)?;
    let start = seen.stream.context("the page has asked for no stream")?;
    Ok(Flood { time: end - start, memory: browser.memory()? as f64 - before as f64 })
}
