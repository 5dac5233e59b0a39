//! The connections of a server: accepted within their bounds, served over HTTP/1.1 and HTTP/2, closed when they stall.
//!
//! `poem::Server` does the same without any of the bounds: it spins on an accept that fails for lack of file descriptors,
//! and cannot be told how long a request's head may take (`docs/adr/0015-limits.md`).

mod activity;
mod unread;

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use poem::endpoint::BoxEndpoint;
use poem::http::header::CONNECTION;
use poem::http::uri::Scheme;
use poem::http::{HeaderValue, Version};
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::limits::{Budgets, Charge, Exhausted};
use activity::{Activity, Watched};

/// How long accepting pauses after it failed, mostly for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// Requests at a time on one connection of HTTP/2.
const STREAMS: u32 = 32;
/// The largest head of a request in bytes.
const MAX_HEAD: usize = 32 << 10;

/// What a client gets when there are too many connections.
const REFUSAL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Serves until `stop` ends; then requests that have begun get `grace` to end.
pub async fn serve(
    mut acceptor: impl Acceptor,
    app: BoxEndpoint<'static, Response>,
    budgets: Arc<Budgets>,
    stop: impl Future<Output = ()>,
    grace: Duration,
) {
    let app = Arc::new(app);
    // Every connection holds a receiver, so that the channel closes with the last of them.
    let (stopping, _) = watch::channel(false);
    let mut stop = std::pin::pin!(stop);
    let mut failing = false;
    loop {
        let accepted = tokio::select! {
            accepted = acceptor.accept() => accepted,
            () = &mut stop => break,
        };
        let (mut io, local, remote, scheme) = match accepted {
            Ok(connection) => connection,
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "connections cannot be accepted for now");
                }
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        failing = false;
        match budgets.connection(address(&remote)) {
            Ok(charge) => {
                let peer = Peer { local, remote, scheme };
                let connection = Connection { budgets: budgets.clone(), _charge: charge, peer };
                tokio::spawn(connection.serve(io, app.clone(), stopping.subscribe()));
            }
            Err(exhausted) => {
                budgets.rejected(match exhausted {
                    Exhausted::Total => "connections",
                    Exhausted::Share => "connections-of-client",
                });
                // As much as the socket takes at once: nobody waits for a client that is not welcome.
                let _ = io.write_all(REFUSAL).now_or_never();
            }
        }
    }
    drop(acceptor);
    stopping.send_replace(true);
    let _ = timeout(grace, stopping.closed()).await;
}

fn address(remote: &RemoteAddr) -> Option<IpAddr> {
    remote.as_socket_addr().map(|address| address.ip())
}

/// The two ends of a connection.
#[derive(Clone)]
struct Peer {
    local: LocalAddr,
    remote: RemoteAddr,
    scheme: Scheme,
}

struct Connection {
    budgets: Arc<Budgets>,
    peer: Peer,
    _charge: Charge,
}

impl Connection {
    async fn serve<Io>(
        self,
        io: Io,
        app: Arc<BoxEndpoint<'static, Response>>,
        mut stopping: watch::Receiver<bool>,
    ) where
        Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let activity = Arc::new(Activity::new());
        let service = service_fn(|request: hyper::Request<Incoming>| {
            let (app, Peer { local, remote, scheme }) = (app.clone(), self.peer.clone());
            let in_progress = activity.request();
            async move {
                let mut request = Request::from((request, local, remote, scheme));
                let keeps_alive = request.version() <= Version::HTTP_11;
                let end = unread::watch(&mut request);
                let mut response = app.get_response(request).await;
                // HTTP/2 ends the request's stream alone, not the connection.
                if keeps_alive && !end.reached().await {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                drop(in_progress);
                Ok::<_, Infallible>(hyper::Response::from(response))
            }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // The time of a head is watched from below: hyper's own limit counts the time between requests too.
        builder.http1().max_buf_size(MAX_HEAD).header_read_timeout(None::<Duration>);
        builder.http2().max_concurrent_streams(STREAMS).max_header_list_size(MAX_HEAD as u32);
        let io = TokioIo::new(Watched::new(io, activity.clone()));
        let mut connection = std::pin::pin!(builder.serve_connection(io, service));
        let stalled = activity.stalled(self.budgets.limits());
        let mut stalled = std::pin::pin!(stalled);
        let mut running = true;
        loop {
            tokio::select! {
                _ = connection.as_mut() => return,
                reason = &mut stalled => {
                    reason.into_iter().for_each(|reason| self.budgets.rejected(reason));
                    return;
                }
                _ = stopping.changed(), if running => {
                    running = false;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}
