//! Configuration of the limits, with defaults that suit a public server.

use std::num::NonZeroU32;
use std::time::Duration;

use vitrina_photo::PhotoLimits;

use super::{FORM_OVERHEAD, RateClass, TrustedProxies, share};

/// File descriptors that are left for everything but connections: databases, Redis, photos, the log.
const RESERVED_DESCRIPTORS: usize = 64;

/// Limits of what clients may use, each alone and all together.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Connections at a time. The default is derived from the process's limit of file descriptors.
    pub connections: usize,
    /// Connections of one client at a time; trusted proxies are exempt.
    pub connections_per_client: usize,
    /// How long a client may take to send the head of a request.
    pub header_time: Duration,
    /// How long a connection may stay open without a request, and a response without the client reading any of it.
    pub idle_time: Duration,
    /// How long a client may take to send a body.
    pub body_time: Duration,
    /// The least bytes a second that a body must arrive with, on average after [`body_grace`](Self::body_grace).
    pub body_rate: u64,
    /// How long a body may arrive slower than [`body_rate`](Self::body_rate).
    pub body_grace: Duration,
    /// How long the server works on a request once its body has arrived, long polls aside.
    pub request_time: Duration,
    /// The largest body of a search in bytes.
    pub search_body: usize,
    /// The largest body in bytes of a request that is neither a search nor an upload.
    pub body: usize,
    /// The largest photo in bytes.
    pub upload: usize,
    /// The most pixels of a photo.
    pub photo: PhotoLimits,
    /// Memory for all bodies that are not uploads, in bytes.
    pub body_memory: usize,
    /// Memory for all uploads, in bytes.
    pub upload_memory: usize,
    /// Requests a second of one client by class; `None` is no limit.
    pub rates: RateLimits,
    /// Proxies that are believed when they name the client.
    pub trusted_proxies: TrustedProxies,
}

/// Requests a second of one client, on average; `None` is no limit. Ten times as many may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimits {
    /// Searches, listings and results.
    pub searches: Option<NonZeroU32>,
    /// Autocomplete.
    pub suggestions: Option<NonZeroU32>,
    /// Photos, weighted by [`PhotoInfo::cost`](vitrina_photo::PhotoInfo::cost).
    pub photos: Option<NonZeroU32>,
    /// Writes.
    pub administration: Option<NonZeroU32>,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self::new()
    }
}

impl RateLimits {
    /// Creates the default rates; `const`, for rates that are known when a program is compiled.
    pub const fn new() -> Self {
        Self {
            searches: NonZeroU32::new(2000),
            suggestions: NonZeroU32::new(2000),
            photos: NonZeroU32::new(100),
            administration: NonZeroU32::new(500),
        }
    }

    /// Sets the rate of searches, listings and results.
    #[must_use]
    pub const fn searches(mut self, searches: Option<NonZeroU32>) -> Self {
        self.searches = searches;
        self
    }

    /// Sets the rate of autocomplete.
    #[must_use]
    pub const fn suggestions(mut self, suggestions: Option<NonZeroU32>) -> Self {
        self.suggestions = suggestions;
        self
    }

    /// Sets the rate of photos.
    #[must_use]
    pub const fn photos(mut self, photos: Option<NonZeroU32>) -> Self {
        self.photos = photos;
        self
    }

    /// Sets the rate of writes.
    #[must_use]
    pub const fn administration(mut self, administration: Option<NonZeroU32>) -> Self {
        self.administration = administration;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        let connections = connections_by_descriptors();
        Self {
            connections,
            connections_per_client: share(connections),
            header_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(75),
            body_time: Duration::from_secs(60),
            body_rate: 1 << 10,
            body_grace: Duration::from_secs(5),
            request_time: Duration::from_secs(30),
            search_body: 256 << 10,
            body: 1 << 20,
            upload: 20 << 20,
            photo: PhotoLimits::default(),
            body_memory: 32 << 20,
            upload_memory: 128 << 20,
            rates: RateLimits::default(),
            trusted_proxies: TrustedProxies::default(),
        }
    }
}

