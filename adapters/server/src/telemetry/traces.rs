//! Traces over OTLP (HTTP and protobuf), and W3C Trace Context between processes.

use std::collections::HashMap;
use std::fmt;

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use poem::http::HeaderMap;
use tokio::runtime::Handle;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use vitrina_core::queue::TraceContext;

/// The path of traces below an endpoint (OTLP specification).
const PATH: &str = "/v1/traces";
/// The header of a trace context.
const TRACEPARENT: &str = "traceparent";

/// The export of traces, in the background and in batches.
pub(super) struct Traces(SdkTracerProvider);

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Traces(…)")
    }
}

impl Traces {
    /// Exports traces to the collector at `endpoint`, such as `http://localhost:4318`.
    ///
    /// # Errors
    /// When the endpoint is no URL.
    pub(super) fn start(service: &'static str, endpoint: &str) -> Result<Self> {
        let endpoint = endpoint.trim_end_matches('/');
        let url = if endpoint.ends_with(PATH) { endpoint.to_owned() } else { format!("{endpoint}{PATH}") };
        let wrong = || format!("the OTLP endpoint `{endpoint}` is no URL: write http://HOST:4318");
        let parsed = reqwest::Url::parse(&url).with_context(wrong)?;
        anyhow::ensure!(matches!(parsed.scheme(), "http" | "https"), wrong());
        // The first provider of the process stands; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().build().context("no HTTP client for traces")?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client { client, runtime: Handle::current() })
            .with_endpoint(url)
            .build()
            .context("traces cannot be exported")?;
        let resource = Resource::builder().with_service_name(service).build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    pub(super) fn tracer(&self) -> Tracer {
        self.0.tracer("vitrina")
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // What is left is sent; a collector that is away must not keep the process.
        let _ = self.0.shutdown();
    }
}

/// Sends what the exporter's thread, which knows no runtime, gives it.
#[derive(Debug)]
struct Client {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let answer = client.execute(request).await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        let (status, body) = sent.await??;
        Ok(Response::builder().status(status).body(body)?)
    }
}

/// Makes a span the child of the trace that a request came with, if it did.
pub(crate) fn parent_from(span: &Span, headers: &HeaderMap) {
    let mut values = headers.get_all(TRACEPARENT).iter();
    // Two of them contradict each other (W3C Trace Context, section 3.2.2).
    if let (Some(value), None) = (values.next(), values.next())
        && let Some(trace) = value.to_str().ok().and_then(TraceContext::new)
    {
        set_parent(span, &trace);
    }
}

/// Names a span by what is known at its end only.
pub(crate) fn rename(span: &Span, name: String) {
    span.context().span().update_name(name);
}

/// Makes a span the child of a trace.
pub(super) fn set_parent(span: &Span, trace: &TraceContext) {
    let _ = span.set_parent(TraceContextPropagator::new().extract(&One(trace)));
}

/// The trace that the current span belongs to; `None` where traces are not exported.
pub(crate) fn current_trace() -> Option<TraceContext> {
    headers_of(&Span::current().context()).get(TRACEPARENT).and_then(|text| TraceContext::new(text))
}

/// The headers by which the next process goes on with the current trace.
pub(crate) fn headers_of_current_trace() -> HashMap<String, String> {
    headers_of(&Span::current().context()).into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn headers_of(context: &Context) -> HashMap<String, String> {
    let mut headers = HashMap::new();
    TraceContextPropagator::new().inject_context(context, &mut headers);
    headers
}

/// A carrier of one header.
struct One<'a>(&'a TraceContext);

impl Extractor for One<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then(|| self.0.as_str())
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}
