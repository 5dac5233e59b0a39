//! The change feed: entries of the table `vitrina_change`, returned as they are now.

use std::collections::HashMap;

use vitrina_core::catalog::{Change, Changes, FeedPosition, PhotoEmbedding, ProductPhoto};
use vitrina_core::{Category, CategoryId, Product, ProductId};

use crate::from_row::from_row;

/// The kind of an entry that is a category.
pub(crate) const CATEGORY: i64 = 1;
/// The kind of an entry that is a product.
pub(crate) const PRODUCT: i64 = 2;

from_row! {
    /// A row of `vitrina_change`.
    pub(crate) struct Entry {
        seq: i64,
        kind: i64,
        id: i64,
    }
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

/// Whether a category is among the entries.
pub(crate) fn names_categories(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.kind == CATEGORY)
}

/// The photo behind which a list of photos goes on, as the database compares it: its product, and its key.
pub(crate) fn behind(after: Option<&ProductPhoto>) -> (i64, &str) {
    after.map_or((i64::MIN, ""), |after| (after.product.0, after.photo.as_str()))
}

/// Returns the changes behind these entries of the feed; the entries were read before the rows.
pub(crate) fn changes(
    since: FeedPosition,
    entries: &[Entry],
    categories: Vec<Category>,
    products: Vec<Product>,
    all_embeddings: Vec<PhotoEmbedding>,
) -> Changes {
    let mut categories: HashMap<_, _> =
        categories.into_iter().map(|category| (category.id, category)).collect();
    let mut products: HashMap<_, _> = products.into_iter().map(|product| (product.id, product)).collect();
    let mut embeddings: HashMap<_, Vec<_>> = HashMap::new();
    for stored in all_embeddings {
        embeddings.entry(stored.product).or_default().push(stored);
    }
    let mut change = |entry: &Entry| {
        if entry.kind == CATEGORY {
            let id = CategoryId(entry.id);
            return categories.remove(&id).map_or(Change::CategoryDeleted(id), Change::Category);
        }
        let id = ProductId(entry.id);
        match products.remove(&id) {
            Some(product) => Change::of_product(product, embeddings.remove(&id).unwrap_or_default()),
            None => Change::ProductDeleted(id),
        }
    };
    let position = entries.last().map_or(since, |last| FeedPosition(last.seq.unsigned_abs()));
    Changes { changes: entries.iter().map(&mut change).collect(), position }
}
