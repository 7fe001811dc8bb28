//! The page as a person meets it: fields, buttons, runs, rows, errors.

use std::cell::RefCell;

use fantoccini::Locator;
use fantoccini::actions::{InputSource, WheelAction, WheelActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};

use super::browser::{Browser, Engine};
use super::emulator::{APP, KEY};
use super::observers;
use super::traffic::{self, Request};
use super::wait;

/// A run as its element tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) state: String,
    /// As written in the attribute; `None` without one.
    pub(crate) exit_status: Option<String>,
    /// How it ended; `None` while it has not.
    pub(crate) end: Option<String>,
}

/// A row of the console that is in view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) line: u64,
    /// All its text, from the line's number to its last word.
    pub(crate) text: String,
}

/// The page in a browser.
pub(crate) struct Page {
    pub(crate) browser: Browser,
    /// What was noted so far; the browser hands each entry out once.
    events: RefCell<Vec<Value>>,
    console: RefCell<Vec<String>>,
}

impl Page {
    /// Opens an address. The form is there when this returns.
    pub(crate) async fn open(address: &str) -> Self {
        let page = Self::load(address).await;
        page.waits_for_form().await;
        page
    }

    /// Opens an address, whatever comes of it.
    pub(crate) async fn load(address: &str) -> Self {
        let browser = Browser::start().await;
        if !observers::are_served() {
            let script = json!({ "source": observers::SCRIPT });
            browser.devtools("Page.addScriptToEvaluateOnNewDocument", script).await;
        }
        browser.client.goto(address).await.expect("the page loads");
        if observers::are_served() {
            // Some servers serve the page unchanged; there the observers begin now.
            browser
                .run_script(&format!("if (!window.observed) {{ {} }}", observers::SCRIPT), Vec::new())
                .await;
        }
        Self { browser, events: RefCell::default(), console: RefCell::default() }
    }

