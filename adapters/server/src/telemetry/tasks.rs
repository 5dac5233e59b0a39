//! Tasks as a worker takes them: how long they waited, and the trace that they belong to.

use std::time::SystemTime;

use tracing::{Span, field};
use vitrina_core::queue::{Claim, TaskObserver};

use super::{measured, traces};

/// Measures the wait of every task, and goes on with its trace.
#[derive(Debug, Clone, Copy, Default)]
pub struct MeasuredTasks;

impl TaskObserver for MeasuredTasks {
    fn taken(&self, claim: &Claim) -> Span {
        let lease = &claim.lease;
        // By the clocks of two machines; a task that comes again has waited for its worker.
        let waited = lease.task.submitted().and_then(|then| SystemTime::now().duration_since(then).ok());
        if let Some(waited) = waited.filter(|_| lease.delivery == 1) {
            measured("queue_wait", waited);
        }
        let span = tracing::info_span!(
            "task",
            otel.kind = "consumer",
            id = %lease.task,
            delivery = lease.delivery,
            waited_ms = field::Empty
        );
        if let Some(waited) = waited {
            span.record("waited_ms", u64::try_from(waited.as_millis()).unwrap_or(u64::MAX));
        }
        if let Some(trace) = &claim.trace {
            traces::set_parent(&span, trace);
        }
        span
    }
}
