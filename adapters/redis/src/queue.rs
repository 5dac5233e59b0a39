//! The task queue.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use redis::{Cmd, Value};
use tokio::time::{Instant, timeout_at};
use vitrina_core::queue::{
    Claim, Completion, DeadLetter, Lease, MAX_BATCH_COST, NewTask, Outcome, QueueDepth, QueueOptions, Retry,
    Stage, TaskId, TaskState, TraceContext,
};
use vitrina_core::{Error, Result, TaskQueue};

use crate::error::translate;
use crate::link::{self, Link};
use crate::listener::Listener;
use crate::notifications::{Channel, Notifications};
use crate::scripts::Scripts;
use crate::wire;

/// The most tasks that one claim hands out, and the bytes of photos after which it hands out no more.
const MAX_CLAIM: (usize, usize) = (64, 8 << 20);
/// The longest that anyone waits, lest a deadline lie beyond what the clock can tell.
const FOREVER: Duration = Duration::from_secs(24 * 3600);

/// A task as `claim.lua` hands it out: its ID, its delivery, its photo, its trace.
type HandedOut = (String, u32, Vec<u8>, String);

/// A task queue on Redis Streams.
///
/// It is opened once a process and shared; processes that name the same server and prefix share the queue.
pub struct RedisQueue {
    options: QueueOptions,
    link: Link,
    scripts: Scripts,
    notifications: Arc<Notifications>,
    /// Listens while somebody waits for work,
    work: Listener,
    /// and while somebody waits for a task.
    tasks: Listener,
    warned: AtomicBool,
}

impl fmt::Debug for RedisQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisQueue")
            .field("server", &self.link.client().get_connection_info().addr().to_string())
            .field("queue", &self.scripts.key(""))
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl RedisQueue {
    /// The prefix of a queue that has no reason for another.
    pub const PREFIX: &'static str = "vitrina";

    /// The queue of this prefix on the server of `url` (`redis://user:password@host:port/0`), which need not be up yet.
    ///
    /// `rediss://…` speaks TLS and checks the server's certificate against the authorities that this machine trusts, or
    /// those of a PEM file: `rediss://host:port/0?ssl-ca=FILE`.
    ///
    /// Everyone who shares a queue should give it the same options: each step goes by those of its caller.
    ///
    /// # Errors
    /// [`Internal`](vitrina_core::ErrorKind::Internal) when the URL is not understood or the prefix holds anything but
    /// letters, digits and `-_.:`.
    pub fn open(url: &str, options: QueueOptions, prefix: &str) -> Result<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        if prefix.is_empty() || !prefix.chars().all(plain) {
            return Err(Error::internal("the queue's prefix is made of letters, digits and -_.: alone"));
        }
        let (scripts, notifications) = (Scripts::new(prefix), Arc::<Notifications>::default());
        let listener =
            |channel: Channel| Listener::new(channel, scripts.key(channel.name()), notifications.clone());
        Ok(Self {
            options,
            link: Link::new(link::client(url)?),
            work: listener(Channel::Work),
            tasks: listener(Channel::Tasks),
            scripts,
            notifications,
            warned: AtomicBool::new(false),
        })
    }

    /// Hands out what there is; with it, when the next lease ends.
    async fn claim_now(&self, max: usize) -> Result<(Vec<Claim>, Option<Duration>)> {
        let token = TaskId::generate().to_string();
        let arguments = |command: &mut Cmd| {
            command
                .arg(max.clamp(1, MAX_CLAIM.0))
                .arg(millis(self.options.lease))
                .arg(&token)
                .arg(self.options.max_deliveries.max(1));
            self.keeping(command).arg(MAX_CLAIM.1).arg(MAX_BATCH_COST);
        };
        let answer = self.scripts.run(&self.link, &self.scripts.claim, arguments);
        let (next, claims): (i64, Vec<HandedOut>) = answer.await?;
        let claim = |(id, delivery, photo, trace): HandedOut| {
            let lease = Lease { task: id.parse()?, delivery, token: token.clone() };
            Ok(Claim { lease, photo, trace: TraceContext::new(&trace) })
        };
        let next = u64::try_from(next).ok().map(Duration::from_millis);
        Ok((claims.into_iter().map(claim).collect::<Result<_>>()?, next))
    }

    /// How long results are kept and how many dead letters, as arguments of every script that ends tasks.
    fn keeping<'a>(&self, command: &'a mut Cmd) -> &'a mut Cmd {
        command.arg(millis(self.options.keep_results)).arg(self.options.max_dead_letters)
    }

    /// Warns once of a server that may throw away what it was given.
    async fn warn_of_eviction(&self) -> Result<()> {
        let info: String = self.link.send(redis::cmd("INFO").arg("memory")).await?.unwrap_or_default();
        let policy = info.lines().find_map(|line| line.strip_prefix("maxmemory_policy:"));
        if let Some(policy) = policy
            && policy != "noeviction"
        {
            tracing::warn!(policy, "redis may evict photos and results: set maxmemory-policy noeviction");
        }
        self.warned.store(true, Ordering::Relaxed);
        Ok(())
    }
}

#[async_trait]
impl TaskQueue for RedisQueue {
    async fn ping(&self) -> Result<()> {
        let pong: Result<Value, _> = self.link.send(&redis::cmd("PING")).await?;
        pong.map_err(translate)?;
        if !self.warned.load(Ordering::Relaxed) {
            self.warn_of_eviction().await?;
        }
        Ok(())
    }

