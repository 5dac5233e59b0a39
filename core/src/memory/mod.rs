//! Implementations in memory: for the quick start, for tests, and the queue of the embedded default.

mod catalog;
mod classifier;
mod index;
mod photos;
mod queue;
mod requests;
mod schedule;

pub use catalog::MemoryCatalog;
pub use classifier::MemoryClassifier;
pub use index::MemoryIndex;
pub use photos::MemoryPhotos;
pub use queue::MemoryQueue;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whatever a thread that panicked with the lock left behind: every critical section here leaves whole states.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
