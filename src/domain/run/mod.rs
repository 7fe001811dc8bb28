//! A run of a function, from the click to its end: the state machine of design.md 2.
//!
//! Every event may come late, twice or never; what does not fit the state changes nothing.

mod questions;
mod times;
mod timings;
mod unclear;

use std::rc::Rc;
use std::time::Duration;

use crate::domain::api::{self, Answer, Dyno, LogSource, Request};
use crate::domain::error::{ApiError, Attempt, TransportError};
use crate::domain::form::{Field, Form, RunRequest};
use crate::domain::ids::{AppName, RunId};
use crate::domain::log::{Fact, Scope};
use crate::domain::notice::Notice;
use crate::domain::secret::ApiKey;
use crate::domain::stream_url;
use crate::domain::time::Time;
use crate::domain::time_limit;

use questions::Questions;
pub use times::Times;
pub use timings::Timings;
pub use unclear::{Search, Unclear};

/// A release that is not ready answers 409 for a moment; the CLI repeats twice at once (platform-api.md 1.8).
const CONFLICT_REPEATS: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The request for a dyno is under way.
    Creating,
    /// There is a dyno, and its process does not run yet.
    Starting,
    Up,
    /// The dyno is gone, whatever its exit status.
    Ended,
    /// There never was a dyno.
    Failed,
}

impl Phase {
    /// The value of `data-run-state`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Ended => "ended",
            Self::Failed => "failed",
        }
    }
}

/// The request to stop the dyno.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    NotRequested,
    Requested,
    /// Heroku knew no such dyno: gone, or too new to be known everywhere (platform-api.md 3.3). It is asked.
    Doubtful,
    /// Heroku sends SIGTERM, and SIGKILL 30 s later.
    Accepted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LogState {
    /// Not asked for yet.
    None,
    /// The log session or its stream is being opened.
    Opening,
    Live,
    /// No lines come any more, and the run is not over.
    Lost,
    Closed,
}

/// The end was seen; stragglers may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ending {
    since: Time,
    last_line: Time,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    pub app: AppName,
    pub command: String,
    pub phase: Phase,
    pub times: Times,
    pub dyno: Option<Dyno>,
    /// The run failed, and there may be a dyno all the same, although no answer named one.
    pub unclear: Option<Unclear>,
    /// From the log; stays `None` when no exit line came.
    pub exit_status: Option<i32>,
    pub stop: Stop,
    /// Why there is no dyno, or no log.
    pub problem: Option<Notice>,
    /// Why it is not known whether the dyno still runs.
    pub question_problem: Option<Notice>,
    /// Why Stop did not work.
    pub stop_problem: Option<Notice>,
    api_key: ApiKey,
    /// Shared, because the state is copied with each change.
    request: Rc<RunRequest>,
    conflicts: u8,
    log: LogState,
    /// A stream was open at some time.
    has_log: bool,
    ending: Option<Ending>,
    questions: Questions,
}

/// What happens to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEvent {
    Answered(Call, Result<Answer, TransportError>),
    StreamOpened,
    /// The stream could not be opened.
    StreamFailed(ApiError),
    Facts(Vec<Fact>),
    /// The server closed the stream.
    StreamEnded,
    /// The stream broke off.
    StreamBroke,
    StopClicked,
    /// The log is to be tried again.
    OpenLogClicked,
    /// The dynos that may be this run's are to be looked for again.
    SearchClicked,
    /// The dyno of this name is this run's.
    FollowClicked(String),
    /// The same, and it is to be stopped.
    StopFoundClicked(String),
    /// A deadline may have passed.
    Ticked,
}

impl RunEvent {
    /// Whether a person asks for something to be sent.
    pub fn is_click(&self) -> bool {
        match self {
            Self::StopClicked
            | Self::OpenLogClicked
            | Self::SearchClicked
            | Self::FollowClicked(_)
            | Self::StopFoundClicked(_) => true,
            Self::Answered(..)
            | Self::StreamOpened
            | Self::StreamFailed(_)
            | Self::Facts(_)
            | Self::StreamEnded
            | Self::StreamBroke
            | Self::Ticked => false,
        }
    }
}

/// What a run is told with each event about the world around it.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    pub now: Time,
    pub timings: &'a Timings,
    /// The page comes from this machine, so log streams may, too.
    pub page_is_local: bool,
    /// Milliseconds that the server's clock is ahead of this browser's, as far as is known.
    pub server_ahead: i64,
    /// Names of dynos of the same app that other runs of the page follow.
    pub followed: &'a [String],
}

/// The calls of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    CreateDyno,
    ListDynos,
    CreateLogSession,
    DynoInfo,
    StopDyno,
}

