//! The conformance suites over the implementations in memory, and the rules of the service and the worker.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use futures_executor::block_on;
use vitrina::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
use vitrina::{Catalog, QueueOptions, SearchIndex, TaskQueue};

mod looks;
mod remembering;
mod service;
mod worker;

async fn fresh_catalog() -> Option<(Arc<dyn Catalog>, ())> {
    Some((Arc::new(MemoryCatalog::new()), ()))
}

async fn fresh_index() -> Option<(Arc<dyn SearchIndex>, ())> {
    Some((Arc::new(MemoryIndex::new()), ()))
}

async fn fresh_queue(options: QueueOptions) -> Option<(Arc<dyn TaskQueue>, ())> {
    Some((Arc::new(MemoryQueue::new(options)), ()))
}

vitrina::catalog_conformance!(block_on, fresh_catalog);
vitrina::index_conformance!(block_on, fresh_index);
vitrina::queue_conformance!(block_on, fresh_queue);
