//! The layer around the endpoints: bounds on bodies, errors as problems, metrics, and the pages of the documentation.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use poem::endpoint::{BoxEndpoint, make_sync};
use poem::error::ResponseError;
use poem::http::{HeaderName, HeaderValue, Method, StatusCode};
use poem::middleware::{CatchPanic, NormalizePath, PanicHandler, TrailingSlash};
use poem::web::{Html, Redirect};
use poem::{Endpoint, EndpointExt, IntoResponse, PathPattern, Request, Response, Route, get};
use poem_openapi::{OpenApi, OpenApiService};
use tokio::time::timeout;
use tracing::{Instrument, field};
use uuid::Uuid;

use crate::access::{Access, Guarded, Headers, Origins, policy_of_page};
use crate::api::once::IDEMPOTENCY_KEY;
use crate::api::{self, Backend, Document, Failure, LONGEST_POLL};
use crate::body;
use crate::imports::Imports;
use crate::layer;
use crate::limits::{Budgets, Client, RateClass};
use crate::metrics::Metrics;
use crate::telemetry::{self, REQUEST_TARGET, Summed};

/// The whole application: every endpoint, `/openapi.json` and `/docs`, with all that stands around them.
pub fn app(backend: Backend) -> BoxEndpoint<'static, Response> {
    let (metrics, budgets) = (backend.metrics.clone(), backend.budgets.clone());
    let pages = Route::new().at("/layer.js", get(layer::script));
    let imports = Some(backend.imports.clone());
    around(api::service(&backend), pages, metrics, budgets, backend.access.clone(), imports)
}

/// `/health`, `/ready` with its details, and `/metrics`, for whoever reaches the address that they are served at.
pub fn operations(backend: Backend) -> BoxEndpoint<'static, Response> {
    let access = Arc::new(Access { details: true, ..Access::default() });
    let (metrics, budgets) = (backend.metrics.clone(), backend.budgets.clone());
    let api = api::operations(Backend { access: access.clone(), ..backend });
    around(api, Route::new(), metrics, budgets, access, None)
}

/// An API with its document, and other pages, and everything that stands around endpoints.
pub(crate) fn around<A: OpenApi + 'static>(
    service: OpenApiService<A, ()>,
    pages: Route,
    metrics: Arc<Metrics>,
    budgets: Arc<Budgets>,
    access: Arc<Access>,
    imports: Option<Arc<Imports>>,
) -> BoxEndpoint<'static, Response> {
    let document = Arc::new(Document::new(&service));
    let (text, page) = (document.text(), document.page(&service));
    let documentation = policy_of_page(&page);
    let routes = pages
        .at("/openapi.json", get(make_sync(move |_| text.clone().with_content_type("application/json"))))
        .at("/docs", get(make_sync(move |_| Html(page.clone()))))
        .nest("/", service)
        .data(document.clone())
        .around(root_to_documentation);
    let bounded = Bounded { endpoint: routes, budgets: budgets.clone(), imports };
    let guarded = Guarded { endpoint: bounded, access: access.clone(), budgets };
    let endpoint = guarded.with(CatchPanic::new().with_handler(Panicked));
    let measured = Measured { endpoint, metrics, document }.with(NormalizePath::new(TrailingSlash::Trim));
    let origins = Origins::new(measured.map_to_response().boxed(), access);
    Headers { endpoint: origins, documentation }.boxed()
}

/// Redirects from `/` to the documentation.
async fn root_to_documentation<E: Endpoint>(endpoint: Arc<E>, request: Request) -> poem::Result<Response> {
    if request.uri().path() == "/" && matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(Redirect::temporary("/docs").into_response());
    }
    endpoint.call(request).await.map(IntoResponse::into_response)
}

/// Keeps requests within their limits: the client's rate, and whether another import runs, before anything of the body is
/// read, then the body, then the time for the answer.
struct Bounded<E> {
    endpoint: E,
    budgets: Arc<Budgets>,
    imports: Option<Arc<Imports>>,
}

