//! What happens on a connection, and when it has stalled.

use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::sleep;

use crate::limits::Limits;

/// What an HTTP/2 connection begins with (RFC 9113, 3.4).
const HTTP2: &[u8] = b"PRI ";

/// Times are milliseconds since the connection was accepted, and one: zero stands for none.
#[derive(Debug)]
pub(super) struct Activity {
    accepted: Instant,
    /// When the head of a request began that is not complete.
    head: AtomicU64,
    /// When the last request ended, or the last byte of a response went out.
    last: AtomicU64,
    /// Since when the client takes nothing of what is to be sent.
    blocked: AtomicU64,
    /// Requests that are being answered.
    requests: AtomicUsize,
    http2: AtomicBool,
}

impl Activity {
    /// A connection that was just accepted: the first request must come as quickly as if it had begun.
    pub(super) fn new() -> Self {
        Self {
            accepted: Instant::now(),
            head: AtomicU64::new(1),
            last: AtomicU64::new(1),
            blocked: AtomicU64::new(0),
            requests: AtomicUsize::new(0),
            http2: AtomicBool::new(false),
        }
    }

    /// A request whose head is complete, until it is dropped.
    pub(super) fn request(self: &Arc<Self>) -> InProgress {
        self.head.store(0, Relaxed);
        self.requests.fetch_add(1, Relaxed);
        InProgress(self.clone())
    }

    /// Returns once the connection has stalled: with a reason where the client is to blame, without one where it was idle.
    pub(super) async fn stalled(&self, limits: &Limits) -> Option<&'static str> {
        let (head, idle) = (limits.header_time, limits.idle_time);
        let pause = (head.min(idle) / 4).min(Duration::from_secs(2));
        loop {
            sleep(pause).await;
            let over = |since: &AtomicU64, time: Duration| {
                let since = since.load(Relaxed);
                since > 0 && self.now().saturating_sub(since) > time.as_millis() as u64
            };
            if over(&self.head, head) {
                return Some("slow-head");
            }
            if over(&self.blocked, idle) {
                return Some("slow-reader");
            }
            if self.requests.load(Relaxed) == 0 && over(&self.last, idle) {
                return None;
            }
        }
    }

    fn now(&self) -> u64 {
        self.accepted.elapsed().as_millis() as u64 + 1
    }

    fn received(&self, bytes: &[u8]) {
        if self.head.load(Relaxed) == 1 && bytes.starts_with(HTTP2) {
            self.http2.store(true, Relaxed);
        }
        // Between the requests of HTTP/2 come frames of other kinds: it is held to the idle time alone.
        if self.requests.load(Relaxed) == 0 && !self.http2.load(Relaxed) {
            let _ = self.head.compare_exchange(0, self.now(), Relaxed, Relaxed);
        }
    }

    fn sent<T>(&self, poll: Poll<Result<T>>) -> Poll<Result<T>> {
        match &poll {
            Poll::Ready(_) => {
                self.blocked.store(0, Relaxed);
                self.last.store(self.now(), Relaxed);
            }
            Poll::Pending => {
                let _ = self.blocked.compare_exchange(0, self.now(), Relaxed, Relaxed);
            }
        }
        poll
    }
}

/// A request that is being answered.
pub(super) struct InProgress(Arc<Activity>);

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Relaxed);
        self.0.last.store(self.0.now(), Relaxed);
    }
}

/// A connection whose activity is noted.
pub(super) struct Watched<Io> {
    io: Io,
    activity: Arc<Activity>,
}

impl<Io> Watched<Io> {
    pub(super) fn new(io: Io, activity: Arc<Activity>) -> Self {
        Self { io, activity }
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Watched<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        let poll = Pin::new(&mut self.io).poll_read(context, buffer);
        let bytes = &buffer.filled()[before..];
        if !bytes.is_empty() {
            self.activity.received(bytes);
        }
        poll
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Watched<Io> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let poll = Pin::new(&mut self.io).poll_write(context, bytes);
        self.activity.sent(poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let poll = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.activity.sent(poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
