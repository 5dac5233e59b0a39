//! Requests a second of one client: a token bucket for each class of endpoints (the generic cell rate algorithm).

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use poem::http::Method;

use super::{Client, RateLimits};

/// How many seconds' worth of requests may come at once.
const BURST: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// The least burst: the costliest photo fits.
const LEAST_BURST: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// How many clients a class remembers before those that have been quiet are forgotten.
const REMEMBERED: usize = 10_000;

/// A class of endpoints that share a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateClass {
    /// Searches and listings.
    Search,
    /// Results of photos, which may be waited for.
    Result,
    /// Autocomplete, and clicks.
    Suggestion,
    /// Photos to be searched.
    Photo,
    /// Writes.
    Administration,
}

impl RateClass {
    /// The class of a request; `None` for what has no limit: health, documentation, photos of products, the webhook.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        let reads = method == Method::GET || method == Method::HEAD;
        match path {
            "/search/suggest" | "/events" => Some(Self::Suggestion),
            "/search/image" | "/infer/image" | "/infer/image/sync" => Some(Self::Photo),
            "/webhook/task_completed" => None,
            _ if path.starts_with("/search/") => Some(Self::Search),
            _ if !reads => Some(Self::Administration),
            _ if path.starts_with("/products") => Some(Self::Search),
            _ if path.starts_with("/tasks/") => Some(Self::Result),
            _ => None,
        }
    }
}

/// The buckets of all clients, for each class that has a rate.
#[derive(Debug)]
pub struct Rates(HashMap<RateClass, Buckets>);

/// The buckets of one class.
#[derive(Debug)]
struct Buckets {
    clients: DefaultKeyedRateLimiter<Client>,
    /// The number of buckets at which full ones are dropped.
    tidy_at: AtomicUsize,
}

impl Rates {
    /// Full buckets.
    pub fn new(limits: RateLimits) -> Self {
        let rates = [
            (RateClass::Search, limits.searches),
            (RateClass::Result, limits.searches),
            (RateClass::Suggestion, limits.suggestions),
            (RateClass::Photo, limits.photos),
            (RateClass::Administration, limits.administration),
        ];
        let limited = rates.into_iter().filter_map(|(class, rate)| Some((class, Buckets::new(rate?))));
        Self(limited.collect())
    }

    /// Takes `count` requests out of a client's bucket.
    ///
    /// # Errors
    /// The time until there are so many, when the bucket holds fewer.
    pub fn take(&self, class: RateClass, client: Client, count: NonZeroU32) -> Result<(), Duration> {
        self.0.get(&class).map_or(Ok(()), |buckets| buckets.take(client, count))
    }
}

impl Buckets {
    fn new(rate: NonZeroU32) -> Self {
        let burst = rate.saturating_mul(BURST).max(LEAST_BURST);
        let clients = RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst));
        Self { clients, tidy_at: AtomicUsize::new(REMEMBERED) }
    }

    fn take(&self, client: Client, count: NonZeroU32) -> Result<(), Duration> {
        if self.clients.len() > self.tidy_at.load(Ordering::Relaxed) {
            self.clients.retain_recent();
            self.tidy_at.store(REMEMBERED.max(2 * self.clients.len()), Ordering::Relaxed);
        }
        match self.clients.check_key_n(&client, count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => Err(until.wait_time_from(DefaultClock::default().now())),
            // More than the bucket holds when it is full.
            Err(_) => Err(Duration::from_secs(BURST.get().into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_its_class() {
        for (method, path, class) in [
            (Method::POST, "/search/text", Some(RateClass::Search)),
            (Method::GET, "/search/suggest", Some(RateClass::Suggestion)),
            (Method::POST, "/events", Some(RateClass::Suggestion)),
            (Method::POST, "/search/batch", Some(RateClass::Search)),
            (Method::POST, "/search/image", Some(RateClass::Photo)),
            (Method::GET, "/products/7/similar", Some(RateClass::Search)),
            (Method::GET, "/tasks/7/result", Some(RateClass::Result)),
            (Method::PUT, "/products/7/photo", Some(RateClass::Administration)),
            (Method::PATCH, "/products", Some(RateClass::Administration)),
            (Method::DELETE, "/products/7", Some(RateClass::Administration)),
            (Method::POST, "/webhook/task_completed", None),
            (Method::GET, "/health", None),
            (Method::GET, "/photos/x.jpg", None),
        ] {
            assert_eq!(RateClass::of(&method, path), class, "{method} {path}");
        }
    }
}
