//! Categories learned from photos, through the doors of the library.

use std::sync::Arc;

use futures_executor::block_on;
use vitrina::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
use vitrina::*;

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

fn photos(categories: usize, each: usize) -> Vec<(CategoryId, Embedding)> {
    let of =
        |category| (0..each).map(move |number| (CategoryId(category as i64 + 1), photo(category, number)));
    (0..categories).flat_map(of).collect()
}

fn likeliest(looks: &Discriminant, photo: &Embedding) -> (CategoryId, f32) {
    let all = looks.probabilities(photo).unwrap();
    assert!((all.iter().map(|(_, score)| score).sum::<f32>() - 1.0).abs() < 1e-5);
    all.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

#[test]
fn photos_that_were_never_seen_are_told_apart() {
    for each in [1, 2, 20, 60] {
        let looks = Discriminant::learn(&photos(4, each)).unwrap();
        for category in 0..4 {
            for number in 1000..1010 {
                let (said, _) = likeliest(&looks, &photo(category, number));
                assert_eq!(said, CategoryId(category as i64 + 1), "{each} photos a category");
            }
        }
    }
}

#[test]
fn what_looks_like_none_is_strange_once_there_are_photos_enough() {
    let stranger = photo(9, 1);
    let few = Discriminant::learn(&photos(4, 2)).unwrap();
    assert!(!few.knows_strangers() && !few.is_strange(&stranger));
    let looks = Discriminant::learn(&photos(4, 20)).unwrap();
    assert!(looks.knows_strangers() && looks.is_strange(&stranger));
    let familiar = (1000..1100).filter(|number| !looks.is_strange(&photo(2, *number))).count();
    assert!(familiar >= 90, "{familiar} of 100");
}

#[test]
fn photos_of_mixed_up_categories_make_it_less_sure() {
    let clear = Discriminant::learn(&photos(2, 30)).unwrap();
    let mut mixed_up = photos(2, 30);
    mixed_up.iter_mut().step_by(3).for_each(|(category, _)| *category = CategoryId(3 - category.0));
    let unsure = Discriminant::learn(&mixed_up).unwrap();
    let sureness = |looks: &Discriminant| likeliest(looks, &photo(0, 1000)).1;
    assert!(sureness(&clear) > 0.95, "{}", sureness(&clear));
    assert!((0.5..0.9).contains(&sureness(&unsure)), "{}", sureness(&unsure));
}

#[test]
fn embeddings_of_another_model_teach_nothing_and_are_not_judged() {
    let mut all = photos(2, 5);
    all.push((CategoryId(7), Embedding::new(vec![1.0, 0.0]).unwrap()));
    let looks = Discriminant::learn(&all).unwrap();
    assert_eq!(looks.categories(), [CategoryId(1), CategoryId(2)]);
    let other = Embedding::new(vec![1.0, 0.0]).unwrap();
    assert_eq!(looks.probabilities(&other), None);
    assert!(!looks.is_strange(&other));
    assert!(Discriminant::learn(&[]).is_none());
}

fn empty_shop() -> SearchService {
    let catalog = Arc::new(MemoryCatalog::new());
    let vocabulary = Vocabulary::from_json(VOCABULARY).unwrap();
    let options = SearchOptions { vocabulary, ..SearchOptions::default() };
    let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
    SearchService::new(catalog, Arc::new(MemoryIndex::new()), queue, options)
}

async fn shop() -> SearchService {
    let shop = empty_shop();
    add(&shop, 1, "Zapatos", 0, 20).await;
    add(&shop, 2, "Gorras", 1, 20).await;
    shop
}

/// Products of a category with photos around the axis `look`.
async fn add(shop: &SearchService, id: i64, name: &str, look: usize, count: usize) -> Vec<ProductId> {
    let category = Category { id: CategoryId(id), name: name.into() };
    shop.catalog().upsert_categories(std::slice::from_ref(&category)).await.unwrap();
    let draft = |number| ProductDraft {
        name: format!("{name} {number}"),
        category: Some(category.id),
        photo: Some(format!("{number}.jpg")),
        ..ProductDraft::default()
    };
    let ids = shop.catalog().upsert_products(&(0..count).map(draft).collect::<Vec<_>>()).await.unwrap();
    let looks = ids.iter().enumerate().map(|(number, product)| PhotoEmbedding {
        product: *product,
        model: "m".into(),
        embedding: photo(look, number),
    });
    shop.catalog().put_embeddings(&looks.collect::<Vec<_>>()).await.unwrap();
    shop.refresh().await.unwrap();
    ids
}

fn seen(label: &str, score: f32, embedding: Embedding) -> Recognition {
    let labels = vec![LabelScore { label: label.into(), score }];
    Recognition { labels, embedding: Some(embedding), ..Recognition::default() }
}

async fn said(shop: &SearchService, recognition: &Recognition) -> Vec<String> {
    let answer = shop.products_like(recognition, &PhotoSearch::default()).await.unwrap();
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
fn what_the_shop_does_not_sell_is_said_with_what_looks_most_like_it() {
    block_on(async {
        let shop = shop().await;
        let stranger = seen("beagle", 0.9, photo(9, 1));
        let answer = shop.products_like(&stranger, &PhotoSearch::default()).await.unwrap();
        assert!(answer.not_sold && answer.predictions.is_empty() && !answer.products.is_empty());
        add(&shop, 9, "Otros", 5, 0).await;
        assert_eq!(said(&shop, &stranger).await, ["Otros"]);
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
        let unnamed = shop.products_like(&seen("beagle", 0.5, photo(0, 1000)), &PhotoSearch::default()).await;
        let score = unnamed.unwrap().predictions[0].score;
        assert!(
            (0.45..=0.55).contains(&score),
            "{score}: it may be of the half of the shop that has no photos"
        );
    });
}

#[test]
fn words_and_filters_narrow_what_a_photo_finds() {
    block_on(async {
        let shop = shop().await;
        let shoe = seen("running_shoe", 0.9, photo(0, 3));
        let found = async |text: &str, filter: Filter| {
            let search = PhotoSearch { text: text.into(), filter };
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
        let hats = Filter { categories: vec![CategoryId(2)], ..Filter::default() };
        assert!(found("", hats.clone()).await.is_empty());
        assert!(found("7", hats).await.iter().all(|name| name.starts_with("Gorras")));
    });
}
