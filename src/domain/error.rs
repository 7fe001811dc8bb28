//! Everything that can go wrong with a run, and the words for it (design.md 7).

use super::form::Field;

/// A call or a stream that did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// Heroku answered with an error.
    Heroku(HerokuError),
    /// The answer is no JSON: a proxy's page, or nothing at all.
    NotJson {
        status: u16,
    },
    /// JSON without the fields that the call promises.
    WrongShape,
    /// A log session without an address.
    NoLogplexUrl,
    /// The address of the log stream is none that this page may open.
    BadLogplexUrl,
    /// The log server refused the stream.
    Stream {
        status: u16,
    },
    /// The log stream broke off.
    StreamBroke,
    /// The log server ended the stream before the function ended.
    StreamEnded,
    /// Heroku did not know the dyno when it was to be stopped, and knows it now.
    StopTooEarly,
    Transport(TransportError),
}

/// An error body of the Platform API (platform-api.md 1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HerokuError {
    pub status: u16,
    pub id: Option<String>,
    pub message: Option<String>,
}

/// A request that got no answer. A browser tells no more than this (platform-api.md 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// The browser says that there is no network.
    Offline,
    /// The page's own policy forbids the address.
    BlockedByPolicy,
    /// Anything else: network, an extension, no CORS.
    Unreachable,
}

/// What was tried when it went wrong; the same status needs other advice elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    CreateDyno,
    OpenLog,
    /// Whether the dyno is still there.
    AskDyno,
    StopDyno,
}

/// An error in words: what happened, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Heroku's `id`, or one of ours (design.md 7): the value of `data-error`.
    pub code: String,
    pub what: String,
    pub advice: String,
    /// Heroku's own words, shown as Heroku's.
    pub heroku_says: Option<String>,
    /// The field whose content is at fault.
    pub field: Option<Field>,
}

impl ApiError {
    /// Whether Heroku says that what was asked for is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Heroku(HerokuError { status: 404, .. }))
    }

    /// The value of `data-error` (design.md 7).
    pub fn code(&self) -> String {
        match self {
            Self::Heroku(HerokuError { id: Some(id), .. }) => return id.clone(),
            Self::Heroku(HerokuError { status, .. }) => return format!("http_{status}"),
            Self::NotJson { .. } => "not_json",
            Self::WrongShape => "wrong_shape",
            Self::NoLogplexUrl => "no_logplex_url",
            Self::BadLogplexUrl => "bad_logplex_url",
            Self::Stream { status } => return format!("stream_{status}"),
            Self::StreamBroke => "stream_broke",
            Self::StreamEnded => "stream_ended",
            Self::StopTooEarly => "stop_too_early",
            Self::Transport(TransportError::Offline) => "offline",
            Self::Transport(TransportError::BlockedByPolicy) => "blocked_by_policy",
            Self::Transport(TransportError::Unreachable) => "unreachable",
        }
        .to_owned()
    }

    /// Whether what was asked for may have been done all the same: no answer came, or none that can be read.
    pub fn leaves_open_whether_it_worked(&self) -> bool {
        match self {
            Self::Heroku(HerokuError { status, .. }) => *status >= 500,
            Self::NotJson { status } => !(300..500).contains(status),
            Self::WrongShape => true,
            Self::Transport(error) => *error != TransportError::BlockedByPolicy,
            Self::NoLogplexUrl
            | Self::BadLogplexUrl
            | Self::Stream { .. }
            | Self::StreamBroke
            | Self::StreamEnded
            | Self::StopTooEarly => false,
        }
    }

    /// The error in words.
    pub fn notice(&self, attempt: Attempt) -> Notice {
        let Words { what, advice, field } = self.words(attempt);
        let next_step = attempt.next_step(self.leaves_open_whether_it_worked(), advice.is_empty());
        let advice =
            [advice, next_step].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let heroku_says = match self {
            Self::Heroku(HerokuError { message, .. }) => message.clone(),
            _ => None,
        };
        Notice { code: self.code(), what, advice, heroku_says, field }
    }

    fn words(&self, attempt: Attempt) -> Words {
        match self {
            Self::Heroku(error) => error.words(attempt),
            Self::NotJson { status } => Words {
                what: format!("The answer with status {status} is not from the Platform API: it is no JSON."),
                advice: "A proxy, a captive portal or an incident may have answered instead.",
                field: None,
            },
            Self::Stream { status } => Words {
                what: format!("The log server refused the stream with status {status}."),
                ..Words::default()
            },
            Self::WrongShape => Words::what("Heroku's answer lacks what it should hold."),
            Self::NoLogplexUrl => Words::what("Heroku opened a log session but gave no address for it."),
            Self::BadLogplexUrl => {
                Words::what("Heroku gave an address for the log that this page must not open.")
            }
            Self::StreamBroke => Words::what("The log stream broke off, so lines may be missing."),
            Self::StreamEnded => Words::what("The log server ended the stream before the function ended."),
            Self::StopTooEarly => Words::what("Heroku did not know the dyno yet when it was to be stopped."),
            Self::Transport(TransportError::Offline) => Words::what("This browser has no network."),
            Self::Transport(TransportError::BlockedByPolicy) => {
                Words::what("The policy of this page forbids the address.")
            }
            Self::Transport(TransportError::Unreachable) => Words::what(
                "No answer came. The network, a firewall or a browser extension may be in the way, or the server is down.",
            ),
        }
    }
}

