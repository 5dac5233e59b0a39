//! Details of products that answers show: an LRU cache, bounded in bytes, that follows the change feed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use tracing::Instrument;

use super::SearchService;
use crate::catalog::Change;
use crate::queue::observation::catalogue_stage;
use crate::{Product, ProductId, Result};

/// Products that were shown lately.
#[derive(Debug)]
pub(super) struct ProductCache {
    /// The most bytes that the products take.
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    products: LruCache<ProductId, Arc<Product>>,
    bytes: usize,
    /// How often products were forgotten because of changes.
    forgotten: u64,
}

/// What the cache knew of some products.
struct Known {
    /// In the order of the IDs that were asked for.
    products: Vec<Option<Arc<Product>>>,
    missing: Vec<ProductId>,
    /// [`State::forgotten`] at that time.
    forgotten: u64,
}

impl ProductCache {
    /// An empty cache that takes `capacity` bytes at most.
    pub(super) fn new(capacity: usize) -> Self {
        let state = State { products: LruCache::unbounded(), bytes: 0, forgotten: 0 };
        Self { capacity, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, ids: &[ProductId]) -> Known {
        let mut state = self.state();
        let products: Vec<_> = ids.iter().map(|id| state.products.get(id).cloned()).collect();
        let missing = ids.iter().zip(&products).filter(|(_, known)| known.is_none()).map(|(id, _)| *id);
        Known { missing: missing.collect(), products, forgotten: state.forgotten }
    }

    /// Keeps products that were read when [`State::forgotten`] was `since`: where something changed meanwhile, what was read
    /// may be older than that.
    fn keep(&self, products: &[Arc<Product>], since: u64) {
        let mut state = self.state();
        if state.forgotten != since {
            return;
        }
        for product in products {
            state.bytes += product.memory();
            if let Some(before) = state.products.put(product.id, product.clone()) {
                state.bytes -= before.memory();
            }
        }
        while state.bytes > self.capacity
            && let Some((_, oldest)) = state.products.pop_lru()
        {
            state.bytes -= oldest.memory();
        }
    }

    /// Forgets the products that changed.
    pub(super) fn forget(&self, changes: &[Change]) {
        let mut state = self.state();
        state.forgotten += 1;
        for change in changes {
            let id = match change {
                Change::Product { product, .. } => product.id,
                Change::ProductDeleted(id) => *id,
                Change::Category(_) | Change::CategoryDeleted(_) => continue, // their products come anew
            };
            if let Some(product) = state.products.pop(&id) {
                state.bytes -= product.memory();
            }
        }
    }
}

impl SearchService {
    /// The products of these IDs, in the order of the IDs, as they were at the last refresh or later; those that do not exist
    /// are left out.
    ///
    /// # Errors
    /// Those of the catalogue.
    pub(super) async fn shown(&self, ids: &[ProductId]) -> Result<Vec<Product>> {
        let shared = self.shared(ids).await?;
        Ok(shared.into_iter().map(Arc::unwrap_or_clone).collect())
    }

    /// As [`shown`](Self::shown), without a copy of each.
    ///
    /// # Errors
    /// Those of the catalogue.
    pub(super) async fn shared(&self, ids: &[ProductId]) -> Result<Vec<Arc<Product>>> {
        let known = self.products.get(ids);
        if known.missing.is_empty() {
            return Ok(known.products.into_iter().flatten().collect());
        }
        let read = self.catalog.products(&known.missing).instrument(catalogue_stage()).await?;
        let read: Vec<_> = read.into_iter().map(Arc::new).collect();
        self.products.keep(&read, known.forgotten);
        let read: HashMap<_, _> = read.into_iter().map(|product| (product.id, product)).collect();
        let found =
            ids.iter().zip(known.products).filter_map(|(id, known)| known.or_else(|| read.get(id).cloned()));
        Ok(found.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Money;

    fn product(id: i64, description: usize) -> Arc<Product> {
        Arc::new(Product {
            description: "x".repeat(description),
            price: Money::from_minor(700),
            ..Product::new(ProductId(id), "Taza")
        })
    }

    fn known(cache: &ProductCache, id: i64) -> bool {
        cache.get(&[ProductId(id)]).missing.is_empty()
    }

    #[test]
    fn the_least_recently_shown_give_way_to_what_exceeds_the_bytes() {
        let cache = ProductCache::new(10_000);
        for id in 1..=9 {
            cache.keep(&[product(id, 1000)], 0);
            assert!(known(&cache, 1) && cache.state().bytes <= 10_000);
        }
        assert!(known(&cache, 9) && !known(&cache, 2));
        cache.keep(&[product(10, 20_000)], 0);
        let state = cache.state();
        assert_eq!((state.bytes, state.products.len()), (0, 0));
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let cache = ProductCache::new(10_000);
        cache.keep(&[product(1, 10)], 0);
        let before = cache.get(&[ProductId(2)]);
        cache.forget(&[Change::ProductDeleted(ProductId(1))]);
        assert!(!known(&cache, 1));
        cache.keep(&[product(2, 10)], before.forgotten);
        assert!(!known(&cache, 2));
        assert_eq!(cache.state().bytes, 0);
    }
}
