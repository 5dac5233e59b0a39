//! A shop of the products or photos under evaluation, with the engine that serves customers.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use vitrina::memory::{MemoryCatalog, MemoryQueue};
use vitrina::{
    Catalog, Category, CategoryId, ListQuery, MAX_LIMIT, PhotoEmbedding, ProductDraft, ProductId,
    QueueOptions, Result, SearchOptions, SearchService, WordAnswer, WordSearch,
};
use vitrina_index::TantivyIndex;

use super::files::Products;
use super::labelled::Labelled;
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
    let index = TantivyIndex::in_memory()?.with_synonyms(shop::synonyms(synonyms)?);
    serving(catalog, index, options).await
}

/// The same over photos: product `n` has the `n`th photo, in the category that its label names.
pub(super) async fn photographed(
    photos: &[Labelled],
    model: &str,
    vocabulary: Option<&Path>,
) -> Result<SearchService> {
    let names: BTreeSet<&str> = photos.iter().map(|photo| photo.label.as_str()).collect();
    let categories: Vec<_> =
        (1..).zip(names).map(|(id, name)| Category { id: CategoryId(id), name: name.to_owned() }).collect();
    let catalog = MemoryCatalog::new();
    catalog.upsert_categories(&categories).await?;
    let numbered = || (1..).map(ProductId).zip(photos);
    let draft = |(id, photo): (ProductId, &Labelled)| ProductDraft {
        id: Some(id),
        name: photo.label.clone(),
        category: categories.iter().find(|category| category.name == photo.label).map(|category| category.id),
        photo: Some(photo.path.file_name().unwrap_or_default().to_string_lossy().into_owned()),
        ..ProductDraft::default()
    };
    catalog.upsert_products(&numbered().map(draft).collect::<Vec<_>>()).await?;
    let embeddings = numbered().filter_map(|(product, photo)| {
        let embedding = photo.recognition.embedding.clone()?;
        Some(PhotoEmbedding { product, model: model.to_owned(), embedding })
    });
    catalog.put_embeddings(&embeddings.collect::<Vec<_>>()).await?;
    let vocabulary = shop::vocabulary(vocabulary)?;
    let options = SearchOptions { vocabulary, photo_limit: MAX_LIMIT, ..SearchOptions::default() };
    serving(catalog, TantivyIndex::in_memory()?, options).await
}

async fn serving(
    catalog: MemoryCatalog,
    index: TantivyIndex,
    options: SearchOptions,
) -> Result<SearchService> {
    let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
    let service = SearchService::new(Arc::new(catalog), Arc::new(index), queue, options);
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
