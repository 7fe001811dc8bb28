//! A run of a function, from the click to its end: the state machine of design.md 2.
//!
//! Every event may come late, twice or never; what does not fit the state changes nothing. How the log is opened and
//! opened again is the affair of a [`Tail`](crate::domain::tail::Tail).

mod end;
mod log;
mod questions;
mod stop;
mod times;
mod unclear;

use std::time::Duration;

use crate::domain::api::{self, Answer, App, Dyno, LogSource, Request};
use crate::domain::error::{ApiError, Attempt, TransportError};
use crate::domain::form::{Field, Form, RunRequest};
use crate::domain::ids::{AppName, RunId};
use crate::domain::log::{ErrorCode, Fact, Scope};
use crate::domain::notice::Notice;
use crate::domain::secret::ApiKey;
use crate::domain::tail::News;
use crate::domain::time::Time;
use crate::domain::time_limit;
use crate::domain::timings::Timings;

pub use end::End;
use log::{Ending, LogState};
use questions::Questions;
pub use stop::Stop;
pub use times::Times;
pub use unclear::{Search, Unclear};

/// A release that is not ready answers 409 for a moment; the CLI repeats twice at once (platform-api.md 1.8).
const CONFLICT_REPEATS: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is no dyno yet.
    Creating,
    /// There is a dyno, and its process does not run yet.
    Starting,
    Up,
    /// The dyno is gone, whatever its exit status.
    Ended,
    /// There never was a dyno.
    Failed,
}

/// What a run waits for that has no log yet, or no dyno.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// What kind of app it is.
    App,
    /// The log, where it has to be open before the dyno is there.
    Log,
    /// The answer to the request for a dyno.
    Dyno,
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
    /// A request to stop it was sent, and no answer told whether it had an effect.
    may_have_stopped: bool,
    /// Why there is no dyno, or no log.
    pub problem: Option<Notice>,
    /// Why it is not known whether the dyno still runs.
    pub question_problem: Option<Notice>,
    /// Why Stop did not work.
    pub stop_problem: Option<Notice>,
    /// Errors of the platform that its log told.
    pub codes: Vec<ErrorCode>,
    /// Its log comes with those of other runs, by one stream.
    pub shares_stream: bool,
    api_key: ApiKey,
    request: RunRequest,
    kind: App,
    step: Step,
    conflicts: u8,
    log: LogState,
    /// A stream was open at some time.
    has_log: bool,
    /// The platform calls the dyno crashed.
    crashed: bool,
    ending: Option<Ending>,
    questions: Questions,
}

/// What happens to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEvent {
    Answered(Call, Result<Answer, TransportError>),
    Facts(Vec<Fact>),
    StopClicked,
    /// The log is to be tried again.
    OpenLogClicked,
    /// Heroku is to be asked about the dyno now.
    AskClicked,
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
            | Self::AskClicked
            | Self::SearchClicked
            | Self::FollowClicked(_)
            | Self::StopFoundClicked(_) => true,
            Self::Answered(..) | Self::Facts(_) | Self::Ticked => false,
        }
    }
}

/// What a run is told with each event about the world around it.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    pub now: Time,
    pub timings: &'a Timings,
    /// Milliseconds that the server's clock is ahead of this browser's, as far as is known.
    pub server_ahead: i64,
    /// Names of dynos of the same app that other runs of the page follow.
    pub followed: &'a [String],
    /// The account has requests to spare, so Heroku may be asked without a click.
    pub may_ask: bool,
}

/// The calls of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    CreateDyno,
    ListDynos,
    DynoInfo,
    StopDyno,
}

/// What a run asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the request with the key, and answer with [`RunEvent::Answered`].
    Call { call: Call, request: Request, api_key: ApiKey },
    /// Open the log.
    OpenLog,
    /// The log's lines of this dyno are the run's own.
    NameDyno,
    /// Try to open the log once more.
    RetryLog,
    /// The dyno is still there.
    DynoIsThere,
    /// The log is wanted no more; what its stream left unfinished becomes a line.
    CloseLog,
}

impl Run {
    /// A run begins when it is known what kind of app it is of; see [`begin`](Self::begin).
    pub fn new(id: RunId, request: RunRequest, api_key: ApiKey, now: Time) -> Self {
        Self {
            id,
            app: request.app.clone(),
            command: request.command.clone(),
            phase: Phase::Creating,
            times: Times::begin(now),
            dyno: None,
            unclear: None,
            exit_status: None,
            stop: Stop::NotRequested,
            may_have_stopped: false,
            problem: None,
            question_problem: None,
            stop_problem: None,
            codes: Vec::new(),
            shares_stream: false,
            api_key,
            request,
            kind: App::default(),
            step: Step::App,
            conflicts: 0,
            log: LogState::None,
            has_log: false,
            crashed: false,
            ending: None,
            questions: Questions::default(),
        }
    }

