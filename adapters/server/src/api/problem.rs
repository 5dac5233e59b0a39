//! Errors on the wire: `application/problem+json` (RFC 9457).

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::http::header::ALLOW;
use poem::{IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use vitrina_core::classify::PhotoError;
use vitrina_core::{Error, ErrorKind};

/// What went wrong, as a machine and a person can read it.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Problem")]
pub struct ProblemBody {
    /// What kind of problem it is: the same kind has the same address.
    #[oai(rename = "type")]
    pub kind: String,
    /// The kind in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time, and what to do about it.
    pub detail: String,
}

/// A request that failed, ready to be sent.
#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    slug: &'static str,
    detail: String,
    retry_after: Option<u64>,
    allow: Option<String>,
}

impl Failure {
    /// A failure; `slug` names its kind, `detail` says what to do.
    pub fn new(status: StatusCode, slug: &'static str, detail: impl Into<String>) -> Self {
        Self { status, slug, detail: detail.into(), retry_after: None, allow: None }
    }

    /// The same failure, asking the client to come back after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The same failure, naming the methods that the path takes.
    #[must_use]
    pub(super) fn allow(mut self, methods: String) -> Self {
        self.allow = Some(methods);
        self
    }

    /// Whether it has this status.
    pub(crate) fn is(&self, status: StatusCode) -> bool {
        self.status == status
    }

    /// A parameter that cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", detail)
    }

    /// More bytes or pixels than allowed.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    }

    /// Bytes that are no picture.
    pub fn not_a_photo(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-a-photo", detail)
    }

    /// Something this server depends on is not there.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(2)
    }

    /// More requests than one client may send; `wait` is how long until it may send the next.
    pub fn too_many_requests(detail: impl Into<String>, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail).retry_after(seconds.max(1))
    }

    /// A body that arrives too slowly.
    pub(crate) fn too_slow() -> Self {
        let detail = "the body took too long to arrive: send it faster, or less";
        Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", detail)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let source = std::error::Error::source(&error);
        if let Some(photo) = source.and_then(|source| source.downcast_ref::<PhotoError>()) {
            return photo.clone().into();
        }
        let detail = error.to_string();
        match error.kind() {
            ErrorKind::Invalid => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail),
            ErrorKind::NotFound => Self::new(StatusCode::NOT_FOUND, "not-found", detail),
            ErrorKind::Conflict => Self::new(StatusCode::CONFLICT, "conflict", detail),
            ErrorKind::Changed => Self::new(StatusCode::PRECONDITION_FAILED, "changed", detail),
            ErrorKind::Busy => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "queue-full", detail).retry_after(2)
            }
            ErrorKind::Unavailable => {
                tracing::warn!(error = %error.chain(), "a dependency does not answer");
                Self::unavailable(detail)
            }
            _ => {
                tracing::error!(error = %error.chain(), "a request failed");
                let detail = "the server failed: the log of the server says why";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
            }
        }
    }
}

