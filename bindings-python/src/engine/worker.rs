//! The worker that classifies submitted photos in this process.

use std::sync::{Mutex, PoisonError};

use vitrina::Shop;
use vitrina_core::queue::{Stop, WorkerOptions};
use vitrina_core::{Error, Result, Worker};

/// A worker that starts with the first photo and stops when this is dropped.
#[derive(Default)]
pub(super) struct LocalWorker {
    stop: Mutex<Option<Stop>>,
}

impl LocalWorker {
    /// Starts the worker unless it runs.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) without a classifier, saying what to do.
    pub(super) fn start(&self, shop: &Shop) -> Result<()> {
        let mut running = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            return Ok(());
        }
        let classifier = shop.classifier().clone().map_err(Error::unavailable)?;
        let worker = Worker::new(shop.service().queue().clone(), classifier, WorkerOptions::default());
        let stop = Stop::new();
        *running = Some(stop.clone());
        tokio::spawn(async move { worker.run(&stop).await });
        Ok(())
    }
}

impl Drop for LocalWorker {
    fn drop(&mut self) {
        let running = self.stop.get_mut().unwrap_or_else(PoisonError::into_inner);
        running.iter().for_each(Stop::stop);
    }
}
