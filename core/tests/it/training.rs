//! Categories predicted from photos, through the public interface.

use std::sync::Arc;

use futures_executor::block_on;
use vitrina_core::catalog::{Filter, PhotoEmbedding};
use vitrina_core::classify::{
    Classification, Discriminant, Embedding, EmbeddingSpace, LabelScore, PhotoEvidence,
};
use vitrina_core::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
use vitrina_core::photo::{PhotoFormat, PhotoKey};
use vitrina_core::product::ProductDraft;
use vitrina_core::queue::QueueOptions;
use vitrina_core::search::{PhotoSearch, SearchOptions};
use vitrina_core::words::Vocabulary;
use vitrina_core::{Category, CategoryId, ProductId, SearchService};

const DIMENSIONS: usize = 12;

const VOCABULARY: &str = r#"{"concepts": [
    {"key": "shoes", "names": {"es": ["zapatos"]}, "labels": ["running_shoe"]},
    {"key": "hats", "names": {"es": ["gorras"]}, "labels": ["bonnet"]},
    {"key": "other", "fallback": true, "names": {"es": ["otros"]}}
]}"#;

/// A photo near the axis of its category: `number` decides where.
fn photo(category: usize, number: usize) -> Embedding {
    let blur = |dimension: usize| ((number * 31 + dimension * 17 + category * 7) % 13) as f32 / 13.0 - 0.5;
    let axis = |dimension: usize| if dimension == category { 1.0 } else { 0.0 };
    let numbers = (0..DIMENSIONS).map(|dimension| axis(dimension) + 0.3 * blur(dimension));
    Embedding::new(numbers.collect()).unwrap()
}

fn space(name: &str) -> EmbeddingSpace {
    EmbeddingSpace::new(name).unwrap()
}

fn photos(categories: usize, each: usize) -> Vec<(CategoryId, Embedding)> {
    let of =
        |category| (0..each).map(move |number| (CategoryId(category as i64 + 1), photo(category, number)));
    (0..categories).flat_map(of).collect()
}

fn trained(photos: &[(CategoryId, Embedding)]) -> Discriminant {
    Discriminant::train(photos, None).unwrap()
}

fn likeliest(discriminant: &Discriminant, photo: &Embedding, by: fn(&PhotoEvidence) -> f32) -> CategoryId {
    let all = discriminant.evidence(photo).unwrap();
    all.into_iter().max_by(|a, b| by(a).total_cmp(&by(b))).unwrap().category
}

#[test]
fn photos_that_were_never_seen_are_told_apart() {
    for each in [1, 2, 20, 60] {
        let discriminant = trained(&photos(4, each));
        for category in 0..4 {
            for number in 1000..1010 {
                let photo = photo(category, number);
                let right = CategoryId(category as i64 + 1);
                assert_eq!(
                    likeliest(&discriminant, &photo, |seen| seen.score),
                    right,
                    "{each} photos a category"
                );
                assert_eq!(
                    likeliest(&discriminant, &photo, |seen| seen.nearest),
                    right,
                    "{each} photos a category"
                );
            }
        }
    }
}

#[test]
fn what_the_center_has_in_common_with_photos_does_not_count() {
    // All photos share a direction, as those of a model do; a photo of another kind has nothing else in common with them.
    let with_common = |photo: &Embedding| {
        let numbers = photo.as_slice().iter().copied().chain([1.0]);
        Embedding::new(numbers.collect()).unwrap()
    };
    let photos: Vec<_> =
        photos(4, 5).iter().map(|(category, photo)| (*category, with_common(photo))).collect();
    let mut common = vec![0.0; DIMENSIONS + 1];
    common[DIMENSIONS] = 1.0;
    let discriminant = Discriminant::train(&photos, Some(&Embedding::new(common).unwrap())).unwrap();
    let nearest = |photo: &Embedding| {
        let evidence = discriminant.evidence(&with_common(photo)).unwrap();
        evidence.iter().map(|seen| seen.nearest).fold(f32::NEG_INFINITY, f32::max)
    };
    let negative = nearest(&photo(9, 1));
    for number in 1000..1010 {
        assert!(nearest(&photo(2, number)) > negative + 0.2, "{negative}");
    }
}

#[test]
fn embeddings_of_another_model_teach_nothing_and_are_not_judged() {
    let other =
        Embedding::new(vec![1.0; DIMENSIONS]).unwrap().in_space(EmbeddingSpace::new("other/1").unwrap());
    let mut all = photos(2, 5);
    all.push((CategoryId(7), other.clone()));
    let discriminant = trained(&all);
    let seen: Vec<_> = discriminant
        .evidence(&photo(0, 1))
        .unwrap()
        .iter()
        .map(|seen| (seen.category.0, seen.photos))
        .collect();
    assert_eq!(seen, [(1, 5), (2, 5)]);
    assert_eq!(discriminant.evidence(&other), None);
    assert!(Discriminant::train(&[], None).is_none());
}

fn empty_shop() -> SearchService {
    let catalog = Arc::new(MemoryCatalog::new());
    let vocabulary = Vocabulary::from_json(VOCABULARY).unwrap();
    let options = SearchOptions::default().vocabulary(vocabulary);
    let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
    SearchService::new(catalog, Arc::new(MemoryIndex::new()), queue, options)
}

