//! The calls of the Platform API as plain values: what is sent, and what the answer means.

mod json;
mod request;
mod response;

pub use request::{
    ACCEPT, LogFilter, LogSource, Method, Request, SessionRequest, app_info, create_dyno, create_log_session,
    dyno_info, list_dynos, rate_limits, stop_dyno,
};
pub use response::{
    Answer, App, Dyno, app, created_at, dyno, dynos, log_session_url, received, remaining_requests, success,
};
