//! The words for an error: what happened, why that usually is, and what to do next (design.md 7).

use super::error::{ApiError, Attempt, HerokuError, TransportError};
use super::form::Field;
use super::text;
use super::time::Time;

/// An error in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Heroku's `id`, or one of ours (design.md 7): the value of `data-error`.
    pub code: String,
    pub what: String,
    /// What stands between backticks is code.
    pub advice: String,
    /// Heroku's own words, shown as Heroku's.
    pub heroku_says: Option<String>,
    /// The field whose content is at fault.
    pub field: Option<Field>,
    /// A page of Heroku's that helps.
    pub link: Option<Link>,
    /// The next step, where a button can take it.
    pub action: Option<Action>,
    /// Before this the next step is of no use.
    pub not_before: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub label: &'static str,
    pub address: &'static str,
}

/// What a notice's button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    GoTo(Field),
    RunAgain,
    OpenLogAgain,
    StopAgain,
    AskAgain,
}

const STATUS: Link = Link { label: "Heroku's status", address: "https://status.heroku.com/" };
const BILLING: Link =
    Link { label: "Billing of the account", address: "https://dashboard.heroku.com/account/billing" };
const HELP: Link = Link { label: "Heroku's support", address: "https://help.heroku.com/" };

impl Notice {
    /// The notice of an error that came at `now`.
    pub fn new(error: &ApiError, attempt: Attempt, now: Time) -> Self {
        let Words { what, advice, field, link } = words(error, attempt);
        let has_no_advice = advice.is_empty();
        let next_step = next_step(attempt, error.leaves_open_whether_it_worked(), has_no_advice);
        let advice =
            [advice, next_step].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let heroku_says = match error {
            ApiError::Heroku(HerokuError { message, .. }) => message.clone(),
            _ => None,
        };
        let action = action(error, attempt, field, has_no_advice);
        let not_before = error.wait().map(|wait| now.after(wait));
        Self { code: error.code(), what, advice, heroku_says, field, link, action, not_before }
    }
}

/// What happened, and what belongs to it whatever the next step is; empty where there is nothing.
#[derive(Default)]
struct Words {
    what: String,
    advice: &'static str,
    field: Option<Field>,
    link: Option<Link>,
}

impl Words {
    fn new(what: &str, advice: &'static str) -> Self {
        Self { what: what.to_owned(), advice, ..Self::default() }
    }

    fn at(self, field: Field) -> Self {
        Self { field: Some(field), ..self }
    }

    fn link(self, link: Link) -> Self {
        Self { link: Some(link), ..self }
    }
}

/// The table of errors.
fn words(error: &ApiError, attempt: Attempt) -> Words {
    match error {
        ApiError::Heroku(error) => words_of_heroku(error, attempt),
        ApiError::NotJson { status } => Words {
            what: format!("The answer with status {status} is not from the Platform API: it is no JSON."),
            advice: "A proxy, the login page of a network or an incident may have answered instead.",
            link: (*status >= 500).then_some(STATUS),
            field: None,
        },
        ApiError::WrongShape => Words::new("Heroku's answer lacks what it should hold.", ""),
        ApiError::NoLogplexUrl => Words::new("Heroku opened a log session but gave no address for it.", ""),
        ApiError::BadLogplexUrl => Words::new(
            "Heroku gave an address for the log that this page must not open: it is not https, or not on heroku.com.",
            "",
        ),
        ApiError::Stream { status: 404 | 410 } => {
            Words::new("The log server does not know this log session, or it has expired.", "")
        }
        ApiError::Stream { status: 401 | 403 } => Words::new(
            "The log server refuses this log session.",
            "It may have expired; for an app in a Private Space, your IP address may be outside of its trusted ranges.",
        ),
        ApiError::Stream { status } => Words {
            what: format!("The log server refused the stream with status {status}."),
            link: (*status >= 500).then_some(STATUS),
            ..Words::default()
        },
        ApiError::StreamBroke => Words::new("The log stream broke off.", ""),
        ApiError::StreamEnded => Words::new("The log server ended the stream before the function ended.", ""),
        ApiError::StreamSilent => Words::new("Nothing came from the log server for a long time.", ""),
        ApiError::Slept => Words::new("The computer was asleep.", ""),
        ApiError::NetworkBack => Words::new("The network was away.", ""),
        ApiError::TooManyStreams => Words::new(
            "A browser reads no more logs of other apps at once: four connections are taken.",
            match attempt {
                Attempt::CreateDyno => "Nothing was started. Wait until a run has ended, or close one.",
                _ => "Wait until a run has ended, or close one.",
            },
        ),
        ApiError::StopTooEarly => {
            Words::new("Heroku did not know the dyno yet when it was to be stopped.", "")
        }
        ApiError::Transport(TransportError::Offline) => {
            Words::new("This browser has no network.", "Check the connection.")
        }
        ApiError::Transport(TransportError::BlockedByPolicy) => Words::new(
            "The policy of this page forbids the address, so nothing was sent.",
            "Reload the page, in case it is an old one; if that does not help, it was built or served with a wrong address.",
        ),
        ApiError::Transport(TransportError::Unreachable) => Words::new(
            "No answer came. The network, a firewall or a browser extension may be in the way, or the server is down or does not allow this page.",
            "",
        ),
    }
}