    pub(crate) async fn waits_for_form(&self) {
        // The page may load itself once more, and a script that meets that has no answer.
        let script = "return document.querySelectorAll('form input').length";
        self.until("the form is there", async || {
            match self.browser.client.execute(script, Vec::new()).await.map(|count| count.as_u64()) {
                Ok(Some(1..)) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    }

    /// Waits for a condition, and tells what the page showed when it does not come.
    pub(crate) async fn until<T>(&self, what: &str, condition: impl AsyncFnMut() -> Result<T, String>) -> T {
        match wait(condition).await {
            Ok(value) => value,
            Err(seen) => {
                let text = "return document.body.innerText + (window.observed?.errors ?? []).join('\\n')";
                let text = self.script(text).await;
                let console = match Engine::chosen() {
                    Engine::Chromium => self.console().await,
                    Engine::Firefox | Engine::WebKit => vec!["not told by this engine".to_owned()],
                };
                let text = text.as_str().unwrap_or_default();
                panic!("waited for: {what}\nseen: {seen}\n--- console: {console:?}\n--- page:\n{text}");
            }
        }
    }

    /// Runs a function's body in the page.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.browser.run_script(script, Vec::new()).await
    }

    pub(crate) async fn count(&self, selector: &str) -> u64 {
        let script = "return document.querySelectorAll(arguments[0]).length";
        let count = self.browser.run_script(script, vec![json!(selector)]).await;
        count.as_u64().expect("a number")
    }

    // The form.

    /// Fills in app and key, which are the same in all tests.
    pub(crate) async fn fill_in_app_and_key(&self) {
        self.fill("app", APP).await;
        self.fill("api_key", KEY).await;
    }

    /// Replaces the text of a field, by the keyboard.
    pub(crate) async fn fill(&self, field: &str, text: &str) {
        self.press_keys(field, &format!("{}{}", control('a'), char::from(Key::Delete))).await;
        self.press_keys(field, text).await;
    }

    /// Types into a field what it has on a keyboard, [`Key`]s included. [`Key::Null`] releases what is held down.
    pub(crate) async fn press_keys(&self, field: &str, keys: &str) {
        let field = self.field(field).await;
        // The end of a command releases all keys. WebKit's driver does not know the key that does, nor an empty command.
        for held_together in keys.split(char::from(Key::Null)).filter(|keys| !keys.is_empty()) {
            field.send_keys(held_together).await.expect("typing works");
        }
    }

    /// Puts text at the cursor of a field, as an input method does: also what is on no keyboard.
    pub(crate) async fn insert_text(&self, field: &str, text: &str) {
        self.field(field).await.click().await.expect("a click");
        let script = "return document.execCommand('insertText', false, arguments[0])";
        let inserted = self.browser.run_script(script, vec![json!(text)]).await;
        assert_eq!(inserted, json!(true), "the text cannot be inserted");
    }

    /// Replaces the text of a field, as a paste does: also what is on no keyboard.
    pub(crate) async fn put(&self, field: &str, text: &str) {
        let script = "const field = document.getElementById(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));";
        self.browser.run_script(script, vec![json!(field), json!(text)]).await;
    }

    /// Presses keys while whatever has the focus has it.
    pub(crate) async fn press_focused(&self, keys: &str) {
        let focused = self.browser.client.active_element().await.expect("an element with the focus");
        focused.send_keys(keys).await.expect("typing works");
    }

    /// Waits until this text is in view.
    pub(crate) async fn shows_text(&self, text: &str) {
        self.until(&format!("the text {text:?}"), async || {
            let shown = self.text_by("return document.body.innerText", "").await;
            if shown.contains(text) { Ok(()) } else { Err("other text".to_owned()) }
        })
        .await;
    }

    /// What stands in a field.
    pub(crate) async fn value(&self, field: &str) -> String {
        let script = "return document.getElementById(arguments[0]).value";
        self.text_by(script, field).await
    }

    async fn field(&self, field: &str) -> Element {
        let found = self.browser.client.find(Locator::Css(&format!("form [name='{field}']#{field}"))).await;
        found.unwrap_or_else(|error| panic!("no field {field}: {error}"))
    }

    pub(crate) async fn button(&self, label: &str) -> Element {
        let path = format!("//button[contains(normalize-space(.), '{label}')]");
        self.until(&format!("a button {label:?}"), async || {
            let found = self.browser.client.find(Locator::XPath(&path)).await;
            found.map_err(|error| error.to_string())
        })
        .await
    }

    pub(crate) async fn click(&self, label: &str) {
        let button = self.button(label).await;
        self.until(&format!("the button {label:?} can be clicked"), async || {
            let enabled = button.is_enabled().await.map_err(|error| error.to_string())?;
            if enabled { Ok(()) } else { Err("it is disabled".to_owned()) }
        })
        .await;
        // WebKit's driver does not scroll inside of an element.
        let element = serde_json::to_value(&button).expect("an element");
        self.browser.run_script("arguments[0].scrollIntoView({ block: 'nearest' })", vec![element]).await;
        button
            .click()
            .await
            .unwrap_or_else(|error| panic!("the button {label:?} cannot be clicked: {error:?}"));
    }

    /// Clicks the button with this accessible name, which is not its text.
    pub(crate) async fn click_named(&self, name: &str) {
        let button = format!("button[aria-label='{name}']");
        // WebKit's driver does not scroll inside of an element.
        self.script(&format!("document.querySelector(\"{button}\").scrollIntoView({{ block: 'nearest' }})"))
            .await;
        let button = self.browser.client.find(Locator::Css(&button)).await.expect("a button");
        button.click().await.expect("a click");
    }

    /// Clicks "Run function".
    pub(crate) async fn run(&self) {
        self.click("Run function").await;
    }

    /// Fills in a command, and runs it.
    pub(crate) async fn run_command(&self, command: &str) {
        self.fill_in_app_and_key().await;
        self.fill("command", command).await;
        self.run().await;
    }

    /// The id of the element that has the focus.
    pub(crate) async fn focused(&self) -> String {
        self.text_by("return document.activeElement?.id ?? ''", "").await
    }

    /// Waits until the element of this id has the focus.
    pub(crate) async fn has_focus(&self, id: &str) {
        self.until(&format!("the focus is at {id:?}"), async || match self.focused().await {
            focused if focused == id => Ok(()),
            other => Err(format!("it is at {other:?}")),
        })
        .await;
    }

    // Errors.

    /// The `data-error` of all errors in view.
    pub(crate) async fn errors(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[data-error]')]
            .filter((error) => error.checkVisibility()).map((error) => error.dataset.error)";
        strings(&self.script(script).await)
    }

    /// Waits until an error with this `data-error` is in view.
    pub(crate) async fn shows_error(&self, code: &str) {
        self.until(&format!("the error {code:?}"), async || {
            let errors = self.errors().await;
            if errors.iter().any(|error| error == code) { Ok(()) } else { Err(format!("errors {errors:?}")) }
        })
        .await;
    }

    /// The `data-error` of what describes a field to assistive technology.
    pub(crate) async fn field_error(&self, field: &str) -> Option<String> {
        let script = "const field = document.getElementById(arguments[0]);
            const ids = (field.getAttribute('aria-describedby') ?? '').split(' ');
            const errors = ids.map((id) => document.getElementById(id)?.dataset.error);
            return errors.find((error) => error !== undefined) ?? null";
        let error = self.browser.run_script(script, vec![json!(field)]).await;
        error.as_str().map(str::to_owned)
    }

    // Runs.

    /// The runs that are shown, oldest first.
    pub(crate) async fn runs(&self) -> Vec<Run> {
        let script = "return [...document.querySelectorAll('[data-run-id]')]
            .filter((run) => run.checkVisibility())
            .map((run) => [run.dataset.runId, run.dataset.runState, run.dataset.exitStatus ?? null,
                run.dataset.runEnd ?? null])";
        let runs = self.script(script).await;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let run = |run: &Value| Run {
            id: text(&run[0]).unwrap_or_default(),
            state: text(&run[1]).unwrap_or_default(),
            exit_status: text(&run[2]),
            end: text(&run[3]),
        };
        runs.as_array().expect("a list").iter().map(run).collect()
    }

    /// Clicks the run, so that its log and its result are shown.
    pub(crate) async fn select_run(&self, id: &str) {
        let selector = format!("[data-run-id='{id}']");
        let run = self.browser.client.find(Locator::Css(&selector)).await;
        run.expect("the run").click().await.expect("a click");
    }

    /// Waits until the newest run is in this state.
    pub(crate) async fn run_is(&self, state: &str) -> Run {
        self.until(&format!("a run that is {state}"), async || match self.runs().await.pop() {
            Some(run) if run.state == state => Ok(run),
            other => Err(format!("{other:?}")),
        })
        .await
    }

    /// Waits until a second run is there and has ended.
    pub(crate) async fn second_run_ends(&self) {
        self.until("the end of a second run", async || match self.runs().await {
            runs if runs.len() == 2 && runs[1].state == "ended" => Ok(()),
            runs => Err(format!("{runs:?}")),
        })
        .await;
    }

    /// Waits until the newest run has ended, and gives its exit status and result.
    pub(crate) async fn ends(&self) -> (Option<String>, String) {
        let run = self.run_is("ended").await;
        (run.exit_status, self.result().await)
    }

    /// The text of the result.
    pub(crate) async fn result(&self) -> String {
        self.text_by("return document.getElementById('result').textContent", "").await
    }

    /// All of the result, which can be longer than what is shown of it.
    pub(crate) async fn whole_result(&self) -> String {
        let taken = "window.copied = null;
            const { clipboard } = navigator;
            Object.defineProperty(navigator, 'clipboard', { configurable: true, value: {
                writeText: async (text) => { window.copied = text; },
            } });";
        self.script(taken).await;
        self.click("Copy result").await;
        self.until("the copied result", async || {
            let copied = self.script("return window.copied").await;
            copied.as_str().map(str::to_owned).ok_or_else(|| copied.to_string())
        })
        .await
    }

    // The console.

    /// The rows in view, from top to bottom.
    pub(crate) async fn rows(&self) -> Vec<Row> {
        let script = "const log = document.querySelector('[role=log]');
            if (!log) return [];
            const view = log.getBoundingClientRect();
            return [...log.querySelectorAll('[data-line]')].filter((row) => {
                const box = row.getBoundingClientRect();
                return box.top < view.bottom - 1 && box.bottom > view.top + 1;
            }).map((row) => [
                Number(row.dataset.line),
                // Firefox leaves out of innerText what turns the direction of text.
                [...row.children].map((part) => part.textContent).join('\\n').trim(),
            ])";
        let rows = self.script(script).await;
        let row = |row: &Value| Row {
            line: row[0].as_u64().expect("a line's number"),
            text: row[1].as_str().unwrap_or_default().to_owned(),
        };
        rows.as_array().expect("a list").iter().map(row).collect()
    }

    /// Waits until a row in view ends with this text.
    pub(crate) async fn shows_line(&self, end: &str) -> Row {
        self.until(&format!("a row that ends with {end:?}"), async || {
            let rows = self.rows().await;
            let found = rows.iter().find(|row| row.text.ends_with(end)).cloned();
            found.ok_or_else(|| format!("{rows:?}"))
        })
        .await
    }

    /// How many lines and how many marks of missing lines the log has, which are fewer than 500,000 together; its end has
    /// to be in view.
    pub(crate) async fn log_size(&self) -> (u64, u64) {
        let script = "const log = document.querySelector('[role=log]');
            const last = [...log.querySelectorAll('[data-line]')].at(-1);
            const rows = Math.round(log.firstElementChild.offsetHeight / last.offsetHeight);
            return [Number(last.dataset.line), rows]";
        let size = self.script(script).await;
        let (lines, rows) = (size[0].as_u64().expect("a number"), size[1].as_u64().expect("a number"));
        (lines, rows - lines)
    }

    /// Waits until so many lines are there; the end has to be in view.
    pub(crate) async fn has_lines(&self, count: u64) {
        self.until(&format!("{count} lines"), async || {
            let last = self.rows().await.pop().map_or(0, |row| row.line);
            if last >= count { Ok(()) } else { Err(format!("{last} lines")) }
        })
        .await;
    }

    /// The marks of missing lines that are in the document, each with the lines before and behind it.
    pub(crate) async fn marks(&self) -> Vec<(String, u64, u64)> {
        let script = "return [...document.querySelectorAll('[role=log] [data-mark=gap]')].map((mark) => [
            mark.textContent, Number(mark.previousElementSibling?.dataset.line ?? 0),
            Number(mark.nextElementSibling?.dataset.line ?? 0)])";
        let marks = self.script(script).await;
        let mark = |mark: &Value| {
            let line = |value: &Value| value.as_u64().expect("a line's number");
            (mark[0].as_str().unwrap_or_default().to_owned(), line(&mark[1]), line(&mark[2]))
        };
        marks.as_array().expect("a list").iter().map(mark).collect()
    }

