//! The cases of [`SearchIndex`].

#![allow(missing_docs, clippy::unwrap_used)]

mod feed;
mod filters;
mod pages;
mod products;
mod vectors;
mod words;

use crate::catalog::{Change, FeedPosition, Filter, PhotoEmbedding};
use crate::classify::{Embedding, EmbeddingSpace};
use crate::index::TextQuery;
use crate::photo::{PhotoFormat, PhotoKey};
use crate::{Category, CategoryId, Money, Product, ProductId, SearchIndex};

pub use feed::*;
pub use filters::*;
pub use pages::*;
pub use products::*;
pub use vectors::*;
pub use words::*;

fn product(id: i64, name: &str, description: &str) -> Product {
    Product {
        description: description.into(),
        price: Money::from_minor(100 * id),
        ..Product::new(ProductId(id), name)
    }
}

fn in_category(id: i64, name: &str, category: i64) -> Product {
    let category = Category::new(CategoryId(category), format!("Estante {category}"));
    Product { categories: vec![category.into()], ..product(id, name, "") }
}

fn space(name: &str) -> EmbeddingSpace {
    EmbeddingSpace::new(name).unwrap()
}

fn embedding(numbers: &[f32]) -> Embedding {
    Embedding::new(numbers.to_vec()).unwrap().in_space(space("m/1"))
}

/// The key of a photo with this content.
fn key(content: &str) -> PhotoKey {
    PhotoKey::of(content.as_bytes(), PhotoFormat::Jpeg)
}

/// The product with these photos, the main one first, each with embeddings.
fn with_photos<'a>(product: Product, photos: impl IntoIterator<Item = (&'a str, Vec<Embedding>)>) -> Change {
    let (mut keys, mut embeddings) = (Vec::new(), Vec::new());
    for (content, of_photo) in photos {
        keys.push(key(content).to_string());
        let stored = |embedding| PhotoEmbedding { product: product.id, photo: key(content), embedding };
        embeddings.extend(of_photo.into_iter().map(stored));
    }
    Change::Product { product: Product { photos: keys, ..product }, embeddings }
}

fn seen(product: Product, numbers: Option<[f32; 3]>) -> Change {
    with_photos(product, numbers.iter().map(|numbers| ("main", vec![embedding(numbers)])))
}

async fn filled(index: &dyn SearchIndex, products: Vec<Product>) {
    let changes: Vec<_> = products.into_iter().map(|product| seen(product, None)).collect();
    index.apply(&changes, FeedPosition(changes.len() as u64)).await.unwrap();
}

fn words(text: &str) -> TextQuery {
    TextQuery { text: text.into(), limit: 100, ..TextQuery::default() }
}

async fn found(index: &dyn SearchIndex, query: &TextQuery) -> Vec<i64> {
    let hits = index.text(query).await.unwrap();
    assert!(hits.hits.iter().all(|hit| hit.score.is_finite()));
    hits.hits.iter().map(|hit| hit.product.0).collect()
}

async fn near(index: &dyn SearchIndex, numbers: &[f32], filter: Filter, limit: usize) -> Vec<i64> {
    let hits = index.similar(&embedding(numbers), &filter, limit).await.unwrap();
    hits.iter().map(|hit| hit.product.0).collect()
}
