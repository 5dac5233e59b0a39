//! A shop on a port of its own, for what only real connections show.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use poem::listener::{Acceptor, TcpAcceptor};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;
use vitrina_server::connections;
use vitrina_server::http::app;
use vitrina_server::limits::{Budgets, Limits};
use vitrina_server::metrics::Metrics;

use crate::setup::Setup;

/// Longer than anything takes that does not hang.
pub const LONG: Duration = Duration::from_secs(30);

/// A server in this process; it stops when this is dropped.
pub struct Served {
    pub address: SocketAddr,
    pub metrics: Arc<Metrics>,
    _stop: oneshot::Sender<()>,
    _folder: Option<TempDir>,
}

impl Setup {
    /// The shop on a free port.
    pub async fn serve(self) -> Served {
        let (backend, folder) = self.backend().await;
        let (budgets, metrics) = (backend.budgets.clone(), backend.metrics.clone());
        Served { _folder: Some(folder), ..serve(app(backend), budgets, metrics).await }
    }
}

/// An application on a free port.
pub async fn serve(
    app: poem::endpoint::BoxEndpoint<'static, poem::Response>,
    budgets: Arc<Budgets>,
    metrics: Arc<Metrics>,
) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
    let address = *acceptor.local_addr()[0].as_socket_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async move { drop(stopped.await) };
    tokio::spawn(connections::serve(acceptor, app, budgets, stopped, Duration::ZERO));
    Served { address, metrics, _stop: stop, _folder: None }
}

/// The shop with these limits on a free port.
pub async fn with(limits: Limits) -> Served {
    Setup { limits, ..Setup::default() }.serve().await
}

/// A connection that sends and reads what it is reported.
pub struct Wire(TcpStream);

/// The answer to a request: its status, its head, its body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Served {
    pub async fn connect(&self) -> Wire {
        Wire(TcpStream::connect(self.address).await.unwrap())
    }

    /// A connection from another address of this machine.
    pub async fn connect_from(&self, last: u8) -> Wire {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into()).unwrap();
        Wire(socket.connect(self.address).await.unwrap())
    }

    /// How often a limit has refused something.
    pub fn rejected(&self, reason: &str) -> u64 {
        let begin = format!("vitrina_rejected_total{{reason=\"{reason}\"}} ");
        let figures = self.metrics.encode(None);
        figures.lines().find_map(|line| line.strip_prefix(&begin)).map_or(0, |count| count.parse().unwrap())
    }
}

impl Wire {
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends a request with this body, and reads the answer.
    pub async fn request(&mut self, head: &str, body: &[u8]) -> Answer {
        self.send(format!("{head}\r\nHost: shop\r\nContent-Length: {}\r\n\r\n", body.len())).await;
        self.send(body).await;
        self.answer().await
    }

    pub async fn post_json(&mut self, path: &str, body: &Value) -> Answer {
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/json");
        self.request(&head, body.to_string().as_bytes()).await
    }

    pub async fn post_photo(&mut self, path: &str, photo: &[u8]) -> Answer {
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=XX");
        let begin = b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
        self.request(&head, &[begin, photo, b"\r\n--XX--\r\n"].concat()).await
    }

    /// The next answer; it must come.
    pub async fn answer(&mut self) -> Answer {
        timeout(LONG, self.read()).await.expect("no answer came").expect("the connection was closed")
    }

    /// Waits until the server closes the connection, and returns what it sent before.
    pub async fn closed(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset counts: what was sent last may be unread.
        let _ = timeout(LONG, self.0.read_to_end(&mut rest)).await.expect("the connection stays open");
        rest
    }

    /// Whether the server refuses the connection, rather than to answer a request.
    pub async fn closed_at_once(&mut self) -> bool {
        let sent = self.0.write_all(b"GET /health HTTP/1.1\r\nHost: shop\r\n\r\n").await;
        let answer = timeout(LONG, self.read()).await.expect("no answer came");
        sent.is_err() || answer.is_none_or(|answer| answer.status != 200)
    }

    async fn read(&mut self) -> Option<Answer> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if self.0.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        while bytes.len() < end + length {
            if self.0.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        let status = head[9..12].parse().unwrap();
        let body = serde_json::from_slice(&bytes[end..]).unwrap_or(Value::Null);
        Some(Answer { status, head, body })
    }
}
