//! Headless Chromium by the DevTools protocol, without a driver in between: a key is in the page as soon as it is sent.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, WebSocket};

const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-smooth-scrolling",
    "--remote-debugging-port=0",
    "--window-size=1280,960",
];

/// No answer takes longer, a run of a million lines included.
const PATIENCE: Duration = Duration::from_secs(120);

/// A browser with a profile of its own, and one tab; both end with this value.
pub(crate) struct Browser {
    child: Child,
    socket: WebSocket<TcpStream>,
    last_id: u64,
    /// Of the tab.
    session: String,
    target: String,
    events: VecDeque<Value>,
    _profile: TempDir,
}

impl Browser {
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let profile = TempDir::new()?;
        let mut child = Command::new(program)
            .args(ARGUMENTS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        match connect(&mut child) {
            Ok(socket) => {
                let mut browser = Self {
                    child,
                    socket,
                    last_id: 0,
                    session: String::new(),
                    target: String::new(),
                    events: VecDeque::new(),
                    _profile: profile,
                };
                browser.attach()?;
                Ok(browser)
            }
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    fn attach(&mut self) -> Result<()> {
        let targets = self.call_browser("Target.getTargets", json!({}))?;
        let mut targets = targets["targetInfos"].as_array().into_iter().flatten();
        let tab = targets.find(|target| target["type"] == "page").context("the browser has no tab")?;
        self.target = text(&tab["targetId"])?;
        let parameters = json!({ "targetId": self.target, "flatten": true });
        self.session = text(&self.call_browser("Target.attachToTarget", parameters)?["sessionId"])?;
        self.call("Page.enable", json!({}))?;
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": include_str!("probe.js") }))?;
        Ok(())
    }

    /// Calls a method of the tab.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        let session = self.session.clone();
        self.send(json!({ "method": method, "params": parameters, "sessionId": session }))
    }

    /// Calls a method of the browser.
    pub(crate) fn call_browser(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.send(json!({ "method": method, "params": parameters }))
    }

    fn send(&mut self, mut message: Value) -> Result<Value> {
        self.last_id += 1;
        message["id"] = self.last_id.into();
        self.socket.send(Message::text(message.to_string()))?;
        loop {
            let mut answer = self.receive().with_context(|| format!("no answer to {}", message["method"]))?;
            if answer["id"] == self.last_id {
                if let Some(error) = answer.get("error") {
                    bail!("{} failed: {error}", message["method"]);
                }
                return Ok(answer["result"].take());
            }
            if answer.get("method").is_some() {
                self.events.push_back(answer);
            }
        }
    }

    fn receive(&mut self) -> Result<Value> {
        loop {
            if let Message::Text(text) = self.socket.read()? {
                return Ok(serde_json::from_str(&text)?);
            }
        }
    }

    /// Waits for an event of this name.
    pub(crate) fn event(&mut self, method: &str) -> Result<Value> {
        loop {
            while let Some(mut event) = self.events.pop_front() {
                if event["method"] == method {
                    return Ok(event["params"].take());
                }
            }
            let event = self.receive().with_context(|| format!("no event {method}"))?;
            self.events.push_back(event);
        }
    }

    /// Calls a method of the browser, and gives all events up to the last one that it causes.
    pub(crate) fn events_until(&mut self, method: &str, last: &str) -> Result<Vec<Value>> {
        self.forget_events();
        self.call_browser(method, json!({}))?;
        while self.events.back().is_none_or(|event| event["method"] != last) {
            let event = self.receive().with_context(|| format!("no event {last}"))?;
            self.events.push_back(event);
        }
        Ok(self.forget_events())
    }

    /// Forgets what has happened so far.
    pub(crate) fn forget_events(&mut self) -> Vec<Value> {
        self.events.drain(..).collect()
    }

    /// The value of an expression, or what the promise that it is resolves to.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", parameters)?;
        if let Some(exception) = answer.get("exceptionDetails") {
            bail!("a script failed: {exception}\n{expression}");
        }
        Ok(answer["result"]["value"].take())
    }

    /// Opens an address in the tab, and waits until it has loaded.
    pub(crate) fn open(&mut self, address: &str) -> Result<()> {
        self.forget_events();
        let answer = self.call("Page.navigate", json!({ "url": address }))?;
        if let Some(error) = answer.get("errorText") {
            bail!("{address} cannot be opened: {error}");
        }
        self.event("Page.loadEventFired")?;
        Ok(())
    }