    /// A run since a click before the page was loaded again. Its dyno is there already, or is to be looked for.
    pub fn adopt(id: RunId, request: RunRequest, api_key: ApiKey, dyno: Option<Dyno>, clicked: Time) -> Self {
        let mut run = Self::new(id, request, api_key, clicked);
        if let Some(dyno) = &dyno {
            run.phase = Phase::Starting;
            run.times.take_up(dyno.created_at);
        } else {
            run.phase = Phase::Failed;
            run.unclear = Some(Unclear::default());
        }
        run.dyno = dyno;
        run
    }

    /// From here on this key is used; Heroku may have refused the other.
    pub fn use_key(&mut self, api_key: ApiKey) {
        self.api_key = api_key;
    }

    /// The dyno's name, or while there is none the run's number.
    pub fn name(&self) -> String {
        self.dyno.as_ref().map_or_else(|| format!("run {}", self.id), |dyno| dyno.name.clone())
    }

    pub fn api_key(&self) -> &ApiKey {
        &self.api_key
    }

    pub fn log_source(&self) -> LogSource {
        if self.request.output_only { LogSource::App } else { LogSource::All }
    }

    /// Which lines are about it; `None` before there is a dyno.
    pub fn scope(&self) -> Option<Scope> {
        let dyno = self.dyno.as_ref()?;
        Some(Scope { dyno: dyno.name.clone(), created_at: dyno.created_at })
    }

