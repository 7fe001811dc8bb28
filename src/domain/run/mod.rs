//! A run of a function, from the click to its end: the state machine of design.md 2.
//!
//! Every event may come late, twice or never; what does not fit the state changes nothing.

mod times;
mod timings;

use crate::domain::api::{self, Answer, Dyno, Request};
use crate::domain::error::{ApiError, Attempt, Notice, TransportError};
use crate::domain::form::{Field, Form, RunRequest};
use crate::domain::ids::{AppName, RunId};
use crate::domain::log::{Fact, Scope};
use crate::domain::secret::ApiKey;
use crate::domain::stream_url;
use crate::domain::time::Time;

pub use times::Times;
pub use timings::Timings;

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

/// The questions whether the dyno is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Questions {
    next: Option<Time>,
    asked: usize,
    /// An answer or a line of its own showed the dyno alive, so a 404 means that it is gone.
    seen_alive: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    pub app: AppName,
    pub command: String,
    pub phase: Phase,
    pub times: Times,
    pub dyno: Option<Dyno>,
    /// The run failed, and there may be a dyno all the same, although Heroku named none.
    pub may_have_started: bool,
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
    request: Request,
    conflicts: u8,
    log: LogState,
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
    /// A deadline may have passed.
    Ticked,
}

/// The calls of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    CreateDyno,
    CreateLogSession,
    DynoInfo,
    StopDyno,
}

/// What a run asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the request with the key, and answer with [`RunEvent::Answered`].
    Call { call: Call, request: Request, api_key: ApiKey },
    /// Read the stream into the run's log.
    OpenStream { url: String, scope: Scope },
    /// Stop reading; what the stream left unfinished becomes a line.
    CloseStream,
}

