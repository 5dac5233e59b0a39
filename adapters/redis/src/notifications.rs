//! What is heard of the queue, for all who wait in this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use vitrina_core::queue::{Stage, TaskId};

/// The kinds of notifications, each on a channel of its own: a server has no use for those of new work, nor a worker for those of
/// every task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// There is something to claim.
    Work,
    /// A task has come to a stage.
    Tasks,
}

impl Channel {
    /// The channel's name behind the queue's prefix, as the scripts have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Tasks => "news",
        }
    }
}

/// Wakes whoever waits for something to happen.
#[derive(Default)]
pub(crate) struct Notifications {
    work: Notify,
    /// The tasks that are waited for, with the stage that is.
    tasks: Mutex<HashMap<(TaskId, Stage), Followed>>,
}

/// A stage of a task that is waited for, and by how many.
#[derive(Default)]
struct Followed {
    bell: Arc<Notify>,
    followers: usize,
}

impl Notifications {
    /// The next ring that there is something to claim. One ring wakes one waiter: others go on waiting for the next.
    pub(crate) fn work(&self) -> Notified<'_> {
        self.work.notified()
    }

    /// Begins to listen for a task to come to a stage.
    pub(crate) fn follow(self: &Arc<Self>, task: TaskId, stage: Stage) -> Follow {
        let mut tasks = self.tasks();
        let followed = tasks.entry((task, stage)).or_default();
        followed.followers += 1;
        let bell = followed.bell.clone();
        drop(tasks);
        Follow { notifications: self.clone(), at: (task, stage), bell }
    }

    /// Passes on what came over a channel.
    pub(crate) fn hear(&self, channel: Channel, message: &[u8]) {
        match channel {
            Channel::Work => self.work.notify_one(),
            Channel::Tasks => self.hear_of_task(message),
        }
    }

    /// The ID of a task alone says that it has ended, with a word behind it that it has started.
    fn hear_of_task(&self, message: &[u8]) {
        let Ok(message) = std::str::from_utf8(message) else { return };
        let (id, reached) = match message.split_once(' ') {
            Some((id, _)) => (id, Stage::Started),
            None => (message, Stage::Ended),
        };
        let Ok(task) = id.parse::<TaskId>() else { return };
        let tasks = self.tasks();
        let reached = [Stage::Started, Stage::Ended].into_iter().filter(|stage| *stage <= reached);
        for followed in reached.filter_map(|stage| tasks.get(&(task, stage))) {
            followed.bell.notify_waiters();
        }
    }

    /// Has everybody look for themselves, after a time in which something may have been missed.
    pub(crate) fn wake_all(&self, channel: Channel) {
        match channel {
            Channel::Work => self.work.notify_waiters(),
            Channel::Tasks => self.tasks().values().for_each(|followed| followed.bell.notify_waiters()),
        }
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<(TaskId, Stage), Followed>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waits for a task to come to a stage.
pub(crate) struct Follow {
    notifications: Arc<Notifications>,
    at: (TaskId, Stage),
    bell: Arc<Notify>,
}

impl Follow {
    /// The next news of it after this call.
    pub(crate) fn next(&self) -> Notified<'_> {
        self.bell.notified()
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        let mut tasks = self.notifications.tasks();
        if let Some(followed) = tasks.get_mut(&self.at) {
            followed.followers -= 1;
            if followed.followers == 0 {
                tasks.remove(&self.at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_remembered_who_no_longer_waits() {
        let notifications = Arc::new(Notifications::default());
        let task = TaskId::generate();
        let (one, other) =
            (notifications.follow(task, Stage::Ended), notifications.follow(task, Stage::Ended));
        drop(one);
        assert_eq!(notifications.tasks().len(), 1);
        drop(other);
        assert!(notifications.tasks().is_empty());
    }
}
