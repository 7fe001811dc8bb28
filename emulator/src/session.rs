//! Log sessions: a right to read the log for a while, whose secret is in the stream's URL.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::log::{Filter, Log};

/// How long a session waits for its first reader, and how long it can be read again after that one
/// (platform-api.md 4.3; a stream that is open stays open).
const UNUSED_LIFETIME: Duration = Duration::from_secs(5 * 60);
const USED_LIFETIME: Duration = Duration::from_secs(60 * 60);

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

/// The sessions that can be read now, by the token in their URL.
#[derive(Debug, Default)]
pub(crate) struct LogSessions {
    by_token: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug)]
struct Entry {
    session: LogSession,
    used: bool,
    expires: Instant,
}

impl LogSessions {
    /// Keeps `session` and returns its token, 128 bits that nobody can guess.
    pub(crate) fn create(&self, session: LogSession, now: Instant) -> String {
        let token = Uuid::new_v4().simple().to_string();
        let mut by_token = self.by_token.lock().unwrap_or_else(PoisonError::into_inner);
        by_token.retain(|_, entry| entry.expires > now);
        by_token.insert(token.clone(), Entry { session, used: false, expires: now + UNUSED_LIFETIME });
        token
    }

    /// The session of a stream that is opened now, unless it is unknown or has expired.
    pub(crate) fn open(&self, token: &str, now: Instant) -> Option<LogSession> {
        let mut by_token = self.by_token.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = by_token.get_mut(token).filter(|entry| entry.expires > now)?;
        if !entry.used {
            entry.used = true;
            entry.expires = now + USED_LIFETIME;
        }
        Some(entry.session.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn any() -> LogSession {
        LogSession { log: Arc::default(), filter: Filter::default(), lines: 7, tail: true }
    }

    #[test]
    fn a_session_expires_unless_it_is_opened_in_time() {
        let (sessions, start) = (LogSessions::default(), Instant::now());
        let token = sessions.create(any(), start);
        assert!(sessions.open(&token, start + UNUSED_LIFETIME).is_none());
        let opened = start + UNUSED_LIFETIME - Duration::from_secs(1);
        assert_eq!(sessions.open(&token, opened).unwrap().lines, 7);
        assert!(sessions.open(&token, opened + USED_LIFETIME - Duration::from_secs(1)).is_some());
        assert!(sessions.open(&token, opened + USED_LIFETIME).is_none());
    }

    #[test]
    fn an_unknown_token_opens_nothing() {
        let sessions = LogSessions::default();
        sessions.create(any(), Instant::now());
        assert!(sessions.open("", Instant::now()).is_none());
    }

    #[test]
    fn expired_sessions_are_forgotten() {
        let (sessions, start) = (LogSessions::default(), Instant::now());
        sessions.create(any(), start);
        sessions.create(any(), start + UNUSED_LIFETIME);
        assert_eq!(sessions.by_token.lock().unwrap().len(), 1);
    }
}
