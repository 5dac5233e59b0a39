//! The worker: takes photos from the queue, has them classified, reports what came out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use event_listener::{Event, listener};
use futures_channel::oneshot;
use futures_timer::Delay;
use futures_util::future::{Either, join_all, select};
use tracing::{Instrument, Span};

use crate::classify::{Classification, PhotoError};
use crate::queue::{Claim, Completion, Lease, LogTasks, Outcome, TaskObserver};
use crate::{Classifier, Error, ErrorKind, Result, TaskQueue};

/// Where a worker reports how its tasks ended.
#[async_trait]
pub trait Reporter: Send + Sync {
    /// Reports the end of a task so that every reader will see it; returns once that is sure.
    ///
    /// # Errors
    /// When it is not sure: the task is then given back and tried again. The worker keeps the lease alive meanwhile, so
    /// retries inside are welcome.
    async fn report(&self, lease: &Lease, outcome: &Outcome) -> Result<()>;
}

/// Reports straight to the queue's result store.
///
/// A queue that cannot be reached is asked again for a minute, so that a restart of it throws no work away.
pub struct QueueReporter(pub Arc<dyn TaskQueue>);

/// How long a queue that does not answer is asked to take a result, and how often.
const REPORT_TIME: Duration = Duration::from_secs(60);

impl QueueReporter {
    /// Ends a task; answers whether this outcome stands.
    ///
    /// # Errors
    /// Those of [`TaskQueue::complete`], a queue that cannot be reached after a minute.
    pub async fn complete(&self, lease: &Lease, outcome: &Outcome) -> Result<Completion> {
        let begin = Instant::now();
        loop {
            match self.0.complete(lease.task, outcome.clone()).await {
                Err(error) if error.kind() == ErrorKind::Unavailable && begin.elapsed() < REPORT_TIME => {
                    Delay::new(QUEUE_PAUSE).await;
                }
                ended => return ended,
            }
        }
    }
}

#[async_trait]
impl Reporter for QueueReporter {
    async fn report(&self, lease: &Lease, outcome: &Outcome) -> Result<()> {
        if self.complete(lease, outcome).await? == Completion::Repeated {
            tracing::info!(task = %lease.task, delivery = lease.delivery, "a result was there already");
        }
        Ok(())
    }
}

/// Configuration of a [`Worker`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkerOptions {
    /// How many batches are worked on at a time, each on a thread of its own; as many as processor cores serves best.
    pub lanes: usize,
    /// The most photos of a batch.
    pub batch: usize,
    /// How often leases are extended while a batch is worked on; well below the queue's lease.
    pub extend_every: Duration,
    /// After [`Stop::stop`]: finish all that the queue holds (the queue dies with this process), or only what is claimed
    /// (others go on with the rest).
    pub drain: bool,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        let lanes = std::thread::available_parallelism().map_or(1, usize::from);
        Self { lanes, batch: 4, extend_every: Duration::from_secs(10), drain: false }
    }
}

impl WorkerOptions {
    /// Sets how many batches are worked on at a time, each on a thread of its own.
    #[must_use]
    pub fn lanes(mut self, lanes: usize) -> Self {
        self.lanes = lanes;
        self
    }

    /// Sets the largest number of photos in a batch.
    #[must_use]
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets how often leases are extended while a batch is worked on.
    #[must_use]
    pub fn extend_every(mut self, extend_every: Duration) -> Self {
        self.extend_every = extend_every;
        self
    }

    /// Sets whether a worker that is stopped finishes all that the queue holds.
    #[must_use]
    pub fn drain(mut self, drain: bool) -> Self {
        self.drain = drain;
        self
    }
}

/// A signal for workers to stop; clones are the same signal.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<StopState>);

#[derive(Debug, Default)]
struct StopState {
    stopped: std::sync::atomic::AtomicBool,
    event: Event,
}

