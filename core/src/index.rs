//! The trait of search indexes: derived from the catalogue, rebuilt at will.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::{
    Catalog, CategoryId, CategoryScore, Change, Cursor, DEFAULT_LIMIT, Embedding, Facets, FeedPosition,
    Filter, ProductId, Result, Sort,
};

/// A product that was found, and how well it fits: higher is better, comparable within one answer only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The product.
    pub product: ProductId,
    /// How well it fits; a cosine for visual neighbours.
    pub score: f32,
}

/// What to look for by words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    /// Whether to count facets, which looks at everything that is found. They count the products with all words; only where
    /// there are none, those with some.
    pub facets: bool,
}

impl Default for TextQuery {
    fn default() -> Self {
        Self {
            text: String::new(),
            meant: Vec::new(),
            filter: Filter::default(),
            sort: Sort::default(),
            limit: DEFAULT_LIMIT,
            after: None,
            facets: false,
        }
    }
}

/// What was found by words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextHits {
    /// A page of products, in the order asked for.
    pub hits: Vec<Hit>,
    /// How many products there are on all pages together: just so many, or at least.
    pub total: usize,
    /// Whether there may be more than `total`: an index need not count what only has some of the words while there are
    /// enough products that have all.
    pub at_least: bool,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
    /// The counts for narrowing down, where they were asked for.
    pub facets: Option<Facets>,
    /// The query with its misspelt words put right, where words of it are unknown and others resemble them.
    pub did_you_mean: Option<String>,
    /// The words, in the forms of [`text::forms`](crate::text::forms), that count as found: for highlighting with
    /// [`text::stretches`](crate::text::stretches).
    pub matched: Vec<String>,
    /// The categories of the best products with their shares of them, from 0 to 1, the largest first; told with the first
    /// page of a search by relevance.
    pub categories: Vec<CategoryScore>,
}

/// How a half-typed query may go on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestions {
    /// Whole queries that find something, the most frequent first.
    pub queries: Vec<String>,
    /// Products that have the words so far, the best first.
    pub products: Vec<ProductId>,
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
    /// - Among products that match equally well, what is in stock comes first.
    /// - In other orders than relevance, products that lack a word are left out where any has all of those that the index
    ///   knows.
    /// - Facets count the products with all words that the index knows; where none passes the filter, those with some.
    ///   The part of the filter that narrows a facet does not narrow its own counts: with one brand chosen, the others are
    ///   still counted.
    /// - An index may forgive misspellings, know synonyms, and understand words that are not typed to their end.
    /// - No text is an error, however odd.
    async fn text(&self, query: &TextQuery) -> Result<TextHits>;

    /// How a query whose last word is not typed to its end may go on: at most `limit` queries and as many products.
    ///
    /// - Each query begins with the words before the last, and goes on with a word of products that have those too.
    /// - Case and accents do not matter. A text without a word has no suggestions.
    async fn suggest(&self, text: &str, limit: usize) -> Result<Suggestions>;

    /// The `limit` products whose photos look most like `embedding` and that pass the filter, the most similar first.
    ///
    /// - Products without an embedding are not found. A vector of another length finds nothing.
    async fn similar(&self, embedding: &Embedding, filter: &Filter, limit: usize) -> Result<Vec<Hit>>;

    /// How a product's photo looks, if the index knows it.
    async fn embedding(&self, product: ProductId) -> Result<Option<Embedding>>;

    /// How products of each category look, at most `limit` in all: for learning what the categories look like.
    ///
    /// - Categories have equal shares of `limit`; what those with few photos leave goes to the others.
    /// - Of a category it is the newest products, by number. Products without a category or an embedding are left out.
    async fn looks(&self, limit: usize) -> Result<Vec<(CategoryId, Embedding)>>;
}

/// Chooses what [`SearchIndex::looks`] answers: from the numbers of each category's products, in any order.
pub fn fair_shares(
    shelves: BTreeMap<CategoryId, Vec<ProductId>>,
    limit: usize,
) -> Vec<(CategoryId, ProductId)> {
    let mut shelves: Vec<_> = shelves.into_iter().collect();
    shelves.sort_by_key(|(category, products)| (products.len(), *category));
    let (mut left, mut chosen) = (limit, Vec::new());
    let count = shelves.len();
    for (at, (category, mut products)) in shelves.into_iter().enumerate() {
        let share = left / (count - at);
        products.sort_unstable_by(|a, b| b.cmp(a));
        products.truncate(share);
        left -= products.len();
        chosen.extend(products.into_iter().map(|product| (category, product)));
    }
    chosen.sort_unstable();
    chosen
}

/// How many entries of the feed are taken over at a time: few enough for the memory that their embeddings take, many
/// enough that an index which writes to a disk at each stretch is filled quickly.
const STRETCH: usize = 10_000;

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
