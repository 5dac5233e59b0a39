//! The one place with the rules: words to categories and products, photos to tasks, outcomes to products.

mod everything;
mod facet_values;
mod named;
mod options;
mod photo;
mod product_cache;
mod query_mean;
mod ranking;
mod refresh;
mod samples;
mod spaces;
mod training;
mod variants;
mod words;

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, PoisonError, RwLock};

use tracing::Instrument;

use crate::catalog::{ListQuery, Page};
use crate::classify::Categorizer;
use crate::queue::observation::catalogue_stage;
use crate::{Catalog, Category, CategoryId, Error, Product, ProductId, Result, SearchIndex, TaskQueue};

pub use facet_values::FacetValue;
pub use options::SearchOptions;
pub use photo::{PhotoAnswer, PhotoSearch, Resemblance, SimilarProduct, TaskAnswer};
use product_cache::ProductCache;
use query_mean::QueryMean;
use refresh::Refreshes;
use samples::Samples;
use training::Training;
pub use words::{Highlights, Suggested, WordAnswer, WordSearch};

/// How many predicted categories are considered at most: the course's inference service returns three.
const CONSIDERED: usize = 3;

/// A category that a photo shows or that words point to.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The category.
    pub category: Category,
    /// How likely, 0 to 1.
    pub score: f32,
}

/// A shop that can be searched: a catalogue, an index that follows it, a queue of photos.
///
/// See the [crate's first page](crate) for an example. Handlers of every entry point parse, call this, and map the answer.
pub struct SearchService {
    catalog: Arc<dyn Catalog>,
    index: Arc<dyn SearchIndex>,
    queue: Arc<dyn TaskQueue>,
    options: SearchOptions,
    categorizer: RwLock<Arc<Categorizer>>,
    training: Training,
    query_mean: QueryMean,
    samples: Samples,
    refreshes: Refreshes,
    is_fresh: AtomicBool,
    products: ProductCache,
    foreign_results: AtomicU64,
}

impl SearchService {
    /// A service over these parts; call [`refresh`](Self::refresh) before the first search and regularly after it.
    pub fn new(
        catalog: Arc<dyn Catalog>,
        index: Arc<dyn SearchIndex>,
        queue: Arc<dyn TaskQueue>,
        options: SearchOptions,
    ) -> Self {
        let categorizer = RwLock::new(Arc::new(Categorizer::new(&[], &options.vocabulary)));
        let products = ProductCache::new(options.product_memory);
        Self {
            catalog,
            index,
            queue,
            options,
            categorizer,
            training: Training::default(),
            query_mean: QueryMean::default(),
            samples: Samples::default(),
            refreshes: Refreshes::default(),
            is_fresh: AtomicBool::new(false),
            products,
            foreign_results: AtomicU64::new(0),
        }
    }

    /// The catalogue, for those that write to it.
    pub fn catalog(&self) -> &Arc<dyn Catalog> {
        &self.catalog
    }

    /// The search index.
    pub fn index(&self) -> &Arc<dyn SearchIndex> {
        &self.index
    }

    /// The queue, for workers and the webhook.
    pub fn queue(&self) -> &Arc<dyn TaskQueue> {
        &self.queue
    }

    /// All categories, by number.
    ///
    /// # Errors
    /// Those of the catalogue.
    pub async fn categories(&self) -> Result<Vec<Category>> {
        self.catalog.categories().await
    }

    /// A page of the catalogue.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a wrong query, and those of the catalogue.
    pub async fn list(&self, query: &ListQuery) -> Result<Page<Product>> {
        query.validate()?;
        self.catalog.list(query).instrument(catalogue_stage()).await
    }

    /// One product.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), and those of the catalogue.
    pub async fn product(&self, id: ProductId) -> Result<Product> {
        let found = self.catalog.products(&[id]).instrument(catalogue_stage()).await?.pop();
        found.ok_or_else(|| unknown_product(id))
    }

    /// Removes a product; no search finds it any more.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), and those of the catalogue and the index.
    pub async fn delete_product(&self, id: ProductId) -> Result<()> {
        if self.catalog.delete_products(&[id]).await? == 0 {
            return Err(unknown_product(id));
        }
        self.refresh().await.map(|_| ())
    }

    /// A category as it was when the index was last refreshed, without asking the catalogue.
    pub fn category(&self, id: CategoryId) -> Option<Category> {
        self.categorizer().category(id).cloned()
    }

    /// The names of a category and of those above it, from the root; empty for a category that is not known.
    pub fn category_path(&self, id: CategoryId) -> Vec<String> {
        let categorizer = self.categorizer();
        let above =
            std::iter::successors(categorizer.category(id), |below| categorizer.category(below.parent?));
        let mut path: Vec<_> =
            above.take(Category::MAX_DEPTH).map(|category| category.name.clone()).collect();
        path.reverse();
        path
    }

    fn categorizer(&self) -> Arc<Categorizer> {
        self.categorizer.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn unknown_product(id: ProductId) -> Error {
    Error::not_found(format!("there is no product {}", id.0))
}
