//! What a [`Worker`] promises, over the queue in memory and classifiers that misbehave.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_executor::block_on;
use futures_util::future::join;
use vitrina_core::classify::{Classification, EmbeddingSpace, PhotoError};
use vitrina_core::memory::{MemoryClassifier, MemoryQueue};
use vitrina_core::queue::{
    Lease, Outcome, QueueDepth, QueueOptions, Reporter, Stage, Stop, TaskId, TaskState, WorkerOptions,
};
use vitrina_core::{Classifier, Error, Result, TaskQueue, Worker};

const LONG: Duration = Duration::from_secs(20);

/// Panics on the photo `panic`, fails on `fail`, refuses `bad`, and knows all else.
struct Moody {
    calls: AtomicUsize,
    largest: Mutex<usize>,
}

impl Classifier for Moody {
    fn space(&self) -> EmbeddingSpace {
        EmbeddingSpace::default()
    }

    fn classify(&self, photos: &[&[u8]]) -> Result<Vec<Result<Classification, PhotoError>>> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mut largest = self.largest.lock().unwrap();
        *largest = photos.len().max(*largest);
        drop(largest);
        assert!(!photos.contains(&&b"panic"[..]), "this photo breaks the decoder");
        if photos.contains(&&b"fail"[..]) {
            return Err(Error::internal("the model has gone"));
        }
        let result = |photo: &&[u8]| match *photo {
            b"bad" => Err(PhotoError::Unreadable("cut off".into())),
            _ => Ok(Classification::default()),
        };
        Ok(photos.iter().map(result).collect())
    }
}

fn moody() -> Arc<Moody> {
    Arc::new(Moody { calls: AtomicUsize::new(0), largest: Mutex::new(0) })
}

fn queue(options: QueueOptions) -> Arc<dyn TaskQueue> {
    Arc::new(MemoryQueue::new(options))
}

fn draining() -> WorkerOptions {
    WorkerOptions::default().lanes(2).batch(4).drain(true)
}

async fn outcome(queue: &Arc<dyn TaskQueue>, task: TaskId) -> Outcome {
    match queue.wait(task, Stage::Ended, LONG).await.unwrap() {
        TaskState::Ended(outcome) => outcome,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_photo_that_breaks_the_classifier_fails_alone() {
    block_on(async {
        let queue = queue(QueueOptions::default());
        let mut tasks = Vec::new();
        for photo in ["good", "panic", "bad", "fine", "fail", "well"] {
            tasks.push(queue.submit(photo.into()).await.unwrap());
        }
        let stop = Stop::new();
        stop.stop();
        Worker::new(queue.clone(), moody(), draining()).run(&stop).await;
        let mut ends = Vec::new();
        for task in tasks {
            ends.push(match outcome(&queue, task).await {
                Outcome::Classified(_) => "classified".to_string(),
                Outcome::Failed(reason) => reason,
            });
        }
        assert_eq!(
            (ends[0].as_str(), ends[3].as_str(), ends[5].as_str()),
            ("classified", "classified", "classified")
        );
        assert!(ends[1].contains("in 3 tries"), "{}", ends[1]);
        assert_eq!(ends[2], "the picture could not be read: cut off");
        assert!(ends[4].contains("the model has gone"), "{}", ends[4]);
        assert_eq!(queue.depth().await.unwrap(), QueueDepth { queued: 0, started: 0, dead: 2 });
    });
}

#[test]
fn photos_are_classified_in_batches() {
    block_on(async {
        let queue = queue(QueueOptions::default());
        for _ in 0..40 {
            queue.submit("good".into()).await.unwrap();
        }
        let stop = Stop::new();
        stop.stop();
        let classifier = moody();
        Worker::new(queue.clone(), classifier.clone(), draining()).run(&stop).await;
        assert_eq!(*classifier.largest.lock().unwrap(), 4);
        assert_eq!(classifier.calls.load(Ordering::SeqCst), 10);
        assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
    });
}

#[test]
fn without_draining_the_rest_stays_for_others() {
    block_on(async {
        let queue = queue(QueueOptions::default());
        queue.submit("good".into()).await.unwrap();
        let stop = Stop::new();
        stop.stop();
        let options = draining().drain(false);
        Worker::new(queue.clone(), moody(), options).run(&stop).await;
        assert_eq!(queue.depth().await.unwrap().queued, 1);
    });
}

#[test]
fn a_running_worker_answers_and_stops_when_told() {
    block_on(async {
        let queue = queue(QueueOptions::default());
        let classifier = Arc::new(MemoryClassifier::new().knowing("shoe", Classification::default()));
        let worker = Worker::new(queue.clone(), classifier, draining().drain(false));
        let stop = Stop::new();
        let client = async {
            let task = queue.submit("shoe".into()).await.unwrap();
            assert_eq!(outcome(&queue, task).await, Outcome::Classified(Classification::default()));
            stop.stop();
        };
        join(worker.run(&stop), client).await;
    });
}

/// Reports that fail as often as reported.
struct Flaky {
    failures: AtomicUsize,
    queue: Arc<dyn TaskQueue>,
}

#[async_trait::async_trait]
impl Reporter for Flaky {
    async fn report(&self, lease: &Lease, outcome: &Outcome) -> Result<()> {
        let left = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match left {
            Ok(_) => Err(Error::unavailable("the backend does not answer")),
            Err(_) => self.queue.complete(lease.task, outcome.clone()).await.map(|_| ()),
        }
    }
}

#[test]
fn what_could_not_be_reported_is_tried_again() {
    block_on(async {
        let queue = queue(QueueOptions::default());
        let task = queue.submit("good".into()).await.unwrap();
        let reporter = Arc::new(Flaky { failures: AtomicUsize::new(2), queue: queue.clone() });
        let stop = Stop::new();
        stop.stop();
        Worker::new(queue.clone(), moody(), draining()).reporting_to(reporter).run(&stop).await;
        assert_eq!(outcome(&queue, task).await, Outcome::Classified(Classification::default()));
    });
}

#[test]
fn a_lease_is_kept_alive_while_work_goes_on() {
    /// Takes three times as long as a lease lasts.
    struct Slow;
    impl Classifier for Slow {
        fn space(&self) -> EmbeddingSpace {
            EmbeddingSpace::default()
        }
        fn classify(&self, photos: &[&[u8]]) -> Result<Vec<Result<Classification, PhotoError>>> {
            std::thread::sleep(Duration::from_millis(900));
            Ok(photos.iter().map(|_| Ok(Classification::default())).collect())
        }
    }
    block_on(async {
        let queue = queue(QueueOptions::default().lease(Duration::from_millis(300)).max_deliveries(1));
        let task = queue.submit("good".into()).await.unwrap();
        let stop = Stop::new();
        stop.stop();
        let options = draining().extend_every(Duration::from_millis(100));
        Worker::new(queue.clone(), Arc::new(Slow), options).run(&stop).await;
        assert_eq!(outcome(&queue, task).await, Outcome::Classified(Classification::default()));
    });
}
