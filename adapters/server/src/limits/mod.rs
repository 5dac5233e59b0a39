//! Limits of what clients may use: one place for every limit, and the budgets that enforce them while the server runs.
//!
//! [`Limits`] is the configuration (`docs/limits.md` is its table); [`Budgets`] is what is left of it at the moment.

mod budget;
mod client;
mod config;
mod rate;
mod turns;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::thread::available_parallelism;

use poem::Request;
use poem::http::Method;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use vitrina_photo::decoding_memory;

pub use budget::{Budget, Charge, Exhausted};
pub use client::{Client, TrustedProxies};
pub use config::{Limits, RateLimits};
pub use rate::{RateClass, Rates};
pub use turns::Turns;

use crate::api::Failure;
use crate::metrics::Metrics;

/// What a multipart form adds to the file in it, in bytes.
const FORM_OVERHEAD: usize = 16 << 10;

/// What one client may take of something that all share: a quarter.
fn share(all: usize) -> usize {
    (all / 4).max(1)
}

/// Memory for bodies: one of the largest always fits into a client's share, and two clients can send one at a time.
fn memory(total: usize, largest: usize) -> Arc<Budget> {
    let total = total.max(2 * largest);
    Arc::new(Budget::new(total, share(total).max(largest)))
}

/// The limits with what is left of them; shared by all requests.
#[derive(Debug)]
pub struct Budgets {
    limits: Limits,
    rates: Rates,
    bodies: Arc<Budget>,
    uploads: Arc<Budget>,
    connections: Arc<Budget>,
    classifications: Arc<Semaphore>,
    cores: usize,
    searches: Turns,
    metrics: Arc<Metrics>,
}

impl Budgets {
    /// Fresh budgets; what is refused is counted in `metrics`.
    pub fn new(limits: Limits, metrics: Arc<Metrics>) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self {
            rates: Rates::new(limits.rates),
            bodies: memory(limits.body_memory, limits.body),
            uploads: memory(limits.upload_memory, limits.upload + FORM_OVERHEAD),
            connections: Arc::new(Budget::new(limits.connections, limits.connections_per_client)),
            classifications: Arc::new(Semaphore::new(cores)),
            cores,
            searches: Turns::new(cores),
            limits,
            metrics,
        }
    }

    /// The configuration.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The client that sent a request; `None` for a trusted proxy on its own account, and where there is no address.
    pub fn client(&self, request: &Request) -> Option<Client> {
        let peer = request.remote_addr().as_socket_addr()?.ip();
        self.limits.trusted_proxies.client(peer, request.headers())
    }

    /// Counts a request against its client's rate.
    ///
    /// # Errors
    /// 429 once the client has sent too many.
    pub fn admit(&self, class: RateClass, client: Option<Client>) -> Result<(), Failure> {
        self.take(class, client, NonZeroU32::MIN)
    }

    /// Counts the searches of a batch beyond the first.
    ///
    /// # Errors
    /// 429 once the client has sent too many.
    pub fn admit_searches(&self, searches: usize, client: Option<Client>) -> Result<(), Failure> {
        let more = u32::try_from(searches.saturating_sub(1)).unwrap_or(u32::MAX);
        NonZeroU32::new(more).map_or(Ok(()), |more| self.take(RateClass::Search, client, more))
    }

    /// Counts what a photo costs beyond an ordinary one.
    ///
    /// # Errors
    /// 429 once the client has sent too many, or too costly ones.
    pub fn admit_photo(&self, cost: u32, client: Option<Client>) -> Result<(), Failure> {
        NonZeroU32::new(cost.saturating_sub(1))
            .map_or(Ok(()), |more| self.take(RateClass::Photo, client, more))
    }

    fn take(&self, class: RateClass, client: Option<Client>, count: NonZeroU32) -> Result<(), Failure> {
        let Some(client) = client else { return Ok(()) };
        self.rates.take(class, client, count).map_err(|wait| {
            self.metrics.rejected("rate");
            Failure::too_many_requests("too many requests from your address: wait a moment", wait)
        })
    }

    /// A connection from `peer`, until the charge is dropped.
    ///
    /// # Errors
    /// When there are too many.
    pub fn connection(&self, peer: Option<IpAddr>) -> Result<Charge, Exhausted> {
        let limited = peer.filter(|peer| !self.limits.trusted_proxies.trusts(*peer));
        let mut charge = self.connections.charge(limited.map(Client::from));
        charge.grow(1)?;
        Ok(charge)
    }

    /// The memory for the body of a request.
    pub fn memory(&self, upload: bool, client: Option<Client>) -> Charge {
        let budget = if upload { &self.uploads } else { &self.bodies };
        budget.charge(client)
    }

    /// Waits until fewer of the client's requests than there are cores are worked on: searches compute on the threads that
    /// serve everybody. Requests that mostly wait need no turn.
    pub async fn turn(
        &self,
        class: Option<RateClass>,
        client: Option<Client>,
    ) -> Option<OwnedSemaphorePermit> {
        match (class, client) {
            (Some(RateClass::Search | RateClass::Suggestion), Some(client)) => {
                self.searches.wait(client).await
            }
            _ => None,
        }
    }

    /// The right to classify a photo outside the queue; waits while as many as there are cores do.
    pub async fn classification(&self) -> Option<OwnedSemaphorePermit> {
        self.classifications.clone().acquire_owned().await.ok()
    }

    /// What is taken of each budget that all clients share, and how much there is, by the name of the limit.
    pub fn saturation(&self) -> [(&'static str, u64, u64); 5] {
        let wide = |(taken, all): (usize, usize)| (taken as u64, all as u64);
        let (connections, bodies) = (wide(self.connections.taken()), wide(self.bodies.taken()));
        let uploads = wide(self.uploads.taken());
        let free = self.classifications.available_permits();
        let classifications = wide((self.cores.saturating_sub(free), self.cores));
        let decoding = (decoding_memory(), self.limits.photo.max_memory);
        [
            ("connections", connections),
            ("body_memory_bytes", bodies),
            ("upload_memory_bytes", uploads),
            ("decoding_memory_bytes", decoding),
            ("classifications", classifications),
        ]
        .map(|(name, (taken, all))| (name, taken, all))
    }

    /// Counts a request or connection that was refused.
    pub fn rejected(&self, reason: &'static str) {
        self.metrics.rejected(reason);
    }
}

/// Whether the endpoint at this path takes a photo, or a file as large as one.
pub fn takes_photo(method: &Method, path: &str) -> bool {
    let by_key = || path.starts_with("/products/by-key/");
    let of_product =
        || method == Method::PUT && path.starts_with("/products/") && path.ends_with("/photo") && !by_key();
    method == Method::POST
        && matches!(path, "/search/image" | "/infer/image" | "/infer/image/sync" | "/products/import")
        || of_product()
}
