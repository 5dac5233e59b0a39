//! A task queue in the process: the queue of the embedded default.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use event_listener::{Event, listener};
use futures_timer::Delay;
use futures_util::future::{Either, select};

use super::lock;
use super::schedule::Schedule;
use crate::queue::{
    Claim, Completion, DeadLetter, Lease, MAX_BATCH_COST, NewTask, Outcome, QueueDepth, QueueOptions, Retry,
    Stage, TaskId, TaskState, TraceContext,
};
use crate::{Error, Result, TaskQueue};

/// A queue in the process: as durable as the process, for one server with its worker inside.
#[derive(Debug)]
pub struct MemoryQueue {
    options: QueueOptions,
    state: Mutex<State>,
    changed: Event,
}

#[derive(Debug, Default)]
struct State {
    tasks: HashMap<TaskId, Task>,
    /// Tasks that wait, in the order of delivery.
    ready: Schedule,
    /// Tasks that are held, by the end of their lease.
    held: BTreeSet<(Instant, TaskId)>,
    /// Ended tasks, by the time they are forgotten.
    forget: BTreeMap<Instant, VecDeque<TaskId>>,
    dead: VecDeque<DeadLetter>,
    /// How many tasks have ended and are still known.
    ended: usize,
    /// The last task whose result gave way to others; ids grow with time.
    gave_way: Option<TaskId>,
    /// What all tasks that wait or are held take,
    all: Load,
    /// and those of each client.
    clients: HashMap<u64, Load>,
}

/// Tasks that wait or are held, and the bytes of their photos.
#[derive(Debug, Default, Clone, Copy)]
struct Load {
    tasks: usize,
    bytes: usize,
}

impl Load {
    fn has_room(self, bytes: usize, most_tasks: usize, most_bytes: usize) -> bool {
        self.tasks < most_tasks && self.bytes + bytes <= most_bytes
    }

    fn add(&mut self, bytes: usize) {
        self.tasks += 1;
        self.bytes += bytes;
    }

    fn remove(&mut self, bytes: usize) {
        self.tasks -= 1;
        self.bytes -= bytes;
    }
}

#[derive(Debug)]
struct Task {
    photo: Vec<u8>,
    client: Option<u64>,
    cost: u32,
    trace: Option<TraceContext>,
    deliveries: u32,
    stage: Progress,
}

#[derive(Debug)]
enum Progress {
    Ready { turn: u64 },
    Held { until: Instant },
    Ended(Outcome),
}

impl State {
    /// Gives back what was held too long, forgets what was kept long enough.
    fn tidy(&mut self, options: &QueueOptions, now: Instant) -> bool {
        let mut moved = false;
        while let Some(&(until, id)) = self.held.first()
            && until <= now
        {
            self.give_back(options, id, "the worker that held the photo did not answer", now);
            moved = true;
        }
        while let Some(entry) = self.forget.first_entry()
            && *entry.key() <= now
        {
            for id in entry.remove() {
                self.tasks.remove(&id);
                self.ended -= 1;
            }
        }
        moved
    }

    fn give_back(&mut self, options: &QueueOptions, id: TaskId, reason: &str, now: Instant) -> Retry {
        let Some(task) = self.tasks.get_mut(&id) else {
            return Retry::Stale;
        };
        let Progress::Held { until } = task.stage else {
            return Retry::Stale;
        };
        self.held.remove(&(until, id));
        if task.deliveries < options.max_deliveries {
            task.stage = Progress::Ready { turn: self.ready.put_first(id) };
            return Retry::Again;
        }
        self.dead.push_front(DeadLetter { task: id, deliveries: task.deliveries, reason: reason.to_owned() });
        self.dead.truncate(options.max_dead_letters);
        let failure = format!("the photo could not be classified in {} tries: {reason}", task.deliveries);
        self.end(options, id, Outcome::Failed(failure), now);
        Retry::DeadLettered
    }

