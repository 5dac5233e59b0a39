//! Fetching feeds and photos by URL, so that nobody who writes a feed can reach what only this machine reaches.
//!
//! Hosts are checked against a list, addresses after every resolution: loopback, private, link-local and reserved ones are
//! refused, for redirects too. Bytes, time, attempts and requests at once are bounded, per host as well.

mod address;
mod feed;
mod hosts;
mod log;
mod photos;
mod policy;

use std::collections::HashMap;
use std::io::{Seek, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{
    ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode, redirect};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use url::{Host, Url};
use vitrina_core::{Error, Result};

pub use feed::{Feed, FeedState};
pub use hosts::HostList;
pub use log::{FetchLog, FetchedPhoto};
pub use photos::{NewPhoto, PhotoFetcher, PhotoOutcome};
pub use policy::FetchPolicy;

/// The most redirects of a request.
const MAX_REDIRECTS: usize = 5;
/// The pause before the second attempt; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// After so many failed requests in a row a host is left alone until the next run.
const FAILURES_OF_A_HOST: u32 = 20;

/// What a server said of a body, so that it need not be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Validators {
    /// The entity tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When the body was last modified, as the server writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Validators {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| {
            headers.get(name)?.to_str().ok().filter(|text| text.len() <= 512).map(str::to_owned)
        };
        Self { etag: text(ETAG), last_modified: text(LAST_MODIFIED) }
    }
}

/// What a request brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fetched {
    /// The body is what the validators say.
    NotModified,
    /// A body was written.
    Body(Validators),
}

/// Fetches within a policy.
pub struct Fetcher {
    client: Client,
    policy: FetchPolicy,
    at_once: Semaphore,
    hosts: Mutex<HashMap<String, Arc<OneHost>>>,
}

/// What one host has taken.
struct OneHost {
    at_once: Semaphore,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    requests: u32,
    /// Failures since the last success.
    failures: u32,
}

/// Why an attempt failed.
struct Failure {
    error: Error,
    /// When it may be tried again; `None` never.
    again: Option<Duration>,
}

impl Fetcher {
    /// Creates a fetcher.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub fn new(policy: FetchPolicy) -> Result<Self> {
        // The first provider of the process stands; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(policy.timeout)
            .connect_timeout(Duration::from_secs(10))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("vitrina/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(PublicAddresses { private: policy.private_addresses }))
            .build();
        let client = client
            .map_err(|error| Error::internal("no HTTP client for feeds and photos").with_source(error))?;
        let at_once = Semaphore::new(policy.at_once.max(1));
        Ok(Self { client, policy, at_once, hosts: Mutex::default() })
    }

    /// Returns the policy.
    pub fn policy(&self) -> &FetchPolicy {
        &self.policy
    }

    /// Fetches a URL into a file, or reports that it is as the validators say.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for what the policy refuses and for answers that no repetition changes;
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when the server cannot be reached or fails. The file holds
    /// anything then.
    pub(crate) async fn fetch<W: Write + Seek + Truncate>(
        &self,
        url: &str,
        known: &Validators,
        to: &mut W,
    ) -> Result<Fetched> {
        let _turn = self
            .at_once
            .acquire()
            .await
            .map_err(|error| Error::internal("the fetcher is closed").with_source(error))?;
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            to.restart()
                .map_err(|error| Error::unavailable("what is fetched cannot be stored").with_source(error))?;
            let failure = match self.attempt(url, known, to).await {
                Ok(fetched) => return Ok(fetched),
                Err(failure) => failure,
            };
            let Some(wait) = failure.again.filter(|_| attempt < self.policy.attempts) else {
                return Err(failure.error);
            };
            tokio::time::sleep(wait.max(pause).min(LONGEST_PAUSE)).await;
            pause *= 2;
        }
        Err(Error::internal("no attempt was made"))
    }

    async fn attempt<W: Write>(
        &self,
        url: &str,
        known: &Validators,
        to: &mut W,
    ) -> std::result::Result<Fetched, Failure> {
        let mut url = Url::parse(url).map_err(|_| refused(format!("`{url}` is no URL")))?;
        for _ in 0..=MAX_REDIRECTS {
            let host = self.check(&url)?;
            let host = self.host(&host);
            let _turn = host.at_once.acquire().await.map_err(|_| refused("the fetcher is closed"))?;
            host.begin(self.policy.requests_per_host, &url)?;
            let answer = self.request(&url, known, to).await;
            host.end(answer.as_ref().is_err_and(|failure| failure.again.is_some()));
            match answer? {
                Answer::Fetched(fetched) => return Ok(fetched),
                Answer::Redirect(next) => url = next,
            }
        }
        Err(refused(format!("more than {MAX_REDIRECTS} redirects")))
    }

    /// Returns the host of a URL that the policy allows.
    fn check(&self, url: &Url) -> std::result::Result<String, Failure> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(format!("`{}` URLs are not fetched", url.scheme())));
        }
        let Some(host) = url.host() else { return Err(refused("the URL has no host")) };
        // Names are resolved and checked when the connection is made; an address is never resolved.
        let address = match host {
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
            Host::Domain(_) => None,
        };
        if !self.policy.private_addresses && address.is_some_and(|address| !address::is_public(address)) {
            return Err(refused(format!("`{host}` is no public address")));
        }
        let host = host.to_string();
        if !self.policy.hosts.allows(&host) {
            return Err(refused(format!("the host `{host}` is not allowed: add it to the allowed hosts")));
        }
        Ok(host)
    }

    fn host(&self, name: &str) -> Arc<OneHost> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            Arc::new(OneHost {
                at_once: Semaphore::new(self.policy.at_once_per_host.max(1)),
                counts: Mutex::default(),
            })
        };
        hosts.entry(name.to_owned()).or_insert_with(new).clone()
    }

    async fn request<W: Write>(
        &self,
        url: &Url,
        known: &Validators,
        to: &mut W,
    ) -> std::result::Result<Answer, Failure> {
        let mut request = self.client.get(url.clone());
        if let Some(etag) = &known.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(time) = &known.last_modified {
            request = request.header(IF_MODIFIED_SINCE, time);
        }
        let response = request.send().await.map_err(|error| unreachable(url, &error))?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Answer::Fetched(Fetched::NotModified));
        }
        if status.is_redirection() {
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok());
            return next.map(Answer::Redirect).ok_or_else(|| refused(format!("{url} redirects to nowhere")));
        }
        if !status.is_success() {
            return Err(of_status(url, status, response.headers()));
        }
        let validators = Validators::of(response.headers());
        self.body(url, response, to).await?;
        Ok(Answer::Fetched(Fetched::Body(validators)))
    }

    async fn body<W: Write>(
        &self,
        url: &Url,
        mut response: Response,
        to: &mut W,
    ) -> std::result::Result<(), Failure> {
        let most = self.policy.max_bytes;
        let too_large = || refused(format!("{url} is larger than {most} bytes"));
        if response.content_length().is_some_and(|length| length > most) {
            return Err(too_large());
        }
        let mut length = 0;
        while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(url, &error))? {
            length += chunk.len() as u64;
            if length > most {
                return Err(too_large());
            }
            to.write_all(&chunk).map_err(|error| Failure {
                error: Error::unavailable("what is fetched cannot be stored").with_source(error),
                again: None,
            })?;
        }
        Ok(())
    }
}

