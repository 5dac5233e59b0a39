//! The contract of search indexes, in memory and on disk, and what this one promises beyond it.

#![allow(clippy::unwrap_used)]

mod forgiving;
mod frequent;
mod killed;
mod kinds;
mod meanings;
mod pages;
mod signals;
mod spanish;
mod storage;
mod vocabulary;

use futures_executor::block_on;
use vitrina_core::catalog::{Change, Cursor, FeedPosition, Filter, PhotoEmbedding, Sort};
use vitrina_core::classify::Embedding;
use vitrina_core::index::{FacetChoice, TextHits, TextQuery};
use vitrina_core::photo::{PhotoFormat, PhotoKey};
use vitrina_core::{Category, CategoryId, Money, Product, ProductId, SearchIndex};
use vitrina_index::TantivyIndex;

mod in_memory {
    use super::*;

    async fn fresh() -> Option<(TantivyIndexBox, ())> {
        Some((Box::new(TantivyIndex::in_memory().unwrap()), ()))
    }

    vitrina_core::index_conformance!(block_on, fresh);
}

mod on_disk {
    use super::*;

    async fn fresh() -> Option<(TantivyIndexBox, tempfile::TempDir)> {
        let directory = tempfile::tempdir().unwrap();
        Some((Box::new(TantivyIndex::open(directory.path()).unwrap()), directory))
    }

    vitrina_core::index_conformance!(block_on, fresh);
}

type TantivyIndexBox = Box<TantivyIndex>;

fn product(id: i64, name: &str) -> Product {
    Product { price: Money::from_minor(1000), ..Product::new(ProductId(id), name) }
}

fn in_category(id: i64, name: &str, category: i64, named: &str) -> Product {
    let category = Category::new(CategoryId(category), named);
    Product { categories: vec![category.into()], ..product(id, name) }
}

fn changed(products: impl IntoIterator<Item = Product>) -> Vec<Change> {
    products.into_iter().map(|product| Change::Product { product, embeddings: Vec::new() }).collect()
}

/// The change of a product with these embeddings, each of a photo of its own; the first is the main photo's.
fn photographed(product: Product, embeddings: impl IntoIterator<Item = Embedding>) -> Change {
    let stored = embeddings.into_iter().zip(0_u8..).map(|(embedding, number)| PhotoEmbedding {
        product: product.id,
        photo: PhotoKey::of(&[number], PhotoFormat::Jpeg),
        embedding,
    });
    let embeddings: Vec<_> = stored.collect();
    let photos = embeddings.iter().map(|stored| stored.photo.to_string()).collect();
    Change::Product { product: Product { photos, ..product }, embeddings }
}

fn apply(index: &TantivyIndex, changes: &[Change], position: u64) {
    block_on(index.apply(changes, FeedPosition(position))).unwrap();
}

fn index_of(products: impl IntoIterator<Item = Product>) -> TantivyIndex {
    let index = TantivyIndex::in_memory().unwrap();
    apply(&index, &changed(products), 1);
    index
}

fn query(text: &str) -> TextQuery {
    TextQuery::default().text(text).limit(100)
}

fn page(index: &TantivyIndex, sort: Sort, text: &str, limit: usize, after: Option<Cursor>) -> TextHits {
    block_on(index.text(&query(text).sort(sort).limit(limit).after(after))).unwrap()
}

fn ids(hits: &TextHits) -> Vec<i64> {
    hits.hits.iter().map(|hit| hit.product.0).collect()
}

fn found(index: &TantivyIndex, text: &str) -> Vec<i64> {
    ids(&page(index, Sort::Relevance, text, 100, None))
}