    fn end(&mut self, options: &QueueOptions, id: TaskId, outcome: Outcome, now: Instant) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        match task.stage {
            Progress::Held { until } => {
                self.held.remove(&(until, id));
            }
            Progress::Ready { turn } => self.ready.remove(turn, id),
            Progress::Ended(_) => return,
        }
        let bytes = std::mem::take(&mut task.photo).len();
        self.all.remove(bytes);
        if let Some(client) = task.client
            && let Some(load) = self.clients.get_mut(&client)
        {
            load.remove(bytes);
            if load.tasks == 0 {
                self.clients.remove(&client);
            }
        }
        task.stage = Progress::Ended(outcome);
        self.forget.entry(now + options.keep_results).or_default().push_back(id);
        self.ended += 1;
        if self.ended > options.max_results {
            self.give_way();
        }
    }

    /// Forgets the oldest result before its time.
    fn give_way(&mut self) {
        let Some(mut oldest) = self.forget.first_entry() else { return };
        if let Some(id) = oldest.get_mut().pop_front() {
            self.tasks.remove(&id);
            self.ended -= 1;
            self.gave_way = self.gave_way.max(Some(id));
        }
        if oldest.get().is_empty() {
            oldest.remove();
        }
    }

    /// The task of a lease, if the lease still holds.
    fn holder(&self, lease: &Lease) -> Option<&Task> {
        let task = self.tasks.get(&lease.task)?;
        let held = matches!(task.stage, Progress::Held { .. }) && task.deliveries == lease.delivery;
        held.then_some(task)
    }

    fn hand_out(&mut self, options: &QueueOptions, max: usize, now: Instant) -> Vec<Claim> {
        let (mut claims, mut cost) = (Vec::new(), 0_u32);
        while claims.len() < max
            && let Some(id) = self.ready.first()
            && let Some(task) = self.tasks.get_mut(&id)
        {
            let again = task.deliveries > 0;
            cost = task.cost.saturating_add(cost);
            if !claims.is_empty() && (again || cost > MAX_BATCH_COST) {
                break;
            }
            self.ready.take_first();
            task.deliveries += 1;
            let until = now + options.lease;
            task.stage = Progress::Held { until };
            self.held.insert((until, id));
            let lease = Lease { task: id, delivery: task.deliveries, token: task.deliveries.to_string() };
            claims.push(Claim { lease, photo: task.photo.clone(), trace: task.trace.clone() });
            if again {
                break;
            }
        }
        claims
    }

    fn state(&self, options: &QueueOptions, id: TaskId) -> TaskState {
        match self.tasks.get(&id).map(|task| &task.stage) {
            Some(Progress::Ready { .. }) => TaskState::Queued,
            Some(Progress::Held { .. }) => TaskState::Started,
            Some(Progress::Ended(outcome)) => TaskState::Ended(outcome.clone()),
            None if id.submitted().is_some() && Some(id) <= self.gave_way => TaskState::Expired,
            None => id.missing(options.keep_results),
        }
    }
}

impl MemoryQueue {
    /// An empty queue with these bounds.
    pub fn new(options: QueueOptions) -> Self {
        Self { options, state: Mutex::default(), changed: Event::new() }
    }

    /// Runs `step` on a tidy state and wakes whoever waits for a change.
    fn with<T>(&self, step: impl FnOnce(&mut State, Instant) -> T) -> T {
        let now = Instant::now();
        let mut state = lock(&self.state);
        state.tidy(&self.options, now);
        let answer = step(&mut state, now);
        drop(state);
        self.changed.notify(usize::MAX);
        answer
    }

    /// Asks `step` again whenever something changed or a lease ran out, until it answers or `deadline` has come.
    async fn until<T>(
        &self,
        deadline: Instant,
        mut step: impl FnMut(&mut State, Instant) -> Option<T>,
    ) -> Option<T> {
        loop {
            listener!(self.changed => changed);
            let now = Instant::now();
            let (answer, moved, lease_end) = {
                let mut state = lock(&self.state);
                let moved = state.tidy(&self.options, now);
                let answer = step(&mut state, now);
                (answer, moved, state.held.first().map(|(until, _)| *until))
            };
            if answer.is_some() || moved {
                self.changed.notify(usize::MAX);
            }
            if answer.is_some() || now >= deadline {
                return answer;
            }
            if moved {
                continue;
            }
            let wake = lease_end.map_or(deadline, |end| end.min(deadline));
            let pause = Delay::new(wake.saturating_duration_since(Instant::now()));
            match select(changed, pause).await {
                Either::Left(_) | Either::Right(_) => {}
            }
        }
    }
}