    /// Turns the mouse wheel over the console; `pixels` down, or up when negative.
    pub(crate) async fn wheel(&self, pixels: i64) {
        // WebKit loses a turn of the wheel that comes before the page's own scrolling has been drawn, and some others.
        let script = "const log = document.querySelector('[role=log]');
            const box = log.getBoundingClientRect();
            const middle = [box.x + box.width / 2, box.y + box.height / 2].map(Math.round);
            window.scrolledFrom = log.scrollTop;
            return new Promise((drawn) =>
                requestAnimationFrame(() => requestAnimationFrame(() => drawn(middle))))";
        let middle = self.script(script).await;
        let (x, y) = (middle[0].as_i64().expect("x"), middle[1].as_i64().expect("y"));
        let has_moved = "const log = document.querySelector('[role=log]');
            let frames = 0;
            return new Promise((moved) => {
                const look = () => {
                    const is_there = log.scrollTop !== window.scrolledFrom;
                    if (is_there || frames++ > 120) moved(is_there);
                    else requestAnimationFrame(look);
                };
                look();
            })";
        let mut attempts = 0;
        self.until("a turn of the wheel that scrolls the log", async || {
            // Over another row than before, which may have gone.
            let y = y + 20 * (attempts % 5);
            attempts += 1;
            let scroll = WheelAction::Scroll { duration: None, x, y, delta_x: 0, delta_y: pixels };
            let wheel = WheelActions::new("wheel".to_owned()).then(scroll);
            self.browser.client.perform_actions(wheel).await.map_err(|error| error.to_string())?;
            // WebKit's driver takes the same turn for none at all, until it forgets.
            self.browser.client.release_actions().await.map_err(|error| error.to_string())?;
            if self.script(has_moved).await == true {
                return Ok(());
            }
            let place = "const log = document.querySelector('[role=log]');
                return `${log.scrollTop} of ${log.scrollHeight}, ${log.clientHeight} high`";
            Err(format!("it was lost at {}", self.script(place).await))
        })
        .await;
    }

