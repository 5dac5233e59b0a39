//! `vitrina worker`: an inference worker in a process of its own.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::time::timeout;
use vitrina::{ShopBuilder, vocabulary};
use vitrina_core::classify::Categorizer;
use vitrina_core::queue::{QueueOptions, Stop, WorkerOptions};
use vitrina_core::{Category, CategoryId, Worker};

use super::open_model;
use super::serve::{announce, asked_to_stop, listen};
use crate::api::optional_secret;
use crate::cli::WorkerOptions as Flags;
use crate::connections;
use crate::inference::{InferenceBackend, WebhookReporter, app};
use crate::limits::Budgets;
use crate::metrics::Metrics;
use crate::telemetry::MeasuredTasks;
use crate::tls::Listener;

/// The categories of the course, by which a worker names what it sees to backends that know no labels. A Vitrina backend
/// goes by the labels.
const CATEGORIES: [&str; 6] = ["Camisetas", "Teléfonos", "Pantalones", "Zapatos", "Portátiles", "Otros"];
/// How long claimed photos may take after the signal to stop: below the 30 seconds that orchestrators give. A
/// backend that is away would hold them for longer.
const DRAIN_TIME: Duration = Duration::from_secs(25);
/// How long requests may go on after the signal to stop and its tasks are finished.
const GRACE: Duration = Duration::from_secs(2);

/// Works until SIGTERM or SIGINT; then finishes what it has claimed, and goes.
///
/// # Errors
/// A wrong configuration, a missing model, an address that is taken.
pub async fn worker(options: Flags) -> Result<()> {
    let lease = Duration::from_secs(options.lease.get().into());
    let bounds = QueueOptions::default()
        .lease(lease)
        .max_deliveries(options.max_deliveries.get())
        .keep_results(Duration::from_secs(options.keep_results));
    let queue = ShopBuilder::default().queue(&options.queue).queue_options(bounds).open_queue().await?;
    let classifier = open_model(&options.model).await?;
    let categories: Vec<_> =
        (1..).zip(CATEGORIES).map(|(id, name)| Category::new(CategoryId(id), name)).collect();
    let categorizer = Categorizer::new(&categories, &vocabulary(options.vocabulary.as_deref())?);
    let secret = optional_secret(options.webhook_secret.as_deref())?;
    let lanes = options.lanes.map_or(WorkerOptions::default().lanes, usize::from);
    let settings = WorkerOptions::default().lanes(lanes).extend_every(lease / 3);
    let worker = Worker::new(queue.clone(), classifier.clone(), settings);
    let mut worker = worker.observed_by(Arc::new(MeasuredTasks));
    if let Some(url) = &options.webhook {
        let reporter = WebhookReporter::new(url, secret, queue.clone(), categorizer.clone())?;
        worker = worker.reporting_to(Arc::new(reporter));
    }

    let acceptor = Listener::plain(listen(options.listen).await?);
    let metrics = Arc::new(Metrics::default());
    let budgets = Arc::new(Budgets::new(options.limits.limits(), metrics.clone()));
    let backend = InferenceBackend {
        queue,
        classifier,
        categorizer: Arc::new(categorizer),
        budgets: budgets.clone(),
        metrics,
    };
    let stop = Stop::new();
    let working = {
        let stop = stop.clone();
        tokio::spawn(async move { worker.run(&stop).await })
    };
    announce(&acceptor);
    let reported = async move {
        asked_to_stop().await;
        tracing::info!("stopping: finishing the photos that are claimed");
        stop.stop();
        if timeout(DRAIN_TIME, working).await.is_err() {
            tracing::warn!("not everything could be finished in time: other workers take the rest over");
        }
    };
    connections::serve(acceptor, app(backend), budgets, reported, GRACE).await;
    Ok(())
}