/// What happened, and the advice that belongs to it whatever was tried; empty where there is none.
#[derive(Default)]
struct Words {
    what: String,
    advice: &'static str,
    field: Option<Field>,
}

impl Words {
    fn new(what: &str, advice: &'static str, field: Option<Field>) -> Self {
        Self { what: what.to_owned(), advice, field }
    }

    fn what(what: &str) -> Self {
        Self::new(what, "", None)
    }
}

impl HerokuError {
    fn words(&self, attempt: Attempt) -> Words {
        match (attempt, self.status) {
            (_, 401) => Words::new(
                "Heroku does not accept this API key.",
                "Check that it is whole and has not expired; `heroku authorizations:create` makes a new one.",
                Some(Field::ApiKey),
            ),
            (_, 402) => Words::new(
                "Heroku wants a payment first.",
                "Open the billing page of the account at dashboard.heroku.com.",
                None,
            ),
            (_, 403) => Words::new(
                "This API key may not do that.",
                "Use a key of an account with access to the app, and a scope of `write` or `write-protected`.",
                Some(Field::ApiKey),
            ),
            (Attempt::CreateDyno, 404) => Words::new(
                "Heroku knows no app of this name.",
                "Check the spelling, and that the API key belongs to an account that can see the app.",
                Some(Field::App),
            ),
            (Attempt::OpenLog, 404) => Words::what("Heroku has no log for this app or dyno."),
            (Attempt::CreateDyno, 409) => Words::new(
                "The app cannot start a dyno just now.",
                "Deploy it, or wait until its release has finished, then run the function again.",
                None,
            ),
            (Attempt::CreateDyno, 400 | 422) => {
                Words::new("Heroku rejects these values.", "Change them and run the function again.", None)
            }
            (_, 429) => Words::new(
                "The account has used up its API requests.",
                "Wait a few minutes; Heroku gives back about 75 requests a minute.",
                None,
            ),
            (_, 500..) => {
                Words::new("Heroku has a fault of its own.", "status.heroku.com tells about incidents.", None)
            }
            (_, status) => {
                Words { what: format!("Heroku answered with status {status}."), ..Words::default() }
            }
        }
    }
}

impl Attempt {
    /// What to do next, besides the advice that the error itself gives.
    fn next_step(self, may_have_worked: bool, is_only_advice: bool) -> &'static str {
        match self {
            // A second POST can be a second run, and a person pays for it.
            Self::CreateDyno if may_have_worked => {
                "The function may have been started: look at `heroku ps` before you run it again."
            }
            Self::CreateDyno if is_only_advice => "Run the function again in a minute.",
            Self::CreateDyno => "",
            Self::OpenLog => {
                "The function does not need its log to run: this page asks Heroku until it is gone, and `heroku logs` shows its lines."
            }
            Self::AskDyno => {
                "This page cannot tell whether the function still runs, and goes on asking; `heroku ps` shows it."
            }
            Self::StopDyno => "The function may still run: press Stop again, or use `heroku ps:stop`.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heroku(status: u16, id: &str) -> ApiError {
        let (id, message) = (Some(id.to_owned()), Some("Heroku's words.".to_owned()));
        ApiError::Heroku(HerokuError { status, id, message })
    }