    /// Presses keys while the console has the focus.
    pub(crate) async fn press_keys_in_console(&self, keys: &str) {
        let log = self.browser.client.find(Locator::Css("[role=log]")).await.expect("the console");
        log.send_keys(keys).await.expect("typing works");
    }

    /// What the page's policy has blocked.
    pub(crate) async fn policy_violations(&self) -> Vec<String> {
        strings(&self.script("return observed.violations").await)
    }

    // What Chromium alone tells.

    /// All events of the DevTools protocol since the page was opened.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let entries = self.browser.new_log_entries("performance").await;
        let event = |entry: &Value| {
            let message = entry["message"].as_str().expect("an entry's message");
            let message: Value = serde_json::from_str(message).expect("an entry in JSON");
            message["message"].clone()
        };
        let mut events = self.events.borrow_mut();
        events.extend(entries.iter().map(event));
        events.clone()
    }

    /// All requests since the page was opened, preflights and the page's own files included.
    pub(crate) async fn requests(&self) -> Vec<Request> {
        traffic::requests(&self.events().await)
    }

    /// All messages of the console since the page was opened.
    pub(crate) async fn console(&self) -> Vec<String> {
        let entries = self.browser.new_log_entries("browser").await;
        let message = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        let mut console = self.console.borrow_mut();
        console.extend(entries.iter().map(message));
        console.clone()
    }

    async fn text_by(&self, script: &str, argument: &str) -> String {
        let text = self.browser.run_script(script, vec![json!(argument)]).await;
        text.as_str().unwrap_or_else(|| panic!("no text but {text}: {script}")).to_owned()
    }
}

/// The keys that press a letter together with Control.
pub(crate) fn control(letter: char) -> String {
    format!("{}{letter}{}", char::from(Key::Control), char::from(Key::Null))
}

fn strings(list: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.as_array().expect("a list").iter().map(text).collect()
}