impl<E> Bounded<E> {
    fn admit(
        &self,
        request: &Request,
        class: Option<RateClass>,
        client: Option<Client>,
    ) -> Result<(), Failure> {
        if let Some(class) = class {
            self.budgets.admit(class, client)?;
        }
        match &self.imports {
            // One with a key may repeat the import that runs, which its body tells.
            Some(imports)
                if request.method() == Method::POST
                    && request.uri().path() == IMPORT
                    && !request.headers().contains_key(IDEMPOTENCY_KEY) =>
            {
                Ok(imports.check_idle()?)
            }
            _ => Ok(()),
        }
    }
}

/// Where files are imported, one at a time.
const IMPORT: &str = "/products/import";

impl<E: Endpoint> Endpoint for Bounded<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let budgets = &self.budgets;
        let client = budgets.client(&request);
        let class = RateClass::of(request.method(), request.uri().path());
        self.admit(&request, class, client)?;
        let _memory = body::read(&mut request, class, client, budgets).await?;
        let poll = if class == Some(RateClass::Result) { LONGEST_POLL } else { Duration::ZERO };
        let answer = async {
            let _turn = budgets.turn(class, client).await;
            self.endpoint.call(request).await
        };
        let answer = timeout(budgets.limits().request_time + poll, answer).await.map_err(|_| {
            budgets.rejected("request-time");
            Failure::unavailable("the server did not finish in time: try again in a moment")
        })?;
        answer.map(IntoResponse::into_response)
    }
}

/// The header by which a client and the log name one request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header that says how long the stages of the work took.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// How much of a path stands in the log, in bytes.
const SHOWN_PATH: usize = 200;

/// Turns errors into problems, and counts, times, traces and names what was answered.
struct Measured<E> {
    endpoint: E,
    metrics: Arc<Metrics>,
    document: Arc<Document>,
}

impl<E: Endpoint> Endpoint for Measured<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let (method, begin) = (request.method().clone(), Instant::now());
        let path: String = request.uri().path().chars().take(SHOWN_PATH).collect();
        let id = request_id(&request);
        let span = tracing::info_span!(
            target: REQUEST_TARGET,
            "request",
            otel.kind = "server",
            %method,
            path,
            id,
            status = field::Empty
        );
        telemetry::parent_from(&span, request.headers());
        let stages = Summed::below(&span);
        let answer = self.endpoint.call(request).instrument(span.clone()).await;
        let mut response =
            answer.map_or_else(|error| self.problem(&error, &method), IntoResponse::into_response);
        let route = response.data::<PathPattern>().map_or("other", |pattern| &pattern.0);
        let (status, time) = (response.status().as_u16(), begin.elapsed());
        self.metrics.request(method.as_str(), route, status, time);
        span.record("status", status);
        telemetry::rename(&span, format!("{method} {route}"));
        let milliseconds = time.as_secs_f64() * 1000.0;
        span.in_scope(|| tracing::debug!(status, milliseconds, "answered"));
        for (name, value) in [(REQUEST_ID, id), (SERVER_TIMING, stages.header(time))] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        Ok(response)
    }
}

/// The client's own name for a request where it is short and plain, a new one otherwise.
fn request_id(request: &Request) -> String {
    let plain = |id: &&str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(plain);
    given.map_or_else(|| Uuid::now_v7().simple().to_string(), str::to_owned)
}

impl<E> Measured<E> {
    fn problem(&self, error: &poem::Error, method: &Method) -> Response {
        let pattern = error.data::<PathPattern>().cloned();
        let mut response = match error.downcast_ref::<Failure>() {
            Some(failure) => failure.as_response(),
            None => {
                let pattern = pattern.as_ref().map(|pattern| &*pattern.0);
                self.document.explain(error, method, pattern).as_response()
            }
        };
        if let Some(pattern) = pattern {
            response.set_data(pattern);
        }
        response
    }
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
