//! Backends of one's own: a catalogue in a JSON file, and a queue whose photos are files in a folder.
//!
//! Both delegate to the implementations in memory that come with the core, and add what makes them last: the catalogue writes a
//! snapshot after every write, the queue keeps a file for each photo that has not ended. They serve a small shop in one process. The
//! conformance suites of the core run over both (`tests/it.rs`), and [`registry`] makes them known by the schemes `json:` and
//! `folder:`, to the SDK and to the stock server alike.

#![forbid(unsafe_code)]

mod catalog;
mod queue;

use std::sync::Arc;

use vitrina::{CatalogBackend, Registry};

pub use catalog::JsonCatalog;
pub use queue::FolderQueue;

/// Returns the backends of the SDK, and `json:FILE` and `folder:DIR` beside them.
pub fn registry() -> Registry {
    Registry::default()
        .catalog("json", |url| async move {
            let catalog = JsonCatalog::open(url.trim_start_matches("json:")).await?;
            Ok(CatalogBackend::new(Arc::new(catalog)))
        })
        .queue("folder", |url, options| async move {
            let queue = FolderQueue::open(url.trim_start_matches("folder:"), options).await?;
            Ok(Arc::new(queue) as _)
        })
}
