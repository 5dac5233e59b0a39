//! The layer around the endpoints: bounds on bodies, errors as problems, metrics, and the pages of the documentation.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use poem::endpoint::BoxEndpoint;
use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::http::header::CONTENT_LENGTH;
use poem::middleware::{CatchPanic, Cors, PanicHandler};

use poem::{Body, Endpoint, EndpointExt, IntoResponse, PathPattern, Request, Response, Route};
use poem_openapi::{OpenApi, OpenApiService};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::api::{self, Backend, Failure};
use crate::metrics::Metrics;

/// The largest body of a request that is no upload.
const MAX_BODY: usize = 1 << 20;
/// What a multipart form adds to the file in it.
const FORM_OVERHEAD: usize = 16 << 10;
/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(60);
/// How much memory the bodies of all requests take together, in KiB; further requests wait for their turn.
const BODIES_KIB: usize = 256 << 10;

/// How much of a refused body is read into nothing, and how long.
const DISCARDED: usize = 64 << 20;
const DISCARD_TIME: Duration = Duration::from_secs(2);

/// The bytes of a request's body, for the check of signatures.
#[derive(Clone)]
pub struct RawBody(pub Bytes);

/// The whole application: every endpoint, `/openapi.json` and `/docs`, with all that stands around them.
pub fn app(backend: Backend) -> BoxEndpoint<'static, Response> {
    let (metrics, max_upload) = (backend.metrics.clone(), backend.max_upload);
    around(api::service(&backend), metrics, max_upload)
}

/// An API with its document and its pages, and everything that stands around endpoints.
pub(crate) fn around<A: OpenApi + 'static>(
    service: OpenApiService<A, ()>,
    metrics: Arc<Metrics>,
    max_upload: usize,
) -> BoxEndpoint<'static, Response> {
    let (specification, documentation) = (service.spec_endpoint(), service.swagger_ui());
    let room = Arc::new(Semaphore::new(BODIES_KIB));
    let routes =
        Route::new().at("/openapi.json", specification).nest("/docs", documentation).nest("/", service);
    let bounded = Bounded { endpoint: routes, max_upload, room };
    let measured = Measured { endpoint: bounded.with(CatchPanic::new().with_handler(Panicked)), metrics };
    measured.with(Cors::new()).map_to_response().boxed()
}

/// Reads bodies within their bounds before the endpoint sees them.
struct Bounded<E> {
    endpoint: E,
    max_upload: usize,
    room: Arc<Semaphore>,
}

impl<E: Endpoint> Endpoint for Bounded<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let (request, _room) = bounded(request, self.max_upload, &self.room).await?;
        self.endpoint.call(request).await.map(IntoResponse::into_response)
    }
}

/// Turns errors into problems, and counts and times what was answered.
struct Measured<E> {
    endpoint: E,
    metrics: Arc<Metrics>,
}

impl<E: Endpoint> Endpoint for Measured<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let (method, path, begin) =
            (request.method().clone(), request.uri().path().to_owned(), Instant::now());
        let answer = self.endpoint.call(request).await;
        let response = answer.map_or_else(problem, IntoResponse::into_response);
        let route = response.data::<PathPattern>().map_or("other", |pattern| &pattern.0);
        let (status, time) = (response.status().as_u16(), begin.elapsed());
        self.metrics.request(method.as_str(), route, status, time);
        tracing::debug!(%method, path, status, milliseconds = time.as_secs_f64() * 1000.0, "answered");
        Ok(response)
    }
}

/// Whether the endpoint at this path takes a photo.
fn takes_photo(path: &str) -> bool {
    let of_product = || path.starts_with("/products/") && path.ends_with("/photo");
    matches!(path, "/search/image" | "/infer/image") || of_product()
}

/// Reads the body no further than its limit, within its time, and only when there is room for it.
async fn bounded(
    mut request: Request,
    max_upload: usize,
    room: &Arc<Semaphore>,
) -> poem::Result<(Request, tokio::sync::OwnedSemaphorePermit)> {
    let upload = takes_photo(request.uri().path());
    let limit = if upload { max_upload + FORM_OVERHEAD } else { MAX_BODY };
    let too_large = || Failure::too_large(format!("the body is larger than {limit} bytes: send less"));
    let length =
        request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let body = request.take_body();
    if length.is_some_and(|length| length > limit as u64) {
        tokio::spawn(discard(body));
        return Err(too_large().into());
    }
    // Without a length (chunked) the body may be as large as the limit; a request without a body needs no room.
    let expected = if body.is_empty() { 0 } else { length.map_or(limit, |length| length as usize) };
    let kib = u32::try_from(expected.div_ceil(1024).min(BODIES_KIB)).unwrap_or(u32::MAX);
    let slow = |_| Failure::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "the body took too long to arrive");
    let full = |_| Failure::unavailable("too many uploads at once: try again in a moment");
    let permit = timeout(BODY_TIME, room.clone().acquire_many_owned(kib)).await.map_err(full)?;
    let permit = permit.map_err(|_| Failure::unavailable("the server is about to stop"))?;
    let bytes = timeout(BODY_TIME, read(body, expected, limit)).await.map_err(slow)??;
    let bytes = bytes.ok_or_else(too_large)?;
    request.extensions_mut().insert(RawBody(bytes.clone()));
    request.set_body(Body::from_bytes(bytes));
    Ok((request, permit))
}

/// Reads a refused body into nothing for a moment: a connection closed on unread bytes is reset, and the client would
/// never see the answer that is already on its way.
async fn discard(body: Body) {
    let mut chunks = std::pin::pin!(body.into_bytes_stream());
    let mut left = DISCARDED;
    let reading = async {
        while let Some(Ok(chunk)) = chunks.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                return;
            }
        }
    };
    let _ = timeout(DISCARD_TIME, reading).await;
}

/// The bytes of a body; `None` when there are more than `limit`.
async fn read(body: Body, expected: usize, limit: usize) -> poem::Result<Option<Bytes>> {
    let mut bytes = BytesMut::with_capacity(expected.min(MAX_BODY));
    let mut chunks = std::pin::pin!(body.into_bytes_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Failure::bad_request("the body broke off: send it again"))?;
        if bytes.len() + chunk.len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes.freeze()))
}

fn problem(error: poem::Error) -> Response {
    let pattern = error.data::<PathPattern>().cloned();
    let mut response = match error.downcast_ref::<Failure>() {
        Some(failure) => failure.as_response(),
        None => Failure::from_poem(&error).as_response(),
    };
    if let Some(pattern) = pattern {
        response.set_data(pattern);
    }
    response
}

/// Answers for a handler that panicked; the panic itself is in the log.
#[derive(Clone)]
struct Panicked;

impl PanicHandler for Panicked {
    type Response = Response;

    fn get_response(&self, _: Box<dyn Any + Send>) -> Response {
        let detail = "the server failed: the log of the server says why";
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).as_response()
    }
}
