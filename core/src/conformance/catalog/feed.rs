//! The cases of the feed of changes, and of the embeddings that come with it.

use std::collections::BTreeMap;

use super::{category, draft, shop};
use crate::catalog::{Change, FeedPosition, PhotoEmbedding, ProductPhoto};
use crate::classify::{Embedding, EmbeddingSpace, PhotoSum};
use crate::photo::{PhotoFormat, PhotoKey};
use crate::product::{CategoryContents, ProductDraft, Variant};
use crate::{Catalog, CategoryId, Money, Product, ProductId};

fn embedding(numbers: [f32; 3]) -> Embedding {
    Embedding::new(numbers.to_vec()).unwrap()
}

fn space(name: &str) -> EmbeddingSpace {
    EmbeddingSpace::new(name).unwrap()
}

/// The key of a photo with this content.
fn key(content: &str) -> PhotoKey {
    PhotoKey::of(content.as_bytes(), PhotoFormat::Jpeg)
}

fn photos<const N: usize>(contents: [&str; N]) -> Vec<String> {
    contents.map(|content| key(content).to_string()).into()
}

fn photo_embedding(product: ProductId, photo: &str, model: &str, numbers: [f32; 3]) -> PhotoEmbedding {
    PhotoEmbedding { product, photo: key(photo), embedding: embedding(numbers).in_space(space(model)) }
}

