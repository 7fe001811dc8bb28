//! Dynos: what they print, and how they end (platform-api.md 6.2 and 6.3).

use std::rc::Rc;

use serverless_on_heroku::domain::run::Run;
use serverless_on_heroku::domain::time::Time;

use super::server::{APPS, KEYS};
use super::world::{Happening, START, World};

/// SIGKILL comes this long after SIGTERM.
const SIGKILL: u64 = 30_000;

/// Heroku cuts messages that are longer, in bytes.
const LONGEST_MESSAGE: usize = 10_000;

/// A line as it was printed, with its header.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) text: Vec<u8>,
    pub(crate) process: Rc<str>,
    /// Its source is `app`.
    pub(crate) from_app: bool,
    pub(crate) dyno: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct Dyno {
    pub(crate) app: usize,
    pub(crate) name: Rc<str>,
    /// The click that led to it: of all runs of the app, also of those of before a reload, one has this time.
    pub(crate) clicked: Time,
    pub(crate) command: String,
    /// By the server's clock.
    pub(crate) created: u64,
    /// The API does not know it before this.
    pub(crate) visible: u64,
    /// The API does not know it since.
    pub(crate) gone: Option<u64>,
    /// The process has ended.
    pub(crate) has_ended: bool,
    pub(crate) exit: i32,
    /// A request to stop it was accepted.
    pub(crate) was_stopped: bool,
    pub(crate) hit_limit: bool,
    pub(crate) crashed: bool,
    /// Steps of an earlier plan are not taken.
    plan: u32,
}

impl Dyno {
    /// Whether it is there because of this run.
    pub(crate) fn is_of(&self, run: &Run) -> bool {
        self.clicked == run.times.clicked && APPS[self.app] == run.app.as_str()
    }

    pub(crate) fn is_listed(&self, now: u64) -> bool {
        self.gone.is_none() && self.visible <= now
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Starting,
    Up,
    Prints,
    Ends,
    ExitLine,
    FinalLine,
    SigtermLine,
    Limit,
    Gone,
}

impl World {
    /// A dyno is created; its whole life is planned unless somebody stops it.
    pub(crate) fn start_dyno(
        &mut self,
        app: usize,
        clicked: Time,
        command: String,
        limit: Option<u64>,
    ) -> usize {
        let name = self.dyno_name(app);
        let created = self.server_now() / 1000 * 1000;
        let late = if self.scenario.late_dynos && !self.is_calm { self.random.between(0, 5000) } else { 0 };
        let dyno = self.server.dynos.len();
        let exit = self.random.pick(&[0, 0, 0, 1, 3, 127]);
        let crashed = self.random.chance(4);
        self.tell("server", format_args!("dyno {dyno} {name} of the click at {clicked:?}, exit {exit}"));
        self.server.dynos.push(Dyno {
            app,
            name,
            clicked,
            command,
            created,
            visible: self.now + late,
            gone: None,
            has_ended: false,
            exit,
            was_stopped: false,
            hit_limit: false,
            crashed,
            plan: 0,
        });
        self.plan_life(dyno, late);
        if let Some(limit) = limit {
            self.plan(limit * 1000, Happening::Dyno(dyno, 0, Step::Limit));
        }
        dyno
    }

    fn step(&mut self, dyno: usize, pause: u64, step: Step) {
        let plan = self.server.dynos[dyno].plan;
        self.plan(pause, Happening::Dyno(dyno, plan, step));
    }

    fn plan_life(&mut self, dyno: usize, late: u64) {
        // The API knows a dyno before it prints: the page takes that for granted (design.md 2.4).
        let mut at = late + self.random.magnitude(50, 8000);
        if self.random.chance(80) {
            self.step(dyno, at, Step::Starting);
            at += self.random.magnitude(1, 2000);
        }
        if self.random.chance(85) {
            self.step(dyno, at, Step::Up);
        }
        let lives = if self.random.chance(10) {
            self.random.between(10 * 60_000, 40 * 60_000)
        } else {
            self.random.magnitude(1000, 6 * 60_000)
        };
        let lines = self.random.magnitude(1, 600) - 1;
        let is_burst = self.random.chance(30);
        for _ in 0..lines {
            let pause = if is_burst {
                lives / 2 + self.random.between(0, 200)
            } else {
                self.random.between(0, lives)
            };
            self.step(dyno, at + pause, Step::Prints);
        }
        self.step(dyno, at + lives + 200, Step::Ends);
    }