#[async_trait]
impl TaskQueue for MemoryQueue {
    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    async fn enqueue(&self, task: NewTask) -> Result<TaskId> {
        let options = &self.options;
        self.with(|state, _| {
            let NewTask { photo, client, cost, trace } = task;
            let (bytes, cost) = (photo.len(), cost.max(1));
            if !state.all.has_room(bytes, options.capacity, options.capacity_bytes) {
                return Err(Error::busy("too many photos are waiting: try again in a few seconds"));
            }
            if let Some(client) = client {
                let load = state.clients.get(&client).copied().unwrap_or_default();
                if !load.has_room(bytes, options.client_capacity, options.client_capacity_bytes) {
                    return Err(Error::busy(
                        "too many of your photos are waiting: try again in a few seconds",
                    ));
                }
                state.clients.entry(client).or_default().add(bytes);
            }
            state.all.add(bytes);
            let id = TaskId::generate();
            let stage = Progress::Ready { turn: state.ready.put(id, client, cost) };
            state.tasks.insert(id, Task { photo, client, cost, trace, deliveries: 0, stage });
            Ok(id)
        })
    }

    async fn claim(&self, max: usize, wait: Duration) -> Result<Vec<Claim>> {
        let claims = self.until(Instant::now() + wait, |state, now| {
            let claims = state.hand_out(&self.options, max.max(1), now);
            (!claims.is_empty()).then_some(claims)
        });
        Ok(claims.await.unwrap_or_default())
    }

    async fn extend(&self, leases: &[Lease]) -> Result<Vec<bool>> {
        Ok(self.with(|state, now| {
            let extend = |lease: &Lease| {
                let Some(Progress::Held { until: old }) = state.holder(lease).map(|task| &task.stage) else {
                    return false;
                };
                let (old, until) = (*old, now + self.options.lease);
                state.held.remove(&(old, lease.task));
                state.held.insert((until, lease.task));
                if let Some(task) = state.tasks.get_mut(&lease.task) {
                    task.stage = Progress::Held { until };
                }
                true
            };
            leases.iter().map(extend).collect()
        }))
    }

    async fn complete(&self, task: TaskId, outcome: Outcome) -> Result<Completion> {
        self.with(|state, now| match state.tasks.get(&task).map(|task| &task.stage) {
            None => Err(Error::not_found("there is no task of this id, or its result has expired")),
            Some(Progress::Ended(_)) => Ok(Completion::Repeated),
            Some(_) => {
                state.end(&self.options, task, outcome, now);
                Ok(Completion::First)
            }
        })
    }

    async fn fail(&self, lease: &Lease, reason: &str) -> Result<Retry> {
        Ok(self.with(|state, now| match state.holder(lease) {
            Some(_) => state.give_back(&self.options, lease.task, reason, now),
            None => Retry::Stale,
        }))
    }

    async fn state(&self, task: TaskId) -> Result<TaskState> {
        self.wait(task, Stage::Ended, Duration::ZERO).await
    }

    async fn wait(&self, task: TaskId, stage: Stage, timeout: Duration) -> Result<TaskState> {
        let mut last = TaskState::Unknown;
        let reached = self.until(Instant::now() + timeout, |state, _| {
            last = state.state(&self.options, task);
            last.reached(stage).then(|| last.clone())
        });
        let reached = reached.await;
        Ok(reached.unwrap_or(last))
    }

    async fn depth(&self) -> Result<QueueDepth> {
        Ok(self.with(|state, _| QueueDepth {
            queued: state.ready.len(),
            started: state.held.len(),
            dead: state.dead.len(),
        }))
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>> {
        Ok(self.with(|state, _| state.dead.iter().take(limit).cloned().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_results_give_way_and_count_as_expired() {
        futures_executor::block_on(async {
            let queue = MemoryQueue::new(QueueOptions { max_results: 3, ..QueueOptions::default() });
            let mut tasks = Vec::new();
            for n in 0..5 {
                let task = queue.submit(vec![n]).await.unwrap();
                queue.complete(task, Outcome::Failed(n.to_string())).await.unwrap();
                tasks.push(task);
            }
            let mut states = Vec::new();
            for task in tasks {
                states.push(queue.state(task).await.unwrap());
            }
            let ended = |n: u8| TaskState::Ended(Outcome::Failed(n.to_string()));
            assert_eq!(states, [TaskState::Expired, TaskState::Expired, ended(2), ended(3), ended(4)]);
            assert_eq!(queue.state(TaskId::generate()).await.unwrap(), TaskState::Unknown);
        });
    }
}
