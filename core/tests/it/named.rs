//! Products without photos, ranked by what a photo shows.

use std::sync::Arc;

use futures_executor::block_on;
use vitrina_core::classify::{Classification, LabelScore};
use vitrina_core::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
use vitrina_core::product::ProductDraft;
use vitrina_core::queue::QueueOptions;
use vitrina_core::search::{PhotoSearch, SearchOptions};
use vitrina_core::words::Vocabulary;
use vitrina_core::{Catalog, Category, CategoryId, ProductId, SearchService};

const VOCABULARY: &str = r#"{"concepts": [
    {"key": "laptops", "names": {"es": ["portátiles"], "en": ["laptops"]},
     "keywords": {"es": ["portátil"], "en": ["laptop"]}, "labels": ["laptop"], "parents": ["computing"]},
    {"key": "mice", "names": {"es": ["ratones"]}, "keywords": {"es": ["ratón"]}, "labels": ["mouse"],
     "parents": ["computing"]},
    {"key": "fans", "names": {"es": ["ventiladores"]}, "labels": ["fan"], "parents": ["computing"]},
    {"key": "computing", "names": {"es": ["informática"]}, "labels": ["screen"]},
    {"key": "home", "names": {"es": ["hogar"]}, "labels": ["lamp"]}
]}"#;

const PRODUCTS: [(i64, &str, i64); 9] = [
    (1, "Cable de red", 1),
    (2, "Funda para portátil de 15 pulgadas", 1),
    (3, "Ratón inalámbrico para portátil", 1),
    (4, "Soporte de mesa, apto para portátil", 1),
    (5, "Portátil gaming de 16 pulgadas", 1),
    (6, "Acme Book 14, laptop ligero", 1),
    (7, "Portátil", 2),
    (8, "Lámpara de pie", 2),
    (9, "Cartucho de tinta negra", 1),
];

async fn found(labels: &[(&str, f32)]) -> Vec<i64> {
    let catalog = Arc::new(MemoryCatalog::new());
    let categories = [(1, "Informática"), (2, "Hogar")].map(|(id, name)| Category::new(CategoryId(id), name));
    catalog.upsert_categories(&categories).await.unwrap();
    let drafts = PRODUCTS.map(|(id, name, category)| ProductDraft {
        id: Some(ProductId(id)),
        name: name.into(),
        categories: vec![CategoryId(category)],
        ..ProductDraft::default()
    });
    catalog.upsert_products(&drafts).await.unwrap();
    let names = r#"[{"id": "cartridge", "name": "cartucho", "synonyms": []}]"#;
    let vocabulary = Vocabulary::from_json(VOCABULARY).unwrap().with_label_names(names).unwrap();
    let options = SearchOptions::default().vocabulary(vocabulary);
    let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
    let shop = SearchService::new(catalog, Arc::new(MemoryIndex::new()), queue, options);
    shop.refresh().await.unwrap();
    let labels = labels.iter().map(|(label, score)| LabelScore { label: label.to_string(), score: *score });
    let seen = Classification { labels: labels.collect(), ..Classification::default() };
    let answer = shop.products_like(&seen, &PhotoSearch::default()).await.unwrap();
    answer.products.iter().map(|similar| similar.product.id.0).collect()
}

#[test]
fn the_thing_comes_first_and_what_is_for_it_after() {
    let laptops = block_on(found(&[("laptop", 0.9)]));
    assert_eq!(laptops[0], 5);
    assert_eq!(laptops[1], 6);
    assert_eq!(laptops[5..7], [1, 9], "anything else of the category: {laptops:?}");
    assert_eq!(laptops[7], 7, "and then what other categories have of it: {laptops:?}");
}

#[test]
fn an_unsure_category_does_not_hide_the_thing() {
    let seen = block_on(found(&[("laptop", 0.4), ("lamp", 0.4)]));
    assert_eq!(seen[0], 7, "it is called just so, though the laptops are elsewhere: {seen:?}");
}

#[test]
fn several_things_come_by_their_probability() {
    let seen = block_on(found(&[("mouse", 0.5), ("laptop", 0.3)]));
    assert_eq!(seen[..2], [3, 5]);
}

#[test]
fn a_label_without_a_concept_is_found_by_its_own_name() {
    assert_eq!(block_on(found(&[("fan", 0.6), ("cartridge", 0.4)]))[0], 9);
}
