//! The cases of embeddings.

use super::{embedding, in_category, near, product, seen, space};
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
    let several = [2, 3, 9].map(ProductId);
    let embeddings = index.embeddings(&several, &space("m/1")).await.unwrap();
    assert_eq!(embeddings.len(), 2, "the one that is not there is left out");
    assert_eq!(embeddings[&ProductId(3)], known);
    assert!(index.embeddings(&several, &space("m/2")).await.unwrap().is_empty());
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
    let both = |id: i64, one: [f32; 3], other: [f32; 3]| Change::Product {
        product: in_category(id, "bota", 4),
        embeddings: vec![embedding(&one), of_new(&other)],
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
    let only_new = |id: i64, numbers: [f32; 3]| Change::Product {
        product: in_category(id, "bota", 4),
        embeddings: vec![of_new(&numbers)],
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