/// What a run asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the request with the key, and answer with [`RunEvent::Answered`].
    Call { call: Call, request: Request, api_key: ApiKey },
    /// Read the stream into the run's log, where the key is masked.
    OpenStream { url: String, scope: Scope, api_key: ApiKey },
    /// Stop reading; what the stream left unfinished becomes a line.
    CloseStream,
}

impl Run {
    /// A run begins with the request for its dyno.
    pub fn start(id: RunId, request: RunRequest, api_key: ApiKey, now: Time) -> (Self, Effect) {
        let create = api::create_dyno(&request);
        let run = Self {
            id,
            app: request.app.clone(),
            command: request.command.clone(),
            phase: Phase::Creating,
            times: Times::begin(now),
            dyno: None,
            unclear: None,
            exit_status: None,
            stop: Stop::NotRequested,
            problem: None,
            question_problem: None,
            stop_problem: None,
            api_key,
            request: Rc::new(request),
            conflicts: 0,
            log: LogState::None,
            has_log: false,
            ending: None,
            questions: Questions::default(),
        };
        let effect = run.call(Call::CreateDyno, create);
        (run, effect)
    }

    /// From here on this key is used; Heroku may have refused the other.
    pub fn use_key(&mut self, api_key: ApiKey) {
        self.api_key = api_key;
    }

