//! Taking changes of the catalogue over: one call does the work of all that wait for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use futures_util::lock::Mutex;

use super::SearchService;
use crate::Result;
use crate::catalog::Change;
use crate::classify::Categorizer;
use crate::index::{catch_up_with, clear_if_ahead};

/// Calls of [`SearchService::refresh`]: how many there were, and how many a refresh that succeeded has served.
#[derive(Debug, Default)]
pub(super) struct Refreshes {
    asked: AtomicU64,
    served: Mutex<u64>,
}

impl SearchService {
    /// Takes over what changed in the catalogue, and trains the discriminant on its photos; returns how many
    /// changes there were.
    ///
    /// Calls that come while another one runs wait for it; the first of them then works for all, and the others return 0.
    /// Training on photos takes a twentieth of the time at most: where it takes long it is put off while changes go on, and
    /// a later call, with changes or without, makes up for it.
    ///
    /// It keeps its thread for as long as the index needs for the changes: call it off the async threads where others wait
    /// for those.
    ///
    /// # Errors
    /// Those of the catalogue and the index; searches go on with what is known.
    pub async fn refresh(&self) -> Result<usize> {
        let call = self.refreshes.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = self.refreshes.served.lock().await;
        if *served >= call {
            return Ok(0);
        }
        let asked = self.refreshes.asked.load(Ordering::SeqCst);
        let taken = self.take_over().await?;
        *served = asked;
        Ok(taken)
    }

    /// Whether the index has caught up with the catalogue since this service was created; earlier searches find what is indexed.
    pub fn is_fresh(&self) -> bool {
        self.is_fresh.load(Ordering::Acquire)
    }

    fn categorize_by(&self, categorizer: Categorizer) {
        *self.categorizer.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(categorizer);
    }

    async fn take_over(&self) -> Result<usize> {
        // Details are forgotten before the index finds anything by what changed.
        let forget = |changes: &[Change]| self.products.forget(changes);
        if !self.is_fresh() {
            clear_if_ahead(&*self.catalog, &*self.index).await?;
        }
        let taken = catch_up_with(&*self.catalog, &*self.index, forget).await?;
        if !self.is_fresh() {
            // Searches need not wait until the discriminant is trained.
            let categories = self.catalog.categories().await?;
            self.categorize_by(Categorizer::new(&categories, &self.options.vocabulary));
            self.is_fresh.store(true, Ordering::Release);
        }
        let trained = self.training.current(&*self.index, self.options.center.as_ref()).await?;
        if taken > 0 || trained.is_new {
            let categories = self.catalog.categories().await?;
            let position = self.index.position().await?;
            let names = self.samples.names(&*self.catalog, &categories, position).await?;
            let fresh = Categorizer::of_shop(&categories, &self.options.vocabulary, &names);
            let fresh = fresh.with_discriminant(trained.discriminant);
            self.categorize_by(fresh);
        }
        if let Some(shop) = self.index.spaces().await?.first() {
            self.query_mean.share(&*self.catalog, &shop.space).await;
        }
        Ok(taken)
    }
}
