//! The cases of embeddings.

use super::{embedding, in_category, key, near, product, seen, space, with_photos};
use crate::catalog::{Change, FeedPosition, Filter};
use crate::classify::{Embedding, EmbeddingSpace};
use crate::{CategoryId, Product, ProductId, SearchIndex};

pub async fn the_most_similar_come_first(index: &dyn SearchIndex) {
    let changes = [
        seen(product(1, "lejos", ""), Some([-1.0, 0.0, 0.0])),
        seen(product(2, "cerca", ""), Some([0.9, 0.1, 0.0])),
        seen(product(3, "igual", ""), Some([2.0, 0.0, 0.0])),
        seen(product(4, "igual", ""), Some([1.0, 0.0, 0.0])),
    ];
    index.apply(&changes, FeedPosition(4)).await.unwrap();
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter::default(), 10).await, [3, 4, 2, 1]);
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter::default(), 2).await, [3, 4]);
    let known = index.embedding(ProductId(3), &space("m/1")).await.unwrap().unwrap();
    assert!((known.as_slice()[0] - 1.0).abs() < 0.01);
    let hits = index.similar(&known, &Filter::default(), 1).await.unwrap();
    assert!((hits[0].score - 1.0).abs() < 0.01);
    let several = [1, 3, 9].map(ProductId);
    let best = index.best_photos(&embedding(&[1.0, 0.0, 0.0]), &several).await.unwrap();
    assert_eq!(best.len(), 2, "the one that is not there is left out");
    for (id, similarity) in [(1, -1.0), (3, 1.0)] {
        let found = &best[&ProductId(id)];
        assert!((found.similarity - similarity).abs() < 0.01 && found.photo.is_none(), "{found:?}");
    }
    let foreign = embedding(&[1.0, 0.0, 0.0]).in_space(space("m/2"));
    assert!(index.best_photos(&foreign, &several).await.unwrap().is_empty());
    assert!(index.best_photos(&embedding(&[1.0, 0.0]), &several).await.unwrap().is_empty());
}

pub async fn filters_apply_to_neighbours(index: &dyn SearchIndex) {
    let changes = [
        seen(Product { stock: Some(0), ..in_category(1, "a", 4) }, Some([1.0, 0.0, 0.0])),
        seen(in_category(2, "b", 4), Some([0.5, 0.5, 0.0])),
        seen(in_category(3, "c", 5), Some([1.0, 0.1, 0.0])),
    ];
    index.apply(&changes, FeedPosition(3)).await.unwrap();
    let category = Filter { categories: vec![CategoryId(4)], ..Filter::default() };
    assert_eq!(near(index, &[1.0, 0.0, 0.0], category.clone(), 10).await, [1, 2]);
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter { in_stock: true, ..category }, 10).await, [2]);
}

pub async fn products_without_an_embedding_have_no_neighbours(index: &dyn SearchIndex) {
    let changes = [seen(product(1, "a", ""), None), seen(product(2, "b", ""), Some([1.0, 0.0, 0.0]))];
    index.apply(&changes, FeedPosition(2)).await.unwrap();
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter::default(), 10).await, [2]);
    assert_eq!(index.embedding(ProductId(1), &space("m/1")).await.unwrap(), None);
}

pub async fn embeddings_are_sampled_evenly_over_categories(index: &dyn SearchIndex) {
    let mut changes: Vec<_> =
        (1..=6).map(|id| seen(in_category(id, "bota", 1), Some([1.0, id as f32, 0.0]))).collect();
    changes.push(seen(in_category(7, "gorra", 2), Some([0.0, 0.0, 1.0])));
    changes.push(seen(in_category(8, "gorra", 2), None));
    changes.push(seen(product(9, "suelto", ""), Some([0.0, 1.0, 1.0])));
    index.apply(&changes, FeedPosition(9)).await.unwrap();
    let sampled = async |limit| index.sample_embeddings(&space("m/1"), limit).await.unwrap();
    let categories: Vec<i64> = sampled(100).await.iter().map(|(category, _)| category.0).collect();
    assert_eq!(categories, [1, 1, 1, 1, 1, 1, 2]);
    let few = sampled(4).await;
    assert_eq!(few.iter().map(|(category, _)| category.0).collect::<Vec<_>>(), [1, 1, 1, 2]);
    let newest = embedding(&[1.0, 6.0, 0.0]);
    assert!(few.iter().any(|(_, embedding)| embedding.cosine(&newest) > 0.999));
    index.apply(&[Change::ProductDeleted(ProductId(7))], FeedPosition(10)).await.unwrap();
    assert!(sampled(100).await.iter().all(|(category, _)| category.0 == 1));
}

