//! Lines at a given rate, as a dyno could print them.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

use crate::faults::Flood;
use crate::log::{Log, Source};

/// Lines are added so often, as many as are due.
const TICK: Duration = Duration::from_millis(5);

/// A flood that goes on; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Flooding(JoinHandle<()>);

impl Flooding {
    pub(super) fn start(log: Arc<Log>, process: Arc<str>, flood: Flood) -> Self {
        Self(tokio::spawn(run(log, process, flood)))
    }
}

impl Drop for Flooding {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn run(log: Arc<Log>, process: Arc<str>, Flood { lines, per_second, bytes }: Flood) {
    let start = Instant::now();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut printed = 0;
    while printed < lines {
        ticks.tick().await;
        let due = start.elapsed().as_micros() * u128::from(per_second.get()) / 1_000_000;
        let due = u64::try_from(due).unwrap_or(u64::MAX).min(lines);
        let text: String = (printed + 1..=due).map(|line| message(line, lines, bytes)).collect();
        log.append(Source::App, &process, text.as_bytes());
        printed = due;
    }
}

fn message(line: u64, lines: u64, bytes: usize) -> String {
    let text = format!("flood line {line} of {lines} ");
    format!("{text:.<bytes$}\n")
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;
    use crate::log::{Batch, Filter};

    #[tokio::test(start_paused = true)]
    async fn lines_come_at_the_rate_and_as_many_as_told() {
        let log: Arc<Log> = Arc::default();
        let mut reader = log.read(0, true, Filter::default());
        let flood = Flood { lines: 2_500, per_second: NonZeroU64::MIN.saturating_add(999), bytes: 40 };
        let start = Instant::now();
        let _flooding = Flooding::start(Arc::clone(&log), "run.1".into(), flood);
        let mut count = 0;
        while count < 2_500 {
            let batches = reader.next(1).await.unwrap_or_default();
            for line in batches.iter().flat_map(Batch::lines) {
                count += 1;
                let message = String::from_utf8_lossy(line).split_once("]: ").map(|(_, m)| m.to_owned());
                let expected = format!("flood line {count} of 2500 ");
                assert!(message.is_some_and(|m| m.starts_with(&expected) && m.len() == 40));
            }
            let due = start.elapsed().as_millis();
            assert!((due..=due + 1).contains(&count), "{count} lines in {due} ms");
        }
        assert_eq!(start.elapsed(), Duration::from_millis(2_500));
        tokio::time::sleep(Duration::from_secs(1)).await;
        log.close();
        assert!(reader.next(1).await.is_none());
    }
}
