//! What lines tell about a run.

use super::beginning::Beginning;
use super::error_code::ErrorCode;
use super::header::{Header, Lifecycle, is_from_log_system, tells_of_loss};
use super::scope::{Scope, Selection};
use super::store::Class;
use crate::domain::time::Time;
use log_flood::KnownHeader;

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

/// Tells lines apart, and what they say about the run.
#[derive(Debug)]
pub(super) struct Classifier {
    pub(super) scope: Scope,
    /// The first lines of the run, while its beginning is sought among them.
    pub(super) beginning: Beginning,
    has_output: bool,
    /// A line told that the process or the dyno has ended.
    pub(super) has_ended: bool,
    codes: Vec<ErrorCode>,
    /// The last line of output has it, and nothing is sought in those that follow.
    known: Option<KnownHeader>,
}

impl Classifier {
    pub(super) fn new(scope: Scope, selection: Selection) -> Self {
        let mut beginning = Beginning::default();
        if !selection.seeks_beginning() {
            beginning.settle();
        }
        Self { scope, beginning, has_output: false, has_ended: false, codes: Vec::new(), known: None }
    }

    /// The header of the last line, if lines that have it, too, are plainly output.
    pub(super) fn header_of_output(&self) -> Option<&KnownHeader> {
        self.known.as_ref().filter(|_| !self.beginning.is_sought())
    }

    /// The class of a line, from its first bytes; what it tells about the run goes to `facts`.
    pub(super) fn classify(&mut self, head: &[u8], facts: &mut Vec<Fact>) -> Class {
        let Some(header) = Header::parse(head) else { return Class::Raw };
        let message = &head[header.message_start..];
        if tells_of_loss(&header, message) {
            self.tell_code(ErrorCode::of_log_system(message), facts);
            return Class::Loss;
        }
        let ours = self.scope.covers(&header);
        let class = class_of_source(&header, ours);
        if self.beginning.is_sought() {
            match ours {
                true => self.beginning.see_own((class == Class::Platform).then_some(message)),
                false => self.beginning.see_other(),
            }
        }
        if class == Class::Output
            && !is_from_log_system(&header)
            && self.scope.covers(&header.at_whole_second())
        {
            self.known = KnownHeader::new(&head[..header.message_start]);
        }
        let at = header.time;
        match class {
            Class::Output if !std::mem::replace(&mut self.has_output, true) => {
                facts.push(Fact::FirstOutput { at });
            }
            Class::Platform if ours => match Lifecycle::parse(message) {
                Some(Lifecycle::Up) => facts.push(Fact::Up { at }),
                Some(Lifecycle::Exited(status)) => {
                    self.has_ended = true;
                    facts.push(Fact::Exited { status, at });
                }
                Some(Lifecycle::Final { crashed }) => {
                    self.has_ended = true;
                    facts.push(Fact::Final { at, crashed });
                }
                Some(Lifecycle::Starting) => facts.push(Fact::Starting),
                None => self.tell_code(ErrorCode::of_dyno(message), facts),
            },
            Class::Platform if header.process == Some(b"router") => {
                self.tell_code(ErrorCode::of_router(message), facts);
            }
            _ => {}
        }
        class
    }

    fn tell_code(&mut self, code: Option<ErrorCode>, facts: &mut Vec<Fact>) {
        if let Some(code) = code.filter(|code| !self.codes.contains(code)) {
            self.codes.push(code);
            facts.push(Fact::Code(code));
        }
    }
}

fn class_of_source(header: &Header<'_>, ours: bool) -> Class {
    if header.is_from_platform() {
        Class::Platform
    } else if header.source == b"app" && ours {
        Class::Output
    } else {
        Class::App
    }
}