pub async fn a_vector_of_another_length_finds_nothing(index: &dyn SearchIndex) {
    index.apply(&[seen(product(1, "a", ""), Some([1.0, 0.0, 0.0]))], FeedPosition(1)).await.unwrap();
    assert_eq!(near(index, &[1.0, 0.0], Filter::default(), 10).await, [0; 0]);
}

pub async fn embeddings_are_compared_within_their_space(index: &dyn SearchIndex) {
    let (old, new) = (space("m/1"), space("m/2"));
    let of_new = |numbers: &[f32]| embedding(numbers).in_space(space("m/2"));
    let both = |id: i64, one: [f32; 3], other: [f32; 3]| {
        with_photos(in_category(id, "bota", 4), [("main", vec![embedding(&one), of_new(&other)])])
    };
    let (left, right) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
    let changes = [both(1, left, right), both(2, right, left), seen(in_category(3, "bota", 4), Some(left))];
    index.apply(&changes, FeedPosition(3)).await.unwrap();
    let found = async |embedding: &Embedding| -> Vec<i64> {
        let hits = index.similar(embedding, &Filter::default(), 10).await.unwrap();
        hits.iter().map(|hit| hit.product.0).collect()
    };
    assert_eq!(found(&embedding(&left)).await, [1, 3, 2]);
    assert_eq!(found(&of_new(&left)).await, [2, 1]);
    assert_eq!(found(&embedding(&left).in_space(space("m/3"))).await, [0; 0]);
    assert_eq!(found(&embedding(&left).in_space(EmbeddingSpace::default())).await, [0; 0]);
    let known = index.embedding(ProductId(1), &new).await.unwrap().unwrap();
    assert!(known.space() == &new && known.as_slice()[1] > 0.99);
    assert_eq!(index.embedding(ProductId(3), &new).await.unwrap(), None);
    let sampled = index.sample_embeddings(&new, 10).await.unwrap();
    assert!(sampled.len() == 2 && sampled.iter().all(|(_, embedding)| embedding.space() == &new));
    let counts = async || -> Vec<(EmbeddingSpace, usize, usize)> {
        let spaces = index.spaces().await.unwrap().into_iter();
        spaces.map(|known| (known.space, known.length, known.products)).collect()
    };
    assert_eq!(counts().await, [(old, 3, 3), (new.clone(), 3, 2)]);
    let only_new = |id: i64, numbers: [f32; 3]| {
        with_photos(in_category(id, "bota", 4), [("main", vec![of_new(&numbers)])])
    };
    index.apply(&[1, 2, 3].map(|id| only_new(id, left)), FeedPosition(4)).await.unwrap();
    assert_eq!(counts().await, [(new, 3, 3)]);
    assert_eq!(found(&embedding(&left)).await, [0; 0]);
}

pub async fn the_last_embedding_counts(index: &dyn SearchIndex) {
    index.apply(&[seen(product(1, "a", ""), Some([1.0, 0.0, 0.0]))], FeedPosition(1)).await.unwrap();
    index.apply(&[seen(product(1, "a", ""), Some([0.0, 1.0, 0.0]))], FeedPosition(2)).await.unwrap();
    let known = index.embedding(ProductId(1), &space("m/1")).await.unwrap().unwrap();
    assert!(known.as_slice()[1] > 0.99);
    index.apply(&[seen(product(1, "a", ""), None)], FeedPosition(3)).await.unwrap();
    assert_eq!(near(index, &[0.0, 1.0, 0.0], Filter::default(), 10).await, [0; 0]);
    index.apply(&[seen(product(1, "a", ""), Some([0.0, 1.0, 0.0]))], FeedPosition(4)).await.unwrap();
    index.apply(&[Change::ProductDeleted(ProductId(1))], FeedPosition(5)).await.unwrap();
    assert_eq!(near(index, &[0.0, 1.0, 0.0], Filter::default(), 10).await, [0; 0]);
}

