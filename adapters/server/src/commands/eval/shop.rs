//! A shop of the products under evaluation, with the engine that serves customers.

use std::path::Path;
use std::sync::Arc;

use vitrina::memory::{MemoryCatalog, MemoryQueue};
use vitrina::{
    Catalog, ListQuery, ProductDraft, ProductId, QueueOptions, Result, SearchOptions, SearchService,
    WordAnswer, WordSearch,
};
use vitrina_index::TantivyIndex;

use super::files::Products;
use super::measures::DEPTH;
use crate::shop;

/// Everything that `vitrina serve` searches with, over products in memory.
pub(super) async fn open(
    products: &Products,
    vocabulary: Option<&Path>,
    synonyms: Option<&Path>,
) -> Result<SearchService> {
    let catalog = MemoryCatalog::new();
    catalog.upsert_categories(&products.categories()).await?;
    let drafts: Vec<_> = products.all.iter().cloned().map(ProductDraft::from).collect();
    catalog.upsert_products(&drafts).await?;
    let options = SearchOptions { vocabulary: shop::vocabulary(vocabulary)?, ..SearchOptions::default() };
    let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
    let index = Arc::new(TantivyIndex::in_memory()?.with_synonyms(shop::synonyms(synonyms)?));
    let service = SearchService::new(Arc::new(catalog), index, queue, options);
    service.refresh().await?;
    Ok(service)
}

/// The answer to a query, as deep as figures are taken.
pub(super) async fn answer(service: &SearchService, query: &str) -> Result<WordAnswer> {
    let list = ListQuery { limit: DEPTH, ..ListQuery::default() };
    service.search_words(&WordSearch { text: query.to_owned(), list, ..WordSearch::default() }).await
}

/// The products of [`answer`].
pub(super) async fn found(service: &SearchService, query: &str) -> Result<Vec<ProductId>> {
    Ok(answer(service, query).await?.products.into_iter().map(|product| product.id).collect())
}
