//! Takes connections and serves them: not more than this machine has room for, and none that only waits for long.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{ConnectInfo, Request};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::connection::Connection;

/// How long a client may take for a request's head, and leave a connection without one.
pub(crate) const IDLE: Duration = Duration::from_secs(30);

/// How long to wait when no connection can be taken, usually for want of file descriptors.
const AGAIN: Duration = Duration::from_millis(100);

/// More than these nobody needs.
const MOST_CONNECTIONS: u64 = 10_000;

/// As many connections as leave half of the file descriptors to dynos, after raising the soft limit as far as it goes.
pub(crate) fn most_connections() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            limit.current = raised.current;
        }
    }
    let most = limit.current.map_or(MOST_CONNECTIONS, |files| (files / 2).min(MOST_CONNECTIONS));
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// Knows the open connections of all listeners, and closes the one that has waited longest for a request when there are
/// too many: whoever opens thousands loses his own.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    most: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    count: usize,
    next: u64,
    /// Those that wait for a request, longest first, each with the means to close it.
    waiting: BTreeMap<u64, oneshot::Sender<()>>,
}

impl Gate {
    /// Lets about `most` connections be open.
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new(Shared { most, open: Mutex::default() }))
    }

    /// For a new connection, and told when it has to close.
    fn enter(&self) -> (Guest, oneshot::Receiver<()>) {
        let mut open = self.lock();
        open.count += 1;
        if open.count > self.0.most
            && let Some((_, close)) = open.waiting.pop_first()
        {
            // An error means that it has just closed.
            let _ = close.send(());
        }
        drop(open);
        let guest = Guest { gate: self.clone(), place: Mutex::default() };
        let closed = guest.wait();
        (guest, closed)
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open connection.
#[derive(Debug)]
struct Guest {
    gate: Gate,
    /// Its place among those that wait.
    place: Mutex<Option<u64>>,
}

impl Guest {
    /// It waits for a request.
    fn wait(&self) -> oneshot::Receiver<()> {
        let (close, closed) = oneshot::channel();
        let mut open = self.gate.lock();
        let place = open.next;
        open.next += 1;
        open.waiting.insert(place, close);
        drop(open);
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
        closed
    }

    /// It has a request.
    fn work(&self) -> Option<oneshot::Sender<()>> {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        self.gate.lock().waiting.remove(&place)
    }

    /// It waits again, with the means to close it that [`Self::work`] gave back.
    fn rest(&self, close: Option<oneshot::Sender<()>>) {
        let Some(close) = close else { return };
        let mut open = self.gate.lock();
        let place = open.next;
        open.next += 1;
        open.waiting.insert(place, close);
        drop(open);
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.work();
        self.gate.lock().count -= 1;
    }
}

/// Serves connections until `stopping` is over and those that are open have ended.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    gate: Gate,
    idle: Duration,
    stopping: impl Future<Output = ()>,
) {
    let service = TowerToHyperService::new(router);
    let graceful = GracefulShutdown::new();
    let accepting = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (guest, closed) = gate.enter();
                    let served = serve_one(stream, service.clone(), guest, idle, &graceful);
                    tokio::spawn(async move {
                        tokio::select! {
                            () = served => {}
                            Ok(()) = closed => {}
                        }
                    });
                }
                Err(error) if is_of_connection(&error) => {}
                Err(error) => {
                    tracing::error!("No connection can be taken: {error}");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stopping => {}
    }
    drop(listener);
    graceful.shutdown().await;
}

fn serve_one(
    stream: TcpStream,
    service: TowerToHyperService<Router>,
    guest: Guest,
    idle: Duration,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    let connection = Connection::new(stream);
    let handle = connection.handle();
    let guest = Arc::new(guest);
    let service = service_fn(move |mut request: Request<hyper::body::Incoming>| {
        let close = guest.work();
        request.extensions_mut().insert(ConnectInfo(handle.clone()));
        let response = service.call(request);
        let guest = Arc::clone(&guest);
        async move {
            let response = response.await;
            // A body without a known end is a stream or a large file, and goes on.
            if response.as_ref().is_ok_and(|response| response.body().size_hint().exact().is_some()) {
                guest.rest(close);
            }
            response
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .serve_connection(TokioIo::new(connection), service);
    let served = graceful.watch(served);
    // Clients go away as they like.
    async { drop(served.await) }
}

/// Whether an error is about one connection and says nothing about the next.
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n";

    async fn start(most: usize, idle: Duration) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "hello" }));
        tokio::spawn(serve(listener, router, Gate::new(most), idle, std::future::pending()));
        address
    }

    /// All that comes until the connection is closed.
    async fn rest(mut connection: TcpStream) -> String {
        let mut bytes = Vec::new();
        let _ = connection.read_to_end(&mut bytes).await;
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn a_request_that_does_not_come_is_not_waited_for() {
        let address = start(100, Duration::from_millis(300)).await;
        let silent = TcpStream::connect(address).await.unwrap();
        assert!(!rest(silent).await.contains("200"));

        // Slow-loris: a byte from time to time.
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(HEAD).await.unwrap();
        let (read, mut write) = slow.into_split();
        let dripping = tokio::spawn(async move {
            while write.write_all(b"X-Y: z\r\n").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        dripping.await.unwrap();
        drop(read);

        // One that has had its answer and keeps the connection.
        let mut kept = TcpStream::connect(address).await.unwrap();
        kept.write_all(&[HEAD, b"\r\n"].concat()).await.unwrap();
        assert!(rest(kept).await.ends_with("hello"));
    }

    #[tokio::test]
    async fn of_too_many_connections_the_longest_idle_goes() {
        let address = start(3, Duration::from_secs(600)).await;
        let mut idle = Vec::new();
        for _ in 0..6 {
            idle.push(TcpStream::connect(address).await.unwrap());
        }
        for closed in idle.drain(..3) {
            assert_eq!(rest(closed).await, "");
        }
        let mut next = TcpStream::connect(address).await.unwrap();
        next.write_all(&[HEAD, b"Connection: close\r\n\r\n"].concat()).await.unwrap();
        assert!(rest(next).await.ends_with("hello"));
        // Another one had to go for it, and the others still work.
        assert_eq!(rest(idle.remove(0)).await, "");
        for mut kept in idle {
            kept.write_all(&[HEAD, b"Connection: close\r\n\r\n"].concat()).await.unwrap();
            assert!(rest(kept).await.ends_with("hello"));
        }
    }
}
