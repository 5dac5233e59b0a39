//! What happens in the queue, heard by publish and subscribe on one connection for all who wait in this process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use redis::{Client, Msg, RedisError};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use vitrina::TaskId;

use crate::link::{CONNECT_LIMIT, PAUSES};

/// How long the channel may be quiet before it is asked whether it still stands.
const QUIET: Duration = Duration::from_secs(2);

/// Wakes whoever waits for something to happen.
#[derive(Default)]
pub(crate) struct News {
    /// There is something to claim.
    work: Notify,
    /// The tasks that are waited for.
    tasks: Mutex<HashMap<TaskId, Followed>>,
    subscribed: AtomicBool,
}

/// A task that is waited for, and by how many.
#[derive(Default)]
struct Followed {
    bell: Arc<Notify>,
    followers: usize,
}

impl News {
    /// The next ring that there is something to claim. One ring wakes one waiter: others go on waiting for the next.
    pub(crate) fn work(&self) -> Notified<'_> {
        self.work.notified()
    }

    /// Whether everything that happens is heard at present.
    pub(crate) fn is_subscribed(&self) -> bool {
        self.subscribed.load(Ordering::Relaxed)
    }

    /// Begins to listen for news of a task.
    pub(crate) fn follow(self: &Arc<Self>, task: TaskId) -> Follow {
        let mut tasks = self.tasks();
        let followed = tasks.entry(task).or_default();
        followed.followers += 1;
        let bell = followed.bell.clone();
        drop(tasks);
        Follow { news: self.clone(), task, bell }
    }

    fn hear(&self, message: &Msg, work: &str) {
        if message.get_channel_name() == work {
            self.work.notify_one();
            return;
        }
        let task = std::str::from_utf8(message.get_payload_bytes()).ok().and_then(|id| id.parse().ok());
        let bell = task.and_then(|task: TaskId| Some(self.tasks().get(&task)?.bell.clone()));
        if let Some(bell) = bell {
            bell.notify_waiters();
        }
    }

    /// Has everybody look for themselves, after a time in which something may have been missed.
    fn wake_all(&self) {
        self.work.notify_waiters();
        let bells: Vec<_> = self.tasks().values().map(|followed| followed.bell.clone()).collect();
        for bell in bells {
            bell.notify_waiters();
        }
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<TaskId, Followed>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waits for news of a task.
pub(crate) struct Follow {
    news: Arc<News>,
    task: TaskId,
    bell: Arc<Notify>,
}

impl Follow {
    /// The next news of the task after this call.
    pub(crate) fn next(&self) -> Notified<'_> {
        self.bell.notified()
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        let mut tasks = self.news.tasks();
        if let Some(followed) = tasks.get_mut(&self.task) {
            followed.followers -= 1;
            if followed.followers == 0 {
                tasks.remove(&self.task);
            }
        }
    }
}

/// The task that listens, from the first who waits until the queue is dropped.
#[derive(Default)]
pub(crate) struct Listener(Mutex<Option<JoinHandle<()>>>);

impl Listener {
    /// Sees to it that somebody listens; also after the runtime of an earlier listener is gone.
    pub(crate) fn ensure(&self, client: &Client, channels: [String; 2], news: &Arc<News>) {
        let mut listener = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if listener.as_ref().is_none_or(JoinHandle::is_finished) {
            *listener = Some(tokio::spawn(listen(client.clone(), channels, news.clone())));
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let listener = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(listener) = listener.take() {
            listener.abort();
        }
    }
}

async fn listen(client: Client, channels: [String; 2], news: Arc<News>) {
    let mut pause = PAUSES.0;
    loop {
        let begin = Instant::now();
        let end = listen_once(&client, &channels, &news).await;
        news.subscribed.store(false, Ordering::Relaxed);
        tracing::debug!(error = ?end.err(), "the queue's news are not heard; subscribing again");
        pause = if begin.elapsed() > QUIET * 2 { PAUSES.0 } else { (pause * 2).min(PAUSES.1) };
        sleep(pause).await;
    }
}

/// Listens until the connection fails; `None` when nobody answered in time.
async fn listen_once(client: &Client, channels: &[String; 2], news: &News) -> Result<(), Option<RedisError>> {
    let subscribe = async {
        let (mut sink, stream) = client.get_async_pubsub().await?.split();
        sink.subscribe(channels).await?;
        Ok::<_, RedisError>((sink, stream))
    };
    let (mut sink, mut stream) = timeout(CONNECT_LIMIT, subscribe).await.map_err(|_| None)??;
    news.subscribed.store(true, Ordering::Relaxed);
    news.wake_all();
    loop {
        tokio::select! {
            message = stream.next() => match message {
                Some(message) => news.hear(&message, &channels[1]),
                None => return Ok(()),
            },
            () = sleep_until(Instant::now() + QUIET) => {
                timeout(CONNECT_LIMIT, sink.ping::<redis::Value>()).await.map_err(|_| None)??;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_remembered_who_no_longer_waits() {
        let news = Arc::new(News::default());
        let task = TaskId::generate();
        let (one, other) = (news.follow(task), news.follow(task));
        drop(one);
        assert_eq!(news.tasks().len(), 1);
        let bell = news.tasks()[&task].bell.clone();
        drop(other);
        drop(bell);
        assert!(news.tasks().is_empty());
    }
}