const AXES: [[f32; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// A product with these photos, each around an axis.
fn photographed(id: i64, photos: &[(&str, usize)]) -> Change {
    let photos = photos.iter().map(|(name, axis)| (*name, vec![embedding(&AXES[*axis])]));
    with_photos(in_category(id, "bota", id), photos)
}

pub async fn the_best_photo_of_a_product_counts(index: &dyn SearchIndex) {
    let changes = [
        photographed(1, &[("main", 0), ("back", 1)]),
        photographed(2, &[("side", 2)]),
        photographed(3, &[("sole", 2), ("front", 0), ("back", 1)]),
    ];
    index.apply(&changes, FeedPosition(3)).await.unwrap();
    let best = async |axis: usize, id: i64| {
        let found = index.best_photos(&embedding(&AXES[axis]), &[ProductId(id)]).await.unwrap();
        found.get(&ProductId(id)).map(|best| (best.photo.clone(), best.similarity.round() as i32))
    };
    for (axis, nearest, found) in [(0, [1, 3], 3), (1, [1, 3], 3), (2, [2, 3], 3)] {
        assert_eq!(near(index, &AXES[axis], Filter::default(), 2).await, nearest, "{axis}");
        assert_eq!(near(index, &AXES[axis], Filter::default(), 10).await.len(), found, "each product once");
    }
    assert_eq!(best(0, 1).await, Some((None, 1)), "its main photo");
    assert_eq!(best(1, 1).await, Some((Some(key("back")), 1)));
    assert_eq!(best(0, 3).await, Some((Some(key("front")), 1)));
    assert_eq!(best(0, 2).await, Some((None, 0)));
    let only = Filter { categories: vec![CategoryId(3)], ..Filter::default() };
    assert_eq!(near(index, &AXES[0], only, 10).await, [3]);
    let products = index.spaces().await.unwrap()[0].products;
    assert_eq!(products, 3, "products are counted, not photos");
    // Photos that a product no longer has are forgotten, and those of other products stay.
    index.apply(&[photographed(1, &[("back", 1)])], FeedPosition(4)).await.unwrap();
    assert_eq!(best(0, 1).await, Some((None, 0)));
    assert_eq!(best(1, 1).await, Some((None, 1)), "now it is the main one");
    assert_eq!(best(0, 3).await, Some((Some(key("front")), 1)));
    index.apply(&[Change::ProductDeleted(ProductId(3))], FeedPosition(5)).await.unwrap();
    assert_eq!(best(0, 3).await, None);
    assert_eq!(near(index, &AXES[2], Filter::default(), 10).await, [2, 1]);
    assert_eq!(index.spaces().await.unwrap()[0].products, 2);
}

pub async fn main_photos_are_sampled_and_the_products_embedding(index: &dyn SearchIndex) {
    // Of the third product the main photo could not be embedded.
    let partly =
        with_photos(in_category(3, "bota", 3), [("dark", Vec::new()), ("front", vec![embedding(&AXES[1])])]);
    let changes = [photographed(1, &[("main", 0), ("back", 1)]), photographed(2, &[("side", 2)]), partly];
    index.apply(&changes, FeedPosition(3)).await.unwrap();
    let main = async |id: i64| {
        let known = index.embedding(ProductId(id), &space("m/1")).await.unwrap();
        known.map(|known| AXES.iter().position(|axis| known.cosine(&embedding(axis)) > 0.99).unwrap())
    };
    assert_eq!((main(1).await, main(2).await, main(3).await), (Some(0), Some(2), None));
    let sampled = index.sample_embeddings(&space("m/1"), 10).await.unwrap();
    assert_eq!(sampled.iter().map(|(category, _)| category.0).collect::<Vec<_>>(), [1, 2]);
    assert!(sampled[0].1.cosine(&embedding(&AXES[0])) > 0.99);
    assert_eq!(near(index, &AXES[1], Filter::default(), 2).await, [1, 3], "found by its other photo");
    let best = index.best_photos(&embedding(&AXES[1]), &[ProductId(3)]).await.unwrap();
    assert_eq!(best[&ProductId(3)].photo, Some(key("front")));
}

pub async fn a_product_with_many_photos_leaves_room_for_others(index: &dyn SearchIndex) {
    let names: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    let many = |id: i64, offset: f32| {
        let photos = names.iter().zip(0_u16..).map(|(name, number)| {
            (name.as_str(), vec![embedding(&[1.0, offset + 0.0001 * f32::from(number), 0.0])])
        });
        with_photos(product(id, "bota", ""), photos)
    };
    let mut changes = vec![many(50, 0.0), many(51, 0.3)];
    changes.extend((1..=10).map(|id| seen(product(id, "gorra", ""), Some([1.0, 0.5 * id as f32, 0.0]))));
    index.apply(&changes, FeedPosition(12)).await.unwrap();
    assert_eq!(near(index, &AXES[0], Filter::default(), 4).await, [50, 51, 1, 2]);
    assert_eq!(near(index, &AXES[0], Filter::default(), 40).await.len(), 12);
}
