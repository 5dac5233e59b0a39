//! The cases of the feed of changes, and of the embeddings that come with it.

use std::collections::BTreeMap;

use super::{category, draft, shop};
use crate::catalog::{Change, FeedPosition, PhotoEmbedding};
use crate::classify::{Embedding, EmbeddingSpace, PhotoSum};
use crate::product::{CategoryContents, ProductDraft};
use crate::{Catalog, CategoryId, Product, ProductId};

fn embedding(numbers: [f32; 3]) -> Embedding {
    Embedding::new(numbers.to_vec()).unwrap()
}

fn space(name: &str) -> EmbeddingSpace {
    EmbeddingSpace::new(name).unwrap()
}

fn photo_embedding(product: ProductId, model: &str, numbers: [f32; 3]) -> PhotoEmbedding {
    PhotoEmbedding { product, embedding: embedding(numbers).in_space(space(model)) }
}

/// Follows the feed from `since` to its end.
async fn follow(catalog: &dyn Catalog, since: FeedPosition, limit: usize) -> (Vec<Change>, FeedPosition) {
    let (mut all, mut at) = (Vec::new(), since);
    loop {
        let batch = catalog.changes(at, limit).await.unwrap();
        assert!(batch.changes.len() <= limit);
        if batch.changes.is_empty() {
            return (all, batch.position);
        }
        assert!(batch.position > at, "the feed must advance");
        at = batch.position;
        all.extend(batch.changes);
    }
}

fn products_of(changes: &[Change]) -> BTreeMap<ProductId, (Product, Vec<Embedding>)> {
    let product = |change: &Change| match change {
        Change::Product { product, embeddings } => Some((product.id, (product.clone(), embeddings.clone()))),
        _ => None,
    };
    changes.iter().filter_map(product).collect()
}

pub async fn embeddings_come_with_the_feed(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let (_, at) = follow(catalog, FeedPosition(0), 100).await;
    let put = [
        photo_embedding(ids[0], "m/1", [1.0, 0.0, 0.0]),
        photo_embedding(ProductId(999_999), "m/1", [0.0, 1.0, 0.0]),
    ];
    catalog.put_embeddings(&put).await.unwrap();
    let (changes, at) = follow(catalog, at, 100).await;
    let products = products_of(&changes);
    assert_eq!(products.len(), 1);
    assert_eq!(products[&ids[0]].1, [embedding([1.0, 0.0, 0.0]).in_space(space("m/1"))]);
    catalog.put_embeddings(&[photo_embedding(ids[0], "m/1", [0.0, 0.0, 1.0])]).await.unwrap();
    let (changes, _) = follow(catalog, at, 100).await;
    assert_eq!(products_of(&changes)[&ids[0]].1, [embedding([0.0, 0.0, 1.0]).in_space(space("m/1"))]);
}

pub async fn embeddings_of_two_spaces_stand_side_by_side(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let (old, new) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
    let put = [
        photo_embedding(ids[0], "m/2", new),
        photo_embedding(ids[0], "m/1", old),
        photo_embedding(ids[1], "m/1", old),
    ];
    catalog.put_embeddings(&put).await.unwrap();
    let (changes, at) = follow(catalog, FeedPosition(0), 100).await;
    let both = [embedding(old).in_space(space("m/1")), embedding(new).in_space(space("m/2"))];
    assert_eq!(products_of(&changes)[&ids[0]].1, both);
    assert_eq!(catalog.remove_superseded_embeddings(&space("m/3"), 10).await.unwrap(), 0);
    assert_eq!(catalog.remove_superseded_embeddings(&space("m/2"), 10).await.unwrap(), 1);
    let (changes, _) = follow(catalog, at, 100).await;
    assert_eq!(products_of(&changes).len(), 1, "a product without one of the new space keeps what it has");
    assert_eq!(products_of(&changes)[&ids[0]].1, both[1..]);
    let more = [photo_embedding(ids[0], "m/3", old), photo_embedding(ids[1], "m/3", old)];
    catalog.put_embeddings(&more).await.unwrap();
    let mut removed = Vec::new();
    while removed.last() != Some(&0) {
        removed.push(catalog.remove_superseded_embeddings(&space("m/3"), 1).await.unwrap());
    }
    assert_eq!(removed, [1, 1, 0], "no more at a time than asked");
}

