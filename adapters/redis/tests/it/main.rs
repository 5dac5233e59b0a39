//! The task queue on real servers: the contract, several handles, crashes, outages, a full memory.

#![allow(clippy::unwrap_used, missing_docs)]

use std::future::Future;
use std::sync::Arc;

use vitrina_core::TaskQueue;
use vitrina_core::queue::QueueOptions;

mod cluster;
mod faults;
mod many;
mod memory;
mod server;
mod tls;

use server::{Fresh, fresh};

/// Runs a test on a runtime of its own.
fn block_on<F: Future>(test: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test)
}

async fn fresh_queue(options: QueueOptions) -> Option<(Arc<dyn TaskQueue>, Fresh)> {
    let fresh = fresh()?;
    Some((Arc::new(fresh.open(options)), fresh))
}

vitrina_core::queue_conformance!(block_on, fresh_queue);
