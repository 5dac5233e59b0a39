//! How well a product fits the words of a query.
//!
//! ```text
//! score    = words found + fraction                     words found: how many of the query's words the product has
//! fraction = Σ over words: share × worth × weight       below 1
//! share    = rarity / Σ of rarities                     rarity: log2(1 + products / products with the word), rounded
//! worth    = 1 as typed, 1.25 beside its neighbour, less for other forms, synonyms, corrections: `query.rs`
//! weight   = how well the word tells the product: name over category over brand over description: `analysis.rs`
//! ```
//!
//! The fraction grows by [`MEANT`] when the product is of a category that the query means, and shrinks by an eighth when it
//! is out of stock. Ties go to the lower product number. Scores are kept as whole numbers, 65,536 a word, so that sums do
//! not depend on their order; and nothing in them depends on how the index came about. Rarities are rounded so that pages
//! stay in step while products come and go.

use crate::analysis::MAX_WEIGHT;
use crate::query::MAX_WORTH;

/// What each word of the query that a product has adds to its score.
pub(crate) const WORD: u32 = 1 << 16;

/// The most that all words together add to the fraction.
const FRACTION: f32 = 46_000.0;

/// What a product of a meant category gets on top; together below [`WORD`], with room for rounding up.
pub(crate) const MEANT: u32 = 6_456;

/// The part of its fraction that a product out of stock loses.
const OUT_OF_STOCK: u32 = 8;

/// A score as callers see it.
pub(crate) fn score(points: u32) -> f32 {
    points as f32 / WORD as f32
}

/// How much each word counts beside the others, out of 1 together, from the number of products that have it.
pub(crate) fn shares(products: u64, frequencies: &[u64]) -> Vec<f32> {
    let rarity = |frequency: &u64| match frequency {
        0 => 0.0,
        some => (1.0 + products as f32 / *some as f32).log2().round().max(1.0),
    };
    let rarities: Vec<_> = frequencies.iter().map(rarity).collect();
    let sum = rarities.iter().sum::<f32>().max(1.0);
    rarities.into_iter().map(|rarity| rarity / sum).collect()
}

/// How many steps make a point for a unit of weight.
const STEPS: u32 = 128;

/// What a unit of weight of a variant of this worth gives, of a word of this share; in steps.
pub(crate) fn step(share: f32, worth: f32) -> u16 {
    let unit = FRACTION * share * worth / (MAX_WORTH * MAX_WEIGHT as f32);
    ((unit * STEPS as f32) as u16).max(STEPS as u16)
}

/// The points for a weight, none for none: at most [`MAX_WEIGHT`] of less than 512 each. In this form processors reckon
/// eight at a time.
pub(crate) fn points(weight: u8, step: u16) -> u16 {
    let steps = u32::from(u16::from(weight) << 9) * u32::from(step);
    (steps >> 16) as u16
}

/// The points of a document that has these for the words before and these for the next one; none if it lacks any.
pub(crate) fn both(before: u16, next: u16) -> u16 {
    if before == 0 || next == 0 { 0 } else { before + next }
}

/// The points of a product with those for its words settled by what else is known of it.
pub(crate) fn settled(points: u32, meant: bool, in_stock: bool) -> u32 {
    if points == 0 {
        return 0;
    }
    let points = if meant { points + MEANT } else { points };
    if in_stock { points } else { points - points % WORD / OUT_OF_STOCK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_never_reach_a_word() {
        for many in 1..=32 {
            let shares = shares(1000, &vec![10; many]);
            let most = |share: &f32| u32::from(points(MAX_WEIGHT as u8, step(*share, MAX_WORTH)));
            let words: u32 = shares.iter().map(most).sum();
            assert!(words + MEANT < WORD, "{words}");
        }
    }

    #[test]
    fn every_weight_gives_points_and_more_give_more() {
        for step in [step(0.0, 0.4), step(0.02, 0.4), step(0.3, 1.0), step(1.0, MAX_WORTH)] {
            assert_eq!(points(0, step), 0);
            for weight in 1..=MAX_WEIGHT as u8 {
                assert!(points(weight, step) > points(weight - 1, step));
            }
        }
    }

    #[test]
    fn rare_words_count_more_and_one_word_counts_all() {
        let shares = shares(1000, &[1000, 10, 0]);
        assert!(shares[1] > shares[0] && shares[2] == 0.0);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(super::shares(1000, &[3]), [1.0]);
    }

    #[test]
    fn a_few_more_products_change_no_share() {
        assert_eq!(shares(500, &[500, 20]), shares(511, &[509, 20]));
    }

    #[test]
    fn stock_and_meaning_change_no_number_of_words() {
        let found = 2 * WORD + 40_000;
        assert!(settled(found, false, false) > 2 * WORD && settled(found, false, false) < found);
        assert!(settled(found, true, true) > found && settled(found, true, true) < 3 * WORD);
        assert_eq!(settled(0, true, false), 0);
    }
}
