//! Connections that can be closed without an answer, as when a network or a server goes away.
//!
//! No handler can do that: whatever it returns is sent, be it the head alone. So a handler returns [`NoAnswer`], and
//! [`drop_unanswered`] tells the connection, which refuses to be written to from then on. Nothing of the response has
//! left by then, and a server closes a connection that it cannot write to.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::{ConnectInfo, Extension, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// In the place of a response: the connection is closed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoAnswer;

impl NoAnswer {
    /// Whether `response` only stands for none.
    pub(crate) fn is(response: &Response) -> bool {
        response.extensions().get::<Self>().is_some()
    }
}

impl IntoResponse for NoAnswer {
    fn into_response(self) -> Response {
        Extension(self).into_response()
    }
}

/// Closes the connection of a request that gets no answer.
pub(crate) async fn drop_unanswered(
    ConnectInfo(handle): ConnectInfo<Handle>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    if NoAnswer::is(&response) {
        handle.0.closed.store(true, Ordering::Relaxed);
    }
    response
}

/// What a handler can know of its connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handle(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Whether it takes no more writes.
    closed: AtomicBool,
    flushed: Notify,
}

impl Handle {
    /// Waits until all that the server was given for the client before this call is with the operating system. A part
    /// of a body that is given after it leaves by itself, and of a body that fails after it nothing is left behind.
    pub(crate) async fn flushed(&self) {
        self.0.flushed.notified().await;
    }
}

/// A connection to a client.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    handle: Handle,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // A line has to leave when it comes, not when more follow.
        let _ = stream.set_nodelay(true);
        Self { stream, handle: Handle::default() }
    }

    pub(crate) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// The stream to write to, unless the connection is closed.
    fn open(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.handle.0.closed.load(Ordering::Relaxed) {
            Err(io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(Pin::new(&mut self.stream))
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.open()?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.open()?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A server flushes when it has nothing left to write.
        self.handle.0.flushed.notify_waiters();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