impl Stop {
    /// A signal that was not given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal, for good.
    pub fn stop(&self) {
        self.0.stopped.store(true, std::sync::atomic::Ordering::SeqCst);
        self.0.event.notify(usize::MAX);
    }

    /// Whether the signal was given.
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Returns once the signal is given.
    pub async fn stopped(&self) {
        loop {
            listener!(self.0.event => given);
            if self.is_stopped() {
                return;
            }
            given.await;
        }
    }
}

/// How long one claim waits for a task before it asks again.
const CLAIM_WAIT: Duration = Duration::from_secs(1);
/// How long a worker waits after the queue failed.
const QUEUE_PAUSE: Duration = Duration::from_millis(500);

/// Classifies the photos of a queue.
///
/// It needs no particular async runtime: classification runs on threads of its own, off the async ones. One photo that makes
/// the classifier panic fails alone: its batch is tried again photo by photo.
pub struct Worker {
    queue: Arc<dyn TaskQueue>,
    classifier: Arc<dyn Classifier>,
    reporter: Arc<dyn Reporter>,
    observer: Arc<dyn TaskObserver>,
    options: WorkerOptions,
}

impl Worker {
    /// A worker that reports to the queue itself.
    pub fn new(queue: Arc<dyn TaskQueue>, classifier: Arc<dyn Classifier>, options: WorkerOptions) -> Self {
        let reporter = Arc::new(QueueReporter(queue.clone()));
        Self { queue, classifier, reporter, observer: Arc::new(LogTasks), options }
    }

    /// The same worker, reporting elsewhere.
    #[must_use]
    pub fn reporting_to(mut self, reporter: Arc<dyn Reporter>) -> Self {
        self.reporter = reporter;
        self
    }

    /// The same worker, with its tasks watched.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn TaskObserver>) -> Self {
        self.observer = observer;
        self
    }

    /// Works until `stop` is given and what is begun is finished. A queue that fails is asked again until it is back.
    pub async fn run(&self, stop: &Stop) {
        join_all((0..self.options.lanes.max(1)).map(|_| self.lane(stop))).await;
    }

    async fn lane(&self, stop: &Stop) {
        let Some(thread) = self.thread(stop).await else { return };
        loop {
            let claims = match self.next_batch(stop).await {
                Ok(Some(claims)) => claims,
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(error = %error.chain(), "the queue does not answer; trying again");
                    if stop.is_stopped() {
                        return;
                    }
                    Delay::new(QUEUE_PAUSE).await;
                    continue;
                }
            };
            let leases: Vec<_> = claims.iter().map(|claim| claim.lease.clone()).collect();
            let work = std::pin::pin!(self.work(&thread, claims));
            let extend = std::pin::pin!(self.keep_alive(&leases));
            match select(work, extend).await {
                Either::Left(((), _)) | Either::Right(((), _)) => {}
            }
        }
    }

    /// The lane's thread; `None` when it is time to go and there was none to be had.
    async fn thread(&self, stop: &Stop) -> Option<ClassifierThread> {
        loop {
            match ClassifierThread::start(self.classifier.clone()) {
                Ok(thread) => return Some(thread),
                Err(error) => tracing::error!(%error, "no thread for the classifier; trying again"),
            }
            if stop.is_stopped() {
                return None;
            }
            Delay::new(QUEUE_PAUSE).await;
        }
    }

    /// The next tasks; `None` when it is time to go.
    async fn next_batch(&self, stop: &Stop) -> Result<Option<Vec<Claim>>> {
        loop {
            if stop.is_stopped() {
                if !self.options.drain {
                    return Ok(None);
                }
                let rest = self.queue.claim(self.options.batch, Duration::ZERO).await?;
                return Ok((!rest.is_empty()).then_some(rest));
            }
            // A claim is never dropped half-way (what it took would have to wait for its lease to run out): the wait
            // is short instead.
            let claim = self.queue.claim(self.options.batch, CLAIM_WAIT);
            let claims = claim.await?;
            if !claims.is_empty() {
                return Ok(Some(claims));
            }
        }
    }

    async fn keep_alive(&self, leases: &[Lease]) {
        loop {
            Delay::new(self.options.extend_every).await;
            if let Err(error) = self.queue.extend(leases).await {
                tracing::warn!(error = %error.chain(), "leases could not be extended");
            }
        }
    }

    async fn work(&self, thread: &ClassifierThread, claims: Vec<Claim>) {
        let leases: Vec<_> = claims.iter().map(|claim| claim.lease.clone()).collect();
        for lease in leases.iter().filter(|lease| lease.delivery > 1) {
            tracing::info!(task = %lease.task, delivery = lease.delivery, "a photo comes again");
        }
        let spans: Vec<_> = claims.iter().map(|claim| self.observer.taken(claim)).collect();
        // A batch is computed as one: in the span of its first task, to which the others are linked.
        let first = spans.first().cloned().unwrap_or_else(Span::none);
        for other in spans.iter().skip(1) {
            other.follows_from(&first);
        }
        let photos = claims.into_iter().map(|claim| claim.photo).collect();
        let results = thread.classify(photos, first).await;
        let finished = leases.iter().zip(results).zip(spans);
        join_all(finished.map(|((lease, result), span)| self.finish(lease, result).instrument(span))).await;
    }

    async fn finish(&self, lease: &Lease, result: Classified) {
        let reported = match result {
            Ok(Ok(classification)) => self.reporter.report(lease, &Outcome::Classified(classification)).await,
            Ok(Err(unreadable)) => {
                self.reporter.report(lease, &Outcome::Failed(unreadable.to_string())).await
            }
            Err(error) => Err(error),
        };
        let Err(error) = reported else { return };
        tracing::warn!(task = %lease.task, delivery = lease.delivery, error = %error.chain(), "giving a photo back");
        if let Err(error) = self.queue.fail(lease, &error.to_string()).await {
            tracing::warn!(task = %lease.task, error = %error.chain(), "a photo could not be given back; its lease will run out");
        }
    }
}

