//! The calls of the Platform API as plain values: what is sent, and what the answer means.

mod json;
mod request;
mod response;

pub use request::{
    ACCEPT, LogSource, Method, Request, create_dyno, create_log_session, dyno_info, list_dynos, stop_dyno,
};
pub use response::{Answer, Dyno, created_at, dyno, dynos, log_session_url, success};
