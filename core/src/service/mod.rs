//! The one place with the rules: words to categories and products, photos to tasks, outcomes to products.

mod lessons;
mod mixing;
mod photo;
mod words;

use std::sync::{Arc, PoisonError, RwLock};

use crate::{
    Catalog, Categorizer, Category, CategoryId, Error, ListQuery, Page, Product, ProductId, Result,
    SearchIndex, TaskQueue, Vocabulary, catch_up,
};

use lessons::Lessons;
pub use photo::{PhotoAnswer, PhotoSearch, SimilarProduct, TaskAnswer};
pub use words::{Highlights, Suggested, WordAnswer, WordSearch};

/// How many predicted categories are considered at most: the course's inference service returns three.
const CONSIDERED: usize = 3;

/// What a [`SearchService`] may be told.
#[derive(Debug, Clone)]
pub struct SearchOptions {
    /// A predicted category is kept when its score is above this, 0 to 1.
    pub confidence_threshold: f32,
    /// The words and labels by which categories are known.
    pub vocabulary: Vocabulary,
    /// How many products an answer to a photo holds.
    pub photo_limit: usize,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { confidence_threshold: 0.1, vocabulary: Vocabulary::empty(), photo_limit: 24 }
    }
}

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
/// See the [crate's first page](crate) for an example. Handlers of every door parse, call this, and map the answer.
pub struct SearchService {
    catalog: Arc<dyn Catalog>,
    index: Arc<dyn SearchIndex>,
    queue: Arc<dyn TaskQueue>,
    options: SearchOptions,
    categorizer: RwLock<Arc<Categorizer>>,
    lessons: Lessons,
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
        Self { catalog, index, queue, options, categorizer, lessons: Lessons::default() }
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

    /// Takes over what changed in the catalogue, and learns from it what the categories look like; answers how many
    /// changes there were.
    ///
    /// Where learning takes long it is put off while changes go on, so that it takes a twentieth of the time at most: a
    /// later call, with changes or without, makes up for it.
    ///
    /// # Errors
    /// Those of the catalogue and the index; searches go on with what is known.
    pub async fn refresh(&self) -> Result<usize> {
        let taken = catch_up(&*self.catalog, &*self.index).await?;
        let looks = self.lessons.looks(&*self.index).await?;
        if taken > 0 || looks.is_new {
            let categories = self.catalog.categories().await?;
            let fresh = Categorizer::new(&categories, &self.options.vocabulary).with_looks(looks.learned);
            *self.categorizer.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        }
        Ok(taken)
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
        self.catalog.list(query).await
    }

    /// One product.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), and those of the catalogue.
    pub async fn product(&self, id: ProductId) -> Result<Product> {
        let found = self.catalog.products(&[id]).await?.pop();
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

    fn categorizer(&self) -> Arc<Categorizer> {
        self.categorizer.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn unknown_product(id: ProductId) -> Error {
    Error::not_found(format!("there is no product {}", id.0))
}