/// The shop, of which every product has one photo, `main`.
async fn photographed(catalog: &dyn Catalog) -> Vec<ProductId> {
    let ids = shop(catalog).await;
    let products = catalog.products(&ids).await.unwrap().into_iter();
    let drafts: Vec<_> = products
        .map(|product| ProductDraft { photos: photos(["main"]), ..ProductDraft::from(product) })
        .collect();
    catalog.upsert_products(&drafts).await.unwrap()
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

fn products_of(changes: &[Change]) -> BTreeMap<ProductId, (Product, Vec<PhotoEmbedding>)> {
    let product = |change: &Change| match change {
        Change::Product { product, embeddings } => Some((product.id, (product.clone(), embeddings.clone()))),
        _ => None,
    };
    changes.iter().filter_map(product).collect()
}

/// The photos that a product has embeddings of, and their spaces, as the feed has them.
async fn embedded(catalog: &dyn Catalog, product: ProductId) -> Vec<(PhotoKey, String)> {
    let (changes, _) = follow(catalog, FeedPosition(0), 100).await;
    let embeddings = products_of(&changes).remove(&product).unwrap().1.into_iter();
    embeddings.map(|stored| (stored.photo, stored.embedding.space().to_string())).collect()
}

pub async fn embeddings_come_with_the_feed(catalog: &dyn Catalog) {
    let ids = photographed(catalog).await;
    let (_, at) = follow(catalog, FeedPosition(0), 100).await;
    let first = photo_embedding(ids[0], "main", "m/1", [1.0, 0.0, 0.0]);
    let missing = photo_embedding(ProductId(999_999), "main", "m/1", [0.0, 1.0, 0.0]);
    catalog.put_embeddings(&[first.clone(), missing]).await.unwrap();
    let (changes, at) = follow(catalog, at, 100).await;
    let products = products_of(&changes);
    assert_eq!(products.len(), 1);
    assert_eq!(products[&ids[0]].1, [first]);
    let second = photo_embedding(ids[0], "main", "m/1", [0.0, 0.0, 1.0]);
    catalog.put_embeddings(std::slice::from_ref(&second)).await.unwrap();
    let (changes, _) = follow(catalog, at, 100).await;
    assert_eq!(products_of(&changes)[&ids[0]].1, [second]);
}

pub async fn embeddings_of_two_spaces_stand_side_by_side(catalog: &dyn Catalog) {
    let ids = photographed(catalog).await;
    let (old, new) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
    let put = [
        photo_embedding(ids[0], "main", "m/2", new),
        photo_embedding(ids[0], "main", "m/1", old),
        photo_embedding(ids[1], "main", "m/1", old),
    ];
    catalog.put_embeddings(&put).await.unwrap();
    let (changes, at) = follow(catalog, FeedPosition(0), 100).await;
    let both = [put[1].clone(), put[0].clone()];
    assert_eq!(products_of(&changes)[&ids[0]].1, both);
    assert_eq!(catalog.remove_superseded_embeddings(&space("m/3"), 10).await.unwrap(), 0);
    assert_eq!(catalog.remove_superseded_embeddings(&space("m/2"), 10).await.unwrap(), 1);
    let (changes, _) = follow(catalog, at, 100).await;
    assert_eq!(products_of(&changes).len(), 1, "a photo without one of the new space keeps what it has");
    assert_eq!(products_of(&changes)[&ids[0]].1, both[1..]);
    let more = [0, 1].map(|at| photo_embedding(ids[at], "main", "m/3", old));
    catalog.put_embeddings(&more).await.unwrap();
    let mut removed = Vec::new();
    while removed.last() != Some(&0) {
        removed.push(catalog.remove_superseded_embeddings(&space("m/3"), 1).await.unwrap());
    }
    assert_eq!(removed, [1, 1, 0], "no more at a time than asked");
}

pub async fn an_embedding_goes_with_its_photo(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let id = ProductId(7);
    let photo = |name: &str| ProductDraft { id: Some(id), photos: photos([name]), ..draft("a", 1, 1) };
    catalog.upsert_products(&[photo("one")]).await.unwrap();
    let both = ["m/1", "m/2"].map(|model| photo_embedding(id, "one", model, [1.0, 0.0, 0.0]));
    catalog.put_embeddings(&both).await.unwrap();
    catalog.upsert_products(&[ProductDraft { name: "b".into(), ..photo("one") }]).await.unwrap();
    let (changes, at) = follow(catalog, FeedPosition(0), 100).await;
    assert_eq!(products_of(&changes)[&id].1.len(), 2);
    catalog.upsert_products(&[photo("two")]).await.unwrap();
    let (changes, _) = follow(catalog, at, 100).await;
    assert_eq!(products_of(&changes)[&id].1, []);
    catalog.upsert_products(&[photo("one")]).await.unwrap();
    assert_eq!(embedded(catalog, id).await, [], "it does not come back with its photo");
}

pub async fn every_photo_of_a_product_has_its_embedding(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let id = ProductId(7);
    let variant = |photo: &str| Variant { photo: Some(key(photo).to_string()), ..Variant::default() };
    let shirt = ProductDraft {
        id: Some(id),
        photos: photos(["main", "back"]),
        variants: vec![variant("red"), variant("blue"), variant("main")],
        ..draft("a", 1, 1)
    };
    catalog.upsert_products(std::slice::from_ref(&shirt)).await.unwrap();
    let names = ["gone", "blue", "red", "back", "main"];
    catalog
        .put_embeddings(&names.map(|name| photo_embedding(id, name, "m/1", [1.0, 0.0, 0.0])))
        .await
        .unwrap();
    let of = |names: &[&str]| -> Vec<_> { names.iter().map(|name| (key(name), "m/1".to_owned())).collect() };
    assert_eq!(
        embedded(catalog, id).await,
        of(&["main", "back", "red", "blue"]),
        "in the order of the photos, and without one that it does not have"
    );
    // The main photo changes places with another, one goes, one is new.
    let other =
        ProductDraft { photos: photos(["back", "main", "new"]), variants: vec![variant("red")], ..shirt };
    catalog.upsert_products(std::slice::from_ref(&other)).await.unwrap();
    assert_eq!(embedded(catalog, id).await, of(&["back", "main", "red"]));
    let lacking = catalog.without_embedding(&space("m/1"), None, 10).await.unwrap();
    assert_eq!(lacking, [ProductPhoto { product: id, photo: key("new") }]);
    let newer = photo_embedding(id, "main", "m/2", [0.0, 1.0, 0.0]);
    catalog.put_embeddings(&[newer]).await.unwrap();
    assert_eq!(catalog.remove_superseded_embeddings(&space("m/2"), 10).await.unwrap(), 1);
    let mut left = of(&["back", "main", "red"]);
    left[1].1 = "m/2".into();
    assert_eq!(embedded(catalog, id).await, left, "each photo by itself");
    let offer = ProductDraft { price: Money::from_minor(7), stock: Some(0), ..other };
    catalog.upsert_products(&[offer]).await.unwrap();
    assert_eq!(embedded(catalog, id).await, left);
    catalog.delete_products(&[id]).await.unwrap();
    assert_eq!(catalog.count_without_embedding(&space("m/1")).await.unwrap(), 0);
}

pub async fn photos_without_an_embedding_are_found(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let of =
        |id: i64, photos: Vec<String>| ProductDraft { id: Some(ProductId(id)), photos, ..draft("a", 1, 1) };
    let elsewhere = "https://cdn.example/1.jpg".to_owned();
    let drafts = [
        of(1, photos(["a", "b"])),
        of(2, photos(["c", "c"])),
        of(3, photos(["a"])),
        of(4, Vec::new()),
        of(5, vec![elsewhere.clone()]),
        of(6, [vec![elsewhere], photos(["d"])].concat()),
    ];
    catalog.upsert_products(&drafts).await.unwrap();
    catalog.put_embeddings(&[photo_embedding(ProductId(2), "c", "m/1", [1.0, 0.0, 0.0])]).await.unwrap();
    let photo = |(id, name): (i64, &str)| ProductPhoto { product: ProductId(id), photo: key(name) };
    let lacking = async |model: &str, after: Option<(i64, &str)>, limit: usize| -> Vec<ProductPhoto> {
        catalog.without_embedding(&space(model), after.map(photo).as_ref(), limit).await.unwrap()
    };
    let mut all = [(1, "a"), (1, "b"), (3, "a"), (6, "d")].map(photo);
    all.sort();
    assert_eq!(lacking("m/1", None, 10).await, all);
    assert_eq!(lacking("m/1", None, 1).await, all[..1]);
    let mut paged = Vec::new();
    while let [next] = &catalog.without_embedding(&space("m/1"), paged.last(), 1).await.unwrap()[..] {
        paged.push(next.clone());
    }
    assert_eq!(paged, all);
    assert_eq!(lacking("m/1", Some((3, "a")), 10).await, all[3..]);
    assert_eq!(lacking("m/2", None, 10).await.len(), 5);
    for (model, count) in [("m/1", 4), ("m/2", 5)] {
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
