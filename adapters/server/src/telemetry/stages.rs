//! Stages of the work: a histogram of each, and the `Server-Timing` header of the request that they belong to.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use tracing::span::{Attributes, Id};
use tracing::{Span, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;
use vitrina_core::queue::STAGE_TARGET;

/// The upper bounds of the histograms, in seconds: from a cached answer to a photo that waited for its turn.
const SECONDS: [f64; 12] = [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];

/// The label of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct StageLabel {
    stage: &'static str,
}

/// The histograms of all stages.
pub(crate) type StageTimes = Family<StageLabel, Histogram>;

/// Subscribers of spans are a process's, and so are these.
static TIMES: LazyLock<StageTimes> =
    LazyLock::new(|| Family::new_with_constructor(|| Histogram::new(SECONDS)));

/// The histograms of this process's stages.
pub(crate) fn stage_times() -> StageTimes {
    TIMES.clone()
}

/// Counts a stage that took this long.
pub(crate) fn measured(stage: &'static str, time: Duration) {
    TIMES.get_or_create(&StageLabel { stage }).observe(time.as_secs_f64());
}

/// The target of the spans of requests, in which stages are summed up.
pub(crate) const REQUEST_TARGET: &str = "vitrina::request";

/// The requests that are being answered, by their span.
static REQUESTS: LazyLock<Mutex<HashMap<u64, Timings>>> = LazyLock::new(Mutex::default);

fn requests() -> MutexGuard<'static, HashMap<u64, Timings>> {
    REQUESTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The stages of one request: those of spans below its own, on whatever thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timings(Arc<Mutex<Vec<(&'static str, Duration)>>>);

/// Sums the stages of a request up until it is dropped.
#[derive(Debug)]
pub(crate) struct Summed {
    span: Option<u64>,
    timings: Timings,
}

impl Summed {
    /// Begins with no stage.
    pub(crate) fn below(span: &Span) -> Self {
        let (span, timings) = (span.id().map(|id| id.into_u64()), Timings::default());
        if let Some(span) = span {
            requests().insert(span, timings.clone());
        }
        Self { span, timings }
    }

    /// The value of `Server-Timing`, with the stages so far.
    pub(crate) fn header(&self, total: Duration) -> String {
        self.timings.header(total)
    }
}

impl Drop for Summed {
    fn drop(&mut self) {
        if let Some(span) = self.span {
            requests().remove(&span);
        }
    }
}

impl Timings {
    fn add(&self, stage: &'static str, time: Duration) {
        let mut stages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match stages.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, sum)) => *sum += time,
            None => stages.push((stage, time)),
        }
    }

    /// The value of `Server-Timing` (W3C), in milliseconds.
    fn header(&self, total: Duration) -> String {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let mut header = String::new();
        for (stage, time) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = write!(header, "{stage};dur={:.3}, ", milliseconds(*time));
        }
        let _ = write!(header, "total;dur={:.3}", milliseconds(total));
        header
    }
}

/// Measures the spans that are stages, from their creation to their end. It needs to see those of requests too.
pub(super) struct StageLayer;

struct Begun(Instant);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for StageLayer {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id).filter(|span| span.metadata().target() == STAGE_TARGET) {
            span.extensions_mut().insert(Begun(Instant::now()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let time = span.extensions().get::<Begun>().map(|begun| begun.0.elapsed());
        let Some(time) = time else { return };
        measured(span.metadata().name(), time);
        let request = span.scope().find(|above| above.metadata().target() == REQUEST_TARGET);
        if let Some(timings) = request.and_then(|request| requests().get(&request.id().into_u64()).cloned()) {
            timings.add(span.metadata().name(), time);
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn stages_of_a_request_are_summed_on_every_thread_and_those_of_others_are_not() {
        let subscriber = tracing_subscriber::registry().with(StageLayer);
        let dispatch = tracing::Dispatch::new(subscriber);
        let _default = tracing::dispatcher::set_default(&dispatch);
        let request = || tracing::info_span!(target: REQUEST_TARGET, "request");
        let stage = || drop(tracing::info_span!(target: STAGE_TARGET, "index"));
        let (one, other) = (request(), request());
        let (of_one, of_other) = (Summed::below(&one), Summed::below(&other));
        one.in_scope(stage);
        let (dispatch, span) = (dispatch.clone(), one.clone());
        let elsewhere = move || tracing::dispatcher::with_default(&dispatch, || span.in_scope(stage));
        std::thread::spawn(elsewhere).join().unwrap();
        stage();
        let header = of_one.header(Duration::from_millis(3));
        assert!(header.starts_with("index;dur=") && header.ends_with(", total;dur=3.000"), "{header}");
        assert_eq!(of_other.header(Duration::ZERO), "total;dur=0.000");
    }

    #[test]
    fn a_stage_that_comes_again_counts_in_sum() {
        let timings = Timings::default();
        timings.add("index", Duration::from_micros(1500));
        timings.add("catalogue", Duration::from_micros(250));
        timings.add("index", Duration::from_micros(500));
        let header = timings.header(Duration::from_millis(3));
        assert_eq!(header, "index;dur=2.000, catalogue;dur=0.250, total;dur=3.000");
    }
}
