//! Errors on the wire: `application/problem+json` (RFC 9457).

use std::fmt;
use std::marker::PhantomData;

use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use vitrina::{Error, ErrorKind, PhotoError};

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
}

impl Failure {
    /// A failure; `slug` names its kind, `detail` tells the client what to do.
    pub fn new(status: StatusCode, slug: &'static str, detail: impl Into<String>) -> Self {
        Self { status, slug, detail: detail.into(), retry_after: None }
    }

    /// The same failure, asking the client to come back after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
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

    /// What any error that reaches the outermost layer becomes.
    pub fn from_poem(error: &poem::Error) -> Self {
        let status = error.status();
        if error.is::<poem_openapi::error::ContentTypeError>() {
            return Self::bad_request(format!("{error}: send what the documentation at /docs says"));
        }
        match status {
            StatusCode::UNAUTHORIZED => {
                let detail = "this needs the administration key: send it as `Authorization: Bearer KEY`";
                Self::new(status, "unauthorized", detail)
            }
            StatusCode::NOT_FOUND => {
                Self::new(status, "not-found", "there is nothing at this address: see /docs")
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(status, "method-not-allowed", "this address does not take this method: see /docs")
            }
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large("the body is larger than this address takes"),
            status if status.is_client_error() => Self { status, ..Self::bad_request(error.to_string()) },
            status => {
                tracing::error!(%error, "a request failed");
                Self::new(status, "internal", "the server failed: the log of the server says why")
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error.kind() {
            ErrorKind::Invalid => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail),
            ErrorKind::NotFound => Self::new(StatusCode::NOT_FOUND, "not-found", detail),
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
            PhotoError::TooManyPixels { .. } => Self::too_large(detail),
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
        response.body(body.to_string())
    }
}

/// The failures that a group of endpoints documents.
pub trait Documented: Send + Sync + 'static {
    /// Their statuses.
    const STATUSES: &'static [u16];
}

/// A failure of an endpoint of group `G`, which tells the OpenAPI document what may come.
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
            headers: Vec::new(),
        };
        MetaResponses { responses: G::STATUSES.iter().map(response).collect() }
    }

    fn register(registry: &mut Registry) {
        <poem_openapi::payload::Json<ProblemBody> as Payload>::register(registry);
    }
}

fn schema() -> MetaSchemaRef {
    ProblemBody::schema_ref()
}

fn describe(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read: no JSON, a missing or wrong field, a bad parameter",
        401 => "The signature or key is missing or wrong",
        403 => "The administration key is wrong, or administration is off",
        404 => "There is no such thing",
        410 => "The result was kept as long as promised and is gone",
        413 => "The upload or the picture is larger than the limit",
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
    /// Listings and searches by words.
    Reading: 400, 422, 503;
    /// One thing by its number.
    ReadingOne: 400, 404, 503;
    /// What looks like one thing.
    ReadingAlike: 400, 404, 422, 503;
    /// Uploads.
    Uploading: 400, 413, 415, 422, 429, 503;
    /// Results of tasks.
    Watching: 404, 410, 422, 503;
    /// Predictions from a browser.
    Predicting: 400, 422, 503;
    /// Photos that are recognised at once.
    Inferring: 400, 413, 415, 422, 503;
    /// Writes of products and categories.
    Administering: 400, 401, 403, 404, 422, 503;
    /// Photos of products.
    UploadingProduct: 400, 401, 403, 404, 413, 415, 422, 503;
    /// The webhook.
    Receiving: 400, 401, 404, 422, 503;
}
