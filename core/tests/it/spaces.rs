//! Embedding spaces: what is compared, and what goes by labels alone.

use std::sync::Arc;

use futures_executor::block_on;
use vitrina_core::catalog::{Filter, PhotoEmbedding};
use vitrina_core::classify::{Classification, Embedding, EmbeddingSpace, LabelScore};
use vitrina_core::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
use vitrina_core::photo::{PhotoFormat, PhotoKey};
use vitrina_core::product::ProductDraft;
use vitrina_core::queue::QueueOptions;
use vitrina_core::search::{PhotoAnswer, PhotoSearch, SearchOptions};
use vitrina_core::words::Vocabulary;
use vitrina_core::{Catalog, Category, CategoryId, ProductId, SearchService};

const VOCABULARY: &str = r#"{"concepts": [
    {"key": "shoes", "names": {"es": ["zapatos"]}, "labels": ["running_shoe"]},
    {"key": "shirts", "names": {"es": ["camisetas"]}, "labels": ["jersey"]}
]}"#;

const OLD: &str = "m/1";
const NEW: &str = "m/2";

fn embedding(numbers: [f32; 3], space: &str) -> Embedding {
    Embedding::new(numbers.to_vec()).unwrap().in_space(EmbeddingSpace::new(space).unwrap())
}

/// The key of a product's photo.
fn key(id: i64) -> PhotoKey {
    PhotoKey::of(&id.to_le_bytes(), PhotoFormat::Jpeg)
}

/// Ten shoes and ten shirts with photos; in the new space each looks as the other kind does in the old one.
async fn shop() -> SearchService {
    let catalog = Arc::new(MemoryCatalog::new());
    let categories = [(1, "Camisetas"), (4, "Zapatos")];
    let categories = categories.map(|(id, name)| Category::new(CategoryId(id), name));
    catalog.upsert_categories(&categories).await.unwrap();
    let draft = |id: i64| ProductDraft {
        id: Some(ProductId(id)),
        name: format!("Producto {id}"),
        categories: vec![CategoryId(if id <= 10 { 4 } else { 1 })],
        photos: vec![key(id).to_string()],
        ..ProductDraft::default()
    };
    catalog.upsert_products(&(1..=20).map(draft).collect::<Vec<_>>()).await.unwrap();
    let options = SearchOptions::default().vocabulary(Vocabulary::from_json(VOCABULARY).unwrap());
    let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
    SearchService::new(catalog, Arc::new(MemoryIndex::new()), queue, options)
}

async fn embed(shop: &SearchService, products: std::ops::RangeInclusive<i64>, space: &str) {
    let embeddings = products.map(|id| {
        let near = 0.02 * (id % 10) as f32;
        let first = (id <= 10) == (space == OLD);
        let numbers = if first { [1.0, near, 0.1] } else { [near, 1.0, 0.1] };
        PhotoEmbedding { product: ProductId(id), photo: key(id), embedding: embedding(numbers, space) }
    });
    shop.catalog().put_embeddings(&embeddings.collect::<Vec<_>>()).await.unwrap();
    shop.refresh().await.unwrap();
}

fn shoe(embedding: Option<Embedding>) -> Classification {
    let labels = vec![LabelScore { label: "running_shoe".into(), score: 0.9 }];
    Classification { labels, embedding, ..Classification::default() }
}

async fn answer(shop: &SearchService, classification: &Classification) -> PhotoAnswer {
    shop.products_like(classification, &PhotoSearch::default()).await.unwrap()
}

fn compared(answer: &PhotoAnswer) -> usize {
    answer.products.iter().filter(|found| found.similarity.is_some()).count()
}

#[test]
fn an_embedding_of_another_space_leaves_the_answer_to_the_labels() {
    block_on(async {
        let shop = shop().await;
        embed(&shop, 1..=20, OLD).await;
        let labels_alone = answer(&shop, &shoe(None)).await;
        for other in [embedding([0.0, 1.0, 0.1], NEW), Embedding::new(vec![1.0, 0.0]).unwrap()] {
            assert_eq!(answer(&shop, &shoe(Some(other))).await, labels_alone);
        }
        assert_eq!(shop.foreign_results(), 2);
        assert_eq!(compared(&labels_alone), 0);
        let known = answer(&shop, &shoe(Some(embedding([1.0, 0.0, 0.1], OLD)))).await;
        assert_eq!((compared(&known), shop.foreign_results()), (20, 2));
    });
}

#[test]
fn an_embedding_without_a_space_is_of_the_shops_if_it_is_as_long() {
    block_on(async {
        let shop = shop().await;
        embed(&shop, 1..=20, OLD).await;
        let named = shoe(Some(embedding([1.0, 0.0, 0.1], OLD)));
        let unnamed = shoe(Some(Embedding::new(vec![1.0, 0.0, 0.1]).unwrap()));
        assert_eq!(answer(&shop, &unnamed).await, answer(&shop, &named).await);
        assert_eq!(shop.foreign_results(), 0);
    });
}

#[test]
fn while_the_catalogue_is_embedded_anew_both_spaces_answer() {
    block_on(async {
        let shop = shop().await;
        embed(&shop, 1..=20, OLD).await;
        embed(&shop, 1..=6, NEW).await;
        let old = answer(&shop, &shoe(Some(embedding([1.0, 0.0, 0.1], OLD)))).await;
        assert_eq!((old.predictions[0].category.name.as_str(), compared(&old)), ("Zapatos", 20));
        let new = answer(&shop, &shoe(Some(embedding([0.0, 1.0, 0.1], NEW)))).await;
        assert_eq!((new.predictions[0].category.name.as_str(), compared(&new)), ("Zapatos", 6));
        assert_eq!(shop.spaces().await.unwrap()[0].space.as_str(), OLD);

        embed(&shop, 7..=20, NEW).await;
        let new_space = EmbeddingSpace::new(NEW).unwrap();
        assert_eq!(shop.catalog().remove_superseded_embeddings(&new_space, 100).await.unwrap(), 20);
        shop.refresh().await.unwrap();
        let spaces = shop.spaces().await.unwrap();
        assert_eq!((spaces.len(), spaces[0].space.as_str()), (1, NEW));
        let new = answer(&shop, &shoe(Some(embedding([0.0, 1.0, 0.1], NEW)))).await;
        assert_eq!((new.predictions[0].category.name.as_str(), compared(&new)), ("Zapatos", 20));
        assert_eq!(shop.foreign_results(), 0);
        answer(&shop, &shoe(Some(embedding([1.0, 0.0, 0.1], OLD)))).await;
        assert_eq!(shop.foreign_results(), 1);
    });
}

#[test]
fn similar_products_are_found_in_a_space_that_the_product_has() {
    block_on(async {
        let shop = shop().await;
        embed(&shop, 1..=19, OLD).await;
        embed(&shop, 18..=20, NEW).await;
        let similar = async |id| shop.similar(ProductId(id), &Filter::default(), 24).await.unwrap().len();
        assert_eq!((similar(1).await, similar(18).await, similar(20).await), (18, 18, 2));
    });
}
