//! The Platform API: apps, dynos, log sessions (platform-api.md 1, 3, 4).

use std::rc::Rc;

use serde_json::{Value, json};
use serverless_on_heroku::domain::api::{Answer, Method};

use super::dyno::{Dyno, Line, timestamp};
use super::scenario::Scenario;
use super::world::World;

pub(crate) const APPS: [&str; 2] = ["app-one", "app-two"];
pub(crate) const KEYS: [&str; 2] = ["HRKU-01234567-first-key", "HRKU-89abcdef-second-key"];

/// An unused session can be connected to for this long (platform-api.md 4.3).
const UNUSED_SESSION: u64 = 5 * 60_000;

/// A name is not used again before this.
const NAME_PAUSE: u64 = 60_000;

/// Requests that an account gets back in a minute, and has at most (platform-api.md 1.5).
const REFILL: u64 = 75;
const MOST_REQUESTS: u64 = 4500;

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) app: usize,
    /// A dyno's name or a process type.
    pub(crate) filter: Option<String>,
    pub(crate) only_app: bool,
    pub(crate) lines: usize,
    pub(crate) expires_unused: u64,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) lines: [Vec<Line>; 2],
    pub(crate) dynos: Vec<Dyno>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) key: &'static str,
    /// In microseconds.
    pub(crate) last_stamp: u64,
    remaining: u64,
    refilled: u64,
}

impl Server {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self {
            lines: [Vec::new(), Vec::new()],
            dynos: Vec::new(),
            sessions: Vec::new(),
            key: KEYS[0],
            last_stamp: 0,
            remaining: scenario.remaining,
            refilled: super::world::START,
        }
    }
}

impl World {
    /// The server's clock.
    pub(crate) fn server_now(&self) -> u64 {
        self.now.saturating_add_signed(self.scenario.server_skew)
    }

    /// Answers a call, with all that it brings about.
    pub(crate) fn serve(&mut self, call: usize) -> Answer {
        let request = self.network.calls[call].request.clone();
        self.tell("server", format_args!("gets {:?} {} {:?}", request.method, request.path, request.body));
        let is_rate_limits = request.path == "/account/rate-limits";
        let minutes = (self.now - self.server.refilled) / 60_000;
        self.server.refilled += minutes * 60_000;
        self.server.remaining = (self.server.remaining + minutes * REFILL).min(MOST_REQUESTS);
        if self.network.calls[call].key != self.server.key {
            return error(401, "unauthorized");
        }
        if is_rate_limits {
            let remaining = self.server.remaining;
            return self.answer(200, &json!({ "remaining": remaining }));
        }
        if self.server.remaining == 0 {
            return self.too_many();
        }
        self.server.remaining -= 1;
        let path: Vec<&str> = request.path.split('/').skip(1).collect();
        let Some(app) = APPS.iter().position(|app| path.get(1) == Some(app)) else {
            return error(404, "not_found");
        };
        // An answer about a dyno that is there is never "not found": the page takes that for the truth.
        let may_be_unknown = path.len() != 4;
        let is_faulty = !self.is_calm && self.random.chance(self.scenario.error);
        if is_faulty && self.random.chance(70) {
            return self.faulty(may_be_unknown);
        }
        let answer = match (request.method, path.get(2).copied(), path.len()) {
            (Method::Get, None, _) => self.app_info(app),
            (Method::Post, Some("dynos"), 3) => self.create_dyno(app, call),
            (Method::Get, Some("dynos"), 3) => self.list_dynos(app),
            (Method::Get, Some("dynos"), 4) => self.dyno_info(app, path[3]),
            (Method::Post, Some("dynos"), 6) => self.stop_dyno(app, path[3]),
            (Method::Post, Some("log-sessions"), 3) => self.create_session(app, call),
            _ => error(404, "not_found"),
        };
        if is_faulty {
            // The effect is there, and the answer does not tell.
            let creates = request.method == Method::Post && path.len() == 3;
            return html(if creates { self.random.pick(&[200, 502, 503]) } else { 502 });
        }
        answer
    }

    fn answer(&self, status: u16, body: &Value) -> Answer {
        let remaining_requests = self.scenario.tells_remaining.then_some(self.server.remaining);
        Answer { status, body: body.to_string(), remaining_requests, ..Answer::default() }
    }

    fn too_many(&mut self) -> Answer {
        let wait = self.random.between(1, 100);
        let retry_after = self.scenario.tells_retry_after.then(|| std::time::Duration::from_secs(wait));
        Answer { retry_after, ..error(429, "rate_limit") }
    }

    fn faulty(&mut self, may_be_unknown: bool) -> Answer {
        match self.random.between(0, 5) {
            0 => self.too_many(),
            1 => html(503),
            2 => error(500, ""),
            3 if may_be_unknown => error(404, "not_found"),
            4 => Answer { status: 503, ..Answer::default() },
            _ => error(503, "unavailable"),
        }
    }