type Classified = Result<Result<Classification, PhotoError>>;

/// A thread that classifies one batch after another, off the async ones. It ends with this value.
struct ClassifierThread {
    batches: mpsc::Sender<Batch>,
}

struct Batch {
    photos: Vec<Vec<u8>>,
    span: Span,
    answer: oneshot::Sender<Vec<Classified>>,
}

impl ClassifierThread {
    fn start(classifier: Arc<dyn Classifier>) -> std::io::Result<Self> {
        let (batches, received) = mpsc::channel::<Batch>();
        std::thread::Builder::new().name("vitrina-lane".into()).spawn(move || {
            for Batch { photos, span, answer } in received {
                let _ = answer.send(span.in_scope(|| classify(&*classifier, &photos)));
            }
        })?;
        Ok(Self { batches })
    }

    async fn classify(&self, photos: Vec<Vec<u8>>, span: Span) -> Vec<Classified> {
        let count = photos.len();
        let (answer, answered) = oneshot::channel();
        let _ = self.batches.send(Batch { photos, span, answer });
        let lost = || (0..count).map(|_| Err(Error::internal("the classifier gave no answer"))).collect();
        answered.await.unwrap_or_else(|_| lost())
    }
}

fn classify(classifier: &dyn Classifier, photos: &[Vec<u8>]) -> Vec<Classified> {
    let batch: Vec<&[u8]> = photos.iter().map(Vec::as_slice).collect();
    let answer = catch_unwind(AssertUnwindSafe(|| classifier.classify(&batch)));
    match answer {
        Ok(Ok(results)) if results.len() == photos.len() => results.into_iter().map(Ok).collect(),
        Ok(Err(error)) if photos.len() == 1 => vec![Err(error)],
        _ if photos.len() == 1 => vec![Err(Error::internal("the classifier failed on this photo"))],
        _ => photos.chunks(1).flat_map(|photo| classify(classifier, photo)).collect(),
    }
}
