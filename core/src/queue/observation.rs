//! What is measured and traced: stages of the work as spans, and the trace context of photos.

use std::fmt;

use tracing::Span;

use crate::queue::Claim;

/// The target of the spans that are stages of the work: `index` and `catalogue` around what a search asks them, `decode` and
/// `model` around what a classifier does. A subscriber that measures them needs no other list.
pub const STAGE_TARGET: &str = "vitrina::stage";

/// The span around a question to the index.
pub(crate) fn index_stage() -> Span {
    tracing::info_span!(target: STAGE_TARGET, "index")
}

/// The span around a question to the catalogue.
pub(crate) fn catalogue_stage() -> Span {
    tracing::info_span!(target: STAGE_TARGET, "catalogue")
}

/// The place of a request in a distributed trace: the `traceparent` header of W3C Trace Context, version 00. It travels with
/// a photo through the queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TraceContext(String);

impl TraceContext {
    /// Reads a `traceparent`; `None` for a text that is none.
    pub fn new(text: &str) -> Option<Self> {
        let hex = |part: &str, length: usize| {
            part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let used = |part: &str| part.bytes().any(|byte| byte != b'0');
        let parts: Vec<_> = text.split('-').collect();
        match parts[..] {
            ["00", trace, span, flags]
                if hex(trace, 32) && used(trace) && hex(span, 16) && used(span) && hex(flags, 2) =>
            {
                Some(Self(text.to_owned()))
            }
            _ => None,
        }
    }

    /// The `traceparent`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Watches the tasks that a worker takes.
pub trait TaskObserver: Send + Sync {
    /// A task was taken from the queue; returns the span in which it is worked on and reported.
    fn taken(&self, claim: &Claim) -> Span;
}

/// Gives each task a span that names it in the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogTasks;

impl TaskObserver for LogTasks {
    fn taken(&self, claim: &Claim) -> Span {
        tracing::info_span!("task", id = %claim.lease.task, delivery = claim.lease.delivery)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_traceparent_is_taken_for_one() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(TraceContext::new(good).map(|context| context.to_string()).as_deref(), Some(good));
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert_eq!(TraceContext::new(bad), None, "{bad}");
        }
    }
}
