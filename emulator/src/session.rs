//! Log sessions: a right to read the log for a while, whose secret is in the stream's URL.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::faults::{AtExpiry, SessionFaults};
use crate::log::{Filter, Log};

/// An expired session is told from an unknown one for so long.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// What a client asked to read (platform-api.md 4.1).
#[derive(Clone, Debug)]
pub(crate) struct LogSession {
    /// The app's.
    pub(crate) log: Arc<Log>,
    pub(crate) filter: Filter,
    /// Lines of the app's history to begin with, counted before the filter.
    pub(crate) lines: usize,
    /// Whether the stream goes on after the history.
    pub(crate) tail: bool,
}

/// When sessions expire, and what that means (platform-api.md 4.3).
#[derive(Clone, Debug)]
pub(crate) struct Expiry {
    /// How long a session waits for its first reader.
    pub(crate) unused: Duration,
    /// How long it can be read from its first reader on.
    pub(crate) used: Duration,
    /// The status that is answered afterwards.
    pub(crate) status: u16,
    pub(crate) open_streams: AtExpiry,
}

impl Expiry {
    fn with(&self, faults: &SessionFaults) -> Self {
        Self {
            unused: faults.unused().unwrap_or(self.unused),
            used: faults.used().unwrap_or(self.used),
            status: faults.expired_status.unwrap_or(self.status),
            open_streams: faults.open_streams.unwrap_or(self.open_streams),
        }
    }
}

/// The sessions that can be read now, by the token in their URL.
#[derive(Debug)]
pub(crate) struct LogSessions {
    expiry: Expiry,
    by_token: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug)]
struct Entry {
    session: LogSession,
    expiry: Expiry,
    used: bool,
    expires: Instant,
}

/// What a token opens.
#[derive(Debug)]
pub(crate) enum Opened {
    /// The session, and what becomes of the stream when.
    Session(LogSession, AtExpiry, Instant),
    /// Nothing any more; the status to answer.
    Expired(u16),
    Unknown,
}

impl LogSessions {
    pub(crate) fn new(expiry: Expiry) -> Self {
        Self { expiry, by_token: Mutex::default() }
    }

    /// Keeps `session` and returns its token, 128 bits that nobody can guess.
    pub(crate) fn create(&self, session: LogSession, faults: Option<&SessionFaults>, now: Instant) -> String {
        let token = Uuid::new_v4().simple().to_string();
        let expiry = faults.map_or_else(|| self.expiry.clone(), |faults| self.expiry.with(faults));
        let expires = now + expiry.unused;
        let mut by_token = self.by_token.lock().unwrap_or_else(PoisonError::into_inner);
        by_token.retain(|_, entry| entry.expires + REMEMBERED > now);
        by_token.insert(token.clone(), Entry { session, expiry, used: false, expires });
        token
    }

    /// The session of a stream that is opened now.
    pub(crate) fn open(&self, token: &str, now: Instant) -> Opened {
        let mut by_token = self.by_token.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = by_token.get_mut(token) else { return Opened::Unknown };
        if entry.expires <= now {
            return Opened::Expired(entry.expiry.status);
        }
        if !entry.used {
            entry.used = true;
            entry.expires = now + entry.expiry.used;
        }
        Opened::Session(entry.session.clone(), entry.expiry.open_streams, entry.expires)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::*;

    const UNUSED: Duration = Duration::from_secs(300);
    const USED: Duration = Duration::from_secs(3600);

    fn sessions() -> LogSessions {
        let open_streams = AtExpiry::Stay;
        LogSessions::new(Expiry { unused: UNUSED, used: USED, status: 404, open_streams })
    }

    fn any() -> LogSession {
        LogSession { log: Arc::default(), filter: Filter::default(), lines: 7, tail: true }
    }

    #[test]
    fn a_session_expires_unless_it_is_opened_in_time() {
        let (sessions, start) = (sessions(), Instant::now());
        let token = sessions.create(any(), None, start);
        assert!(matches!(sessions.open(&token, start + UNUSED), Opened::Expired(404)));
        let opened = start + UNUSED - Duration::from_secs(1);
        let Opened::Session(LogSession { lines: 7, .. }, AtExpiry::Stay, expires) =
            sessions.open(&token, opened)
        else {
            panic!("it was opened in time")
        };
        assert_eq!(expires, opened + USED);
        let last = opened + USED - Duration::from_secs(1);
        assert!(matches!(sessions.open(&token, last), Opened::Session(..)));
        assert!(matches!(sessions.open(&token, opened + USED), Opened::Expired(404)));
    }

    #[test]
    fn an_unknown_token_opens_nothing() {
        let sessions = sessions();
        sessions.create(any(), None, Instant::now());
        assert!(matches!(sessions.open("", Instant::now()), Opened::Unknown));
    }

    #[test]
    fn expired_sessions_are_forgotten_in_the_end() {
        let (sessions, start) = (sessions(), Instant::now());
        let token = sessions.create(any(), None, start);
        sessions.create(any(), None, start + UNUSED);
        let later = start + UNUSED + REMEMBERED;
        assert!(matches!(sessions.open(&token, later), Opened::Expired(404)));
        sessions.create(any(), None, later);
        assert!(matches!(sessions.open(&token, later), Opened::Unknown));
    }
}