/// The statuses and ids of platform-api.md 1.7 to 1.9. The id counts where it says more than the status.
fn words_of_heroku(error: &HerokuError, attempt: Attempt) -> Words {
    match (error.status, error.id.as_deref().unwrap_or_default(), attempt) {
        (_, "verification_needed" | "verification_required", _) => Words::new(
            "Heroku wants billing information for the account first.",
            "Add a payment method to the account that owns the app.",
        )
        .link(BILLING),
        (_, "cannot_run_above_limit", _) => Words::new(
            "The app runs as many one-off dynos as it may.",
            "Wait until one of them ends, or stop one: `heroku ps` lists them.",
        ),
        (_, "two_factor", _) => Words::new(
            "The app asks for a second factor, which a web page cannot give.",
            "Use a key of an account, or an app, that does without.",
        )
        .at(Field::ApiKey),
        (_, "suspended", _) => {
            Words::new("Heroku has suspended the account or the app.", "Only Heroku's support can help.").link(HELP)
        }
        (400 | 422, _, Attempt::CreateDyno) => {
            let words = Words::new("Heroku rejects these values.", "Change them and run the function again.");
            match rejected_field(error.message.as_deref().unwrap_or_default()) {
                Some(Field::Size) => Words::new(
                    "Heroku does not start this app on a dyno of this size.",
                    "Choose another size, or none: Eco and Basic apps use no size but their own.",
                )
                .at(Field::Size),
                Some(field) => words.at(field),
                None => words,
            }
        }
        (401, ..) => Words::new(
            "Heroku does not accept this API key.",
            "Check that it is whole and has not expired; `heroku authorizations:create` makes a new one.",
        )
        .at(Field::ApiKey),
        (402, ..) => {
            Words::new("Heroku wants a payment first.", "The account that owns the app has an unpaid bill, or its payment method must be confirmed.")
                .link(BILLING)
        }
        (403, ..) => Words::new(
            "This API key may not do that.",
            "Use a key of an account with access to the app, with the scope `write` or, if that is not enough, `write-protected`.",
        )
        .at(Field::ApiKey),
        (404, _, Attempt::CreateDyno | Attempt::ListDynos | Attempt::OpenLogFirst) => Words::new(
            "Heroku knows no app of this name.",
            "Check the spelling, and that the API key belongs to an account that can see the app.",
        )
        .at(Field::App),
        (404, _, Attempt::OpenLog) => Words::new(
            "Heroku has no log for this dyno.",
            "It may be too new, or the app's logs may not be readable this way: Shield spaces have no log sessions.",
        ),
        (404, _, Attempt::AskDyno | Attempt::StopDyno) => Words::new("Heroku knows no such dyno (any more).", ""),
        (406, ..) => Words::new(
            "Heroku does not know the version of its API that this page speaks.",
            "Reload the page, in case it is an old one.",
        ),
        (409, _, Attempt::CreateDyno) => Words::new(
            "The app cannot start a dyno just now.",
            "Deploy it, or wait until its release has finished, then run the function again.",
        ),
        (410, ..) => Words::new(
            "What was asked for is gone.",
            "The app may have been moved or removed: `heroku apps:info` tells.",
        ),
        (429, ..) => Words::new(
            "The account has used up its API requests.",
            "Heroku gives back about 75 requests a minute.",
        ),
        (500.., ..) => Words::new("Heroku has a fault of its own.", "Its status page tells about incidents.").link(STATUS),
        (status, ..) => Words { what: format!("Heroku answered with status {status}."), ..Words::default() },
    }
}

