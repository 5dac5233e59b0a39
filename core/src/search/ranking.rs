//! Orders the products for a photo: visual similarity and the probability of their categories in one score
//! (docs/adr/0012).

use std::collections::HashMap;

use crate::ProductId;
use crate::index::Hit;

/// From this cosine on two photos show the same thing: pictures of one product in another size or quality reach it.
pub(super) const SAME: f32 = 0.97;

/// What the logarithm of a category's probability is worth in cosine at most: little, so that a product which resembles the
/// photo comes first though its category seems unlikely, and enough to order products that resemble it about equally.
const CATEGORY_WEIGHT: f32 = 0.06;

/// With so many photos a category it is worth half: of few, the category is judged by the same photos that are ordered.
const HALF_WEIGHT: f32 = 3.0;

/// A probability that every category keeps.
const CATEGORY_FLOOR: f32 = 0.1;

/// The cosine that products without a photo are ranked by, where their names say what the photo shows: what a photo has
/// with a typical one of its own category; and where only their category says so.
const NAMED: f32 = 0.3;
const LISTED: f32 = 0.2;

/// How much lower each further product without a photo is ranked, so that those of several categories interleave.
const STEP: f32 = 0.002;

/// Products that may be in the answer to a photo, each with its best score.
#[derive(Debug)]
pub(super) struct Ranking {
    category_weight: f32,
    scores: HashMap<ProductId, f32>,
    first: HashMap<ProductId, f32>,
}

/// Turns the dot product of a query and an embedding, both of unit length, into the cosine that they have once the
/// catalogue's mean was subtracted from the embedding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    offset: f32,
    length: f32,
}

impl Scale {
    /// The scale of this query over a catalogue with this mean.
    pub(super) fn new(query: &[f32], mean: Option<&[f32]>) -> Self {
        let Some(mean) = mean.filter(|mean| mean.len() == query.len()) else {
            return Self { offset: 0.0, length: 1.0 };
        };
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        Self { offset: dot(query, mean), length: (1.0 - dot(mean, mean)).max(0.01).sqrt() }
    }

    fn cosine(self, score: f32) -> f32 {
        (score - self.offset) / self.length
    }
}

impl Ranking {
    /// An empty ranking in a shop with so many photos a category.
    pub(super) fn new(photos_per_category: f32) -> Self {
        let category_weight = CATEGORY_WEIGHT * photos_per_category / (photos_per_category + HALF_WEIGHT);
        Self { category_weight, scores: HashMap::new(), first: HashMap::new() }
    }

    /// Adds products by visual similarity, all of one category or of categories that were not predicted (`probability` 0).
    pub(super) fn add_similar(&mut self, hits: &[Hit], scale: Scale, probability: f32) {
        for hit in hits {
            self.add(
                hit.product,
                scale.cosine(hit.score) + self.category_weight * log_probability(probability),
            );
        }
    }

    /// Adds products whose names say what the photo shows, the surest first.
    pub(super) fn add_named(&mut self, products: impl IntoIterator<Item = ProductId>, probability: f32) {
        self.add_without_photo(products, NAMED + CATEGORY_WEIGHT * log_probability(probability));
    }

    /// Adds products of a category in any order.
    pub(super) fn add_listed(&mut self, products: impl IntoIterator<Item = ProductId>, probability: f32) {
        self.add_without_photo(products, LISTED + CATEGORY_WEIGHT * log_probability(probability));
    }

    fn add_without_photo(&mut self, products: impl IntoIterator<Item = ProductId>, mut score: f32) {
        for product in products {
            // What was found by its photo stays where that puts it.
            self.scores.entry(product).or_insert(score);
            score -= STEP;
        }
    }

    /// Puts products first whose photo shows the same thing: hits by the cosine of the embeddings as they are.
    pub(super) fn add_same(&mut self, hits: &[Hit]) {
        self.first.extend(hits.iter().filter(|hit| hit.score >= SAME).map(|hit| (hit.product, hit.score)));
    }

    fn add(&mut self, product: ProductId, score: f32) {
        let best = self.scores.entry(product).or_insert(score);
        *best = best.max(score);
    }

    /// The best products; of equal ones the lower ID comes first.
    pub(super) fn best(self, limit: usize) -> Vec<ProductId> {
        let sorted = |scores: HashMap<ProductId, f32>| {
            let mut all: Vec<_> = scores.into_iter().collect();
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            all.into_iter().map(|(product, _)| product)
        };
        let first: Vec<_> = sorted(self.first).collect();
        let rest: Vec<_> = sorted(self.scores).filter(|product| !first.contains(product)).collect();
        first.into_iter().chain(rest).take(limit).collect()
    }
}

fn log_probability(probability: f32) -> f32 {
    (probability + CATEGORY_FLOOR).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(scores: &[(i64, f32)]) -> Vec<Hit> {
        scores.iter().map(|(id, score)| Hit { product: ProductId(*id), score: *score }).collect()
    }

    fn ids(ranking: Ranking) -> Vec<i64> {
        ranking.best(10).into_iter().map(|product| product.0).collect()
    }

    const PLAIN: Scale = Scale { offset: 0.0, length: 1.0 };

    #[test]
    fn the_category_orders_what_resembles_the_photo_equally() {
        let mut ranking = Ranking::new(20.0);
        ranking.add_similar(&hits(&[(1, 0.50), (2, 0.50), (3, 0.75)]), PLAIN, 0.0);
        ranking.add_similar(&hits(&[(2, 0.50)]), PLAIN, 0.9);
        assert_eq!(ids(ranking), [3, 2, 1]);
    }

    #[test]
    fn products_without_photos_interleave_with_those_that_have_some() {
        let mut ranking = Ranking::new(20.0);
        ranking.add_similar(&hits(&[(1, 0.6), (2, 0.1)]), PLAIN, 0.1);
        ranking.add_named([11, 12].map(ProductId), 0.8);
        ranking.add_listed([12, 13].map(ProductId), 0.8);
        assert_eq!(ids(ranking), [1, 11, 12, 13, 2]);
    }

    #[test]
    fn the_same_thing_comes_first_whatever_its_category() {
        let mut ranking = Ranking::new(20.0);
        ranking.add_similar(&hits(&[(1, 0.9)]), PLAIN, 0.9);
        ranking.add_similar(&hits(&[(2, 0.7)]), PLAIN, 0.0);
        ranking.add_same(&hits(&[(1, 0.9), (2, 0.98)]));
        assert_eq!(ids(ranking), [2, 1]);
    }

    #[test]
    fn scores_are_brought_to_the_scale_of_centered_vectors() {
        let scale = Scale::new(&[1.0, 0.0], Some(&[0.6, 0.0]));
        assert!((scale.cosine(0.6)).abs() < 1e-6);
        assert!((scale.cosine(1.0) - 0.5).abs() < 1e-6);
    }
}
