//! The trait of search indexes: derived from the catalogue, rebuilt at will.

use async_trait::async_trait;

use crate::{Catalog, CategoryId, Change, Cursor, Embedding, FeedPosition, Filter, ProductId, Result, Sort};

/// A product that was found, and how well it fits: higher is better, comparable within one answer only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The product.
    pub product: ProductId,
    /// How well it fits; a cosine for visual neighbours.
    pub score: f32,
}

/// What to look for by words.
#[derive(Debug, Clone, PartialEq)]
pub struct TextQuery {
    /// What the customer typed; never read as a query language.
    pub text: String,
    /// Categories that the text means: their products are found too, after those that the words themselves find.
    pub meant: Vec<CategoryId>,
    /// Which products may be in the answer.
    pub filter: Filter,
    /// In what order.
    pub sort: Sort,
    /// How many, from 1 to [`MAX_LIMIT`](crate::MAX_LIMIT).
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

/// What was found by words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextHits {
    /// A page of products, in the order asked for.
    pub hits: Vec<Hit>,
    /// How many products there are on all pages together.
    pub total: usize,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

/// Finds products by words and by look.
///
/// # Contract
///
/// - It knows what [`apply`](Self::apply) told it, and nothing else; what `apply` has returned for is found by every search
///   that starts later.
/// - Equal indexes answer equal queries alike; ties go to the lower product number.
#[async_trait]
pub trait SearchIndex: Send + Sync {
    /// How far in the change feed this index is.
    async fn position(&self) -> Result<FeedPosition>;

    /// Takes over a stretch of the feed, which ends at `position`.
    ///
    /// - Changes that were applied before may be applied again. Deleting what is not there succeeds.
    async fn apply(&self, changes: &[Change], position: FeedPosition) -> Result<()>;

    /// Products by words.
    ///
    /// - Case, accents, punctuation and the plural do not matter. A query without a word (`""`, `"?!"`) finds everything
    ///   that passes the filter.
    /// - Products that match all words come before those that match some; a match in the name counts more than one in
    ///   the brand or description; products that are only of a meant category come last.
    /// - No text is an error, however odd.
    async fn text(&self, query: &TextQuery) -> Result<TextHits>;

    /// The `limit` products whose photos look most like `embedding` and that pass the filter, the most similar first.
    ///
    /// - Products without an embedding are not found. A vector of another length finds nothing.
    async fn similar(&self, embedding: &Embedding, filter: &Filter, limit: usize) -> Result<Vec<Hit>>;

    /// How a product's photo looks, if the index knows it.
    async fn embedding(&self, product: ProductId) -> Result<Option<Embedding>>;
}

/// How many entries of the feed are taken over at a time.
const STRETCH: usize = 1000;

/// Brings an index up to the catalogue; answers how many changes it took over.
///
/// # Errors
/// Those of the catalogue and the index; what was applied before stays applied.
pub async fn catch_up(catalog: &dyn Catalog, index: &dyn SearchIndex) -> Result<usize> {
    let mut taken = 0;
    loop {
        let since = index.position().await?;
        let stretch = catalog.changes(since, STRETCH).await?;
        if stretch.changes.is_empty() && stretch.position == since {
            return Ok(taken);
        }
        taken += stretch.changes.len();
        index.apply(&stretch.changes, stretch.position).await?;
    }
}
