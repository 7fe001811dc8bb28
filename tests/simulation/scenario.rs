//! What kind of server, network, clock and person a seed means.

use super::random::Random;

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    None,
    /// A line has the same id in each session.
    Stable,
    /// Each session counts anew.
    PerSession,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Events(Ids),
}

/// What a session does at its greatest age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    Closes,
    GoesSilent,
    /// No lines any more, and heartbeats all the same.
    KeepsBeating,
}

/// Everything that does not change during a simulation. Times in milliseconds, chances in percent.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    /// Of the two apps.
    pub(crate) is_fir: [bool; 2],
    pub(crate) encoding: Encoding,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) line_end: &'static str,
    pub(crate) heartbeat: Option<u64>,
    pub(crate) history: usize,
    pub(crate) one_more: bool,
    pub(crate) counts_before_filter: bool,
    pub(crate) session_age: u64,
    pub(crate) expiry: Expiry,
    /// The page replaces sessions at this age, as whoever serves it may say.
    pub(crate) replaced_at: Option<u64>,
    pub(crate) queue: Option<usize>,
    pub(crate) duplicates: u64,
    /// The server's clock against the true one.
    pub(crate) server_skew: i64,
    pub(crate) tells_remaining: bool,
    pub(crate) tells_retry_after: bool,
    pub(crate) remaining: u64,
    pub(crate) late_dynos: bool,
    pub(crate) reuses_names: bool,
    pub(crate) repeats_lines: bool,
    pub(crate) noise: Option<u64>,
    /// Chances at each call.
    pub(crate) error: u64,
    pub(crate) conflict: u64,
    pub(crate) lost: u64,
    pub(crate) slow: u64,
    /// Chances at each stream.
    pub(crate) stream_error: u64,
    pub(crate) stream_never: u64,
    /// Between faults of the streams.
    pub(crate) cuts: Option<u64>,
    pub(crate) silent_cuts: u64,
    pub(crate) stalls: Option<u64>,
    pub(crate) latency: u64,
    pub(crate) offline: Option<u64>,
    pub(crate) sleeps: Option<u64>,
    pub(crate) jumps: Option<u64>,
    pub(crate) hides: bool,
    pub(crate) revokes_key: bool,
    pub(crate) runs: u64,
    pub(crate) output_only: u64,
    pub(crate) closes: bool,
    /// When all faults stop.
    pub(crate) calm: u64,
}

impl Scenario {
    pub(crate) fn new(random: &mut Random) -> Self {
        let encoding = match random.between(0, 4) {
            0 | 1 => Encoding::Plain,
            2 => Encoding::Events(Ids::None),
            3 => Encoding::Events(Ids::Stable),
            _ => Encoding::Events(Ids::PerSession),
        };
        let content_type = match encoding {
            _ if random.chance(10) => random.pick(&[None, Some("text/html")]),
            Encoding::Plain => Some("text/plain; charset=utf-8"),
            Encoding::Events(_) => Some("text/event-stream"),
        };
        let expiry = random.pick(&[Expiry::Closes, Expiry::GoesSilent, Expiry::KeepsBeating]);
        let session_age = if random.chance(20) {
            random.between(20 * SECOND, 5 * MINUTE)
        } else {
            random.between(15 * MINUTE + 40 * SECOND, 60 * MINUTE)
        };
        let replaced_at = random.chance(30).then(|| random.magnitude(10 * SECOND, 5 * MINUTE));
        let fir = random.chance(20);
        let is_fir = [fir, random.chance(15)];
        // Heartbeats of a session that brings no lines any more hide that from a client, unless the next one has a history.
        let expires_early = session_age < 15 * MINUTE;
        let expiry = match expiry {
            Expiry::KeepsBeating if expires_early && is_fir.contains(&true) => Expiry::GoesSilent,
            expiry => expiry,
        };
        Self {
            is_fir,
            encoding,
            content_type,
            line_end: random.pick(&["\n", "\n", "\n", "\r\n"]),
            heartbeat: sometimes(random, 60, 10 * SECOND, 30 * SECOND),
            history: random.pick(&[20, 60, 200, 1500, 1500]),
            one_more: random.chance(50),
            counts_before_filter: random.chance(30),
            session_age,
            expiry,
            replaced_at,
            queue: random.chance(50).then(|| random.between(4, 60) as usize),
            duplicates: if random.chance(20) { random.between(1, 20) } else { 0 },
            server_skew: if random.chance(30) { random.between(0, 80_000) as i64 - 40_000 } else { 0 },
            tells_remaining: random.chance(30),
            tells_retry_after: random.chance(50),
            remaining: if random.chance(15) { random.between(60, 160) } else { 4500 },
            late_dynos: random.chance(20),
            reuses_names: random.chance(40),
            repeats_lines: random.chance(50),
            noise: sometimes(random, 50, 500, 20 * SECOND),
            error: if random.chance(40) { random.between(1, 30) } else { 0 },
            conflict: if random.chance(20) { random.between(10, 60) } else { 0 },
            lost: if random.chance(30) { random.between(1, 30) } else { 0 },
            slow: if random.chance(20) { random.between(1, 30) } else { 0 },
            stream_error: if random.chance(20) { random.between(1, 50) } else { 0 },
            stream_never: if random.chance(15) { random.between(1, 40) } else { 0 },
            cuts: random.chance(60).then(|| random.magnitude(SECOND, 60 * SECOND)),
            silent_cuts: random.pick(&[0, 0, 20, 60]),
            stalls: random.chance(40).then(|| random.magnitude(SECOND, 30 * SECOND)),
            latency: random.magnitude(2, 3000),
            offline: sometimes(random, 20, 10 * SECOND, 2 * MINUTE),
            sleeps: sometimes(random, 15, 20 * SECOND, 3 * MINUTE),
            jumps: sometimes(random, 15, 20 * SECOND, 3 * MINUTE),
            hides: random.chance(25),
            revokes_key: random.chance(10),
            runs: random.between(1, 8),
            output_only: random.pick(&[0, 0, 30]),
            closes: random.chance(20),
            calm: random.between(MINUTE, 12 * MINUTE),
        }
    }
}

fn sometimes(random: &mut Random, percent: u64, low: u64, high: u64) -> Option<u64> {
    random.chance(percent).then(|| random.between(low, high))
}
