//! Bodies of requests that were answered before they were read.
//!
//! A connection closed with unread bytes is reset, and the client may never receive the response: what is left of such a body
//! is discarded for a short time while the response is sent. It has `Connection: close` if the connection will not serve
//! another request (RFC 9112, 9.3 and 9.6).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use poem::http::header::EXPECT;
use poem::{Body, Request};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::body::content_length;

/// How much of a refused body is discarded, in bytes, and how long.
const DISCARDED: usize = 64 << 20;
const DISCARD_TIME: Duration = Duration::from_secs(2);
/// The longest refused body in bytes whose end the response waits for, and how long: most have arrived already.
const SHORT: u64 = 64 << 10;
const END_TIME: Duration = Duration::from_millis(500);

/// The end of a request's body.
pub(super) enum End {
    /// There was none, or it was empty.
    Reached,
    /// Reading or discarding a short body takes little time.
    Soon(oneshot::Receiver<()>),
    /// What is left of a long body is discarded while the response is sent.
    Late(oneshot::Receiver<()>),
}

impl End {
    /// Whether all of the body came, so that the connection is ready for another request.
    pub(super) async fn reached(self) -> bool {
        match self {
            Self::Reached => true,
            Self::Soon(end) => matches!(timeout(END_TIME, end).await, Ok(Ok(()))),
            Self::Late(mut end) => end.try_recv().is_ok(),
        }
    }
}

/// Discards what is left of a request's body once it is dropped.
pub(super) fn watch(request: &mut Request) -> End {
    let body = request.take_body();
    if body.is_empty() {
        return End::Reached;
    }
    let (sender, receiver) = oneshot::channel();
    let waits = request.headers().contains_key(EXPECT);
    let is_short = content_length(request).is_some_and(|length| length <= SHORT);
    let arriving = Arriving { waits, chunks: Some((body.into_bytes_stream().boxed(), sender)) };
    request.set_body(Body::from_bytes_stream(arriving));
    if is_short { End::Soon(receiver) } else { End::Late(receiver) }
}

type Chunks = BoxStream<'static, io::Result<Bytes>>;

/// A body as it arrives.
struct Arriving {
    /// Until the end, or a failure.
    chunks: Option<(Chunks, oneshot::Sender<()>)>,
    /// The client sends nothing before it is asked to, which reading does (`Expect: 100-continue`).
    waits: bool,
}

impl Stream for Arriving {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.waits = false;
        let Some((chunks, _)) = &mut self.chunks else { return Poll::Ready(None) };
        let chunk = ready!(chunks.poll_next_unpin(context));
        if !matches!(chunk, Some(Ok(_)))
            && let Some((_, end)) = self.chunks.take()
            && chunk.is_none()
        {
            let _ = end.send(());
        }
        Poll::Ready(chunk)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if !self.waits
            && let Some((chunks, end)) = self.chunks.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(discard(chunks, end));
        }
    }
}

async fn discard(mut chunks: Chunks, end: oneshot::Sender<()>) {
    let reading = async {
        let mut left = DISCARDED;
        while left > 0 {
            match chunks.next().await {
                Some(Ok(chunk)) => left = left.saturating_sub(chunk.len()),
                Some(Err(_)) => return false,
                None => return true,
            }
        }
        false
    };
    if timeout(DISCARD_TIME, reading).await == Ok(true) {
        let _ = end.send(());
    }
}
