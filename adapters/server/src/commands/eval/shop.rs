//! A shop of the products or photos under evaluation, with the engine that serves customers.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use vitrina_core::catalog::{ListQuery, MAX_LIMIT, PhotoEmbedding};
use vitrina_core::classify::Embedding;
use vitrina_core::memory::{MemoryCatalog, MemoryQueue};
use vitrina_core::photo::{PhotoFormat, PhotoKey};
use vitrina_core::product::ProductDraft;
use vitrina_core::queue::QueueOptions;
use vitrina_core::search::{SearchOptions, WordAnswer, WordSearch};
use vitrina_core::{Catalog, Category, CategoryId, ProductId, Result, SearchService};
use vitrina_index::TantivyIndex;

use super::files::Products;
use super::labelled::Labelled;
use super::measures::DEPTH;

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
    let lexicon = vitrina::built_in_lexicon()?;
    let index = TantivyIndex::in_memory()?.with_synonyms(vitrina::synonyms(synonyms)?);
    let index = index.with_lexicon(lexicon.clone());
    let vocabulary = vitrina::vocabulary(vocabulary)?;
    let options = SearchOptions::default().vocabulary(vocabulary).lexicon(lexicon);
    serving(catalog, index, options).await
}

/// The same over photos: product `n` has the `n`th photo, named after its label, in the category that `category_of` names.
/// Categories of `unphotographed` are sold too.
pub(super) async fn photographed(
    photos: &[Labelled],
    category_of: impl Fn(&str) -> String,
    unphotographed: &BTreeSet<String>,
    vocabulary: Option<&Path>,
    center: Option<Embedding>,
) -> Result<SearchService> {
    let mut names: BTreeSet<String> = photos.iter().map(|photo| category_of(&photo.label)).collect();
    names.extend(unphotographed.iter().cloned());
    let categories: Vec<_> = (1..).zip(names).map(|(id, name)| Category::new(CategoryId(id), name)).collect();
    let catalog = MemoryCatalog::new();
    catalog.upsert_categories(&categories).await?;
    let category = |label: &str| {
        let name = category_of(label);
        categories.iter().find(|category| category.name == name).map(|category| category.id)
    };
    let numbered = || (1..).map(ProductId).zip(photos);
    // No photo is stored: what its path is takes the place of its content.
    let key = |photo: &Labelled| PhotoKey::of(photo.path.as_os_str().as_encoded_bytes(), PhotoFormat::Jpeg);
    let draft = |(id, photo): (ProductId, &Labelled)| ProductDraft {
        id: Some(id),
        name: photo.label.clone(),
        categories: category(&photo.label).into_iter().collect(),
        photos: vec![key(photo).to_string()],
        ..ProductDraft::default()
    };
    catalog.upsert_products(&numbered().map(draft).collect::<Vec<_>>()).await?;
    let embeddings = numbered().filter_map(|(product, photo)| {
        let embedding = photo.classification.embedding.clone()?;
        Some(PhotoEmbedding { product, photo: key(photo), embedding })
    });
    catalog.put_embeddings(&embeddings.collect::<Vec<_>>()).await?;
    let vocabulary = vitrina::vocabulary(vocabulary)?;
    let options = SearchOptions::default().vocabulary(vocabulary).center(center).photo_limit(MAX_LIMIT);
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
    let list = ListQuery::default().limit(DEPTH);
    service.search_words(&WordSearch::default().text(query).list(list)).await
}

/// The products of [`answer`].
pub(super) async fn found(service: &SearchService, query: &str) -> Result<Vec<ProductId>> {
    Ok(answer(service, query).await?.products.into_iter().map(|product| product.id).collect())
}