    fn app_info(&self, app: usize) -> Answer {
        let (generation, stack) =
            if self.scenario.is_fir[app] { ("fir", "cnb") } else { ("cedar", "heroku-24") };
        self.answer(
            200,
            &json!({"name": APPS[app], "generation": {"name": generation}, "stack": {"name": stack}}),
        )
    }

    fn create_dyno(&mut self, app: usize, call: usize) -> Answer {
        let clicked = self.network.calls[call].clicked;
        if !self.is_calm && self.random.chance(self.scenario.conflict) {
            return error(409, "conflict");
        }
        let body = self.network.calls[call].request.body.clone().unwrap_or_default();
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        let command = body["command"].as_str().unwrap_or_default().to_owned();
        let limit = body["time_to_live"].as_u64();
        let dyno = self.start_dyno(app, clicked, command, limit);
        let body = self.dyno_body(dyno);
        self.answer(201, &body)
    }

    fn dyno_body(&self, dyno: usize) -> Value {
        let dyno = &self.server.dynos[dyno];
        let created = &timestamp(dyno.created, 0)[..19];
        json!({"name": &*dyno.name, "type": "run", "size": "Basic", "command": &dyno.command, "created_at": format!("{created}Z")})
    }

    fn list_dynos(&self, app: usize) -> Answer {
        let alive = (0..self.server.dynos.len()).filter(|&dyno| {
            let it = &self.server.dynos[dyno];
            it.app == app && it.is_listed(self.now)
        });
        let dynos: Vec<Value> = alive.map(|dyno| self.dyno_body(dyno)).collect();
        self.answer(200, &Value::Array(dynos))
    }

    fn find_dyno(&self, app: usize, name: &str) -> Option<usize> {
        let is_it = |it: &Dyno| it.app == app && &*it.name == name && it.is_listed(self.now);
        self.server.dynos.iter().rposition(is_it)
    }

    fn dyno_info(&self, app: usize, name: &str) -> Answer {
        match self.find_dyno(app, name) {
            Some(dyno) => self.answer(200, &self.dyno_body(dyno)),
            None => error(404, "not_found"),
        }
    }

    fn stop_dyno(&mut self, app: usize, name: &str) -> Answer {
        let Some(dyno) = self.find_dyno(app, name) else { return error(404, "not_found") };
        self.stop(dyno);
        self.answer(202, &json!({}))
    }

    fn create_session(&mut self, app: usize, call: usize) -> Answer {
        let body = self.network.calls[call].request.body.clone().unwrap_or_default();
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        let filter = body["dyno"].as_str().or(body["type"].as_str()).map(str::to_owned);
        let only_app = body["source"].as_str() == Some("app");
        let lines = body["lines"].as_u64().unwrap_or(100) as usize;
        let expires_unused = self.now + UNUSED_SESSION;
        self.server.sessions.push(Session { app, filter, only_app, lines, expires_unused });
        let session = self.server.sessions.len() - 1;
        let created = &timestamp(self.server_now(), 0)[..19];
        let url = format!("https://virginia.sessions.logs.heroku.com/stream/{session}");
        self.answer(201, &json!({"created_at": format!("{created}Z"), "logplex_url": url}))
    }

    pub(crate) fn revoke_key(&mut self) {
        self.tell("server", format_args!("the key is revoked"));
        self.server.key = KEYS[1];
    }

    /// A name that no dyno has, perhaps one that an earlier dyno had and no run of the page follows.
    pub(crate) fn dyno_name(&mut self, app: usize) -> Rc<str> {
        let is_taken = |world: &Self, name: &str| {
            let runs = &world.page.state.runs;
            let is_followed = runs
                .iter()
                .any(|run| !run.is_over() && run.dyno.as_ref().is_some_and(|dyno| dyno.name == name));
            let is_unclear = |dyno: &Dyno| runs.iter().any(|run| dyno.is_of(run) && run.unclear.is_some());
            let is_remembered = world.page.state.adoptions.iter().any(|it| it.run.dyno == name);
            is_followed
                || is_remembered
                || world.server.dynos.iter().any(|dyno| {
                    let was_there = dyno.gone.is_none_or(|gone| gone + NAME_PAUSE > world.now);
                    dyno.app == app && &*dyno.name == name && (was_there || is_unclear(dyno))
                })
        };
        loop {
            let number = if self.scenario.reuses_names && self.random.chance(70) {
                self.random.between(1000, 1003)
            } else {
                self.random.between(2000, 9999)
            };
            let name = if self.scenario.is_fir[app] {
                format!("run-5d4f7c9b8d-x{number}")
            } else {
                format!("run.{number}")
            };
            if !is_taken(self, &name) {
                return name.into();
            }
        }
    }
}

fn error(status: u16, id: &str) -> Answer {
    let body = if id.is_empty() { "{}".to_owned() } else { json!({"id": id, "message": "No."}).to_string() };
    Answer { status, body, ..Answer::default() }
}

fn html(status: u16) -> Answer {
    Answer { status, body: "<html>".to_owned(), ..Answer::default() }
}
