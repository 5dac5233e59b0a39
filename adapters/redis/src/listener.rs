//! Hears a channel of the queue by publish and subscribe, on one connection for all who wait in this process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use redis::{Client, RedisError};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::link::{CONNECT_LIMIT, PAUSES};
use crate::notifications::{Channel, Notifications};

/// How long the channel may be quiet before it is asked whether it still stands.
const QUIET: Duration = Duration::from_secs(2);
/// How often those who wait look for themselves, should a message have been lost: while messages are heard, and while not.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(500));

/// Listens to a channel, from the first who waits until the queue is dropped.
pub(crate) struct Listener {
    hearing: Arc<Hearing>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What is heard, and for whom.
struct Hearing {
    channel: Channel,
    /// The channel's name with the queue's prefix.
    name: String,
    notifications: Arc<Notifications>,
    subscribed: AtomicBool,
}

impl Listener {
    pub(crate) fn new(channel: Channel, name: String, notifications: Arc<Notifications>) -> Self {
        let hearing = Hearing { channel, name, notifications, subscribed: AtomicBool::new(false) };
        Self { hearing: Arc::new(hearing), task: Mutex::default() }
    }

    /// Sees to it that somebody listens; also after the runtime of an earlier listener is gone.
    pub(crate) fn ensure(&self, client: &Client) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.as_ref().is_none_or(JoinHandle::is_finished) {
            *task = Some(tokio::spawn(listen(client.clone(), self.hearing.clone())));
        }
    }

    /// When those who wait look for themselves though nothing was heard.
    pub(crate) fn look_again(&self) -> Instant {
        let subscribed = self.hearing.subscribed.load(Ordering::Relaxed);
        Instant::now() + if subscribed { LOOK_AGAIN.0 } else { LOOK_AGAIN.1 }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}

async fn listen(client: Client, hearing: Arc<Hearing>) {
    let mut pause = PAUSES.0;
    loop {
        let begin = Instant::now();
        let end = listen_once(&client, &hearing).await;
        hearing.subscribed.store(false, Ordering::Relaxed);
        tracing::debug!(error = ?end.err(), channel = hearing.name, "not heard any more; subscribing again");
        pause = if begin.elapsed() > QUIET * 2 { PAUSES.0 } else { (pause * 2).min(PAUSES.1) };
        sleep(pause).await;
    }
}

/// Listens until the connection fails; `None` when nobody answered in time.
async fn listen_once(client: &Client, hearing: &Hearing) -> Result<(), Option<RedisError>> {
    let subscribe = async {
        let (mut sink, stream) = client.get_async_pubsub().await?.split();
        sink.subscribe(&hearing.name).await?;
        Ok::<_, RedisError>((sink, stream))
    };
    let (mut sink, mut stream) = timeout(CONNECT_LIMIT, subscribe).await.map_err(|_| None)??;
    hearing.subscribed.store(true, Ordering::Relaxed);
    hearing.notifications.wake_all(hearing.channel);
    loop {
        tokio::select! {
            message = stream.next() => match message {
                Some(message) => hearing.notifications.hear(hearing.channel, message.get_payload_bytes()),
                None => return Ok(()),
            },
            () = sleep_until(Instant::now() + QUIET) => {
                timeout(CONNECT_LIMIT, sink.ping::<redis::Value>()).await.map_err(|_| None)??;
            }
        }
    }
}
