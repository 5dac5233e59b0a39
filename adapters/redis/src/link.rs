//! The connection that all commands of a process share: opened when first needed, replaced when it fails.
//!
//! The driver's own connection manager keeps a connection whose commands time out, so that a half-open one would stay
//! until the kernel gives up on it. This one replaces it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, FromRedisValue, IntoConnectionInfo, RedisError,
    TlsCertificates,
};
use tokio::time::{Instant, timeout_at};
use vitrina_core::{Error, Result};

use crate::error::{is_connections_fault, silent, translate};

/// How long a command may take with everything that belongs to it; callers are promised two seconds.
const LIMIT: Duration = Duration::from_millis(1800);
/// How long opening a connection may take.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(1);
/// How long nobody tries again after a connection could not be opened: from the first time, doubling, to the last.
pub(crate) const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// The connection and its way back.
pub(crate) struct Link {
    client: Client,
    slot: Mutex<Slot>,
    /// Held by whoever opens a connection, so that all others wait for that one.
    opening: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Slot {
    open: Option<MultiplexedConnection>,
    /// Counts connections, so that a late failure of an old one does not close its successor.
    number: u64,
    failed: Option<Failed>,
    /// The node of a cluster that has the queue's keys.
    moved: Option<ConnectionAddr>,
}

struct Failed {
    until: Instant,
    pause: Duration,
    error: RedisError,
}

impl Link {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, slot: Mutex::default(), opening: tokio::sync::Mutex::default() }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a command and answers what comes back, or within two seconds why nothing did.
    ///
    /// A command whose connection broke is sent once more on a new one: commands must bear being carried out twice.
    pub(crate) async fn send<T: FromRedisValue>(
        &self,
        command: &redis::Cmd,
    ) -> Result<Result<T, RedisError>> {
        let deadline = Instant::now() + LIMIT;
        let mut tries = 0;
        loop {
            tries += 1;
            let opened = timeout_at(deadline, self.connection()).await;
            let (mut connection, number) = opened.map_err(|_| silent())??;
            let error = match timeout_at(deadline, command.query_async(&mut connection)).await {
                Ok(Ok(answer)) => return Ok(Ok(answer)),
                Ok(Err(error)) => error,
                Err(_) => {
                    self.forget(number);
                    return Err(silent());
                }
            };
            let moved = self.follow(&error);
            if moved || is_connections_fault(&error) {
                self.forget(number);
                if tries < 3 {
                    continue;
                }
            }
            return Ok(Err(error));
        }
    }

    async fn connection(&self) -> Result<(MultiplexedConnection, u64)> {
        if let Some(open) = self.current()? {
            return Ok(open);
        }
        let _turn = self.opening.lock().await;
        if let Some(open) = self.current()? {
            return Ok(open);
        }
        let client = self.node()?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_LIMIT))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(1024);
        let opened = client.get_multiplexed_async_connection_with_config(&config).await;
        let mut slot = self.slot();
        match opened {
            Ok(open) => {
                slot.number += 1;
                slot.failed = None;
                slot.open = Some(open.clone());
                Ok((open, slot.number))
            }
            Err(error) => {
                let pause = slot.failed.take().map_or(PAUSES.0, |failed| (failed.pause * 2).min(PAUSES.1));
                slot.moved = None;
                slot.failed = Some(Failed { until: Instant::now() + pause, pause, error: error.clone() });
                Err(translate(error))
            }
        }
    }

    /// The open connection; an error while it is too early to try again.
    fn current(&self) -> Result<Option<(MultiplexedConnection, u64)>> {
        let slot = self.slot();
        if let Some(open) = &slot.open {
            return Ok(Some((open.clone(), slot.number)));
        }
        match &slot.failed {
            Some(failed) if failed.until > Instant::now() => Err(translate(failed.error.clone())),
            _ => Ok(None),
        }
    }

    fn node(&self) -> Result<Client> {
        let Some(address) = self.slot().moved.clone() else {
            return Ok(self.client.clone());
        };
        let info = self.client.get_connection_info().clone().set_addr(address);
        Client::open(info).map_err(translate)
    }

    /// Remembers the node of a cluster to which a redirection points.
    fn follow(&self, error: &RedisError) -> bool {
        let Some((address, _)) = error.redirect_node() else {
            return false;
        };
        let Ok(info) = format!("redis://{address}").into_connection_info() else {
            return false;
        };
        let address = secured(info.addr(), self.client.get_connection_info().addr());
        self.slot().moved = Some(address);
        true
    }

    fn forget(&self, number: u64) {
        let mut slot = self.slot();
        if slot.number == number {
            slot.open = None;
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The client for a URL; the URL's password is in no message.
///
/// `rediss://` speaks TLS and checks the server's certificate against the machine's authorities, or against those of the
/// PEM file that the parameter `ssl-ca` names.
pub(crate) fn client(url: &str) -> Result<Client> {
    // The first provider of the process stands; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let parameters = redis::parse_redis_url(url).ok_or_else(bad_url)?;
    let ca = parameters.query_pairs().find(|(name, _)| name == "ssl-ca").map(|(_, file)| file.into_owned());
    let info = url.into_connection_info().map_err(|_| bad_url())?;
    match (info.addr(), ca) {
        (ConnectionAddr::TcpTls { insecure: true, .. }, _) => Err(Error::internal(
            "the queue's url says #insecure: name the authority of its certificate with ?ssl-ca=FILE instead",
        )),
        (ConnectionAddr::TcpTls { .. }, Some(file)) => {
            let unusable = "the file that ssl-ca names in the queue's url cannot be read as PEM certificates";
            let root_cert =
                std::fs::read(file).map_err(|error| Error::internal(unusable).with_source(error))?;
            let certificates = TlsCertificates { client_tls: None, root_cert: Some(root_cert) };
            Client::build_with_tls(info, certificates)
                .map_err(|error| Error::internal(unusable).with_source(error))
        }
        (_, Some(_)) => Err(Error::internal("ssl-ca in the queue's url needs rediss:// instead of redis://")),
        (_, None) => Client::open(info).map_err(|_| bad_url()),
    }
}

/// The address with the TLS settings of `like`, where that has any.
fn secured(address: &ConnectionAddr, like: &ConnectionAddr) -> ConnectionAddr {
    match (address, like) {
        (ConnectionAddr::Tcp(host, port), ConnectionAddr::TcpTls { insecure, tls_params, .. }) => {
            let (host, insecure, tls_params) = (host.clone(), *insecure, tls_params.clone());
            ConnectionAddr::TcpTls { host, port: *port, insecure, tls_params }
        }
        _ => address.clone(),
    }
}

fn bad_url() -> Error {
    Error::internal(
        "the queue's url is not understood: write redis://user:password@host:port/0, or rediss:// for TLS",
    )
}
