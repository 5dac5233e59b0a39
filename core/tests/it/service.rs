//! The rules of [`SearchService`].

use std::sync::Arc;
use std::time::Duration;

use futures_executor::block_on;
use vitrina_core::catalog::{Change, FeedPosition, Filter, PhotoEmbedding};
use vitrina_core::classify::{Classification, Embedding, EmbeddingSpace, LabelScore};
use vitrina_core::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
use vitrina_core::photo::{PhotoFormat, PhotoKey};
use vitrina_core::product::ProductDraft;
use vitrina_core::queue::{Outcome, QueueOptions, TaskId};
use vitrina_core::search::{PhotoAnswer, PhotoSearch, SearchOptions, SimilarProduct, TaskAnswer, WordSearch};
use vitrina_core::words::Vocabulary;
use vitrina_core::{Catalog, Category, CategoryId, ErrorKind, ProductId, SearchIndex, SearchService};

const VOCABULARY: &str = r#"{"concepts": [
    {"key": "shoes", "names": {"es": ["zapatos"]}, "keywords": {"es": ["zapatilla"]}, "labels": ["running_shoe"]},
    {"key": "shirts", "names": {"es": ["camisetas"]}, "keywords": {"es": ["polera"]}, "labels": ["jersey"]},
    {"key": "other", "fallback": true, "names": {"es": ["otros"]}}
]}"#;

fn unit(numbers: [f32; 2]) -> Embedding {
    Embedding::new(numbers.to_vec()).unwrap()
}

/// The key of a photo with this content.
fn key(content: impl ToString) -> PhotoKey {
    PhotoKey::of(content.to_string().as_bytes(), PhotoFormat::Jpeg)
}

async fn shop() -> SearchService {
    let catalog = Arc::new(MemoryCatalog::new());
    let names = [(1, "Camisetas"), (4, "Zapatos"), (6, "Otros")];
    let categories = names.map(|(id, name)| Category::new(CategoryId(id), name));
    catalog.upsert_categories(&categories).await.unwrap();
    let draft = |id: i64, name: &str, category: i64, photo: bool| ProductDraft {
        id: Some(ProductId(id)),
        name: name.into(),
        categories: vec![CategoryId(category)],
        photos: photo.then(|| key(id).to_string()).into_iter().collect(),
        ..ProductDraft::default()
    };
    let drafts = [
        draft(1, "Camiseta roja", 1, true),
        draft(2, "Bota", 4, true),
        draft(3, "Mocasín", 4, false),
        draft(4, "Sandalia", 4, true),
        draft(5, "Taza", 6, false),
    ];
    catalog.upsert_products(&drafts).await.unwrap();
    let embeddings =
        [(1, [1.0, 0.0]), (2, [0.0, 1.0]), (4, [0.5, 0.5])].map(|(id, numbers)| PhotoEmbedding {
            product: ProductId(id),
            photo: key(id),
            embedding: unit(numbers).in_space(EmbeddingSpace::new("m/1").unwrap()),
        });
    catalog.put_embeddings(&embeddings).await.unwrap();
    let vocabulary = Vocabulary::from_json(VOCABULARY).unwrap();
    let options = SearchOptions::default().vocabulary(vocabulary);
    let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
    let service = SearchService::new(catalog, Arc::new(MemoryIndex::new()), queue, options);
    service.refresh().await.unwrap();
    service
}

fn seen(labels: &[(&str, f32)], embedding: Option<[f32; 2]>) -> Classification {
    let labels = labels.iter().map(|(label, score)| LabelScore { label: label.to_string(), score: *score });
    Classification { labels: labels.collect(), embedding: embedding.map(unit), ..Classification::default() }
}

fn ids(products: &[SimilarProduct]) -> Vec<i64> {
    products.iter().map(|similar| similar.product.id.0).collect()
}

fn names(answer: &PhotoAnswer) -> Vec<&str> {
    answer.predictions.iter().map(|prediction| prediction.category.name.as_str()).collect()
}

