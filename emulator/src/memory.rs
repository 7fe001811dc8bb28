//! The memory that dynos may use (platform-api.md 6.3 and 10): sampled, not limited beforehand. Only on Linux:
//! elsewhere dynos get what the machine has.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant;

use crate::process_table::ProcessTable;

/// Time between two samples. Heroku needs longer to notice.
const INTERVAL: Duration = Duration::from_millis(500);

/// R14 is told again this often for as long as it lasts, as on Heroku.
const BETWEEN_ERRORS: Duration = Duration::from_secs(20);

/// A dyno that uses more than this many times its quota is killed.
const VASTLY: u64 = 2;

/// Samples the machine's processes for as long as somebody watches them.
#[derive(Debug)]
pub(crate) struct Sampler {
    tables: watch::Sender<Arc<ProcessTable>>,
    /// Ends when dropped.
    _task: JoinSet<()>,
}

impl Sampler {
    /// Starts it on the current tokio runtime.
    pub(crate) fn start() -> Self {
        let tables = watch::Sender::default();
        let mut task = JoinSet::new();
        task.spawn(sample(tables.clone()));
        Self { tables, _task: task }
    }

    /// Watches the memory of the processes below `supervisor`, whose quota is `quota` bytes, and tells what the platform
    /// writes about it. Returns when the dyno has to be killed.
    pub(crate) async fn watch(&self, supervisor: i32, quota: u64, tell: impl Fn(&str)) {
        let mut tables = self.tables.subscribe();
        let mut usage = Usage { quota, last: 0, told: None };
        // The sampler does not end before this value does.
        while tables.changed().await.is_ok() {
            let table = Arc::clone(&tables.borrow_and_update());
            // The exact number takes longer, and without swap it is not larger.
            if table.resident_bytes(supervisor) <= quota {
                usage.last = 0;
                continue;
            }
            let Ok(used) = spawn_blocking(move || table.exact_bytes(supervisor)).await else { continue };
            let verdict = usage.judge(used, Instant::now());
            verdict.lines.iter().for_each(|line| tell(line));
            if verdict.vastly_exceeded {
                return;
            }
        }
    }
}

async fn sample(tables: watch::Sender<Arc<ProcessTable>>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        if tables.receiver_count() > 0
            && let Ok(table) = spawn_blocking(ProcessTable::read).await
        {
            tables.send_replace(Arc::new(table));
        }
    }
}

/// What one dyno uses, and when that was told last. What a single sample shows does not count: processes that are forked
/// while they are looked at show more than they use.
#[derive(Debug)]
struct Usage {
    quota: u64,
    /// Of the last sample.
    last: u64,
    told: Option<Instant>,
}

/// What a sample means.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    lines: Vec<String>,
    vastly_exceeded: bool,
}

impl Usage {
    fn judge(&mut self, used: u64, now: Instant) -> Verdict {
        let sustained = used.min(std::mem::replace(&mut self.last, used));
        if sustained <= self.quota {
            return Verdict::default();
        }
        let vastly_exceeded = sustained > VASTLY * self.quota;
        let is_due = self.told.is_none_or(|told| now - told >= BETWEEN_ERRORS);
        if !is_due && !vastly_exceeded {
            return Verdict::default();
        }
        self.told = Some(now);
        let percent = used as f64 * 100.0 / self.quota as f64;
        let running = format!("Process running mem={}M({percent:.1}%)", used >> 20);
        let error = if vastly_exceeded {
            "Error R15 (Memory quota vastly exceeded)"
        } else {
            "Error R14 (Memory quota exceeded)"
        };
        Verdict { lines: vec![running, error.to_owned()], vastly_exceeded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEBIBYTE: u64 = 1 << 20;

    #[test]
    fn the_quota_and_twice_the_quota_are_the_limits() {
        let start = Instant::now();
        let mut usage = Usage { quota: 512 * MEBIBYTE, last: 0, told: None };
        let mut judge = |bytes: u64, seconds: u64| usage.judge(bytes, start + Duration::from_secs(seconds));
        let r14 = |running: &str| Verdict {
            lines: vec![
                format!("Process running mem={running}"),
                "Error R14 (Memory quota exceeded)".to_owned(),
            ],
            vastly_exceeded: false,
        };
        assert_eq!(judge(512 * MEBIBYTE, 0), Verdict::default());
        // Once is no time.
        assert_eq!(judge(2000 * MEBIBYTE, 0), Verdict::default());
        assert_eq!(judge(512 * MEBIBYTE + 1, 1), r14("512M(100.0%)"));
        // Again after a while, not with every sample.
        assert_eq!(judge(600 * MEBIBYTE, 20), Verdict::default());
        assert_eq!(judge(628 * MEBIBYTE, 21), r14("628M(122.7%)"));
        assert_eq!(judge(500 * MEBIBYTE, 22), Verdict::default());
        assert_eq!(judge(1024 * MEBIBYTE, 41), Verdict::default());
        assert_eq!(judge(1024 * MEBIBYTE, 42), r14("1024M(200.0%)"));
        assert_eq!(judge(1029 * MEBIBYTE, 43), Verdict::default());
        let killed = judge(1029 * MEBIBYTE, 44);
        assert_eq!(
            killed,
            Verdict {
                lines: vec![
                    "Process running mem=1029M(201.0%)".to_owned(),
                    "Error R15 (Memory quota vastly exceeded)".to_owned()
                ],
                vastly_exceeded: true,
            }
        );
    }
}