/// The field that Heroku's sentence about invalid parameters speaks of. Only the sentence tells (platform-api.md 1.8).
fn rejected_field(message: &str) -> Option<Field> {
    let message = message.to_ascii_lowercase();
    let speaks_of = |words: [&str; 3]| words.iter().any(|words| text::find(&message, words).is_some());
    if speaks_of(["dyno type", "dyno size", "`size`"]) {
        Some(Field::Size)
    } else if speaks_of(["`command`", "command cannot", "command is"]) {
        Some(Field::Command)
    } else if speaks_of(["time_to_live", "time to live", "time limit"]) {
        Some(Field::TimeLimit)
    } else {
        None
    }
}

/// What to do next, besides the advice that the error itself gives.
fn next_step(attempt: Attempt, may_have_worked: bool, has_no_advice: bool) -> &'static str {
    match attempt {
        // A second POST can be a second run, and a person pays for it.
        Attempt::CreateDyno if may_have_worked => {
            "The function may have been started all the same: look below before you run it again."
        }
        Attempt::CreateDyno if has_no_advice => "Run the function again in a minute.",
        Attempt::CreateDyno => "",
        Attempt::OpenLogFirst => "Nothing was started: this app's log has to be open before its dyno.",
        Attempt::ListDynos => "Look again, or use `heroku ps`, before you run the function again.",
        Attempt::OpenLog => {
            "The log cannot be opened. The function does not need its log to run: this page asks Heroku until it is gone, and `heroku logs` shows its lines."
        }
        Attempt::AskDyno => {
            "This page cannot tell whether the function still runs, and goes on asking; `heroku ps` shows it."
        }
        Attempt::StopDyno => "The function may still run: press Stop again, or use `heroku ps:stop`.",
    }
}