async fn shop() -> SearchService {
    let shop = empty_shop();
    add(&shop, 1, "Zapatos", 0, 20).await;
    add(&shop, 2, "Gorras", 1, 20).await;
    shop
}

/// The key of a photo.
fn key(number: usize) -> PhotoKey {
    PhotoKey::of(&number.to_le_bytes(), PhotoFormat::Jpeg)
}

/// Products of a category with photos around the axis `look`.
async fn add(shop: &SearchService, id: i64, name: &str, look: usize, count: usize) -> Vec<ProductId> {
    let category = Category::new(CategoryId(id), name);
    shop.catalog().upsert_categories(std::slice::from_ref(&category)).await.unwrap();
    let draft = |number| ProductDraft {
        name: format!("{name} {number}"),
        categories: vec![category.id],
        photos: vec![key(number).to_string()],
        ..ProductDraft::default()
    };
    let ids = shop.catalog().upsert_products(&(0..count).map(draft).collect::<Vec<_>>()).await.unwrap();
    let embeddings = ids.iter().enumerate().map(|(number, product)| PhotoEmbedding {
        product: *product,
        photo: key(number),
        embedding: photo(look, number).in_space(space("m/1")),
    });
    shop.catalog().put_embeddings(&embeddings.collect::<Vec<_>>()).await.unwrap();
    shop.refresh().await.unwrap();
    ids
}

fn seen(label: &str, score: f32, embedding: Embedding) -> Classification {
    let labels = vec![LabelScore { label: label.into(), score }];
    Classification { labels, embedding: Some(embedding), ..Classification::default() }
}

async fn said(shop: &SearchService, classification: &Classification) -> Vec<String> {
    let answer = shop.products_like(classification, &PhotoSearch::default()).await.unwrap();
    answer.predictions.into_iter().map(|seen| seen.category.name).collect()
}

#[test]
fn photos_say_what_no_label_says() {
    block_on(async {
        let shop = shop().await;
        assert_eq!(said(&shop, &seen("beagle", 0.4, photo(1, 1000))).await, ["Gorras"]);
        assert_eq!(said(&shop, &seen("running_shoe", 0.5, photo(0, 1000))).await, ["Zapatos"]);
    });
}

#[test]
fn a_category_is_learned_when_its_photos_come_and_forgotten_when_they_go() {
    block_on(async {
        let shop = shop().await;
        let bag = seen("beagle", 0.4, photo(2, 1000));
        assert_eq!(said(&shop, &bag).await, [""; 0]);
        let bags = add(&shop, 3, "Bolsos", 2, 20).await;
        assert_eq!(said(&shop, &bag).await, ["Bolsos"]);
        shop.catalog().delete_products(&bags).await.unwrap();
        shop.refresh().await.unwrap();
        assert_eq!(said(&shop, &bag).await, [""; 0]);
    });
}

#[test]
fn what_the_shop_does_not_sell_is_said_with_the_most_similar_products() {
    block_on(async {
        let shop = shop().await;
        let negative = seen("beagle", 0.9, photo(9, 1));
        let answer = shop.products_like(&negative, &PhotoSearch::default()).await.unwrap();
        assert!(answer.not_sold && answer.predictions.is_empty() && !answer.products.is_empty());
        add(&shop, 9, "Otros", 5, 0).await;
        assert_eq!(said(&shop, &negative).await[0], "Otros");
        let named = seen("bonnet", 0.9, photo(9, 1));
        assert_eq!(
            said(&shop, &named).await,
            ["Gorras"],
            "a label that is sure weighs more than an odd look"
        );
    });
}

#[test]
fn a_category_without_photos_is_still_known_by_its_labels() {
    block_on(async {
        let shop = empty_shop();
        add(&shop, 1, "Zapatos", 0, 20).await;
        add(&shop, 2, "Gorras", 1, 0).await;
        assert_eq!(said(&shop, &seen("bonnet", 0.8, photo(1, 1))).await[0], "Gorras");
    });
}

#[test]
fn words_and_filters_narrow_what_a_photo_finds() {
    block_on(async {
        let shop = shop().await;
        let shoe = seen("running_shoe", 0.9, photo(0, 3));
        let found = async |text: &str, filter: Filter| {
            let search = PhotoSearch::default().text(text).filter(filter);
            let answer = shop.products_like(&shoe, &search).await.unwrap();
            answer.products.into_iter().map(|found| found.product.name).collect::<Vec<_>>()
        };
        assert_eq!(found("", Filter::default()).await[0], "Zapatos 3");
        assert_eq!(found("zapatos 7", Filter::default()).await[0], "Zapatos 7");
        assert_eq!(
            found("gorras", Filter::default()).await.len(),
            20,
            "the category lacks the word, the shop has it"
        );
        let hats = Filter::default().categories(vec![CategoryId(2)]);
        let only_hats = found("", hats.clone()).await;
        assert_eq!(only_hats.len(), 20, "a filter that the photo does not fit still leaves its products");
        assert!(only_hats.iter().all(|name| name.starts_with("Gorras")));
        assert!(found("7", hats).await.iter().all(|name| name.starts_with("Gorras")));
    });
}
