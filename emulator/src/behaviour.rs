//! What can be had otherwise than Heroku has it as a rule: limits, heartbeats, expiry, faults.

use std::time::Duration;

use clap::Args;
use serde_json::Value;

use crate::faults::{A_YEAR, AtExpiry};
use crate::generation::Generation;
use crate::log::Limits;
use crate::session::Expiry;

/// Options for how the emulator behaves, the same for programs and for the command line.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits and faults")]
pub struct Behaviour {
    /// Let requests or streams go wrong: a rule as below, or an array of them; can be repeated
    #[arg(long = "fault", value_name = "JSON", value_parser = json)]
    pub faults: Vec<Value>,

    /// Generation of Heroku's platform that the apps are of
    #[arg(long, value_name = "NAME", default_value = "cedar")]
    pub generation: Generation,

    /// Lines of an app's log that can be read afterwards
    #[arg(long, value_name = "LINES", default_value_t = Limits::default().history_lines)]
    pub history: usize,

    /// Lines that may wait for one reader before more are lost and an L11 line tells how many [default: no bound in
    /// lines; on Heroku about 1024]
    #[arg(long, value_name = "LINES")]
    pub queue_lines: Option<usize>,

    /// The same in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().queue_bytes)]
    pub queue_bytes: usize,

    /// How often an idle stream shows that it lives; 0 is never
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = seconds)]
    pub heartbeat: Duration,

    /// How long a log session waits for its first reader
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    pub session_unused: Duration,

    /// How long a log session can be read from its first reader on
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    pub session_used: Duration,

    /// What an expired log session answers
    #[arg(long, value_name = "STATUS", default_value_t = 404, value_parser = clap::value_parser!(u16).range(400..600))]
    pub expired_status: u16,

    /// What becomes of the open streams of a log session that expires
    #[arg(long, value_name = "WHAT", default_value = "stay")]
    pub open_streams: AtExpiry,
}

impl Behaviour {
    pub(crate) fn log_limits(&self) -> Limits {
        Limits {
            history_lines: self.history,
            queue_bytes: self.queue_bytes,
            queue_lines: self.queue_lines.unwrap_or(usize::MAX),
        }
    }

    pub(crate) fn expiry(&self) -> Expiry {
        Expiry {
            unused: self.session_unused,
            used: self.session_used,
            status: self.expired_status,
            open_streams: self.open_streams,
        }
    }

    pub(crate) fn heartbeat(&self) -> Option<Duration> {
        Some(self.heartbeat).filter(|interval| !interval.is_zero())
    }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("it is not valid JSON: {error}"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map_err(|_| "it has to be a number of seconds".to_owned())?;
    let duration = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    if duration > A_YEAR { Err("it has to be at most a year".to_owned()) } else { Ok(duration) }
}
