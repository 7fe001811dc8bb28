//! The one account, whose key it is and to which all apps belong.

use std::time::Instant;

use uuid::Uuid;

use crate::rate_limit::RateLimit;
use crate::timestamp;

/// Its address, as the log of an app names who started a dyno.
pub(crate) const EMAIL: &str = "user@example.com";

/// The account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) created_at: String,
    pub(crate) requests: RateLimit,
}

impl Account {
    /// A new account that may make `rate_limit` requests an hour.
    pub(crate) fn new(rate_limit: u32) -> Self {
        Self {
            id: Uuid::new_v4(),
            created_at: timestamp::now(),
            requests: RateLimit::new(rate_limit, Instant::now()),
        }
    }

    /// Whether `user` in a path means this account: `~` is whoever asks.
    pub(crate) fn is(&self, user: &str) -> bool {
        user == "~" || user == EMAIL || user == self.id.to_string()
    }
}
