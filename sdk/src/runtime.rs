//! Work off the async threads: the model, the index and the file system compute and wait on threads of their own.

use std::future::Future;

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tracing::Instrument;
use vitrina_core::{Error, Result};

/// Runs a function that computes or waits for a disk on a blocking thread.
///
/// # Errors
/// [`Internal`](vitrina_core::ErrorKind::Internal) if it panics or the runtime shuts down.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = spawn_blocking(work).await;
    done.map_err(|error| Error::internal("work on another thread broke off").with_source(error))
}

/// Drives a future whose polls compute for long, such as a search, on a blocking thread.
///
/// # Errors
/// As [`blocking`], and those of the future.
pub(crate) async fn off_thread<T, F>(future: F) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let (runtime, future) = (Handle::current(), future.in_current_span());
    blocking(move || runtime.block_on(future)).await?
}
