//! The requests that the browser sent, as its DevTools saw them.

use std::collections::BTreeMap;

use serde_json::Value;

/// One request of the page.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) url: String,
    /// Names in lower case. What the page set and, as far as DevTools tells, what the browser added.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<String>,
}

impl Request {
    /// The headers that are the page's choice: neither the browser's own nor fixed by the Fetch standard's forbidden
    /// names.
    pub(crate) fn chosen_headers(&self) -> Vec<(&str, &str)> {
        const BROWSERS_OWN: [&str; 11] = [
            "accept-encoding",
            "accept-language",
            "cache-control",
            "connection",
            "content-length",
            "host",
            "origin",
            "pragma",
            "referer",
            "user-agent",
            "priority",
        ];
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        headers.filter(|(name, _)| !BROWSERS_OWN.contains(name) && !name.starts_with("sec-")).collect()
    }

    /// Whether the browser asked the server for permission; the page itself sends no such request.
    pub(crate) fn is_preflight(&self) -> bool {
        self.method == "OPTIONS"
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        let body = self.body.as_deref().unwrap_or_else(|| panic!("no body: {self:?}"));
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The requests among DevTools' events, in the order in which they were sent.
pub(crate) fn requests(events: &[Value]) -> Vec<Request> {
    let mut requests: Vec<Request> = Vec::new();
    for event in named(events, "Network.requestWillBeSent") {
        let request = &event["request"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        requests.push(Request {
            id: text(&event["requestId"]),
            method: text(&request["method"]),
            url: text(&request["url"]),
            headers: headers(&request["headers"]),
            body: request["postData"].as_str().map(str::to_owned),
        });
    }
    // What went over the wire, as far as it is told; it can come before or after the request itself.
    for event in named(events, "Network.requestWillBeSentExtraInfo") {
        let id = event["requestId"].as_str().unwrap_or_default();
        for request in requests.iter_mut().filter(|request| request.id == id) {
            request.headers.extend(headers(&event["headers"]));
        }
    }
    requests
}

/// The parameters of the events with this name.
pub(crate) fn named<'a>(events: &'a [Value], name: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["method"] == name).map(|event| &event["params"])
}

fn headers(object: &Value) -> BTreeMap<String, String> {
    let Some(object) = object.as_object() else { return BTreeMap::new() };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    object.iter().map(|(name, value)| (name.to_lowercase(), text(value))).collect()
}
