//! Configuration of queues.

use std::time::Duration;

/// Configuration of a [`TaskQueue`](crate::TaskQueue): its limits, and how long it keeps what.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueOptions {
    /// The most tasks that wait or are held at a time.
    pub capacity: usize,
    /// The most bytes that their photos take together.
    pub capacity_bytes: usize,
    /// The most tasks of one client that wait or are held at a time.
    pub client_capacity: usize,
    /// The most bytes that the photos of one client take together.
    pub client_capacity_bytes: usize,
    /// How long a worker holds a task unless it extends its lease.
    pub lease: Duration,
    /// How often a task is delivered at most.
    pub max_deliveries: u32,
    /// How long a result is kept.
    pub keep_results: Duration,
    /// The most results that a queue inside the process keeps; the oldest give way, and count as expired.
    pub max_results: usize,
    /// The most entries of the dead-letter list; the oldest give way.
    pub max_dead_letters: usize,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            capacity: 1000,
            capacity_bytes: 256 << 20,
            client_capacity: 200,
            client_capacity_bytes: 64 << 20,
            lease: Duration::from_secs(30),
            max_deliveries: 3,
            keep_results: Duration::from_secs(3600),
            max_results: 5000,
            max_dead_letters: 1000,
        }
    }
}

impl QueueOptions {
    /// Sets the largest number of tasks that wait or are held at a time.
    #[must_use]
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// Sets how many bytes the photos of all tasks may take together.
    #[must_use]
    pub fn capacity_bytes(mut self, capacity_bytes: usize) -> Self {
        self.capacity_bytes = capacity_bytes;
        self
    }

    /// Sets the largest number of tasks of one client that wait or are held at a time.
    #[must_use]
    pub fn client_capacity(mut self, client_capacity: usize) -> Self {
        self.client_capacity = client_capacity;
        self
    }

    /// Sets how many bytes the photos of one client may take together.
    #[must_use]
    pub fn client_capacity_bytes(mut self, client_capacity_bytes: usize) -> Self {
        self.client_capacity_bytes = client_capacity_bytes;
        self
    }

    /// Sets how long a worker holds a task before the queue hands it to another.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Sets how many times a task is delivered at most.
    #[must_use]
    pub fn max_deliveries(mut self, max_deliveries: u32) -> Self {
        self.max_deliveries = max_deliveries;
        self
    }

    /// Sets how long a result is kept.
    #[must_use]
    pub fn keep_results(mut self, keep_results: Duration) -> Self {
        self.keep_results = keep_results;
        self
    }

    /// Sets how many results a queue inside the process keeps.
    #[must_use]
    pub fn max_results(mut self, max_results: usize) -> Self {
        self.max_results = max_results;
        self
    }

    /// Sets the largest number of entries of the dead-letter list.
    #[must_use]
    pub fn max_dead_letters(mut self, max_dead_letters: usize) -> Self {
        self.max_dead_letters = max_dead_letters;
        self
    }
}
