//! The cases of the feed of changes, and of the embeddings that come with it.

use std::collections::BTreeMap;

use super::{category, draft, shop};
use crate::{
    Catalog, CategoryId, Change, Embedding, FeedPosition, PhotoEmbedding, Product, ProductDraft, ProductId,
};

fn embedding(numbers: [f32; 3]) -> Embedding {
    Embedding::new(numbers.to_vec()).unwrap()
}

fn looks(product: ProductId, model: &str, numbers: [f32; 3]) -> PhotoEmbedding {
    PhotoEmbedding { product, model: model.into(), embedding: embedding(numbers) }
}

/// Follows the feed from `since` to its end.
async fn follow(catalog: &dyn Catalog, since: FeedPosition, limit: usize) -> (Vec<Change>, FeedPosition) {
    let (mut all, mut at) = (Vec::new(), since);
    loop {
        let stretch = catalog.changes(at, limit).await.unwrap();
        assert!(stretch.changes.len() <= limit);
        if stretch.changes.is_empty() {
            return (all, stretch.position);
        }
        assert!(stretch.position > at, "the feed must advance");
        at = stretch.position;
        all.extend(stretch.changes);
    }
}

fn products_of(changes: &[Change]) -> BTreeMap<ProductId, (Product, Option<Embedding>)> {
    let product = |change: &Change| match change {
        Change::Product { product, embedding } => Some((product.id, (product.clone(), embedding.clone()))),
        _ => None,
    };
    changes.iter().filter_map(product).collect()
}

pub async fn embeddings_come_with_the_feed(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let (_, at) = follow(catalog, FeedPosition(0), 100).await;
    let put = [looks(ids[0], "m/1", [1.0, 0.0, 0.0]), looks(ProductId(999_999), "m/1", [0.0, 1.0, 0.0])];
    catalog.put_embeddings(&put).await.unwrap();
    let (changes, at) = follow(catalog, at, 100).await;
    let products = products_of(&changes);
    assert_eq!(products.len(), 1);
    assert_eq!(products[&ids[0]].1, Some(embedding([1.0, 0.0, 0.0])));
    catalog.put_embeddings(&[looks(ids[0], "m/1", [0.0, 0.0, 1.0])]).await.unwrap();
    let (changes, _) = follow(catalog, at, 100).await;
    assert_eq!(products_of(&changes)[&ids[0]].1, Some(embedding([0.0, 0.0, 1.0])));
}

pub async fn an_embedding_goes_with_its_photo(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let photo =
        |name: &str| ProductDraft { id: Some(ProductId(7)), photo: Some(name.into()), ..draft("a", 1, 1) };
    catalog.upsert_products(&[photo("one.jpg")]).await.unwrap();
    catalog.put_embeddings(&[looks(ProductId(7), "m/1", [1.0, 0.0, 0.0])]).await.unwrap();
    catalog.upsert_products(&[ProductDraft { name: "b".into(), ..photo("one.jpg") }]).await.unwrap();
    let (changes, at) = follow(catalog, FeedPosition(0), 100).await;
    assert!(products_of(&changes)[&ProductId(7)].1.is_some());
    catalog.upsert_products(&[photo("two.jpg")]).await.unwrap();
    let (changes, _) = follow(catalog, at, 100).await;
    assert!(products_of(&changes)[&ProductId(7)].1.is_none());
}

pub async fn products_without_an_embedding_are_found(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let photo = |id: i64| ProductDraft {
        id: Some(ProductId(id)),
        photo: Some(format!("{id}.jpg")),
        ..draft("a", 1, 1)
    };
    let bare = ProductDraft { id: Some(ProductId(4)), ..draft("sin foto", 1, 1) };
    catalog.upsert_products(&[photo(1), photo(2), photo(3), bare]).await.unwrap();
    catalog.put_embeddings(&[looks(ProductId(2), "m/1", [1.0, 0.0, 0.0])]).await.unwrap();
    let lacking = async |model: &str, after: i64, limit: usize| -> Vec<i64> {
        let found = catalog.without_embedding(model, ProductId(after), limit).await.unwrap();
        found.into_iter().map(|product| product.id.0).collect()
    };
    assert_eq!(lacking("m/1", 0, 10).await, [1, 3]);
    assert_eq!(lacking("m/1", 0, 1).await, [1]);
    assert_eq!(lacking("m/1", 1, 10).await, [3]);
    assert_eq!(lacking("m/2", 0, 10).await, [1, 2, 3]);
}

