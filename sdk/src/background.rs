//! Work that goes on while a shop is open: following the change feed, embedding photos.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::{AbortHandle, JoinHandle};
use vitrina_core::Result;

use crate::Shop;
use crate::shop::Inner;

/// Turns of the embedding in the background: one runs, and at most one waits.
#[derive(Debug, Default)]
pub(crate) struct Embedding {
    turn: Mutex<()>,
    waits: AtomicBool,
}

/// Work in the background, which ends early when this is dropped.
#[derive(Debug)]
#[must_use = "the work ends when this is dropped"]
pub struct Background<T> {
    task: JoinHandle<T>,
    stop: StopOnDrop,
}

#[derive(Debug)]
struct StopOnDrop(AbortHandle);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T> Background<Result<T>> {
    /// Waits for the work to end.
    ///
    /// # Errors
    /// Those of the work.
    pub async fn finished(self) -> Result<T> {
        let Self { task, stop } = self;
        let done = task.await;
        drop(stop);
        done.map_err(|error| {
            vitrina_core::Error::internal("the background work broke off").with_source(error)
        })?
    }
}

impl Shop {
    /// Embeds the photos of products that have no embedding yet, in the background; see
    /// [`embed_missing`](Self::embed_missing).
    pub fn embed_in_background(&self) -> Background<Result<usize>> {
        let shop = self.clone();
        let task = tokio::spawn(async move {
            let embedded = shop.embed_missing().await;
            if let Err(error) = &embedded {
                tracing::warn!(error = %error.chain(), "not all photos of products could be embedded");
            }
            embedded
        });
        Background { stop: StopOnDrop(task.abort_handle()), task }
    }

    /// Embeds the photos that are not embedded yet, in the background and after any such call that runs now. Calls while one
    /// waits are one.
    pub(crate) fn embed_soon(&self) {
        let embedding = &self.inner().embedding;
        if self.classifier().is_err() || embedding.waits.swap(true, Ordering::AcqRel) {
            return;
        }
        let shop = self.clone();
        tokio::spawn(async move {
            let embedding = &shop.inner().embedding;
            let _turn = embedding.turn.lock().await;
            // What is written from now on may be missed by this run.
            embedding.waits.store(false, Ordering::Release);
            if let Err(error) = shop.refresh_and_embed().await {
                tracing::warn!(error = %error.chain(), "photos wait to be embedded");
            }
        });
    }

    /// Follows the change feed until the last clone of this shop is dropped.
    pub(crate) fn keep_fresh(&self, interval: Duration) {
        let task = tokio::spawn(follow(Arc::downgrade(self.inner()), interval));
        self.followed_by(task.abort_handle());
    }
}

async fn follow(shop: Weak<Inner>, interval: Duration) {
    let mut failing = false;
    loop {
        let Some(inner) = shop.upgrade() else { return };
        match Shop::from_inner(inner).refresh().await {
            Ok(_) => failing = false,
            Err(error) => {
                if !failing {
                    tracing::warn!(error = %error.chain(), "changes of the catalogue cannot be applied for now");
                }
                failing = true;
            }
        }
        tokio::time::sleep(interval).await;
    }
}
