//! The order in which tasks are delivered: start-time fair queueing (Goyal, Vin, Cheng: "Start-time Fair Queueing", 1996).
//!
//! Every task gets a start tag: the virtual time at which its client's earlier tasks are served, or now. The task of the
//! lowest tag is next; virtual time is the tag of the task served last.

use std::collections::{BTreeSet, HashMap};

use crate::queue::TaskId;

/// How many clients are remembered, besides those that have tasks, before those that have none are forgotten.
const FORGOTTEN_AT: usize = 1000;

/// Tasks that wait.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// By start tag; ids grow with time and break ties.
    waiting: BTreeSet<(u64, TaskId)>,
    now: u64,
    /// When the tasks of each client that were put so far are served, in virtual time.
    finished: HashMap<Option<u64>, u64>,
}

impl Schedule {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn first(&self) -> Option<TaskId> {
        self.waiting.first().map(|(_, id)| *id)
    }

    /// Puts a task of a client behind its others, and answers its tag.
    pub(super) fn put(&mut self, id: TaskId, client: Option<u64>, cost: u32) -> u64 {
        if self.finished.len() > FORGOTTEN_AT + 2 * self.waiting.len() {
            self.finished.retain(|_, finish| *finish > self.now);
        }
        let finish = self.finished.entry(client).or_default();
        let start = self.now.max(*finish);
        *finish = start + u64::from(cost);
        self.waiting.insert((start, id));
        start
    }

    /// Puts a task before all others, and answers its tag.
    pub(super) fn put_first(&mut self, id: TaskId) -> u64 {
        self.waiting.insert((0, id));
        0
    }

    pub(super) fn take_first(&mut self) {
        if let Some((start, _)) = self.waiting.pop_first() {
            self.now = self.now.max(start);
        }
        self.forget();
    }

    pub(super) fn remove(&mut self, tag: u64, id: TaskId) {
        self.waiting.remove(&(tag, id));
        self.forget();
    }

    /// When nothing waits, all clients are as good as new.
    fn forget(&mut self) {
        if self.waiting.is_empty() {
            self.finished.clear();
            self.now = 0;
        }
    }
}
