//! The contract of photo stores on a folder, on object_store's own memory, and in a bucket of S3.

#![allow(clippy::unwrap_used)]

mod folder;
#[cfg(feature = "s3")]
mod s3;

use std::future::Future;
use std::sync::Arc;

use object_store::memory::InMemory;
use vitrina_core::PhotoStore;
use vitrina_storage::ObjectPhotos;

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

mod memory {
    use super::*;

    async fn fresh() -> Option<(Arc<dyn PhotoStore>, ())> {
        Some((Arc::new(ObjectPhotos::new(Arc::new(InMemory::new()), "shop/photos")), ()))
    }

    vitrina_core::photos_conformance!(block_on, fresh);
}
