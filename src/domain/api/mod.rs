//! The four calls of the Platform API as plain values: what is sent, and what the answer means.

mod request;
mod response;

pub use request::{ACCEPT, Method, Request, create_dyno, create_log_session, dyno_info, stop_dyno};
pub use response::{Answer, Dyno, dyno, log_session_url, success};