    /// The dyno's name, or while there is none the run's number.
    pub fn name(&self) -> String {
        self.dyno.as_ref().map_or_else(|| format!("run {}", self.id), |dyno| dyno.name.clone())
    }

    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Ended | Phase::Failed)
    }

    /// Whether the next run has to wait for this one. A run whose log is lost may live on for hours unseen.
    pub fn holds_the_page(&self) -> bool {
        !self.is_over() && self.log != LogState::Lost
    }

    /// Whether the form still holds what this run was started with.
    pub fn was_started_with(&self, form: &Form, field: Field) -> bool {
        match field {
            Field::App => AppName::parse(&form.app).as_ref() == Some(&self.app),
            Field::ApiKey => ApiKey::parse(&form.api_key.0).as_ref() == Ok(&self.api_key),
            Field::Command => form.command.trim() == self.command,
            Field::Size => form.size == self.request.size,
            Field::TimeLimit => time_limit::parse(&form.time_limit) == self.request.time_limit,
            // Nothing of Heroku's answers is told at these.
            Field::Name | Field::VariableName(_) | Field::VariableValue(_) => false,
        }
    }

    /// What is left of the time limit; `None` without one, before there is a dyno, and after its end.
    pub fn time_left(&self, now: Time) -> Option<Duration> {
        self.times.left(self.request.time_limit?, now)
    }

    /// Why an ended run has no exit status; `None` for any other run.
    pub fn why_exit_is_unknown(&self) -> Option<&'static str> {
        if self.phase != Phase::Ended || self.exit_status.is_some() {
            return None;
        }
        Some(if self.request.output_only {
            "the exit status stands in a line of the platform, which “Function output only” leaves out"
        } else if self.problem.is_some() {
            "the log was lost before the line with the exit status"
        } else {
            "the log has no line with the exit status"
        })
    }

    /// Whether the log can be tried again: none of it was ever read, so nothing would appear twice.
    pub fn can_open_log(&self) -> bool {
        self.log == LogState::Lost && !self.has_log && !self.is_over()
    }

    /// Stop works from the moment the dyno exists until it is gone.
    pub fn can_stop(&self) -> bool {
        self.dyno.is_some() && !self.is_over() && self.ending.is_none() && self.stop == Stop::NotRequested
    }

    /// When [`RunEvent::Ticked`] has something to do.
    pub fn deadline(&self, timings: &Timings) -> Option<Time> {
        if self.is_over() {
            return None;
        }
        let ending = self.ending.map(|ending| self.end_of_grace(ending, timings));
        [ending, self.questions.due()].into_iter().flatten().min()
    }

    /// The one place where a run changes.
    pub fn update(&mut self, event: RunEvent, around: &Surroundings<'_>) -> Vec<Effect> {
        if self.unclear.is_some() {
            return self.update_unclear(event, around);
        }
        if self.is_over() {
            return Vec::new();
        }
        let effect = match event {
            RunEvent::Answered(Call::CreateDyno, answer) => self.dyno_created(answer, around),
            RunEvent::Answered(Call::CreateLogSession, answer) => self.log_session_created(answer, around),
            RunEvent::Answered(Call::DynoInfo, answer) => self.dyno_answered(answer, around),
            RunEvent::Answered(Call::StopDyno, answer) => {
                self.stop_answered(answer, around.now);
                None
            }
            RunEvent::StreamOpened => {
                if self.log == LogState::Opening {
                    self.log = LogState::Live;
                    self.has_log = true;
                }
                None
            }
            RunEvent::StreamFailed(error) => self.log_lost(&error, around),
            RunEvent::Facts(facts) => {
                // Without a dyno there is nothing that they could be about.
                if self.dyno.is_some() {
                    facts.into_iter().for_each(|fact| self.learn(fact, around));
                }
                None
            }
            RunEvent::StreamEnded => self.log_lost(&ApiError::StreamEnded, around),
            RunEvent::StreamBroke => self.log_lost(&ApiError::StreamBroke, around),
            RunEvent::StopClicked => self.request_stop(),
            RunEvent::OpenLogClicked if self.can_open_log() => {
                self.problem = None;
                self.open_log()
            }
            RunEvent::Ticked => self.tick(around),
            RunEvent::OpenLogClicked
            | RunEvent::Answered(Call::ListDynos, _)
            | RunEvent::SearchClicked
            | RunEvent::FollowClicked(_)
            | RunEvent::StopFoundClicked(_) => None,
        };
        effect.into_iter().collect()
    }

    fn call(&self, call: Call, request: Request) -> Effect {
        Effect::Call { call, request, api_key: self.api_key.clone() }
    }

    /// An error in words. Heroku's own may hold what it was sent, so the key is masked in them.
    fn notice(&self, error: &ApiError, attempt: Attempt, now: Time) -> Notice {
        let notice = Notice::new(error, attempt, now);
        Notice { heroku_says: notice.heroku_says.map(|words| self.api_key.mask(&words)), ..notice }
    }

    fn dyno_created(
        &mut self,
        answer: Result<Answer, TransportError>,
        around: &Surroundings<'_>,
    ) -> Option<Effect> {
        if self.phase != Phase::Creating {
            return None;
        }
        match read(answer, api::dyno) {
            Ok(dyno) => self.has_dyno(dyno, around),
            Err(ApiError::Heroku(error)) if error.status == 409 && self.conflicts < CONFLICT_REPEATS => {
                self.conflicts += 1;
                Some(self.call(Call::CreateDyno, api::create_dyno(&self.request)))
            }
            Err(error) => {
                self.phase = Phase::Failed;
                self.times.ended = Some(around.now);
                self.problem = Some(self.notice(&error, Attempt::CreateDyno, around.now));
                if error.leaves_open_whether_it_worked() { self.begin_search() } else { None }
            }
        }
    }

    /// From here on there is a dyno, and its log is wanted.
    fn has_dyno(&mut self, dyno: Dyno, around: &Surroundings<'_>) -> Option<Effect> {
        self.dyno = Some(dyno);
        self.phase = Phase::Starting;
        self.times.created = Some(around.now);
        self.questions.line_came(self.question_pauses(around.timings), around.now);
        self.open_log()
    }

    fn open_log(&mut self) -> Option<Effect> {
        let source = if self.request.output_only { LogSource::App } else { LogSource::All };
        let request = api::create_log_session(&self.app, &self.dyno.as_ref()?.name, source);
        self.log = LogState::Opening;
        Some(self.call(Call::CreateLogSession, request))
    }

    fn log_session_created(
        &mut self,
        answer: Result<Answer, TransportError>,
        around: &Surroundings<'_>,
    ) -> Option<Effect> {
        let dyno = self.dyno.as_ref().filter(|_| self.log == LogState::Opening)?;
        match read(answer, api::log_session_url) {
            // An address with the key in it would send the key to the log server.
            Ok(url) if stream_url::is_allowed(&url, around.page_is_local) && !self.api_key.is_in(&url) => {
                let scope = Scope { dyno: dyno.name.clone(), created_at: dyno.created_at };
                Some(Effect::OpenStream { url, scope, api_key: self.api_key.clone() })
            }
            Ok(_) => self.log_lost(&ApiError::BadLogplexUrl, around),
            Err(error) => self.log_lost(&error, around),
        }
    }

    /// No more lines will come. When the end was seen, that is the end; else Heroku is asked about the dyno.
    fn log_lost(&mut self, error: &ApiError, around: &Surroundings<'_>) -> Option<Effect> {
        if !matches!(self.log, LogState::Opening | LogState::Live) {
            return None;
        }
        self.log = LogState::Lost;
        if self.ending.is_some() {
            return self.end();
        }
        self.problem = Some(self.notice(error, Attempt::OpenLog, around.now));
        self.questions.line_came(self.question_pauses(around.timings), around.now);
        if let Some(wait) = error.wait() {
            self.questions.wait_until(around.now.after(wait));
        }
        None
    }

    fn learn(&mut self, fact: Fact, around: &Surroundings<'_>) {
        let now = around.now;
        match fact {
            Fact::Lines | Fact::Gap | Fact::Code(_) => {}
            Fact::Starting => self.questions.see_alive(),
            Fact::Up { at } | Fact::FirstOutput { at } => {
                self.questions.see_alive();
                self.times.server_up.get_or_insert(at);
                if self.phase == Phase::Starting {
                    self.phase = Phase::Up;
                    self.times.up = Some(now);
                }
            }
            Fact::Exited { status, at } => {
                self.exit_status = self.exit_status.or(status);
                // The process's own end: the final state may have been stamped before or after it.
                self.times.server_ended = Some(at);
                self.see_end(now);
            }
            Fact::Final { at, .. } => {
                self.times.server_ended.get_or_insert(at);
                self.see_end(now);
            }
        }
        if let Some(ending) = &mut self.ending {
            ending.last_line = now;
        }
        if self.log != LogState::Lost {
            self.questions.line_came(self.question_pauses(around.timings), now);
        }
    }

    fn see_end(&mut self, now: Time) {
        self.times.ended.get_or_insert(now);
        self.ending.get_or_insert(Ending { since: now, last_line: now });
    }

    fn request_stop(&mut self) -> Option<Effect> {
        if !self.can_stop() {
            return None;
        }
        let request = api::stop_dyno(&self.app, &self.dyno.as_ref()?.name);
        self.stop = Stop::Requested;
        self.stop_problem = None;
        Some(self.call(Call::StopDyno, request))
    }

    fn stop_answered(&mut self, answer: Result<Answer, TransportError>, now: Time) {
        if self.stop != Stop::Requested {
            return;
        }
        match read(answer, api::success) {
            Ok(()) => self.stop = Stop::Accepted,
            Err(error) if error.is_not_found() => {
                // Perhaps it ended by itself: the log tells how, or the question that is due now does.
                self.stop = Stop::Doubtful;
                self.questions.ask_at(now);
            }
            Err(error) => {
                self.stop = Stop::NotRequested;
                self.stop_problem = Some(self.notice(&error, Attempt::StopDyno, now));
            }
        }
    }

    fn tick(&mut self, around: &Surroundings<'_>) -> Option<Effect> {
        if let Some(ending) = self.ending
            && around.now >= self.end_of_grace(ending, around.timings)
        {
            return self.end();
        }
        if !self.questions.take_due(around.now) {
            return None;
        }
        let request = api::dyno_info(&self.app, &self.dyno.as_ref()?.name);
        Some(self.call(Call::DynoInfo, request))
    }

    fn dyno_answered(
        &mut self,
        answer: Result<Answer, TransportError>,
        around: &Surroundings<'_>,
    ) -> Option<Effect> {
        let created = self.times.created?;
        let now = around.now;
        let mut wait = None;
        match read(answer, api::success) {
            Ok(()) => {
                self.questions.see_alive();
                self.question_problem = None;
                if self.stop == Stop::Doubtful {
                    self.stop = Stop::NotRequested;
                    self.stop_problem = Some(self.notice(&ApiError::StopTooEarly, Attempt::StopDyno, now));
                }
            }
            Err(error) if error.is_not_found() => {
                let gone = self.questions.has_seen_alive() || now.since(created) >= around.timings.unseen;
                if gone {
                    self.see_end(now);
                    return if self.log == LogState::Live { None } else { self.end() };
                }
            }
            Err(error) => {
                wait = error.wait();
                self.question_problem = Some(self.notice(&error, Attempt::AskDyno, now));
            }
        }
        self.questions.answered(self.question_pauses(around.timings), now);
        if self.stop == Stop::Doubtful {
            // Until it is known, Stop cannot be pressed again; lines must not put that off.
            self.questions.ask_at(now.after(around.timings.doubt));
        }
        if let Some(wait) = wait {
            self.questions.wait_until(now.after(wait));
        }
        None
    }

    /// The pauses between questions. With the platform's lines in the log these tell the end, so that silence is the
    /// only reason to ask; without them only Heroku can.
    fn question_pauses<'a>(&self, timings: &'a Timings) -> &'a [std::time::Duration] {
        if self.log == LogState::Lost || self.request.output_only {
            &timings.questions
        } else {
            std::slice::from_ref(&timings.silence)
        }
    }

    fn end_of_grace(&self, ending: Ending, timings: &Timings) -> Time {
        let grace = if self.exit_status.is_some() { timings.grace } else { timings.grace_without_exit };
        ending.last_line.after(grace).min(ending.since.after(timings.longest_grace))
    }

    fn end(&mut self) -> Option<Effect> {
        self.phase = Phase::Ended;
        self.log = LogState::Closed;
        // Both are about a dyno that may still run.
        self.question_problem = None;
        self.stop_problem = None;
        Some(Effect::CloseStream)
    }
}

fn read<T>(
    answer: Result<Answer, TransportError>,
    read: impl FnOnce(&Answer) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    read(&answer.map_err(ApiError::Transport)?)
}
