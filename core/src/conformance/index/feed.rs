//! The cases of following a catalogue.

use super::{filled, found, near, product, seen, space, words};
use crate::catalog::{Change, FeedPosition, Filter};
use crate::index::catch_up;
use crate::memory::MemoryCatalog;
use crate::product::ProductDraft;
use crate::{Catalog, Category, CategoryId, ProductId, SearchIndex};

pub async fn an_empty_index_answers_empty(index: &dyn SearchIndex) {
    assert_eq!(index.position().await.unwrap(), FeedPosition(0));
    let hits = index.text(&words("camiseta")).await.unwrap();
    assert!(hits.hits.is_empty() && hits.total == 0 && hits.next.is_none());
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter::default(), 5).await, [0; 0]);
    assert_eq!(index.embedding(ProductId(1), &space("m/1")).await.unwrap(), None);
    index.apply(&[Change::ProductDeleted(ProductId(1))], FeedPosition(1)).await.unwrap();
}

pub async fn the_position_is_what_was_applied(index: &dyn SearchIndex) {
    filled(index, vec![product(1, "a", ""), product(2, "b", "")]).await;
    assert_eq!(index.position().await.unwrap(), FeedPosition(2));
    index.apply(&[], FeedPosition(9)).await.unwrap();
    assert_eq!(index.position().await.unwrap(), FeedPosition(9));
}

/// A cleared index is as a new one.
pub async fn a_cleared_index_is_empty(index: &dyn SearchIndex) {
    index.apply(&[seen(product(1, "Bota", ""), Some([1.0, 0.0, 0.0]))], FeedPosition(7)).await.unwrap();
    index.clear().await.unwrap();
    an_empty_index_answers_empty(index).await;
    index.apply(&[seen(product(2, "Bota", ""), Some([1.0, 0.0, 0.0]))], FeedPosition(3)).await.unwrap();
    assert_eq!(found(index, &words("bota")).await, [2]);
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter::default(), 5).await, [2]);
    assert_eq!(index.position().await.unwrap(), FeedPosition(3));
}

pub async fn a_change_replaces_and_a_deletion_removes(index: &dyn SearchIndex) {
    filled(index, vec![product(1, "Bota", ""), product(2, "Bota alta", "")]).await;
    let changes = [seen(product(1, "Sandalia", ""), None), Change::ProductDeleted(ProductId(2))];
    index.apply(&changes, FeedPosition(4)).await.unwrap();
    assert_eq!(found(index, &words("bota")).await, [0; 0]);
    assert_eq!(found(index, &words("sandalia")).await, [1]);
}

pub async fn changes_may_be_applied_again(index: &dyn SearchIndex) {
    for _ in 0..3 {
        filled(index, vec![product(1, "Bota", ""), product(2, "Bota alta", "")]).await;
    }
    assert_eq!(found(index, &words("bota")).await.len(), 2);
    let twice = [seen(product(3, "Bota", ""), None), seen(product(3, "Bota baja", ""), None)];
    index.apply(&twice, FeedPosition(5)).await.unwrap();
    assert_eq!(index.text(&words("bota")).await.unwrap().total, 3);
}

pub async fn an_index_catches_up_with_a_catalogue(index: &dyn SearchIndex) {
    let catalog = MemoryCatalog::new();
    catalog.upsert_categories(&[Category::new(CategoryId(1), "Botas")]).await.unwrap();
    let draft = |n: i64| ProductDraft { name: format!("Bota {n}"), ..ProductDraft::default() };
    let ids = catalog.upsert_products(&(0..2500).map(draft).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(catch_up(&catalog, index).await.unwrap(), 2501);
    assert_eq!(index.text(&words("bota")).await.unwrap().total, 2500);
    assert_eq!(catch_up(&catalog, index).await.unwrap(), 0);
    catalog.delete_products(&ids[..500]).await.unwrap();
    assert_eq!(catch_up(&catalog, index).await.unwrap(), 500);
    assert_eq!(index.text(&words("bota")).await.unwrap().total, 2000);
}
