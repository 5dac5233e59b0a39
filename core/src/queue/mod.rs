//! The trait of task queues, which hold photos to be classified and their results, and the worker that takes them.

pub(crate) mod observation;
mod options;
mod worker;

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use uuid::Uuid;

use crate::classify::Classification;
use crate::{Error, Result};

pub use observation::{LogTasks, STAGE_TARGET, TaskObserver, TraceContext};
pub use options::QueueOptions;
pub use worker::{QueueReporter, Reporter, Stop, Worker, WorkerOptions};

/// The number of a task: a UUID of version 7 (RFC 9562), which holds the time it was submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(Uuid);

impl TaskId {
    /// A new number, unlike all others.
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// When the task was submitted, by the clock of the server that took it; `None` for a number that no queue gave out.
    pub fn submitted(&self) -> Option<SystemTime> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
    }

    /// What a queue that does not know this task can say of it: one submitted more than `kept` ago was forgotten, any
    /// other never was.
    pub fn missing(&self, kept: Duration) -> TaskState {
        let age = self.submitted().and_then(|then| SystemTime::now().duration_since(then).ok());
        if age.is_some_and(|age| age >= kept) { TaskState::Expired } else { TaskState::Unknown }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TaskId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Uuid::parse_str(text).map(Self).map_err(|_| Error::not_found("there is no task of this id"))
    }
}

/// The right of one worker to one task, until it runs out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The task.
    pub task: TaskId,
    /// Which delivery of the task this is, 1 for the first.
    pub delivery: u32,
    /// What distinguishes this lease from every other, in the queue's own terms.
    pub token: String,
}

/// A photo on its way into a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// The photo as it was sent.
    pub photo: Vec<u8>,
    /// A number for the client that sent it, among whom the queue shares the workers out; `None` for the shop itself, which
    /// has no capacity of its own to keep within.
    pub client: Option<u64>,
    /// How long classifying it takes, in units of an ordinary photo; at least 1.
    pub cost: u32,
    /// The trace that it belongs to, for whoever works on it.
    pub trace: Option<TraceContext>,
}

impl From<Vec<u8>> for NewTask {
    fn from(photo: Vec<u8>) -> Self {
        Self { photo, client: None, cost: 1, trace: None }
    }
}

/// A task that a worker holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The worker's right to it.
    pub lease: Lease,
    /// The photo as it was sent.
    pub photo: Vec<u8>,
    /// The trace that it belongs to.
    pub trace: Option<TraceContext>,
}

/// What the tasks of one claim cost at most: a costly one is not to hold up ordinary ones that were claimed with it.
pub const MAX_BATCH_COST: u32 = 8;

/// How a task ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The photo was classified.
    Classified(Classification),
    /// It was not, and trying again would not help; the reason is safe to show to whoever sent it.
    Failed(String),
}

/// Where a task is on its way.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskState {
    /// It waits for a worker.
    Queued,
    /// A worker holds it.
    Started,
    /// It has ended.
    Ended(Outcome),
    /// It ended, and its result was kept as long as promised.
    Expired,
    /// There never was such a task.
    Unknown,
}

/// The stages of a task that can be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// A worker has claimed it.
    Started,
    /// It has ended.
    Ended,
}

impl TaskState {
    /// Whether a wait for `stage` is over: it was reached, or never will be.
    pub fn reached(&self, stage: Stage) -> bool {
        match self {
            Self::Queued => false,
            Self::Started => stage == Stage::Started,
            Self::Ended(_) | Self::Expired | Self::Unknown => true,
        }
    }
}

/// Whose result a task has after [`TaskQueue::complete`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// This one.
    First,
    /// An earlier one; this one changed nothing.
    Repeated,
}

/// What became of a task after [`TaskQueue::fail`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It will be delivered again.
    Again,
    /// It was tried as often as allowed: it ended as a failure and stands in the dead-letter list.
    DeadLettered,
    /// The lease had run out or the task had ended: nothing changed.
    Stale,
}

/// A task that could not be done however often it was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The task.
    pub task: TaskId,
    /// How often it was delivered.
    pub deliveries: u32,
    /// Why the last try failed.
    pub reason: String,
}

/// How much a queue has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueDepth {
    /// Tasks that wait for a worker.
    pub queued: usize,
    /// Tasks that workers hold.
    pub started: usize,
    /// Entries of the dead-letter list.
    pub dead: usize,
}

/// A queue of photos with the store of their results.
///
/// # Contract
///
/// - A task that was submitted is never lost: it ends with one outcome, its first, which every reader sees alike.
/// - A worker holds a task for the time of a lease. A lease that runs out gives the task to the next claim.
/// - Clients take turns, by start-time fair queueing (Goyal, Vin, Cheng 1996): what a task costs counts against its client
///   alone, so that the photos of one that sends many wait for each other and not for those of others. Tasks of one client
///   are handed out in the order they came.
/// - A task that was delivered before is handed out alone, so that one that takes its worker down takes no other with it.
/// - A task that was delivered [`max_deliveries`](QueueOptions::max_deliveries) times and whose lease ran out or was given
///   back ends as [`Outcome::Failed`] and stands in the dead-letter list.
/// - Photos are dropped once their task has ended; results, [`keep_results`](QueueOptions::keep_results) later.
/// - A queue that cannot be reached answers [`Unavailable`](crate::ErrorKind::Unavailable) within two seconds and recovers
///   by itself.
#[async_trait]
pub trait TaskQueue: Send + Sync {
    /// Answers whether the queue can be reached now; for readiness checks.
    async fn ping(&self) -> Result<()>;

    /// Takes a photo in and answers its task.
    ///
    /// - A queue that is full, by number or by bytes, in all or for this client, refuses with
    ///   [`Busy`](crate::ErrorKind::Busy).
    async fn enqueue(&self, task: NewTask) -> Result<TaskId>;

    /// Takes an ordinary photo of the shop's own in and answers its task.
    async fn submit(&self, photo: Vec<u8>) -> Result<TaskId> {
        self.enqueue(photo.into()).await
    }

    /// Hands out up to `max` tasks, those of each client in turn, and waits up to `wait` for one to come.
    ///
    /// - The tasks of an answer cost [`MAX_BATCH_COST`] together at most, or it is a single one.
    /// - The answer is empty when there was none in that time.
    /// - A task is handed to one claim only, until its lease runs out.
    async fn claim(&self, max: usize, wait: Duration) -> Result<Vec<Claim>>;

    /// Extends leases by their full time from now; answers for each whether it still held.
    async fn extend(&self, leases: &[Lease]) -> Result<Vec<bool>>;

    /// Ends a task; from anyone, with or without a lease.
    ///
    /// - The first outcome stands; a later one answers [`Repeated`](Completion::Repeated) and changes nothing.
    /// - A task that the queue does not know is [`NotFound`](crate::ErrorKind::NotFound).
    async fn complete(&self, task: TaskId, outcome: Outcome) -> Result<Completion>;

    /// Gives a task back that its worker could not do; `reason` is safe to show.
    async fn fail(&self, lease: &Lease, reason: &str) -> Result<Retry>;

    /// Where a task is now.
    async fn state(&self, task: TaskId) -> Result<TaskState>;

    /// Where a task is as soon as it has reached `stage`, at the latest after `timeout`.
    ///
    /// - A task that is expired or unknown is answered at once.
    async fn wait(&self, task: TaskId, stage: Stage, timeout: Duration) -> Result<TaskState>;

    /// How much there is to do.
    async fn depth(&self) -> Result<QueueDepth>;

    /// The dead-letter list, the newest first, at most `limit`.
    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>>;
}