    pub fn kind(&self) -> App {
        self.kind
    }

    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Ended | Phase::Failed)
    }

    /// Whether it waits to be told what kind of app it is of.
    pub fn waits_for_app(&self) -> bool {
        self.step == Step::App && (!self.is_over() || self.unclear.is_some())
    }

    /// Whether it has a dyno that lives, or may have one.
    pub fn may_live(&self) -> bool {
        match &self.unclear {
            Some(Unclear { search: Search::Done, found }) => !found.is_empty(),
            Some(_) => true,
            None => !self.is_over() && (self.dyno.is_some() || self.step == Step::Dyno),
        }
    }

    /// The value of `data-run-state`.
    pub fn state_name(&self) -> &'static str {
        match self.phase {
            Phase::Ended => "ended",
            Phase::Failed => "failed",
            _ if self.stop != Stop::NotRequested => "stopping",
            _ if self.reopening().is_some() => "reconnecting",
            Phase::Creating => "creating",
            Phase::Starting => "starting",
            Phase::Up => "up",
        }
    }

    /// What is left of the time limit; `None` without one, before there is a dyno, and after its end.
    pub fn time_left(&self, now: Time) -> Option<Duration> {
        self.times.left(self.request.time_limit?, now)
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

    /// When [`RunEvent::Ticked`] has something to do.
    pub fn deadline(&self, around: &Surroundings<'_>) -> Option<Time> {
        if self.is_over() {
            // One whose dyno nobody names is not read for ever.
            return self.has_open_log().then(|| self.times.clicked.after(around.timings.session_age));
        }
        match self.ending {
            Some(ending) => Some(self.end_of_grace(ending, around.timings)),
            None => self.questions.due().filter(|_| around.may_ask),
        }
    }

    /// The first step: the kind of the app is known, or will not be.
    pub fn begin(&mut self, kind: App, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        if !self.waits_for_app() {
            return;
        }
        self.kind = kind;
        self.step = Step::Log;
        if let Some(dyno) = self.dyno.take() {
            self.has_dyno(dyno, around, effects);
        } else if self.unclear.is_some() {
            self.begin_search(effects);
        } else if kind.is_fir || self.shares_stream {
            self.open_log(effects);
        } else {
            self.create_dyno(effects);
        }
    }

    /// It ends before anything was sent.
    pub fn refuse(&mut self, error: &ApiError, now: Time) {
        self.fail(error, Attempt::CreateDyno, now);
    }

    /// The one place where a run changes. What it asks for is added to the effects.
    pub fn update(&mut self, event: &RunEvent, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        if self.unclear.is_some() {
            return self.update_unclear(event, around, effects);
        }
        if self.is_over() {
            if let (Phase::Ended, RunEvent::Facts(facts)) = (self.phase, event) {
                facts.iter().for_each(|fact| self.learn_late(*fact));
            }
            return;
        }
        match event {
            RunEvent::Answered(Call::CreateDyno, answer) => self.dyno_created(answer, around, effects),
            RunEvent::Answered(Call::DynoInfo, answer) => self.dyno_answered(answer, around, effects),
            RunEvent::Answered(Call::StopDyno, answer) => self.stop_answered(answer, around.now),
            RunEvent::Facts(facts) => {
                // Without a dyno there is nothing that they could be about.
                if self.dyno.is_some() {
                    facts.iter().for_each(|fact| self.learn(*fact, around));
                }
            }
            RunEvent::StopClicked => self.request_stop(effects),
            RunEvent::OpenLogClicked if self.can_open_log() => self.retry_log(effects),
            RunEvent::AskClicked if self.dyno.is_some() && self.ending.is_none() => {
                self.questions.ask_at(around.now);
            }
            RunEvent::Ticked => self.tick(around, effects),
            RunEvent::OpenLogClicked
            | RunEvent::AskClicked
            | RunEvent::Answered(Call::ListDynos, _)
            | RunEvent::SearchClicked
            | RunEvent::FollowClicked(_)
            | RunEvent::StopFoundClicked(_) => {}
        }
    }

    /// What its tail tells.
    pub fn hear(&mut self, news: &News, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        if self.is_over() {
            return self.hear_unclear(news, effects);
        }
        match news {
            News::Opened => self.log_opened(around, effects),
            News::Reopening(reason) => self.log_reopening(reason, around, effects),
            News::GaveUp(error) => self.log_lost(error, around, effects),
        }
    }

    fn call(&self, call: Call, request: Request, effects: &mut Vec<Effect>) {
        effects.push(Effect::Call { call, request, api_key: self.api_key.clone() });
    }

    /// The command as it is sent.
    fn sent_command(&self) -> String {
        if self.kind.needs_launcher { format!("launcher {}", self.command) } else { self.command.clone() }
    }

    fn create_dyno(&mut self, effects: &mut Vec<Effect>) {
        self.step = Step::Dyno;
        self.call(Call::CreateDyno, api::create_dyno(&self.request, &self.sent_command()), effects);
    }

    /// An error in words. Heroku's own may hold what it was sent, so the key is masked in them.
    fn notice(&self, error: &ApiError, attempt: Attempt, now: Time) -> Notice {
        let mut notice = Notice::new(error, attempt, now);
        notice.heroku_says = notice.heroku_says.map(|words| self.api_key.mask(&words));
        notice
    }

    fn fail(&mut self, error: &ApiError, attempt: Attempt, now: Time) {
        self.phase = Phase::Failed;
        self.times.ended = Some(now);
        self.problem = Some(self.notice(error, attempt, now));
    }

    fn dyno_created(
        &mut self,
        answer: &Result<Answer, TransportError>,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) {
        if self.phase != Phase::Creating || self.step != Step::Dyno {
            return;
        }
        match api::received(answer).and_then(api::dyno) {
            Ok(dyno) => self.has_dyno(dyno, around, effects),
            Err(ApiError::Heroku(error)) if error.status == 409 && self.conflicts < CONFLICT_REPEATS => {
                self.conflicts += 1;
                self.create_dyno(effects);
            }
            Err(error) => {
                self.fail(&error, Attempt::CreateDyno, around.now);
                let is_unclear = error.leaves_open_whether_it_worked();
                if !is_unclear || self.log == LogState::Lost {
                    self.close_log(effects);
                }
                if is_unclear {
                    self.begin_search(effects);
                }
            }
        }
    }

    /// From here on there is a dyno, and its log is wanted.
    fn has_dyno(&mut self, dyno: Dyno, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        self.dyno = Some(dyno);
        self.phase = Phase::Starting;
        self.times.created.get_or_insert(around.now);
        self.questions.line_came(self.question_pauses(around.timings), around.now);
        if !self.has_open_log() {
            self.open_log(effects);
        }
        effects.push(Effect::NameDyno);
    }

    fn tick(&mut self, around: &Surroundings<'_>, effects: &mut Vec<Effect>) {
        if let Some(ending) = self.ending {
            if around.now >= self.end_of_grace(ending, around.timings) {
                self.end(effects);
            }
        } else if around.may_ask
            && self.questions.take_due(around.now)
            && let Some(dyno) = &self.dyno
        {
            self.call(Call::DynoInfo, api::dyno_info(&self.app, &dyno.name), effects);
        }
    }

    fn dyno_answered(
        &mut self,
        answer: &Result<Answer, TransportError>,
        around: &Surroundings<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(created) = self.times.created else { return };
        let now = around.now;
        let mut wait = None;
        match api::received(answer).and_then(api::success) {
            Ok(()) => {
                self.questions.see_alive();
                self.question_problem = None;
                effects.push(Effect::DynoIsThere);
                if self.stop == Stop::Doubtful {
                    self.stop = Stop::NotRequested;
                    self.stop_problem = Some(self.notice(&ApiError::StopTooEarly, Attempt::StopDyno, now));
                }
            }
            Err(error) if error.is_not_found() => {
                if self.questions.is_gone(created, around.timings.unseen) {
                    self.see_end(now);
                    // Lines of its end may still come.
                    if self.log == LogState::Lost {
                        self.end(effects);
                    }
                    return;
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
    }

    /// The pauses between questions. With the platform's lines in the log these tell the end, so that silence is the
    /// only reason to ask; without them only Heroku can.
    fn question_pauses<'a>(&self, timings: &'a Timings) -> &'a [Duration] {
        if matches!(self.log, LogState::Lost | LogState::Reopening(_)) || self.request.output_only {
            &timings.questions
        } else {
            std::slice::from_ref(&timings.silence)
        }
    }
}
