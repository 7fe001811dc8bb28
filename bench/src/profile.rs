//! Where the time goes: samples of the page's main thread, summed up by function.

use std::collections::HashMap;

use anyhow::Result;
use serde_json::{Value, json};

use crate::browser::Browser;

/// Microseconds between two samples.
const INTERVAL: u64 = 200;

/// A function, or what the browser does outside of any, and its share of the time.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    pub(crate) name: String,
    pub(crate) milliseconds: f64,
}

pub(crate) fn start(browser: &mut Browser) -> Result<()> {
    browser.call("Profiler.enable", json!({}))?;
    browser.call("Profiler.setSamplingInterval", json!({ "interval": INTERVAL }))?;
    browser.call("Profiler.start", json!({}))?;
    Ok(())
}

/// The time of each function by itself, the longest first.
pub(crate) fn stop(browser: &mut Browser) -> Result<Vec<Share>> {
    let profile = browser.call("Profiler.stop", json!({}))?;
    Ok(shares(&profile["profile"]))
}

fn shares(profile: &Value) -> Vec<Share> {
    let list = |name: &str| profile[name].as_array().cloned().unwrap_or_default();
    let names: HashMap<u64, String> = list("nodes")
        .iter()
        .filter_map(|node| {
            let call = &node["callFrame"];
            let name = call["functionName"].as_str().unwrap_or_default();
            let name = if name.is_empty() { "(anonymous)" } else { name };
            Some((node["id"].as_u64()?, name.to_owned()))
        })
        .collect();
    let mut times: HashMap<String, f64> = HashMap::new();
    for (sample, delta) in list("samples").iter().zip(list("timeDeltas")) {
        let name = sample.as_u64().and_then(|id| names.get(&id)).cloned().unwrap_or_default();
        *times.entry(name).or_default() += delta.as_f64().unwrap_or_default() / 1_000.0;
    }
    let mut shares: Vec<Share> =
        times.into_iter().map(|(name, milliseconds)| Share { name, milliseconds }).collect();
    shares.sort_by(|one, other| other.milliseconds.total_cmp(&one.milliseconds));
    shares
}
