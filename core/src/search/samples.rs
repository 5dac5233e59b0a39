//! Samples of the products' names of each category: what the shop itself calls the things in it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::catalog::{FeedPosition, Filter, ListQuery, Sort};
use crate::classify::ProductNames;
use crate::{Catalog, Category, Result};

/// How many names are taken of a category, and of how many categories.
const NAMES: usize = 12;
const CATEGORIES: usize = 1000;

/// How much longer than sampling takes the pause after it is.
const PAUSE: u32 = 20;

/// The last sample, and when it was taken.
#[derive(Debug, Default)]
pub(super) struct Samples {
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    names: Arc<ProductNames>,
    position: FeedPosition,
    next: Option<Instant>,
}

impl Samples {
    /// A sample of the catalogue at this position of its feed, or an earlier one while there was no time for another.
    ///
    /// # Errors
    /// Those of the catalogue.
    pub(super) async fn names(
        &self,
        catalog: &dyn Catalog,
        categories: &[Category],
        position: FeedPosition,
    ) -> Result<Arc<ProductNames>> {
        {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.position == position || last.next.is_some_and(|next| Instant::now() < next) {
                return Ok(last.names.clone());
            }
        }
        let started = Instant::now();
        let mut names = ProductNames::new();
        for category in categories.iter().take(CATEGORIES) {
            let filter = Filter { categories: vec![category.id], ..Filter::default() };
            let query = ListQuery { filter, sort: Sort::Newest, limit: NAMES, ..ListQuery::default() };
            let page = catalog.list(&query).await?;
            names.insert(category.id, page.items.into_iter().map(|product| product.name).collect());
        }
        let names = Arc::new(names);
        let next = Some(Instant::now() + started.elapsed() * PAUSE);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) =
            Last { names: names.clone(), position, next };
        Ok(names)
    }
}