pub async fn the_feed_gives_the_whole_catalogue(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let (changes, at) = follow(catalog, FeedPosition(0), 100).await;
    let products = products_of(&changes);
    assert_eq!(products.keys().copied().collect::<Vec<_>>(), ids);
    assert_eq!(products[&ids[2]].0.category, Some(category(4, "Zapatos")));
    for wanted in [category(1, "Camisetas"), category(4, "Zapatos")] {
        assert!(changes.contains(&Change::Category(wanted)));
    }
    let nothing = catalog.changes(at, 10).await.unwrap();
    assert!(nothing.changes.is_empty() && nothing.position == at);
}

pub async fn the_feed_gives_only_the_last_state(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    for price in [1, 2, 3] {
        let changed = ProductDraft { id: Some(ids[1]), ..draft("camiseta azul", 1, price) };
        catalog.upsert_products(&[changed]).await.unwrap();
    }
    let (changes, _) = follow(catalog, FeedPosition(0), 100).await;
    let of_it: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Product { product, .. } if product.id == ids[1] => Some(product.price.minor()),
            _ => None,
        })
        .collect();
    assert_eq!(of_it, [3]);
    assert!(matches!(changes.last(), Some(Change::Product { product, .. }) if product.id == ids[1]));
}

pub async fn the_feed_tells_of_deletions(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let (_, at) = follow(catalog, FeedPosition(0), 100).await;
    catalog.delete_products(&[ids[4]]).await.unwrap();
    catalog.delete_category(CategoryId(4)).await.unwrap();
    let (changes, _) = follow(catalog, at, 100).await;
    assert!(changes.contains(&Change::ProductDeleted(ids[4])));
    assert!(changes.contains(&Change::CategoryDeleted(CategoryId(4))));
    assert_eq!(products_of(&changes)[&ids[2]].0.category, None);
    let (whole, _) = follow(catalog, FeedPosition(0), 100).await;
    assert_eq!(products_of(&whole).len(), 4);
}

pub async fn a_renamed_category_brings_its_products(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let (_, at) = follow(catalog, FeedPosition(0), 100).await;
    catalog.upsert_categories(&[category(4, "Calzado")]).await.unwrap();
    let (changes, _) = follow(catalog, at, 100).await;
    let products = products_of(&changes);
    assert_eq!(products.keys().copied().collect::<Vec<_>>(), ids[2..4]);
    assert_eq!(products[&ids[3]].0.category, Some(category(4, "Calzado")));
    assert!(changes.contains(&Change::Category(category(4, "Calzado"))));
}

pub async fn the_feed_can_be_read_in_small_stretches(catalog: &dyn Catalog) {
    shop(catalog).await;
    let (whole, end) = follow(catalog, FeedPosition(0), 100).await;
    for limit in [1, 2, 3] {
        let (pieces, at) = follow(catalog, FeedPosition(0), limit).await;
        assert_eq!((pieces, at), (whole.clone(), end));
    }
}

pub async fn a_refused_batch_leaves_no_change(catalog: &dyn Catalog) {
    shop(catalog).await;
    let (_, at) = follow(catalog, FeedPosition(0), 100).await;
    catalog.upsert_products(&[draft("buena", 1, 1), draft("perdida", 77, 1)]).await.unwrap_err();
    let stretch = catalog.changes(at, 10).await.unwrap();
    assert_eq!(stretch.changes, []);
}
