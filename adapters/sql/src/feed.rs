//! The change feed: entries of the table `vitrina_change`, told as they are now.

use std::collections::HashMap;

use vitrina::{Category, CategoryId, Change, Changes, Embedding, FeedPosition, Product, ProductId};

/// The kind of an entry that is a category.
pub(crate) const CATEGORY: i64 = 1;
/// The kind of an entry that is a product.
pub(crate) const PRODUCT: i64 = 2;

/// A row of `vitrina_change`.
#[derive(sqlx::FromRow)]
pub(crate) struct Entry {
    seq: i64,
    kind: i64,
    id: i64,
}

/// A position as the database compares it.
pub(crate) fn place(position: FeedPosition) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

/// A limit as the database takes it.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit.max(1)).unwrap_or(i64::MAX)
}

/// The products among the entries.
pub(crate) fn product_ids(entries: &[Entry]) -> Vec<ProductId> {
    entries.iter().filter(|entry| entry.kind == PRODUCT).map(|entry| ProductId(entry.id)).collect()
}

/// Tells what became of the entries, which were read before what is there now.
pub(crate) fn tell(
    since: FeedPosition,
    entries: &[Entry],
    categories: Vec<Category>,
    products: Vec<Product>,
    embeddings: Vec<(ProductId, Embedding)>,
) -> Changes {
    let mut categories: HashMap<_, _> =
        categories.into_iter().map(|category| (category.id, category)).collect();
    let mut products: HashMap<_, _> = products.into_iter().map(|product| (product.id, product)).collect();
    let mut embeddings: HashMap<_, _> = embeddings.into_iter().collect();
    let mut change = |entry: &Entry| {
        if entry.kind == CATEGORY {
            let id = CategoryId(entry.id);
            return categories.remove(&id).map_or(Change::CategoryDeleted(id), Change::Category);
        }
        let id = ProductId(entry.id);
        match products.remove(&id) {
            Some(product) => Change::Product { product, embedding: embeddings.remove(&id) },
            None => Change::ProductDeleted(id),
        }
    };
    let position = entries.last().map_or(since, |last| FeedPosition(last.seq.unsigned_abs()));
    Changes { changes: entries.iter().map(&mut change).collect(), position }
}