impl Limits {
    /// Sets the largest number of connections at a time.
    #[must_use]
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// Sets the largest number of connections of one client at a time.
    #[must_use]
    pub fn connections_per_client(mut self, connections_per_client: usize) -> Self {
        self.connections_per_client = connections_per_client;
        self
    }

    /// Sets how long a client may take to send the head of a request.
    #[must_use]
    pub fn header_time(mut self, header_time: Duration) -> Self {
        self.header_time = header_time;
        self
    }

    /// Sets how long a connection may stay open without a request, or with a response that the client does not read.
    #[must_use]
    pub fn idle_time(mut self, idle_time: Duration) -> Self {
        self.idle_time = idle_time;
        self
    }

    /// Sets how long a client may take to send a body.
    #[must_use]
    pub fn body_time(mut self, body_time: Duration) -> Self {
        self.body_time = body_time;
        self
    }

    /// Sets the lowest rate of a body in bytes a second, on average.
    #[must_use]
    pub fn body_rate(mut self, body_rate: u64) -> Self {
        self.body_rate = body_rate;
        self
    }

    /// Sets how long a body may arrive at a lower rate.
    #[must_use]
    pub fn body_grace(mut self, body_grace: Duration) -> Self {
        self.body_grace = body_grace;
        self
    }

    /// Sets how long the server works on a request once its body has arrived, long polls aside.
    #[must_use]
    pub fn request_time(mut self, request_time: Duration) -> Self {
        self.request_time = request_time;
        self
    }

    /// Sets the size in bytes of the largest body of a search.
    #[must_use]
    pub fn search_body(mut self, search_body: usize) -> Self {
        self.search_body = search_body;
        self
    }

    /// Sets the size in bytes of the largest body of a request that is neither a search nor an upload.
    #[must_use]
    pub fn body(mut self, body: usize) -> Self {
        self.body = body;
        self
    }

    /// Sets the size in bytes of the largest photo.
    #[must_use]
    pub fn upload(mut self, upload: usize) -> Self {
        self.upload = upload;
        self
    }

    /// Sets the limits of a photo that is decoded.
    #[must_use]
    pub fn photo(mut self, photo: PhotoLimits) -> Self {
        self.photo = photo;
        self
    }

    /// Sets the memory for all bodies that are not uploads, in bytes.
    #[must_use]
    pub fn body_memory(mut self, body_memory: usize) -> Self {
        self.body_memory = body_memory;
        self
    }

    /// Sets the memory for all uploads, in bytes.
    #[must_use]
    pub fn upload_memory(mut self, upload_memory: usize) -> Self {
        self.upload_memory = upload_memory;
        self
    }

    /// Sets the rates of requests.
    #[must_use]
    pub fn rates(mut self, rates: RateLimits) -> Self {
        self.rates = rates;
        self
    }

    /// Sets the proxies that are believed when they name the client.
    #[must_use]
    pub fn trusted_proxies(mut self, trusted_proxies: TrustedProxies) -> Self {
        self.trusted_proxies = trusted_proxies;
        self
    }

    /// The largest body of a request in bytes.
    pub fn body_of(&self, class: Option<RateClass>, upload: bool) -> usize {
        match class {
            _ if upload => self.upload + FORM_OVERHEAD,
            Some(RateClass::Search | RateClass::Suggestion) => self.search_body,
            _ => self.body,
        }
    }
}

/// As many connections as leave [`RESERVED_DESCRIPTORS`], and for every four of them one more descriptor.
fn connections_by_descriptors() -> usize {
    (descriptors().saturating_sub(RESERVED_DESCRIPTORS) / 5 * 4).clamp(16, 2048)
}

/// The file descriptors that this process may open. Linux has the number in a file; elsewhere the usual one is assumed.
fn descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    match line.and_then(|line| line.split_whitespace().next()) {
        Some("unlimited") => usize::MAX,
        number => number.and_then(|number| number.parse().ok()).unwrap_or(1024),
    }
}
