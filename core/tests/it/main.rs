//! The conformance suites over the implementations in memory, and the rules of the service and the worker.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use futures_executor::block_on;
use vitrina_core::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
use vitrina_core::queue::QueueOptions;
use vitrina_core::{Catalog, SearchIndex, TaskQueue};

mod cached;
mod categories;
mod data_files;
mod named;
mod service;
mod spaces;
mod training;
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

vitrina_core::catalog_conformance!(block_on, fresh_catalog);
vitrina_core::index_conformance!(block_on, fresh_index);
vitrina_core::queue_conformance!(block_on, fresh_queue);
