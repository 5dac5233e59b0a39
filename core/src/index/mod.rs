//! The trait of search indexes, which are derived from the catalogue and rebuilt at will; facets, explanations, codes and weights.

mod codes;
mod explanation;
mod facets;
mod query;
mod weights;

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;

use crate::catalog::{Change, Cursor, FeedPosition, Filter};
use crate::classify::{CategoryScore, Embedding, EmbeddingSpace};
use crate::photo::PhotoKey;
use crate::{Catalog, CategoryId, ProductId, Result};

pub use codes::{CodePart, SHORTEST_CODE_PART, code_key, code_parts, has_last_digits};
pub use explanation::{Boost, BoostKind, Explanation, TextField, WordScore};
pub use facets::{AttributeFacet, AttributePass, FacetChoice, FacetCounter, Facets, Passes, PriceRange};
pub use query::{MAX_EXPLAINED, MAX_SKIPPED, TextQuery};
pub use weights::RankingWeights;

/// A product that was found, and how well it fits: higher is better, comparable within one answer only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The product.
    pub product: ProductId,
    /// How well it fits; a cosine for visual neighbours.
    pub score: f32,
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
    /// The words of the query, as typed, that no product has, nor anything that may stand for them.
    pub unknown: Vec<String>,
    /// The words, in the forms of [`text::forms`](crate::text::forms), that count as found: for highlighting with
    /// [`text::matched_spans`](crate::text::matched_spans).
    pub matched: Vec<String>,
    /// Why the first products stand where they do, where that was asked for, in the order of `hits`; without the fields of
    /// the words.
    pub explanations: Vec<Explanation>,
    /// The categories that the query asks for by what the products of each are called, or those of the best products, with
    /// their shares, from 0 to 1, the largest first; returned with the first page of a search by relevance.
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

/// The photo of a product that is the most similar to another photo.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoMatch {
    /// The photo; `None` for the product's main one.
    pub photo: Option<PhotoKey>,
    /// How similar it is: the cosine of both embeddings.
    pub similarity: f32,
}

/// How many products an index knows embeddings of, in one space and length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedProducts {
    /// The space.
    pub space: EmbeddingSpace,
    /// How many numbers an embedding has.
    pub length: usize,
    /// How many products, whether one of their photos is embedded or all.
    pub products: usize,
}

/// Finds products by words and by visual similarity.
///
/// # Contract
///
/// - It knows what [`apply`](Self::apply) brought, and nothing else; what `apply` has returned for is found by every search
///   that starts later.
/// - Equal indexes answer equal queries alike; ties go to the lower product number.
#[async_trait]
pub trait SearchIndex: Send + Sync {
    /// How far in the change feed this index is.
    async fn position(&self) -> Result<FeedPosition>;

    /// Takes over a batch of the feed, which ends at `position`.
    ///
    /// - Changes that were applied before may be applied again. Deleting what is not there succeeds.
    async fn apply(&self, changes: &[Change], position: FeedPosition) -> Result<()>;

    /// Forgets everything: no product is found, and the position is 0.
    async fn clear(&self) -> Result<()>;

    /// Products by words.
    ///
    /// - Case, accents, punctuation and the plural do not matter. A query without a word (`""`, `"?!"`) finds everything
    ///   that passes the filter.
    /// - Products that match all words come before those that match some; a match in the name counts more than one in
    ///   the brand or description; products that are only of a meant category come last.
    /// - Codes of products and variants are found whole, and by four characters or more with a digit in them: by their
    ///   beginning, numbers by their end too. Neither separators nor case matter, in the query or the code.
    /// - Products that have a word of [`without`](TextQuery::without) are left out.
    /// - Among products that match equally well, what is in stock comes first.
    /// - In other orders than relevance, and with [`all_words`](TextQuery::all_words), products that lack a word are left out
    ///   where any has all of those that the index knows.
    /// - Facets count the products that the total counts. The part of the filter that narrows a facet does not narrow its
    ///   own counts: with one brand chosen, the others are still counted.
    /// - Where an index explains scores, a product's terms add up to the score of its hit.
    /// - An index may forgive misspellings, know synonyms, and understand words that are not typed to their end.
    /// - Where the limit is 0 or products are passed over, the counts are those of the first page.
    /// - No text is an error, however odd.
    async fn text(&self, query: &TextQuery) -> Result<TextHits>;

