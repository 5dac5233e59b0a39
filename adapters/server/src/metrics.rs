//! Figures of a server for Prometheus.

use std::sync::atomic::Ordering;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use vitrina_core::index::EmbeddedProducts;
use vitrina_core::queue::QueueDepth;

use crate::telemetry::stage_times;

/// What a request is counted under. The route is the pattern, not the path, so that there are only so many.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelLabels {
    model: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabels {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BudgetLabels {
    budget: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

/// The upper bounds of the time histogram, in seconds: from a cached answer to a long poll.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// The figures of one process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
    tasks: Family<StageLabels, Gauge>,
    embedded: Family<ModelLabels, Gauge>,
    foreign: Counter,
    rejected: Family<ReasonLabels, Counter>,
    budget_used: Family<BudgetLabels, Gauge>,
    budget_limit: Family<BudgetLabels, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("vitrina");
        let requests = Family::<RequestLabels, Counter>::default();
        let seconds = Family::<RouteLabels, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        let tasks = Family::<StageLabels, Gauge>::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "Time from request to answer", seconds.clone());
        registry.register("tasks", "Photos in the queue, by stage", tasks.clone());
        let embedded = Family::<ModelLabels, Gauge>::default();
        let foreign = Counter::default();
        let help = "Products whose photo this server knows an embedding of, by the model that made it";
        registry.register("embedded_products", help, embedded.clone());
        let help =
            "Answers to photos by labels alone, because another model than the products' made the embedding";
        registry.register("foreign_embeddings", help, foreign.clone());
        let rejected = Family::<ReasonLabels, Counter>::default();
        let help = "Requests and connections refused by a limit, by its name in docs/limits.md";
        registry.register("rejected", help, rejected.clone());
        let help = "Time that stages of the work take: of photos queue_wait, decode (a batch), model (a batch); of searches index, \
                    catalogue";
        registry.register("stage_seconds", help, stage_times());
        let (budget_used, budget_limit) =
            (Family::<BudgetLabels, Gauge>::default(), Family::<BudgetLabels, Gauge>::default());
        registry.register(
            "budget_used",
            "What is taken of a budget that all clients share",
            budget_used.clone(),
        );
        registry.register("budget_limit", "How much there is of a budget", budget_limit.clone());
        Self { registry, requests, seconds, tasks, embedded, foreign, rejected, budget_used, budget_limit }
    }
}

impl Metrics {
    /// Counts an answered request.
    pub fn request(&self, method: &str, route: &str, status: u16, time: Duration) {
        // The router's own name for the one parameter that a route of ours has.
        let (method, route) = (method.to_owned(), route.replace(":param0", "{id}"));
        self.seconds.get_or_create(&RouteLabels { route: route.clone() }).observe(time.as_secs_f64());
        self.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    }

    /// Counts a request or a connection that a limit refused.
    pub fn rejected(&self, reason: &'static str) {
        self.rejected.get_or_create(&ReasonLabels { reason }).inc();
    }

    /// Takes over which spaces products are embedded in, and how many answers so far went by labels alone.
    pub fn embeddings(&self, spaces: &[EmbeddedProducts], foreign: u64) {
        self.embedded.clear(); // a space that is gone is no longer reported
        for known in spaces {
            let labels = ModelLabels { model: known.space.to_string() };
            self.embedded.get_or_create(&labels).inc_by(i64::try_from(known.products).unwrap_or(i64::MAX));
        }
        self.foreign.inner().store(foreign, Ordering::Relaxed);
    }

    /// Takes over what is taken of each budget, and how much there is.
    pub fn budgets(&self, saturation: &[(&'static str, u64, u64)]) {
        let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        for &(budget, used, limit) in saturation {
            let labels = BudgetLabels { budget };
            self.budget_used.get_or_create(&labels).set(gauge(used));
            self.budget_limit.get_or_create(&labels).set(gauge(limit));
        }
    }

    /// All figures in Prometheus' text format, with the queue's depth where it answers.
    pub fn encode(&self, depth: Option<QueueDepth>) -> String {
        if let Some(depth) = depth {
            for (stage, count) in [("queued", depth.queued), ("started", depth.started), ("dead", depth.dead)]
            {
                self.tasks
                    .get_or_create(&StageLabels { stage })
                    .set(i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            text.clear();
        }
        text
    }
}