    async fn enqueue(&self, new: NewTask) -> Result<TaskId> {
        let task = TaskId::generate();
        let client = new.client.map(|client| format!("{client:016x}")).unwrap_or_default();
        let arguments = |command: &mut Cmd| {
            command
                .arg(task.to_string())
                .arg(&new.photo)
                .arg(self.options.capacity)
                .arg(self.options.capacity_bytes)
                .arg(&client)
                .arg(new.cost.max(1))
                .arg(self.options.client_capacity)
                .arg(self.options.client_capacity_bytes)
                .arg(new.trace.as_ref().map_or("", TraceContext::as_str));
        };
        match self.scripts.run(&self.link, &self.scripts.submit, arguments).await? {
            1 => Ok(task),
            2 => Err(Error::busy("too many of your photos are waiting: try again in a few seconds")),
            _ => Err(Error::busy("too many photos are waiting: try again in a few seconds")),
        }
    }

    async fn claim(&self, max: usize, wait: Duration) -> Result<Vec<Claim>> {
        let deadline = Instant::now() + wait.min(FOREVER);
        if !wait.is_zero() {
            self.work.ensure(self.link.client());
        }
        loop {
            let ring = self.notifications.work();
            let (claims, lease_end) = self.claim_now(max).await?;
            let now = Instant::now();
            if !claims.is_empty() || now >= deadline {
                return Ok(claims);
            }
            let mut wake = self.work.look_again().min(deadline);
            if let Some(lease_end) = lease_end {
                // A millisecond more: the server's clock is read in whole ones.
                wake = wake.min(now + lease_end + Duration::from_millis(1));
            }
            // Either way it is time to ask again.
            let _ = timeout_at(wake, ring).await;
        }
    }

    async fn extend(&self, leases: &[Lease]) -> Result<Vec<bool>> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = |command: &mut Cmd| {
            command.arg(millis(self.options.lease));
            for lease in leases {
                command.arg(lease.task.to_string()).arg(&lease.token);
            }
        };
        let held: Vec<u8> = self.scripts.run(&self.link, &self.scripts.extend, arguments).await?;
        Ok(held.into_iter().map(|held| held == 1).collect())
    }

    async fn complete(&self, task: TaskId, outcome: Outcome) -> Result<Completion> {
        let outcome = wire::encode(&outcome)?;
        let arguments = |command: &mut Cmd| {
            command.arg(task.to_string()).arg(&outcome).arg(millis(self.options.keep_results));
        };
        match self.scripts.run(&self.link, &self.scripts.complete, arguments).await? {
            1 => Ok(Completion::First),
            2 => Ok(Completion::Repeated),
            _ => Err(Error::not_found("there is no task of this id, or its result has expired")),
        }
    }

    async fn fail(&self, lease: &Lease, reason: &str) -> Result<Retry> {
        let arguments = |command: &mut Cmd| {
            command
                .arg(lease.task.to_string())
                .arg(&lease.token)
                .arg(wire::shortened(reason))
                .arg(self.options.max_deliveries.max(1));
            self.keeping(command);
        };
        let retry = match self.scripts.run(&self.link, &self.scripts.fail, arguments).await? {
            1 => Retry::Again,
            2 => Retry::DeadLettered,
            _ => Retry::Stale,
        };
        Ok(retry)
    }

    async fn state(&self, task: TaskId) -> Result<TaskState> {
        let arguments = |command: &mut Cmd| {
            command.arg(task.to_string());
        };
        let state = self.scripts.run(&self.link, &self.scripts.state, arguments).await?;
        match state {
            Value::BulkString(outcome) => wire::decode(&outcome).map(TaskState::Ended),
            Value::Int(1) => Ok(TaskState::Queued),
            Value::Int(2) => Ok(TaskState::Started),
            _ => Ok(task.missing(self.options.keep_results)),
        }
    }

    async fn wait(&self, task: TaskId, stage: Stage, timeout: Duration) -> Result<TaskState> {
        let deadline = Instant::now() + timeout.min(FOREVER);
        if timeout.is_zero() {
            return self.state(task).await;
        }
        self.tasks.ensure(self.link.client());
        let follow = self.notifications.follow(task, stage);
        loop {
            let notification = follow.next();
            let state = self.state(task).await?;
            if state.reached(stage) || Instant::now() >= deadline {
                return Ok(state);
            }
            // Either way it is time to ask again.
            let _ = timeout_at(self.tasks.look_again().min(deadline), notification).await;
        }
    }

    async fn depth(&self) -> Result<QueueDepth> {
        let answer = self.scripts.run(&self.link, &self.scripts.depth, |_| ());
        let (all, started, dead): (usize, usize, usize) = answer.await?;
        Ok(QueueDepth { queued: all.saturating_sub(started), started, dead })
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>> {
        let Some(last) = limit.checked_sub(1) else {
            return Ok(Vec::new());
        };
        let mut command = redis::cmd("LRANGE");
        let last = last.min(self.options.max_dead_letters);
        command.arg(self.scripts.key("dead")).arg(0).arg(last);
        let letters: Vec<String> = self.link.send(&command).await?.map_err(translate)?;
        Ok(letters.iter().filter_map(|letter| dead_letter(letter)).collect())
    }
}

/// Reads a dead letter as the scripts write it: deliveries, task, reason.
fn dead_letter(text: &str) -> Option<DeadLetter> {
    let mut parts = text.splitn(3, ' ');
    let deliveries = parts.next()?.parse().ok()?;
    Some(DeadLetter { deliveries, task: parts.next()?.parse().ok()?, reason: parts.next()?.to_owned() })
}

/// A duration in the milliseconds that Redis counts in; at least one, for none means no end to it.
fn millis(duration: Duration) -> u64 {
    // Bounded so that sums with the time of day stay exact in Lua's floating-point numbers.
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).clamp(1, 1 << 50)
}