    /// The process ends: lines of the platform may tell it, in either order, or be missing.
    fn plan_end(&mut self, dyno: usize) {
        self.server.dynos[dyno].has_ended = true;
        let (tells_exit, tells_final) = (!self.random.chance(12), !self.random.chance(12));
        let (first, second) = (self.random.between(0, 200), self.random.between(0, 400));
        if tells_exit {
            self.step(dyno, first, Step::ExitLine);
        }
        if tells_final {
            self.step(dyno, second, Step::FinalLine);
        }
        if self.random.chance(15) {
            let pause = self.random.between(0, 300);
            self.step(dyno, pause, Step::Prints);
        }
        let pause = self.random.between(0, 2000);
        self.step(dyno, pause, Step::Gone);
    }

    /// SIGTERM, as Stop and a time limit send it.
    fn terminate(&mut self, dyno: usize) {
        let it = &mut self.server.dynos[dyno];
        it.plan += 1;
        let ignores = self.random.chance(15);
        let it = &mut self.server.dynos[dyno];
        it.exit = if ignores { 137 } else { 143 };
        it.crashed = false;
        let pause = self.random.between(0, 300);
        self.step(dyno, pause, Step::SigtermLine);
        let pause = if ignores { SIGKILL } else { self.random.magnitude(100, 5000) };
        self.step(dyno, pause, Step::Ends);
    }

    pub(crate) fn stop(&mut self, dyno: usize) {
        let it = &mut self.server.dynos[dyno];
        // Heroku may accept this of a process that has ended by itself a moment ago: nobody can tell afterwards.
        if std::mem::replace(&mut it.was_stopped, true) || it.has_ended || it.hit_limit {
            return;
        }
        self.terminate(dyno);
    }

    /// Nothing lives for ever: those that are left end, some without a line.
    pub(crate) fn end_all_dynos(&mut self) {
        for dyno in 0..self.server.dynos.len() {
            if self.server.dynos[dyno].has_ended {
                continue;
            }
            self.server.dynos[dyno].plan += 1;
            if self.random.chance(30) {
                self.server.dynos[dyno].has_ended = true;
                self.step(dyno, 0, Step::Gone);
            } else {
                self.plan_end(dyno);
            }
        }
        self.plan(10_000, Happening::LastDynos);
    }

    pub(crate) fn dyno_lives(&mut self, dyno: usize, plan: u32, step: Step) {
        let it = &self.server.dynos[dyno];
        if let Step::Limit = step {
            if !it.has_ended && !it.was_stopped {
                self.server.dynos[dyno].hit_limit = true;
                self.terminate(dyno);
            }
            return;
        }
        if it.plan != plan
            || it.gone.is_some() && !matches!(step, Step::ExitLine | Step::FinalLine | Step::Prints)
        {
            return;
        }
        let exit = it.exit;
        match step {
            Step::Starting => self.platform_says(dyno, "Starting process with command `python task.py`"),
            Step::Up => self.platform_says(dyno, "State changed from starting to up"),
            Step::Prints => self.function_prints(dyno),
            Step::Ends => self.plan_end(dyno),
            Step::ExitLine => self.platform_says(dyno, &format!("Process exited with status {exit}")),
            Step::FinalLine => {
                let state = if it.crashed { "crashed" } else { "complete" };
                self.platform_says(dyno, &format!("State changed from up to {state}"));
            }
            Step::SigtermLine => self.platform_says(dyno, "Stopping all processes with SIGTERM"),
            Step::Gone => {
                let it = &mut self.server.dynos[dyno];
                it.gone = Some(self.now);
                let name = Rc::clone(&it.name);
                self.tell("server", format_args!("dyno {dyno} {name} is gone"));
            }
            Step::Limit => {}
        }
    }