    #[test]
    fn each_error_has_its_code_field_and_words() {
        #[track_caller]
        fn check(error: ApiError, attempt: Attempt, code: &str, field: Option<Field>, what: &str) {
            let notice = error.notice(attempt);
            assert_eq!((notice.code.as_str(), notice.field), (code, field), "{error:?}");
            assert!(notice.what.contains(what), "{}", notice.what);
            assert!(!notice.advice.is_empty());
        }
        use Attempt::{AskDyno, CreateDyno, OpenLog, StopDyno};
        check(heroku(401, "unauthorized"), CreateDyno, "unauthorized", Some(Field::ApiKey), "API key");
        check(heroku(401, "unauthorized"), OpenLog, "unauthorized", Some(Field::ApiKey), "API key");
        check(heroku(402, "delinquent"), CreateDyno, "delinquent", None, "payment");
        check(heroku(403, "forbidden"), CreateDyno, "forbidden", Some(Field::ApiKey), "may not");
        check(heroku(404, "not_found"), CreateDyno, "not_found", Some(Field::App), "no app");
        check(heroku(404, "not_found"), OpenLog, "not_found", None, "no log");
        check(heroku(409, "conflict"), CreateDyno, "conflict", None, "just now");
        check(heroku(422, "invalid_params"), CreateDyno, "invalid_params", None, "rejects");
        check(heroku(422, "invalid_params"), OpenLog, "invalid_params", None, "422");
        check(heroku(429, "rate_limit"), AskDyno, "rate_limit", None, "requests");
        check(heroku(503, "unavailable"), OpenLog, "unavailable", None, "fault");
        check(heroku(418, "teapot"), CreateDyno, "teapot", None, "418");
        check(ApiError::NotJson { status: 200 }, CreateDyno, "not_json", None, "no JSON");
        check(ApiError::WrongShape, CreateDyno, "wrong_shape", None, "lacks");
        check(ApiError::NoLogplexUrl, OpenLog, "no_logplex_url", None, "no address");
        check(ApiError::BadLogplexUrl, OpenLog, "bad_logplex_url", None, "must not open");
        check(ApiError::Stream { status: 404 }, OpenLog, "stream_404", None, "404");
        check(ApiError::StreamBroke, OpenLog, "stream_broke", None, "broke");
        check(ApiError::StreamEnded, OpenLog, "stream_ended", None, "ended");
        check(ApiError::StopTooEarly, StopDyno, "stop_too_early", None, "not know the dyno yet");
        let transport = ApiError::Transport;
        check(transport(TransportError::Offline), CreateDyno, "offline", None, "no network");
        check(transport(TransportError::BlockedByPolicy), OpenLog, "blocked_by_policy", None, "policy");
        check(transport(TransportError::Unreachable), StopDyno, "unreachable", None, "No answer");
    }

    #[test]
    fn the_advice_fits_what_was_tried() {
        #[track_caller]
        fn check(error: ApiError, attempt: Attempt, advice: &str) {
            let found = error.notice(attempt).advice;
            assert!(found.contains(advice), "{error:?}: {found}");
        }
        use Attempt::{AskDyno, CreateDyno, OpenLog, StopDyno};
        // A second start can be a second run, so whatever leaves the first one open warns of it.
        let unreachable = ApiError::Transport(TransportError::Unreachable);
        let not_json = |status| ApiError::NotJson { status };
        for error in
            [unreachable.clone(), ApiError::WrongShape, not_json(201), not_json(502), heroku(503, "x")]
        {
            check(error, CreateDyno, "may have been started");
        }
        check(ApiError::Transport(TransportError::BlockedByPolicy), CreateDyno, "again in a minute");
        check(heroku(422, "x"), CreateDyno, "Change them");
        for status in [401, 422, 429, 500] {
            check(heroku(status, "x"), OpenLog, "The function does not need its log to run");
            check(heroku(status, "x"), StopDyno, "The function may still run");
            check(heroku(status, "x"), AskDyno, "cannot tell whether the function still runs");
        }
    }

    #[test]
    fn herokus_own_words_are_kept_apart() {
        let notice = heroku(422, "cannot_run_above_limit").notice(Attempt::CreateDyno);
        assert_eq!(notice.heroku_says.as_deref(), Some("Heroku's words."));
        assert!(!notice.what.contains("Heroku's words."));
    }
}