enum Answer {
    Fetched(Fetched),
    Redirect(Url),
}

impl OneHost {
    fn begin(&self, most: u32, url: &Url) -> std::result::Result<(), Failure> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let host = url.host_str().unwrap_or_default();
        if counts.failures >= FAILURES_OF_A_HOST {
            let error = Error::unavailable(format!(
                "{host} failed {FAILURES_OF_A_HOST} times in a row and is tried in the next run"
            ));
            return Err(Failure { error, again: None });
        }
        if counts.requests >= most {
            let error = Error::unavailable(format!(
                "{host} had its {most} requests and is asked again in the next run"
            ));
            return Err(Failure { error, again: None });
        }
        counts.requests += 1;
        Ok(())
    }

    fn end(&self, failed: bool) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.failures = if failed { counts.failures + 1 } else { 0 };
    }
}

/// Resolves names and leaves out addresses that are not public.
struct PublicAddresses {
    private: bool,
}

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<_> =
                found.iter().copied().filter(|found| private || address::is_public(found.ip())).collect();
            if allowed.is_empty() && !found.is_empty() {
                return Err(format!("`{}` has no public address", name.as_str()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Files that are written anew by every attempt.
pub(crate) trait Truncate {
    fn restart(&mut self) -> std::io::Result<()>;
}

impl Truncate for std::fs::File {
    fn restart(&mut self) -> std::io::Result<()> {
        self.set_len(0)?;
        self.rewind()
    }
}

impl Truncate for std::io::Cursor<Vec<u8>> {
    fn restart(&mut self) -> std::io::Result<()> {
        self.get_mut().clear();
        self.set_position(0);
        Ok(())
    }
}

fn refused(message: impl Into<String>) -> Failure {
    Failure { error: Error::invalid(message), again: None }
}

fn unreachable(url: &Url, error: &reqwest::Error) -> Failure {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let cause = cause.to_string();
    let host = url.host_str().unwrap_or_default();
    if cause.contains("has no public address") {
        return refused(cause);
    }
    let message = if error.is_timeout() {
        format!("{host} did not answer in time")
    } else {
        format!("{host} cannot be read: {cause}")
    };
    Failure { error: Error::unavailable(message), again: Some(Duration::ZERO) }
}

fn of_status(url: &Url, status: StatusCode, headers: &HeaderMap) -> Failure {
    let message = format!("{url} answers {status}");
    if status == StatusCode::TOO_MANY_REQUESTS
        || status.is_server_error()
        || status == StatusCode::REQUEST_TIMEOUT
    {
        let seconds =
            headers.get(RETRY_AFTER).and_then(|text| text.to_str().ok()).and_then(|text| text.parse().ok());
        return Failure {
            error: Error::unavailable(message),
            again: Some(Duration::from_secs(seconds.unwrap_or(0))),
        };
    }
    Failure { error: Error::invalid(message), again: None }
}