    /// Waits until a condition of the page holds.
    pub(crate) fn until(&mut self, condition: &str) -> Result<()> {
        let start = Instant::now();
        while self.evaluate(condition)? != true {
            if start.elapsed() > PATIENCE {
                let text = self.evaluate("document.body.innerText")?;
                bail!("waited in vain for {condition}\n--- page:\n{}", text.as_str().unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Clicks into the middle of the element that an expression gives, as a mouse does.
    pub(crate) fn click(&mut self, element: &str) -> Result<()> {
        let place = self.evaluate(&format!(
            "(() => {{ const element = {element}; element.scrollIntoView({{ block: 'nearest' }});
            const box = element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ))?;
        for kind in ["mousePressed", "mouseReleased"] {
            let parameters =
                json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", parameters)?;
        }
        Ok(())
    }

    /// Presses and releases the key of a letter.
    pub(crate) fn press(&mut self, letter: char) -> Result<()> {
        let text = letter.to_string();
        self.call("Input.dispatchKeyEvent", json!({ "type": "keyDown", "text": text, "key": text }))?;
        self.call("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": text }))?;
        Ok(())
    }

    /// Presses and releases a key that types nothing; `modifiers` as the DevTools count them, 2 for Control.
    pub(crate) fn press_command(&mut self, key: &str, modifiers: u8) -> Result<()> {
        for kind in ["rawKeyDown", "keyUp"] {
            let parameters = json!({ "type": kind, "key": key, "modifiers": modifiers });
            self.call("Input.dispatchKeyEvent", parameters)?;
        }
        Ok(())
    }

    /// Opens another tab in front of this one, and gives its id.
    pub(crate) fn cover(&mut self) -> Result<String> {
        text(&self.call_browser("Target.createTarget", json!({ "url": "about:blank" }))?["targetId"])
    }

    /// Closes the tab in front.
    pub(crate) fn uncover(&mut self, other: &str) -> Result<()> {
        let target = self.target.clone();
        self.call_browser("Target.activateTarget", json!({ "targetId": target }))?;
        self.call_browser("Target.closeTarget", json!({ "targetId": other }))?;
        Ok(())
    }

    /// Anonymous memory of the tab's process in bytes, after a collection of garbage: of the browser's renderers it is by
    /// far the largest.
    pub(crate) fn memory(&mut self) -> Result<u64> {
        for _ in 0..2 {
            self.call("HeapProfiler.collectGarbage", json!({}))?;
        }
        let answer = self.call_browser("SystemInfo.getProcessInfo", json!({}))?;
        let processes = answer["processInfo"].as_array().into_iter().flatten();
        let renderers = processes.filter(|process| process["type"] == "renderer");
        let memory = renderers.filter_map(|process| anonymous_memory(process["id"].as_u64()?));
        memory.max().context("the browser names no renderer")
    }

    pub(crate) fn version(&mut self) -> Result<String> {
        text(&self.call_browser("Browser.getVersion", json!({}))?["product"])
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Whatever goes wrong here, the browser is ended below.
        let _ = self.call_browser("Browser.close", json!({}));
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(5) && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Connects to the address that the browser says.
fn connect(child: &mut Child) -> Result<WebSocket<TcpStream>> {
    let mut lines = BufReader::new(child.stderr.take().context("the browser's messages")?).lines();
    let address = loop {
        let line = lines.next().context("the browser ended before it named its DevTools")??;
        if let Some(address) = line.strip_prefix("DevTools listening on ") {
            break address.trim().to_owned();
        }
    };
    // What it says later is not wanted, and must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    let host = address.strip_prefix("ws://").and_then(|rest| rest.split('/').next());
    let stream = TcpStream::connect(host.with_context(|| format!("no address: {address}"))?)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let unlimited = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
    let (socket, _) = tungstenite::client::client_with_config(&address, stream, Some(unlimited))
        .context("the browser's DevTools do not answer")?;
    Ok(socket)
}

/// `RssAnon` of a process (proc_pid_status(5)), in bytes.
fn anonymous_memory(process: u64) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    kilobytes.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|it| it * 1024)
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("no text: {value}"))
}
