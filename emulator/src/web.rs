//! Web processes: where each has to listen, and whether it does in time.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// The process type that listens.
pub(crate) const PROCESS_TYPE: &str = "web";

/// What the platform writes about a process that does not listen in time (platform-api.md 6.3).
pub(crate) const BOOT_TIMEOUT_ERROR: &str =
    "Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch";
const BOOT_TIMEOUT: Duration = Duration::from_secs(60);

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(50);

/// A port of this machine that nothing listens on. Dynos have a network of their own on Heroku and may all use the same.
pub(crate) fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Waits until something listens on `port`, which may take a minute. Returns whether it does.
pub(crate) async fn listens(port: u16) -> bool {
    let start = Instant::now();
    while start.elapsed() < BOOT_TIMEOUT {
        if TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.is_ok() {
            return true;
        }
        sleep(BETWEEN_ATTEMPTS).await;
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_process_has_a_minute_to_listen() {
        let start = Instant::now();
        assert!(!listens(free_port().unwrap()).await);
        assert!((60..65).contains(&start.elapsed().as_secs()));
    }

    #[tokio::test]
    async fn it_is_noticed_when_it_listens() {
        let port = free_port().unwrap();
        let (listens, _listener) = tokio::join!(listens(port), async {
            sleep(BETWEEN_ATTEMPTS * 2).await;
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap()
        });
        assert!(listens);
    }
}