    /// How a query whose last word is not typed to its end may go on: at most `limit` queries and as many products.
    ///
    /// - Each query begins with the words before the last, and goes on with a word of products that have those too.
    /// - Case and accents do not matter. A text without a word has no suggestions.
    async fn suggest(&self, text: &str, limit: usize) -> Result<Suggestions>;

    /// The `limit` products whose photos are the most similar to `embedding` and that pass the filter, the most similar first.
    ///
    /// - It is compared with embeddings of its own space and length alone; products without one are not found.
    /// - All photos of a product are compared, and the best counts: a product is one hit, however many photos it has.
    async fn similar(&self, embedding: &Embedding, filter: &Filter, limit: usize) -> Result<Vec<Hit>>;

    /// The most similar photo of each of these products; products without an embedding of its space and length are left out.
    ///
    /// - Of equally similar ones it is the main photo, or else the first.
    async fn best_photos(
        &self,
        embedding: &Embedding,
        products: &[ProductId],
    ) -> Result<HashMap<ProductId, PhotoMatch>>;

    /// The embedding of a product's main photo in this space, if the index knows it.
    async fn embedding(&self, product: ProductId, space: &EmbeddingSpace) -> Result<Option<Embedding>>;

    /// The spaces that products are embedded in, the one with most products first; of equally many the lower name.
    async fn spaces(&self) -> Result<Vec<EmbeddedProducts>>;

    /// Embeddings of one space, of main photos of products of each category, at most `limit` in all: for training.
    ///
    /// - Categories have equal shares of `limit`; what those with few photos leave goes to the others.
    /// - Of a category it is the newest products, by number. Products without a category or an embedding are left out.
    async fn sample_embeddings(
        &self,
        space: &EmbeddingSpace,
        limit: usize,
    ) -> Result<Vec<(CategoryId, Embedding)>>;
}

/// Chooses what [`SearchIndex::sample_embeddings`] answers: from the numbers of each category's products, in any order.
pub fn fair_shares(
    categories: BTreeMap<CategoryId, Vec<ProductId>>,
    limit: usize,
) -> Vec<(CategoryId, ProductId)> {
    let mut categories: Vec<_> = categories.into_iter().collect();
    categories.sort_by_key(|(category, products)| (products.len(), *category));
    let (mut left, mut chosen) = (limit, Vec::new());
    let count = categories.len();
    for (at, (category, mut products)) in categories.into_iter().enumerate() {
        let share = left / (count - at);
        products.sort_unstable_by(|a, b| b.cmp(a));
        products.truncate(share);
        left -= products.len();
        chosen.extend(products.into_iter().map(|product| (category, product)));
    }
    chosen.sort_unstable();
    chosen
}

/// How many entries of the feed are applied at a time: few enough for the memory that their embeddings take, many
/// enough that an index which writes to a disk at each batch is filled quickly.
const BATCH: usize = 10_000;

/// Brings an index up to the catalogue; returns how many changes it took over.
///
/// # Errors
/// Those of the catalogue and the index; what was applied before stays applied.
pub async fn catch_up(catalog: &dyn Catalog, index: &dyn SearchIndex) -> Result<usize> {
    catch_up_with(catalog, index, |_| ()).await
}

/// As [`catch_up`]; `before` sees the changes before the index does.
pub(crate) async fn catch_up_with(
    catalog: &dyn Catalog,
    index: &dyn SearchIndex,
    before: impl Fn(&[Change]),
) -> Result<usize> {
    let mut taken = 0;
    loop {
        let since = index.position().await?;
        let batch = catalog.changes(since, BATCH).await?;
        if batch.changes.is_empty() && batch.position == since {
            return Ok(taken);
        }
        taken += batch.changes.len();
        before(&batch.changes);
        index.apply(&batch.changes, batch.position).await?;
    }
}

/// Clears an index that is ahead of its catalogue, as one is whose catalogue was restored from a backup; returns whether it was.
///
/// # Errors
/// Those of the catalogue and the index.
pub async fn clear_if_ahead(catalog: &dyn Catalog, index: &dyn SearchIndex) -> Result<bool> {
    let position = index.position().await?;
    let Some(before) = position.0.checked_sub(1) else { return Ok(false) };
    // An entry of the feed only goes when another comes behind it.
    if !catalog.changes(FeedPosition(before), 1).await?.changes.is_empty() {
        return Ok(false);
    }
    tracing::warn!(position = position.0, "the search index is ahead of the catalogue: it is built anew");
    index.clear().await?;
    Ok(true)
}
