//! The log, the measured stages of the work, and traces over OTLP.
//!
//! Three subscribers hear the same spans: the log on standard error, the histograms of stages (`stages`), and, where an
//! endpoint is configured, the exporter of traces (`traces`).

mod stages;
mod tasks;
mod traces;

use std::io::IsTerminal;

use anyhow::Result;
use tracing::Metadata;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};
use vitrina_core::queue::STAGE_TARGET;

pub(crate) use stages::{REQUEST_TARGET, Summed, measured, stage_times};
pub use tasks::MeasuredTasks;
pub(crate) use traces::{current_trace, headers_of_current_trace, parent_from, rename};

use traces::Traces;

/// What lasts as long as the process; traces that were not sent yet are sent when it is dropped.
#[derive(Debug)]
pub struct Telemetry {
    _traces: Option<Traces>,
}

impl Telemetry {
    /// Starts the log, the measuring of stages, and the export of traces to `otlp`, if that is given. `service` is the name
    /// by which traces go. Must be called within a Tokio runtime, which outlives the result.
    ///
    /// # Errors
    /// When the endpoint is no URL.
    pub fn start(service: &'static str, otlp: Option<&str>) -> Result<Self> {
        let filter = EnvFilter::try_from_env("VITRINA_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
        let log = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .with_filter(filter_fn(|metadata| !is_stage(metadata)))
            .with_filter(filter);
        let measured = filter_fn(|metadata| is_stage(metadata) || metadata.target() == REQUEST_TARGET);
        let stages = stages::StageLayer.with_filter(measured);
        let traces = otlp.map(|endpoint| Traces::start(service, endpoint)).transpose();
        // The reason is for the log, which begins here.
        let (traces, failed) = match traces {
            Ok(traces) => (traces, None),
            Err(error) => (None, Some(error)),
        };
        let exported = traces.as_ref().map(|traces| {
            let own = filter_fn(|metadata| metadata.is_span() && metadata.target().starts_with("vitrina"));
            tracing_opentelemetry::layer().with_tracer(traces.tracer()).with_filter(own)
        });
        tracing_subscriber::registry().with(log).with(stages).with(exported).init();
        match failed {
            Some(error) => Err(error),
            None => Ok(Self { _traces: traces }),
        }
    }
}

fn is_stage(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == STAGE_TARGET
}
