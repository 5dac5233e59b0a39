//! Requests that clients may send again and that are carried out once: idempotency keys.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vitrina_core::catalog::RequestKey;
use vitrina_core::{ProductId, Result};

use crate::Shop;

/// The requests that this process carries out now, by scope and key.
#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<HashSet<(String, String)>>);

impl Requests {
    fn running(&self) -> MutexGuard<'_, HashSet<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is carried out now; see [`Shop::carry_out`].
#[derive(Debug)]
#[must_use = "the request counts as running until this is dropped"]
pub struct RunningRequest<'a> {
    shop: &'a Shop,
    request: &'a RequestKey,
}

impl RunningRequest<'_> {
    /// Returns the IDs that the request wrote if it was carried out before, in the last 24 hours.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a key that belongs to another request, and those of the catalogue.
    pub async fn written(&self) -> Result<Option<Vec<ProductId>>> {
        self.shop.catalog().recorded_request(self.request).await
    }

    /// Records a request that writes no products of its own, and returns whether it is the first with its key.
    ///
    /// # Errors
    /// As [`written`](Self::written).
    pub async fn record(&self) -> Result<bool> {
        Ok(!self.shop.catalog().upsert_products_once(&[], self.request).await?.repeated)
    }
}

impl Drop for RunningRequest<'_> {
    fn drop(&mut self) {
        self.shop.requests().running().remove(&name(self.request));
    }
}

impl Shop {
    /// Begins to carry out a request that is carried out once, however often it is sent: [`PutAll::once`](crate::PutAll::once) does so
    /// by itself.
    ///
    /// # Errors
    /// [`Conflict`](vitrina_core::ErrorKind::Conflict) while another call of this process carries it out.
    pub fn carry_out<'a>(&'a self, request: &'a RequestKey) -> Result<RunningRequest<'a>> {
        if !self.requests().running().insert(name(request)) {
            return Err(request.running());
        }
        Ok(RunningRequest { shop: self, request })
    }
}

fn name(request: &RequestKey) -> (String, String) {
    (request.scope().to_owned(), request.key().to_owned())
}
