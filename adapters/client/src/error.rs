//! What can go wrong between a client and its server.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;

/// What a caller can do about a [`ClientError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientErrorKind {
    /// The request is wrong: changing it helps, repeating it does not (400, 422 and other 4xx).
    Invalid,
    /// A key is missing or does not open this (401, 403).
    Unauthorized,
    /// There is no such product or task (404).
    NotFound,
    /// The request conflicts with the current state, or with the version that it names (409, 412).
    Conflict,
    /// The task's result was kept as long as promised (410).
    Expired,
    /// The photo has more bytes or pixels than the server takes (413).
    TooLarge,
    /// The file is no photo, or in a format that the server does not take (415).
    UnsupportedPhoto,
    /// The photo was taken, but could not be read (422 of a task).
    Unreadable,
    /// The server has too much to do: the same request may succeed a little later (429, 503 of a full queue).
    Busy,
    /// The server, or something that it depends on, does not answer (no connection, 503).
    Unavailable,
    /// The answer did not come in time.
    Timeout,
    /// A fault of the server (other 5xx).
    Server,
    /// The server answered with something that is no answer of this contract.
    Protocol,
}

/// The error of every request; [`Display`](fmt::Display) is safe to show and says what to do next.
#[derive(Debug)]
pub struct ClientError {
    kind: ClientErrorKind,
    status: Option<u16>,
    title: String,
    detail: String,
    retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A result with the client's [`ClientError`].
pub type Result<T, E = ClientError> = std::result::Result<T, E>;

impl ClientError {
    pub(crate) fn new(kind: ClientErrorKind, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            title: title.into(),
            detail: detail.into(),
            retry_after: None,
            source: None,
        }
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(ClientErrorKind::Invalid, "invalid request", detail)
    }

    pub(crate) fn timeout(detail: impl Into<String>) -> Self {
        Self::new(ClientErrorKind::Timeout, "no answer in time", detail)
    }

    pub(crate) fn protocol(status: StatusCode, detail: impl Into<String>) -> Self {
        let mut error = Self::new(ClientErrorKind::Protocol, "unexpected answer", detail);
        error.status = Some(status.as_u16());
        error
    }

    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// A request that was never answered.
    pub(crate) fn unanswered(base: &str, error: reqwest::Error) -> Self {
        // The address with its query says nothing that the caller does not know.
        let error = error.without_url();
        if error.is_timeout() {
            return Self::timeout(format!("{base} did not answer in time: try again, or allow more time"))
                .caused_by(error);
        }
        let kind = ClientErrorKind::Unavailable;
        let what = if error.is_connect() { "cannot be reached" } else { "broke the connection off" };
        Self::new(
            kind,
            "server not reachable",
            format!("{base} {what}: check the address and that the server runs"),
        )
        .caused_by(error)
    }

    /// An answer that says what went wrong, as problem details or in some other way.
    pub(crate) fn answered(
        status: StatusCode,
        retry_after: Option<Duration>,
        body: &[u8],
        of_task: bool,
    ) -> Self {
        let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
        let slug = problem.kind.as_deref().and_then(|kind| kind.rsplit('/').next()).unwrap_or("").to_owned();
        let reason = status.canonical_reason().unwrap_or("error").to_lowercase();
        let title = problem.title.clone().filter(|title| !title.is_empty()).unwrap_or(reason);
        let detail = problem.explanation().or_else(|| plain_text(body));
        let detail =
            detail.unwrap_or_else(|| format!("the server answered {} and did not say why", status.as_u16()));
        let kind = kind_of(status.as_u16(), &slug, retry_after.is_some(), of_task);
        Self { kind, status: Some(status.as_u16()), title, detail, retry_after, source: None }
    }

    /// Whether the server was reached and left in the middle of the request.
    pub(crate) fn broke_off(&self) -> bool {
        let source = self.source.as_deref().and_then(|source| source.downcast_ref::<reqwest::Error>());
        self.kind == ClientErrorKind::Unavailable && source.is_some_and(|source| !source.is_connect())
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ClientErrorKind {
        self.kind
    }

    /// The HTTP status, where the server answered at all.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// What kind of problem it is, in a few words.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What happened this time and what to do next.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// How long the server asks to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl StdError for ClientError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Problem details (RFC 9457), and what other frameworks answer in their place.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
    title: Option<String>,
    detail: serde_json::Value,
    message: Option<String>,
    error: serde_json::Value,
}

impl Problem {
    fn explanation(&self) -> Option<String> {
        let detail = match &self.detail {
            // FastAPI lists what it could not validate.
            serde_json::Value::Array(items) => {
                let said: Vec<_> =
                    items.iter().filter_map(|item| item.get("msg")?.as_str()).take(5).collect();
                Some(said.join("; "))
            }
            detail => detail.as_str().map(str::to_owned),
        };
        let said = [detail, self.message.clone(), self.error.as_str().map(str::to_owned), self.title.clone()];
        said.into_iter().flatten().find(|text| !text.is_empty())
    }
}

/// A short body that is plain text rather than a page.
fn plain_text(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let plain = !text.is_empty() && text.len() <= 200 && !text.contains(['<', '{', '\n']);
    plain.then(|| text.to_owned())
}

fn kind_of(status: u16, slug: &str, retry_after: bool, of_task: bool) -> ClientErrorKind {
    use ClientErrorKind as Kind;
    match (status, slug) {
        (422, "unreadable") => Kind::Unreadable,
        (422, "invalid") => Kind::Invalid,
        (422, _) if of_task => Kind::Unreadable,
        (401 | 403, _) => Kind::Unauthorized,
        (404, _) => Kind::NotFound,
        (409 | 412, _) => Kind::Conflict,
        (410, _) => Kind::Expired,
        (413, _) => Kind::TooLarge,
        (415, _) => Kind::UnsupportedPhoto,
        (429, _) | (503, "queue-full") => Kind::Busy,
        (503, "unavailable") => Kind::Unavailable,
        // Without a word on which of the two it is: a full queue names a time, a broken dependency cannot.
        (503, _) if retry_after => Kind::Busy,
        (503, _) => Kind::Unavailable,
        (500.., _) => Kind::Server,
        (400.., _) => Kind::Invalid,
        _ => Kind::Protocol,
    }
}
