//! Everything that can go wrong with a call or a stream. What a person reads of it stands in `notice`.

use std::time::Duration;

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
    /// Nothing has come from the log server for a long time.
    StreamSilent,
    /// The computer was asleep.
    Slept,
    /// The network was away.
    NetworkBack,
    /// A further run would need more connections than a browser gives.
    TooManyStreams,
    /// Heroku did not know the dyno when it was to be stopped, and knows it now.
    StopTooEarly,
    Transport(TransportError),
}

/// An error body of the Platform API (platform-api.md 1.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HerokuError {
    pub status: u16,
    pub id: Option<String>,
    pub message: Option<String>,
    /// How long to wait, where the header can be read (platform-api.md 1.5).
    pub retry_after: Option<Duration>,
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
    /// Which dynos there are, after the answer to `CreateDyno` was lost.
    ListDynos,
    OpenLog,
    /// The log that has to be open before there is a dyno.
    OpenLogFirst,
    /// Whether the dyno is still there.
    AskDyno,
    StopDyno,
}

impl ApiError {
    /// Whether Heroku says that what was asked for is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Heroku(HerokuError { status: 404, .. }))
    }

    /// How long Heroku wants no further request of this account; `None` when it does not say so.
    ///
    /// Where the header cannot be read, a minute: Heroku gives back about 75 requests in it (platform-api.md 1.5).
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Heroku(HerokuError { status: 429, retry_after, .. }) => {
                Some(retry_after.unwrap_or(Duration::from_secs(60)))
            }
            _ => None,
        }
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
            Self::StreamSilent => "stream_silent",
            Self::Slept => "slept",
            Self::NetworkBack => "network_back",
            Self::TooManyStreams => "too_many_streams",
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
            | Self::StreamSilent
            | Self::Slept
            | Self::NetworkBack
            | Self::TooManyStreams
            | Self::StopTooEarly => false,
        }
    }

    /// Whether the log may be opened by the next attempt, although nothing was changed.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Heroku(HerokuError { status, .. }) | Self::NotJson { status } => {
                *status == 429 || *status >= 500
            }
            // It may be too new for a server.
            Self::Stream { .. } | Self::StreamBroke | Self::StreamEnded | Self::StreamSilent => true,
            Self::Slept | Self::NetworkBack => true,
            Self::Transport(error) => *error != TransportError::BlockedByPolicy,
            Self::WrongShape
            | Self::NoLogplexUrl
            | Self::BadLogplexUrl
            | Self::TooManyStreams
            | Self::StopTooEarly => false,
        }
    }
}
