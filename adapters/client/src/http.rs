//! One request and its answer, within a time and a size.

use std::time::Duration;

use reqwest::header::{ETAG, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};
use vitrina_core::product::ProductVersion;

use crate::{ClientError, ClientErrorKind, Result};

/// The largest answer that is read.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// The pauses before a request is tried again after the connection failed.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(300), Duration::from_millis(900)];

/// The longest time that is ever waited for; longer ones would overflow the clock.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// The moment `patience` from now.
pub(crate) fn deadline(patience: Duration) -> Instant {
    Instant::now() + patience.min(FOREVER)
}

/// Sends what `request` builds until an answer comes, at the latest at `until`.
///
/// A server that could not be reached is tried again a few times. So is one that broke the connection off, where the
/// request is `repeatable`: asking twice is the same as asking once.
pub(crate) async fn send(
    base: &Url,
    until: Instant,
    repeatable: bool,
    request: impl Fn() -> RequestBuilder,
) -> Result<Answer> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let error = match request().timeout(left).send().await {
            Ok(response) => match read(base, response).await {
                Err(error) if error.kind() == ClientErrorKind::Unavailable && repeatable => error,
                answer => return answer,
            },
            Err(error) => {
                let again = !error.is_timeout() && (error.is_connect() || repeatable && error.is_request());
                let error = ClientError::unanswered(base.as_str(), error);
                if !again {
                    return Err(error);
                }
                error
            }
        };
        match pauses.next() {
            Some(pause) if Instant::now() + pause < until => sleep(pause).await,
            _ => return Err(error),
        }
    }
}

async fn read(base: &Url, mut response: Response) -> Result<Answer> {
    let status = response.status();
    let too_long = || ClientError::protocol(status, format!("the answer is longer than {MAX_BODY} bytes"));
    if response.content_length().is_some_and(|length| length > MAX_BODY as u64) {
        return Err(too_long());
    }
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| ClientError::unanswered(base.as_str(), error))?
    {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body })
}

impl Answer {
    /// How long the server asks to wait; a date in its place is read as no wish.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header(RETRY_AFTER.as_str())?.parse::<f64>().ok()?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// Whether the server says that it held the request open as it was asked to.
    pub(crate) fn applied_wait(&self) -> bool {
        self.header("preference-applied").is_some_and(|applied| applied.trim_start().starts_with("wait"))
    }

    /// The version of the product that this answers with.
    pub(crate) fn version(&self) -> Option<ProductVersion> {
        let tag = self.header(ETAG.as_str())?.trim();
        // Proxies that compress an answer weaken its tag; the content is that of the version all the same.
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        Some(ProductVersion::named(tag.strip_prefix('"')?.strip_suffix('"')?))
    }

    /// Returns the answer if it is a success, else its error.
    pub(crate) fn success(self, of_task: bool) -> Result<Self> {
        if self.status.is_success() {
            return Ok(self);
        }
        if let Some(location) = self.header("location").filter(|_| self.status.is_redirection()) {
            let detail =
                format!("the server sends requests on to {location}: use that address as the base URL");
            return Err(ClientError::protocol(self.status, detail));
        }
        Err(ClientError::answered(self.status, self.retry_after(), &self.body, of_task))
    }

    /// The body as what the contract promises.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let detail = format!(
                "the server's answer cannot be read ({error}): is this the address of a Vitrina server?"
            );
            ClientError::protocol(self.status, detail).caused_by(error)
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
