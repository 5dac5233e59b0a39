//! `vitrina openapi`: the OpenAPI document on standard output.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use vitrina::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
use vitrina::{QueueOptions, SearchOptions, SearchService};
use vitrina_onnx::PhotoLimits;

use super::say;
use crate::api::{self, Backend, ModelState};
use crate::metrics::Metrics;
use crate::shop::PhotoStore;

/// Prints the document.
///
/// # Errors
/// None.
pub fn openapi() -> Result<()> {
    let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
    let (catalog, index) = (Arc::new(MemoryCatalog::new()), Arc::new(MemoryIndex::new()));
    let backend = Backend {
        service: Arc::new(SearchService::new(catalog, index, queue, SearchOptions::default())),
        photos: PhotoStore::new(""),
        classifier: None,
        admin_key: None,
        model: ModelState::Elsewhere,
        max_upload: 0,
        photo_limits: PhotoLimits::default(),
        webhook_secret: None,
        uploads_per_second: None,
        metrics: Arc::new(Metrics::default()),
        draining: Arc::new(AtomicBool::new(false)),
    };
    say(&api::service(&backend).spec());
    Ok(())
}