#[test]
fn words_find_products_then_those_of_the_meant_category() {
    block_on(async {
        let search = WordSearch::default().text("unas zapatillas");
        let answer = shop().await.search_words(&search).await.unwrap();
        assert_eq!(answer.categories[0].name, "Zapatos");
        assert_eq!(answer.products.iter().map(|product| product.id.0).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(answer.total, 3);
    });
}

#[test]
fn no_words_list_everything() {
    block_on(async {
        let answer = shop().await.search_words(&WordSearch::default()).await.unwrap();
        assert_eq!((answer.categories.len(), answer.products.len(), answer.total), (0, 5, 5));
    });
}

#[test]
fn a_photo_finds_what_resembles_it_then_its_category_then_the_rest() {
    block_on(async {
        let answer = shop()
            .await
            .products_like(&seen(&[("running_shoe", 0.9)], Some([0.1, 1.0])), &PhotoSearch::default())
            .await
            .unwrap();
        assert_eq!(names(&answer), ["Zapatos"]);
        assert_eq!(ids(&answer.products), [2, 3, 4, 1, 5], "a shoe without a photo, a shoe of another look");
        assert!(answer.products[0].similarity > answer.products[2].similarity);
        assert_eq!(answer.products[1].similarity, None);
    });
}

#[test]
fn only_scores_above_the_threshold_are_kept() {
    block_on(async {
        let shop = shop().await;
        let answer = shop
            .products_like(&seen(&[("running_shoe", 0.6), ("jersey", 0.05)], None), &PhotoSearch::default())
            .await
            .unwrap();
        assert_eq!(names(&answer), ["Zapatos"]);
        let nothing = shop
            .products_like(&seen(&[("running_shoe", 0.01)], None), &PhotoSearch::default())
            .await
            .unwrap();
        assert_eq!(names(&nothing)[0], "Otros");
    });
}

#[test]
fn what_the_shop_does_not_know_goes_to_the_fallback() {
    block_on(async {
        let answer = shop()
            .await
            .products_like(&seen(&[("beagle", 0.8)], Some([-1.0, -1.0])), &PhotoSearch::default())
            .await
            .unwrap();
        assert_eq!(names(&answer)[0], "Otros");
        assert!(ids(&answer.products).contains(&5));
    });
}

#[test]
fn a_category_made_later_is_known_after_a_refresh() {
    block_on(async {
        let shop = shop().await;
        let hats = Category::new(CategoryId(9), "Sombreros");
        shop.catalog().upsert_categories(std::slice::from_ref(&hats)).await.unwrap();
        assert_eq!(shop.refresh().await.unwrap(), 1);
        let search = WordSearch::default().text("sombrero");
        assert_eq!(shop.search_words(&search).await.unwrap().categories, [hats]);
    });
}

#[test]
fn an_index_that_is_ahead_of_a_restored_catalogue_is_filled_again() {
    block_on(async {
        let catalog = Arc::new(MemoryCatalog::new());
        let draft = ProductDraft { id: Some(ProductId(1)), name: "Bota".into(), ..ProductDraft::default() };
        catalog.upsert_products(&[draft]).await.unwrap();
        let index = Arc::new(MemoryIndex::new());
        index.apply(&[Change::ProductDeleted(ProductId(1))], FeedPosition(40)).await.unwrap();
        let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
        let shop = SearchService::new(catalog, index.clone(), queue, SearchOptions::default());
        assert!(!shop.is_fresh());
        shop.refresh().await.unwrap();
        assert!(shop.is_fresh());
        assert_eq!(index.position().await.unwrap(), FeedPosition(1));
        assert_eq!(shop.suggest("bot", 5).await.unwrap().products.len(), 1);
    });
}

#[test]
fn similar_products_of_its_own_category_come_first() {
    block_on(async {
        let shop = shop().await;
        let neighbours = async |id, filter: &Filter, limit| {
            ids(&shop.similar(ProductId(id), filter, limit).await.unwrap())
        };
        assert_eq!(neighbours(2, &Filter::default(), 10).await, [4, 1]);
        // 1 looks as much like 4 as 2 does, and has the lower number, but is no shoe.
        assert_eq!(neighbours(4, &Filter::default(), 10).await, [2, 1]);
        assert_eq!(neighbours(4, &Filter::default(), 1).await, [2]);
        let elsewhere = Filter::default().categories(vec![CategoryId(1), CategoryId(6)]);
        assert_eq!(neighbours(4, &elsewhere, 10).await, [1]);
    });
}

#[test]
fn similar_products_leave_the_product_out() {
    block_on(async {
        let shop = shop().await;
        assert_eq!(ids(&shop.similar(ProductId(3), &Filter::default(), 10).await.unwrap()), [0; 0]);
        assert_eq!(
            shop.similar(ProductId(77), &Filter::default(), 10).await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
        assert_eq!(
            shop.similar(ProductId(2), &Filter::default(), 0).await.unwrap_err().kind(),
            ErrorKind::Invalid
        );
    });
}

#[test]
fn a_task_reports_its_state() {
    block_on(async {
        let shop = shop().await;
        let task = shop.submit_photo(b"foto".to_vec()).await.unwrap();
        let now = async || shop.task(task, &PhotoSearch::default(), Duration::ZERO).await.unwrap();
        assert_eq!(now().await, TaskAnswer::Pending { started: false });
        shop.queue().claim(1, Duration::ZERO).await.unwrap();
        assert_eq!(now().await, TaskAnswer::Pending { started: true });
        shop.queue().complete(task, Outcome::Failed("dañada".into())).await.unwrap();
        assert_eq!(now().await, TaskAnswer::Failed("dañada".into()));
        assert_eq!(
            shop.task(TaskId::generate(), &PhotoSearch::default(), Duration::ZERO).await.unwrap(),
            TaskAnswer::Unknown
        );
    });
}
