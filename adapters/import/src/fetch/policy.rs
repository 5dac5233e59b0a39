//! The policy of fetching by URL.

use std::time::Duration;

use super::HostList;

/// What may be fetched: the hosts, and bounds on sizes, times and attempts.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FetchPolicy {
    /// The hosts.
    pub hosts: HostList,
    /// The largest body in bytes.
    pub max_bytes: u64,
    /// The longest time of one attempt.
    pub timeout: Duration,
    /// Attempts of a request, 1 at least.
    pub attempts: u32,
    /// Requests at once, to all hosts.
    pub at_once: usize,
    /// Requests at once to one host.
    pub at_once_per_host: usize,
    /// The most requests to one host in the lifetime of a [`PhotoFetcher`](super::PhotoFetcher).
    pub requests_per_host: u32,
    /// True if loopback and private addresses may be reached: for a feed on the shop's own network, never for URLs that
    /// others write.
    pub private_addresses: bool,
}

impl FetchPolicy {
    /// Limits for photos: 20 MiB, 30 seconds, 8 at once, 4 of one host.
    pub fn photos(hosts: HostList) -> Self {
        Self {
            hosts,
            max_bytes: 20 << 20,
            timeout: Duration::from_secs(30),
            attempts: 3,
            at_once: 8,
            at_once_per_host: 4,
            requests_per_host: 1_000_000,
            private_addresses: false,
        }
    }

    /// Limits for feeds: 2 GiB, 15 minutes.
    pub fn feeds(hosts: HostList) -> Self {
        Self { max_bytes: 2 << 30, timeout: Duration::from_secs(900), ..Self::photos(hosts) }
    }

    /// Sets the size in bytes of the largest body.
    #[must_use]
    pub fn max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// Sets the longest time of one attempt.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the number of attempts of a request, at least 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the number of requests at once, to all hosts.
    #[must_use]
    pub fn at_once(mut self, at_once: usize) -> Self {
        self.at_once = at_once;
        self
    }

    /// Sets the number of requests at once to one host.
    #[must_use]
    pub fn at_once_per_host(mut self, at_once_per_host: usize) -> Self {
        self.at_once_per_host = at_once_per_host;
        self
    }

    /// Sets the largest number of requests to one host in the lifetime of a [`PhotoFetcher`](super::PhotoFetcher).
    #[must_use]
    pub fn requests_per_host(mut self, requests_per_host: u32) -> Self {
        self.requests_per_host = requests_per_host;
        self
    }

    /// Sets whether loopback and private addresses may be reached.
    #[must_use]
    pub fn private_addresses(mut self, private_addresses: bool) -> Self {
        self.private_addresses = private_addresses;
        self
    }
}