impl From<PhotoError> for Failure {
    fn from(error: PhotoError) -> Self {
        let detail = error.to_string();
        match error {
            PhotoError::TooManyPixels { .. } | PhotoError::TooMuchMemory { .. } => Self::too_large(detail),
            PhotoError::Unsupported => Self::not_a_photo(detail),
            _ => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", detail),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Failure {}

impl ResponseError for Failure {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn as_response(&self) -> Response {
        let body = serde_json::json!({
            "type": format!("/problems/{}", self.slug),
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let response = Response::builder().status(self.status).content_type("application/problem+json");
        let response = match self.retry_after {
            Some(seconds) => response.header("Retry-After", seconds),
            None => response,
        };
        let response = match &self.allow {
            Some(methods) => response.header(ALLOW, methods),
            None => response,
        };
        response.body(body.to_string())
    }
}

/// The failures that a group of endpoints documents.
pub trait Documented: Send + Sync + 'static {
    /// Their statuses.
    const STATUSES: &'static [u16];
}

/// A failure of an endpoint of group `G`, from which the OpenAPI document has what may come.
#[derive(Debug)]
pub struct Problem<G>(Failure, PhantomData<G>);

impl<G, E: Into<Failure>> From<E> for Problem<G> {
    fn from(error: E) -> Self {
        Self(error.into(), PhantomData)
    }
}

impl<G> From<Problem<G>> for poem::Error {
    fn from(problem: Problem<G>) -> Self {
        Self::from(problem.0)
    }
}

impl<G: Send> IntoResponse for Problem<G> {
    fn into_response(self) -> Response {
        self.0.as_response()
    }
}

impl<G: Documented> ApiResponse for Problem<G> {
    fn meta() -> MetaResponses {
        let response = |status: &u16| MetaResponse {
            description: describe(*status),
            status: Some(*status),
            status_range: None,
            content: vec![MetaMediaType { content_type: "application/problem+json", schema: schema() }],
            headers: retry_after(*status),
        };
        MetaResponses { responses: G::STATUSES.iter().map(response).collect() }
    }

    fn register(registry: &mut Registry) {
        <poem_openapi::payload::Json<ProblemBody> as Payload>::register(registry);
    }
}

/// The header that says when to come back, where the status has one.
fn retry_after(status: u16) -> Vec<MetaHeader> {
    let header = MetaHeader {
        name: "Retry-After".into(),
        description: Some(RETRY_AFTER.into()),
        required: false,
        deprecated: false,
        schema: u64::schema_ref(),
    };
    if has_retry_after(status) { vec![header] } else { Vec::new() }
}

/// The description of the header `Retry-After`.
pub(super) const RETRY_AFTER: &str = "Seconds after which to try again";

/// Whether answers of this status have the header `Retry-After`.
pub(super) fn has_retry_after(status: u16) -> bool {
    matches!(status, 429 | 503)
}

fn schema() -> MetaSchemaRef {
    ProblemBody::schema_ref()
}

pub(super) fn describe(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read: no JSON, a missing or wrong field, a bad parameter",
        401 => "The signature or key is missing or wrong",
        403 => "The key is wrong or has another scope, or administration is off",
        404 => "There is no such thing",
        408 => "The body took too long to arrive",
        409 => {
            "It is not empty, the first request with the same `Idempotency-Key` is still carried out, or the request conflicts with the current state otherwise"
        }
        410 => "The result was kept as long as promised and is gone",
        412 => "It has another version than the request names; the detail names the present one",
        413 => "The body or the picture is larger than the limit",
        415 => "The bytes are no picture of an accepted format",
        422 => "The value is well-formed but refused, or the photo could not be read",
        429 => "Too many requests from one client: come back after `Retry-After` seconds",
        503 => "Something that this needs is full or down: come back after `Retry-After` seconds",
        _ => "The server failed",
    }
}

/// Declares a group of endpoints by the failures that they document.
macro_rules! documented {
    ($($(#[$doc:meta])* $name:ident: $($status:literal),*;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $name;
            impl Documented for $name {
                const STATUSES: &'static [u16] = &[$($status),*];
            }
        )*
    };
}

documented! {
    /// All of one kind, without parameters.
    ReadingAll: 503;
    /// Listings.
    Reading: 400, 422, 503;
    /// Searches by words.
    Searching: 400, 408, 413, 422, 503;
    /// One thing by its number.
    ReadingOne: 400, 404, 503;
    /// Photos of products.
    ReadingPhoto: 400, 404, 422, 503;
    /// What looks like one thing.
    ReadingAlike: 400, 404, 422, 503;
    /// Many searches at once, and clicks.
    Storefront: 400, 408, 413, 422, 429, 503;
    /// Uploads.
    Uploading: 400, 408, 413, 415, 422, 429, 503;
    /// Results of tasks.
    Watching: 400, 404, 410, 422, 503;
    /// Predictions from a browser.
    Predicting: 400, 408, 413, 422, 503;
    /// Photos that are classified at once.
    Inferring: 400, 408, 413, 415, 422, 503;
    /// Exports.
    Exporting: 401, 403, 503;
    /// Removals.
    Removing: 400, 401, 403, 404, 412, 503;
    /// Writes of one product.
    WritingProduct: 400, 401, 403, 404, 408, 412, 413, 422, 503;
    /// Removals of categories.
    RemovingCategory: 400, 401, 403, 404, 409, 422, 503;
    /// Writes of products and categories.
    Administering: 400, 401, 403, 404, 408, 413, 422, 503;
    /// Writes that are carried out once.
    Creating: 400, 401, 403, 404, 408, 409, 413, 422, 503;
    /// Photos of products.
    UploadingProduct: 400, 401, 403, 404, 408, 413, 415, 422, 503;
    /// The webhook.
    Receiving: 400, 401, 404, 408, 413, 422, 503;
}
