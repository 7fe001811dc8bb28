//! What lines tell about a run.

use super::error_code::ErrorCode;
use super::header::{Header, Lifecycle, tells_of_loss};
use super::scope::Scope;
use super::store::Class;
use crate::domain::time::Time;

/// What lines told about the run. `at` is the server's time in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// There are more lines.
    Lines,
    /// A mark was put where lines are missing.
    Gap,
    /// The platform starts the process.
    Starting,
    /// The function printed its first line.
    FirstOutput { at: Time },
    /// The dyno runs.
    Up { at: Time },
    /// The process ended; the status is missing where the line has none.
    Exited { status: Option<i32>, at: Time },
    /// The dyno reached a final state.
    Final { at: Time, crashed: bool },
    /// A line names an error of Heroku's that concerns the dyno or its log; told once for each code.
    Code(ErrorCode),
}

/// The class of a line, from its first bytes; what it tells about the run goes to `facts`.
pub(super) fn classify(scope: &Scope, head: &[u8], has_output: &mut bool, facts: &mut Vec<Fact>) -> Class {
    let Some(header) = Header::parse(head) else { return Class::Raw };
    let message = &head[header.message_start..];
    if tells_of_loss(&header, message) {
        facts.extend(ErrorCode::of_log_system(message).map(Fact::Code));
        return Class::Loss;
    }
    let ours = scope.covers(&header);
    let at = header.time;
    // The API's own lines come as `app[api]` (platform-api.md 6.2).
    if header.source == b"app" && header.process != Some(b"api") {
        if !ours {
            return Class::App;
        }
        if !std::mem::replace(has_output, true) {
            facts.push(Fact::FirstOutput { at });
        }
        return Class::Output;
    }
    let from_platform = header.source.starts_with(b"heroku") || header.process == Some(b"api");
    if !from_platform {
        return Class::App;
    }
    if ours {
        facts.extend(match Lifecycle::parse(message) {
            Some(Lifecycle::Up) => Some(Fact::Up { at }),
            Some(Lifecycle::Exited(status)) => Some(Fact::Exited { status, at }),
            Some(Lifecycle::Final { crashed }) => Some(Fact::Final { at, crashed }),
            Some(Lifecycle::Starting) => Some(Fact::Starting),
            None => ErrorCode::of_dyno(message).map(Fact::Code),
        });
    } else if header.process == Some(b"router") {
        facts.extend(ErrorCode::of_router(message).map(Fact::Code));
    }
    Class::Platform
}