impl Run {
    /// A run begins with the request for its dyno.
    pub fn start(id: RunId, request: &RunRequest, api_key: ApiKey, now: Time) -> (Self, Effect) {
        let create = api::create_dyno(request);
        let run = Self {
            id,
            app: request.app.clone(),
            command: request.command.clone(),
            phase: Phase::Creating,
            times: Times::begin(now),
            dyno: None,
            may_have_started: false,
            exit_status: None,
            stop: Stop::NotRequested,
            problem: None,
            question_problem: None,
            stop_problem: None,
            api_key,
            request: create.clone(),
            conflicts: 0,
            log: LogState::None,
            ending: None,
            questions: Questions { next: None, asked: 0, seen_alive: false },
        };
        let effect = run.call(Call::CreateDyno, create);
        (run, effect)
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
            Field::Name => true,
        }
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
        [ending, self.questions.next].into_iter().flatten().min()
    }

    /// The one place where a run changes.
    pub fn update(
        &mut self,
        event: RunEvent,
        now: Time,
        timings: &Timings,
        page_is_local: bool,
    ) -> Option<Effect> {
        if self.is_over() {
            return None;
        }
        match event {
            RunEvent::Answered(Call::CreateDyno, answer) => self.dyno_created(answer, now, timings),
            RunEvent::Answered(Call::CreateLogSession, answer) => {
                self.log_session_created(answer, now, timings, page_is_local)
            }
            RunEvent::Answered(Call::DynoInfo, answer) => self.dyno_answered(answer, now, timings),
            RunEvent::Answered(Call::StopDyno, answer) => {
                self.stop_answered(answer, now);
                None
            }
            RunEvent::StreamOpened => {
                if self.log == LogState::Opening {
                    self.log = LogState::Live;
                }
                None
            }
            RunEvent::StreamFailed(error) => self.log_lost(error, now, timings),
            RunEvent::Facts(facts) => {
                // Without a dyno there is nothing that they could be about.
                if self.dyno.is_some() {
                    facts.into_iter().for_each(|fact| self.learn(fact, now, timings));
                }
                None
            }
            RunEvent::StreamEnded => self.log_lost(ApiError::StreamEnded, now, timings),
            RunEvent::StreamBroke => self.log_lost(ApiError::StreamBroke, now, timings),
            RunEvent::StopClicked => self.request_stop(),
            RunEvent::Ticked => self.tick(now, timings),
        }
    }

    fn call(&self, call: Call, request: Request) -> Effect {
        Effect::Call { call, request, api_key: self.api_key.clone() }
    }

    fn dyno_created(
        &mut self,
        answer: Result<Answer, TransportError>,
        now: Time,
        timings: &Timings,
    ) -> Option<Effect> {
        if self.phase != Phase::Creating {
            return None;
        }
        match read(answer, api::dyno) {
            Ok(dyno) => {
                let session = api::create_log_session(&self.app, &dyno.name);
                self.dyno = Some(dyno);
                self.phase = Phase::Starting;
                self.times.created = Some(now);
                self.log = LogState::Opening;
                self.questions.next = Some(now.after(timings.silence));
                Some(self.call(Call::CreateLogSession, session))
            }
            Err(ApiError::Heroku(error)) if error.status == 409 && self.conflicts < CONFLICT_REPEATS => {
                self.conflicts += 1;
                Some(self.call(Call::CreateDyno, self.request.clone()))
            }
            Err(error) => {
                self.phase = Phase::Failed;
                self.times.ended = Some(now);
                self.may_have_started = error.leaves_open_whether_it_worked();
                self.problem = Some(error.notice(Attempt::CreateDyno));
                None
            }
        }
    }

    fn log_session_created(
        &mut self,
        answer: Result<Answer, TransportError>,
        now: Time,
        timings: &Timings,
        page_is_local: bool,
    ) -> Option<Effect> {
        let dyno = self.dyno.as_ref().filter(|_| self.log == LogState::Opening)?;
        match read(answer, api::log_session_url) {
            Ok(url) if stream_url::is_allowed(&url, page_is_local) => {
                let scope = Scope { dyno: dyno.name.clone(), created_at: dyno.created_at };
                Some(Effect::OpenStream { url, scope })
            }
            Ok(_) => self.log_lost(ApiError::BadLogplexUrl, now, timings),
            Err(error) => self.log_lost(error, now, timings),
        }
    }

    /// No more lines will come. When the end was seen, that is the end; else Heroku is asked about the dyno.
    fn log_lost(&mut self, error: ApiError, now: Time, timings: &Timings) -> Option<Effect> {
        if !matches!(self.log, LogState::Opening | LogState::Live) {
            return None;
        }
        self.log = LogState::Lost;
        if self.ending.is_some() {
            return self.end();
        }
        self.problem = Some(error.notice(Attempt::OpenLog));
        self.questions.asked = 0;
        self.plan_question(now, timings);
        None
    }

    fn learn(&mut self, fact: Fact, now: Time, timings: &Timings) {
        match fact {
            Fact::Lines => {}
            Fact::Starting => self.questions.seen_alive = true,
            Fact::Up { at } | Fact::FirstOutput { at } => {
                self.questions.seen_alive = true;
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
            Fact::Final { at } => {
                self.times.server_ended.get_or_insert(at);
                self.see_end(now);
            }
        }
        if let Some(ending) = &mut self.ending {
            ending.last_line = now;
        }
        self.questions.next = self.questions.next.map(|_| now.after(timings.silence));
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
                self.questions.next = self.questions.next.map(|_| now);
            }
            Err(error) => {
                self.stop = Stop::NotRequested;
                self.stop_problem = Some(error.notice(Attempt::StopDyno));
            }
        }
    }

    fn tick(&mut self, now: Time, timings: &Timings) -> Option<Effect> {
        if let Some(ending) = self.ending
            && now >= self.end_of_grace(ending, timings)
        {
            return self.end();
        }
        self.questions.next.filter(|&next| now >= next)?;
        // Asked; the answer plans the next question.
        self.questions.next = None;
        let request = api::dyno_info(&self.app, &self.dyno.as_ref()?.name);
        Some(self.call(Call::DynoInfo, request))
    }

    fn dyno_answered(
        &mut self,
        answer: Result<Answer, TransportError>,
        now: Time,
        timings: &Timings,
    ) -> Option<Effect> {
        let created = self.times.created?;
        match read(answer, api::success) {
            Ok(()) => {
                self.questions.seen_alive = true;
                self.question_problem = None;
                if self.stop == Stop::Doubtful {
                    self.stop = Stop::NotRequested;
                    self.stop_problem = Some(ApiError::StopTooEarly.notice(Attempt::StopDyno));
                }
            }
            Err(error) if error.is_not_found() => {
                let gone = self.questions.seen_alive || now.since(created) >= timings.unseen;
                if gone {
                    self.see_end(now);
                    return if self.log == LogState::Live { None } else { self.end() };
                }
            }
            Err(error) => self.question_problem = Some(error.notice(Attempt::AskDyno)),
        }
        self.plan_question(now, timings);
        None
    }

    fn plan_question(&mut self, now: Time, timings: &Timings) {
        let pause = if self.log == LogState::Lost {
            let index = self.questions.asked.min(timings.questions.len() - 1);
            self.questions.asked += 1;
            timings.questions[index]
        } else {
            timings.silence
        };
        self.questions.next = Some(now.after(pause));
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