    fn platform_says(&mut self, dyno: usize, message: &str) {
        let (app, name) = (self.server.dynos[dyno].app, Rc::clone(&self.server.dynos[dyno].name));
        let stamp = self.stamp();
        self.print(app, &stamp, "heroku", name, message.as_bytes(), Some(dyno));
    }

    fn function_prints(&mut self, dyno: usize) {
        let (app, name) = (self.server.dynos[dyno].app, Rc::clone(&self.server.dynos[dyno].name));
        let number = self.server.lines[app].len();
        let repeats = self.scenario.repeats_lines;
        let (message, copies) = match self.random.between(0, 99) {
            0..30 if repeats => ("tick".to_owned(), self.random.pick(&[1, 1, 1, 1, 2, 2, 5, 30])),
            30..36 => (String::new(), 1),
            36..40 => (format!("\u{1b}[32m{number} 世界\u{1b}[0m"), 1),
            40..43 => (format!("{number} {}", "long ".repeat(self.random.magnitude(10, 600) as usize)), 1),
            43..46 => (format!("10%\r20%\r{number}"), 1),
            46..48 => (format!("Process exited with status 9 {number}"), 1),
            48 => (format!("{number} {}", KEYS[0]), 1),
            49 => (format!("{number} {}", "x".repeat(self.random.between(9_900, 21_000) as usize)), 1),
            _ => (format!("line {number}"), 1),
        };
        // Copies have the same stamp: nothing tells them apart.
        let stamp = self.stamp();
        for _ in 0..copies {
            for piece in
                message.as_bytes().chunks(LONGEST_MESSAGE).chain(message.is_empty().then_some(&b""[..]))
            {
                self.print(app, &stamp, "app", Rc::clone(&name), piece, Some(dyno));
            }
        }
    }

    /// Of the microsecond, never earlier than the one before.
    fn stamp(&mut self) -> String {
        let now = self.server_now() * 1000 + self.random.between(0, 999);
        self.server.last_stamp = now.max(self.server.last_stamp + 1);
        timestamp(self.server.last_stamp / 1000, self.server.last_stamp % 1000)
    }

    fn print(
        &mut self,
        app: usize,
        stamp: &str,
        source: &str,
        process: Rc<str>,
        message: &[u8],
        dyno: Option<usize>,
    ) {
        let mut text = format!("{stamp} {source}[{process}]: ").into_bytes();
        text.extend_from_slice(message);
        if self.trace.0.is_some() {
            let shown = String::from_utf8_lossy(&text).into_owned();
            let number = self.server.lines[app].len();
            self.tell("server", format_args!("line {number}: {shown}"));
        }
        self.server.lines[app].push(Line { text, process, from_app: source == "app", dyno });
        self.publish(app);
    }

    /// A line of another process.
    pub(crate) fn noise(&mut self, app: usize) {
        let stamp = self.stamp();
        let number = self.server.lines[app].len();
        let (source, process) =
            self.random.pick(&[("app", "web.1"), ("heroku", "router"), ("app", "run.1"), ("app", "api")]);
        for _ in 0..self.random.magnitude(1, 20) {
            self.print(app, &stamp, source, process.into(), format!("noise {number}").as_bytes(), None);
        }
    }

    /// What was there before the page: other processes, and dynos of names that come again.
    pub(crate) fn fill_history(&mut self) {
        for app in 0..2 {
            for _ in 0..self.random.magnitude(1, 60) {
                self.noise(app);
                let name: Rc<str> = format!("run.{}", self.random.between(1000, 1003)).into();
                let stamp = timestamp(self.server_now() - 60_000, 0);
                let message = self.random.pick(&[
                    "older",
                    "Process exited with status 77",
                    "State changed from up to crashed",
                ]);
                let source = if message == "older" { "app" } else { "heroku" };
                self.print(app, &stamp, source, name, message.as_bytes(), None);
            }
        }
    }
}

/// RFC 3339 with microseconds, in UTC.
pub(crate) fn timestamp(milliseconds: u64, micros: u64) -> String {
    let since = milliseconds.saturating_sub(START - START % 86_400_000);
    let (days, rest) = (since / 86_400_000, since % 86_400_000);
    let (seconds, fraction) = (rest / 1000, rest % 1000 * 1000 + micros);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("2026-01-{:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}+00:00", days + 2)
}