fn action(error: &ApiError, attempt: Attempt, field: Option<Field>, has_no_advice: bool) -> Option<Action> {
    match (attempt, field) {
        (Attempt::CreateDyno, Some(field)) => Some(Action::GoTo(field)),
        // Whether it worked is looked up first.
        (Attempt::CreateDyno, None) if error.leaves_open_whether_it_worked() => None,
        (Attempt::CreateDyno, None) => match error {
            ApiError::Heroku(HerokuError { status: 409 | 429, .. }) => Some(Action::RunAgain),
            ApiError::Heroku(HerokuError { id: Some(id), .. }) if id == "cannot_run_above_limit" => {
                Some(Action::RunAgain)
            }
            _ => has_no_advice.then_some(Action::RunAgain),
        },
        (Attempt::OpenLogFirst, Some(field)) => Some(Action::GoTo(field)),
        (Attempt::OpenLogFirst, None) => Some(Action::RunAgain),
        (Attempt::OpenLog, _) => Some(Action::OpenLogAgain),
        (Attempt::StopDyno, _) => Some(Action::StopAgain),
        // With another key the answer may be another; else it is asked again by itself.
        (Attempt::AskDyno, Some(_)) => Some(Action::AskAgain),
        (Attempt::ListDynos | Attempt::AskDyno, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use Attempt::{AskDyno, CreateDyno, ListDynos, OpenLog, StopDyno};

    const NOW: Time = Time(1_000);

    fn heroku(status: u16, id: &str, message: &str) -> ApiError {
        let (id, message) = (Some(id.to_owned()), Some(message.to_owned()));
        ApiError::Heroku(HerokuError { status, id, message, retry_after: None })
    }

    /// A row of the table: the error, where it came from, and what is told about it.
    struct Row {
        error: ApiError,
        attempt: Attempt,
        code: &'static str,
        what: &'static str,
        advice: &'static str,
        field: Option<Field>,
        link: Option<Link>,
        action: Option<Action>,
    }

    impl Row {
        fn heroku(attempt: Attempt, status: u16, id: &'static str, what: &'static str) -> Self {
            Self::of(heroku(status, id, "Heroku's words."), attempt, id, what)
        }

        fn of(error: ApiError, attempt: Attempt, code: &'static str, what: &'static str) -> Self {
            let action = match attempt {
                OpenLog => Some(Action::OpenLogAgain),
                StopDyno => Some(Action::StopAgain),
                _ => None,
            };
            Self { error, attempt, code, what, advice: "", field: None, link: None, action }
        }

        fn advice(self, advice: &'static str) -> Self {
            Self { advice, ..self }
        }

        /// With the button that goes to the field.
        fn at(self, field: Field) -> Self {
            Self { field: Some(field), action: self.action.or(Some(Action::GoTo(field))), ..self }
        }

        fn without_action(self) -> Self {
            Self { action: None, ..self }
        }

        fn link(self, link: Link) -> Self {
            Self { link: Some(link), ..self }
        }

        fn action(self, action: Action) -> Self {
            Self { action: Some(action), ..self }
        }

        #[track_caller]
        fn check(self) {
            let notice = Notice::new(&self.error, self.attempt, NOW);
            let place = format!("{:?} at {:?}: {notice:?}", self.error, self.attempt);
            assert_eq!(notice.code, self.code, "{place}");
            assert!(notice.what.contains(self.what), "{place}");
            assert!(notice.advice.contains(self.advice), "{place}");
            assert_eq!(
                (notice.field, notice.link, notice.action),
                (self.field, self.link, self.action),
                "{place}"
            );
        }
    }

    #[test]
    fn errors_of_heroku() {
        let row = Row::heroku;
        row(CreateDyno, 401, "unauthorized", "API key").advice("expired").at(Field::ApiKey).check();
        row(CreateDyno, 402, "delinquent", "payment").link(BILLING).check();
        row(CreateDyno, 402, "verification_required", "billing information").link(BILLING).check();
        row(CreateDyno, 422, "verification_needed", "billing information").link(BILLING).check();
        row(CreateDyno, 403, "forbidden", "may not").advice("`write-protected`").at(Field::ApiKey).check();
        row(CreateDyno, 403, "suspended", "suspended").link(HELP).check();
        row(CreateDyno, 403, "two_factor", "second factor").at(Field::ApiKey).check();
        row(CreateDyno, 404, "not_found", "no app").advice("spelling").at(Field::App).check();
        row(CreateDyno, 406, "not_acceptable", "version").advice("Reload").check();
        row(CreateDyno, 409, "conflict", "just now").advice("Deploy").action(Action::RunAgain).check();
        row(CreateDyno, 410, "gone", "gone").advice("moved or removed").check();
        row(CreateDyno, 400, "bad_request", "rejects").advice("Change them").check();
        row(CreateDyno, 422, "invalid_params", "rejects").advice("Change them").check();
        row(CreateDyno, 422, "cannot_run_above_limit", "as many").action(Action::RunAgain).check();
        row(CreateDyno, 429, "rate_limit", "requests").advice("75").action(Action::RunAgain).check();
        row(CreateDyno, 500, "internal", "fault").advice("look below").link(STATUS).check();
        row(CreateDyno, 503, "unavailable", "fault").advice("look below").link(STATUS).check();
        row(CreateDyno, 418, "teapot", "418").advice("again in a minute").action(Action::RunAgain).check();

        row(ListDynos, 401, "unauthorized", "API key").at(Field::ApiKey).without_action().check();
        row(ListDynos, 503, "unavailable", "fault").advice("Look again").link(STATUS).check();

        row(OpenLog, 401, "unauthorized", "API key").at(Field::ApiKey).check();
        row(OpenLog, 403, "forbidden", "may not").at(Field::ApiKey).check();
        row(OpenLog, 404, "not_found", "no log").advice("does not need its log").check();
        row(OpenLog, 422, "invalid_params", "422").check();
        row(OpenLog, 429, "rate_limit", "requests").check();
        row(OpenLog, 503, "unavailable", "fault").advice("does not need its log").link(STATUS).check();

        row(AskDyno, 401, "unauthorized", "API key").at(Field::ApiKey).action(Action::AskAgain).check();
        row(AskDyno, 429, "rate_limit", "requests").advice("cannot tell").check();
        row(AskDyno, 500, "internal", "fault").advice("cannot tell").link(STATUS).check();

        row(StopDyno, 404, "not_found", "no such dyno").advice("may still run").check();
        row(StopDyno, 422, "invalid_params", "422").advice("may still run").check();
        row(StopDyno, 503, "unavailable", "fault").advice("press Stop again").link(STATUS).check();
    }

    #[test]
    fn errors_of_the_connection_and_the_stream() {
        let row = Row::of;
        let transport = ApiError::Transport;
        let stream = |status| ApiError::Stream { status };
        row(transport(TransportError::Offline), CreateDyno, "offline", "no network")
            .advice("look below")
            .check();
        row(transport(TransportError::Unreachable), CreateDyno, "unreachable", "extension")
            .advice("look below")
            .check();
        row(transport(TransportError::BlockedByPolicy), CreateDyno, "blocked_by_policy", "policy")
            .advice("Reload")
            .check();
        row(transport(TransportError::Unreachable), StopDyno, "unreachable", "No answer")
            .advice("may still run")
            .check();
        row(ApiError::NotJson { status: 200 }, CreateDyno, "not_json", "no JSON")
            .advice("look below")
            .check();
        row(ApiError::NotJson { status: 404 }, CreateDyno, "not_json", "404").advice("proxy").check();
        row(ApiError::NotJson { status: 502 }, CreateDyno, "not_json", "502")
            .advice("look below")
            .link(STATUS)
            .check();
        row(ApiError::WrongShape, CreateDyno, "wrong_shape", "lacks").advice("look below").check();
        row(ApiError::NoLogplexUrl, OpenLog, "no_logplex_url", "no address").check();
        row(ApiError::BadLogplexUrl, OpenLog, "bad_logplex_url", "must not open").check();
        row(stream(404), OpenLog, "stream_404", "expired").check();
        row(stream(403), OpenLog, "stream_403", "refuses").advice("IP address").check();
        row(stream(503), OpenLog, "stream_503", "503").link(STATUS).check();
        row(ApiError::StreamBroke, OpenLog, "stream_broke", "broke").check();
        row(ApiError::StreamEnded, OpenLog, "stream_ended", "ended").check();
        row(ApiError::StopTooEarly, StopDyno, "stop_too_early", "not know the dyno yet").check();
    }

    #[test]
    fn heroku_s_sentence_names_the_field() {
        #[track_caller]
        fn check(message: &str, field: Option<Field>) {
            let notice = Notice::new(&heroku(422, "invalid_params", message), CreateDyno, NOW);
            assert_eq!((notice.field, notice.action), (field, field.map(Action::GoTo)), "{message}");
        }
        check(
            "Cannot use the following dyno types in the same app: Basic and Standard-1X",
            Some(Field::Size),
        );
        check("`size`: there is no dyno size \"Huge\".", Some(Field::Size));
        check("Command cannot be blank.", Some(Field::Command));
        check("`time_to_live` has to be between 1 and 86400 seconds.", Some(Field::TimeLimit));
        check("The size of the body is too large.", None);
        check("Something else.", None);
        check("", None);
    }

    #[test]
    fn an_error_without_an_id_has_its_status_as_code() {
        let error = ApiError::Heroku(HerokuError { status: 500, ..HerokuError::default() });
        Row::of(error, CreateDyno, "http_500", "fault").link(STATUS).check();
    }

    #[test]
    fn a_used_up_limit_says_when_to_go_on() {
        let limit = |retry_after| {
            ApiError::Heroku(HerokuError { status: 429, retry_after, ..HerokuError::default() })
        };
        let not_before = |retry_after| Notice::new(&limit(retry_after), CreateDyno, NOW).not_before;
        assert_eq!(not_before(Some(Duration::from_secs(2))), Some(Time(3_000)));
        assert_eq!(not_before(None), Some(Time(61_000)));
        assert_eq!(Notice::new(&heroku(503, "x", ""), CreateDyno, NOW).not_before, None);
    }

    #[test]
    fn herokus_own_words_are_kept_apart() {
        let notice = Notice::new(&heroku(422, "cannot_run_above_limit", "Heroku's words."), CreateDyno, NOW);
        assert_eq!(notice.heroku_says.as_deref(), Some("Heroku's words."));
        assert!(!notice.what.contains("Heroku's words."));
    }
}