pub async fn an_embedding_goes_with_its_photo(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let photo =
        |name: &str| ProductDraft { id: Some(ProductId(7)), photos: vec![name.into()], ..draft("a", 1, 1) };
    catalog.upsert_products(&[photo("one.jpg")]).await.unwrap();
    let both = ["m/1", "m/2"].map(|model| photo_embedding(ProductId(7), model, [1.0, 0.0, 0.0]));
    catalog.put_embeddings(&both).await.unwrap();
    catalog.upsert_products(&[ProductDraft { name: "b".into(), ..photo("one.jpg") }]).await.unwrap();
    let (changes, at) = follow(catalog, FeedPosition(0), 100).await;
    assert_eq!(products_of(&changes)[&ProductId(7)].1.len(), 2);
    catalog.upsert_products(&[photo("two.jpg")]).await.unwrap();
    let (changes, _) = follow(catalog, at, 100).await;
    assert_eq!(products_of(&changes)[&ProductId(7)].1, []);
}

pub async fn products_without_an_embedding_are_found(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let photo = |id: i64| ProductDraft {
        id: Some(ProductId(id)),
        photos: vec![format!("{id}.jpg")],
        ..draft("a", 1, 1)
    };
    let bare = ProductDraft { id: Some(ProductId(4)), ..draft("sin foto", 1, 1) };
    catalog.upsert_products(&[photo(1), photo(2), photo(3), bare]).await.unwrap();
    catalog.put_embeddings(&[photo_embedding(ProductId(2), "m/1", [1.0, 0.0, 0.0])]).await.unwrap();
    let lacking = async |model: &str, after: i64, limit: usize| -> Vec<i64> {
        let found = catalog.without_embedding(&space(model), ProductId(after), limit).await.unwrap();
        found.into_iter().map(|product| product.id.0).collect()
    };
    assert_eq!(lacking("m/1", 0, 10).await, [1, 3]);
    assert_eq!(lacking("m/1", 0, 1).await, [1]);
    assert_eq!(lacking("m/1", 1, 10).await, [3]);
    assert_eq!(lacking("m/2", 0, 10).await, [1, 2, 3]);
    for (model, count) in [("m/1", 2), ("m/2", 3)] {
        assert_eq!(catalog.count_without_embedding(&space(model)).await.unwrap(), count);
    }
}

pub async fn the_feed_gives_the_whole_catalogue(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let (changes, at) = follow(catalog, FeedPosition(0), 100).await;
    let products = products_of(&changes);
    assert_eq!(products.keys().copied().collect::<Vec<_>>(), ids);
    assert_eq!(products[&ids[2]].0.category(), Some(&category(4, "Zapatos")));
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

pub async fn the_feed_has_deletions(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let (_, at) = follow(catalog, FeedPosition(0), 100).await;
    catalog.delete_products(&[ids[4]]).await.unwrap();
    catalog.delete_category(CategoryId(4), CategoryContents::Release).await.unwrap();
    let (changes, _) = follow(catalog, at, 100).await;
    assert!(changes.contains(&Change::ProductDeleted(ids[4])));
    assert!(changes.contains(&Change::CategoryDeleted(CategoryId(4))));
    assert_eq!(products_of(&changes)[&ids[2]].0.category(), None);
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
    assert_eq!(products[&ids[3]].0.category(), Some(&category(4, "Calzado")));
    assert!(changes.contains(&Change::Category(category(4, "Calzado"))));
}

pub async fn the_feed_can_be_read_in_small_batches(catalog: &dyn Catalog) {
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
    let batch = catalog.changes(at, 10).await.unwrap();
    assert_eq!(batch.changes, []);
}

#[allow(missing_docs)]
pub async fn the_sum_of_customers_photos_is_shared(catalog: &dyn Catalog) {
    let photo = |model: &str, numbers| embedding(numbers).in_space(space(model));
    assert_eq!(catalog.query_photos(&space("m/1")).await.unwrap(), None);
    for _ in 0..2 {
        catalog.add_query_photos(&PhotoSum::of(&photo("m/1", [0.0, 1.0, 0.0]))).await.unwrap();
    }
    catalog.add_query_photos(&PhotoSum::of(&photo("m/2", [1.0, 0.0, 0.0]))).await.unwrap();
    let sum = catalog.query_photos(&space("m/1")).await.unwrap().unwrap();
    assert_eq!((sum.photos, sum.sum), (2, vec![0.0, 2.0, 0.0]));
}
